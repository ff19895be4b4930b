"""python -m insight report: write the report of a study."""

from __future__ import annotations

import argparse
from pathlib import Path

from insight import pipeline
from insight.cli.parsing import Command, Say, file_bytes, folder


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument("--format", default="docx", help=f"逗号分隔：{','.join(pipeline.FORMATS)}")
    parser.add_argument(
        "--only", default="", metavar="分析", help="只写这几个分析，逗号分隔；默认为选入报告的结果"
    )
    parser.add_argument(
        "--template", type=Path, metavar="文件", help="PowerPoint 模板，幻灯片用它的版式和字体"
    )
    parser.add_argument(
        "--against", metavar="上期", help="与上期比较：另一个研究的文件夹，或本研究写过报告的版本号"
    )
    parser.add_argument("--out", type=Path, help="输出文件夹，默认为研究文件夹下的 output")


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    pipeline.check_formats(forms := _named(args.format))
    template = file_bytes(args.template) if args.template else None
    out = folder(args.out or args.study / "output")
    against = args.against and (
        int(args.against) if args.against.isdecimal() else Path(args.against)
    )
    paths = pipeline.write_reports(
        study, forms, folder=out, only=_named(args.only), template=template, against=against
    )
    for path in paths:
        say(f"报告 → {path}")
    return 0


def _named(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


COMMAND = Command("report", "写出报告", arguments, act)
