"""python -m insight report: write the report of a study."""

from __future__ import annotations

import argparse
from pathlib import Path

from insight import pipeline
from insight.cli.parsing import Command, Say


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument("--format", default="docx", help=f"逗号分隔：{','.join(pipeline.FORMATS)}")
    parser.add_argument(
        "--only", default="", metavar="分析", help="只写这几个分析，逗号分隔；默认为选入报告的结果"
    )
    parser.add_argument("--out", type=Path, help="输出文件夹，默认为研究文件夹下的 output")


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    out = args.out or args.study / "output"
    only = [key for key in args.only.split(",") if key]
    for form in args.format.split(","):
        path = pipeline.write_report(study, form, folder=out, only=only)
        say(f"报告 → {path}")
    return 0


COMMAND = Command("report", "写出报告", arguments, act)
