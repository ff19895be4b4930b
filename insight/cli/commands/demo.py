"""python -m insight demo: the example study, its results and its report."""

from __future__ import annotations

import argparse
from pathlib import Path

from insight import exports, pipeline
from insight.cli.parsing import Command, Say


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", nargs="?", type=Path, default=Path("studies/demo"))


def act(args: argparse.Namespace, say: Say) -> int:
    def tell(step: str, _: float | None) -> None:
        say(step)

    study = pipeline.demo(args.study, progress=tell)
    out = args.study / "output"
    for one in pipeline.run_all(study, progress=tell):
        if one.error is not None:
            say(f"没有做“{one.analysis.title}”：{one.error}")
        if one.result is not None:
            exports.write(one.result, out / one.analysis.key)
    for path in pipeline.write_reports(study, pipeline.FORMATS, folder=out):
        say(f"报告 → {path}")
    return 0


COMMAND = Command("demo", "建立示例研究，运行全部分析并写出报告", arguments, act)
