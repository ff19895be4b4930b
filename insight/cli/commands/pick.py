"""python -m insight pick: which results the report holds, and in which order."""

from __future__ import annotations

import argparse
from pathlib import Path

from insight import pipeline
from insight.analyses import find
from insight.cli.parsing import Command, Say, pairs
from insight.study import Study


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument("key", nargs="?", metavar="分析", help="不写时只列出已加入的结果")
    pairs(parser, "-p", metavar="参数=值", text="加入时用的参数，默认为研究里设定的")
    parser.add_argument(
        "--remove", action="store_true", help="移出报告，不写参数时移出它的全部结果"
    )
    parser.add_argument("--all", action="store_true", help="恢复为收录全部能回答的分析")


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    if args.all:
        pipeline.set_picks(study, (), note="报告收录全部分析")
    elif args.key and args.remove:
        pipeline.unpick(study, args.key, changes=dict(args.p) or None)
    elif args.key:
        pipeline.pick(study, args.key, changes=dict(args.p))
    _tell(study, say)
    return 0


def _tell(study: Study, say: Say) -> None:
    chosen = pipeline.picks(study)
    if not chosen:
        say("报告收录全部能回答的分析")
    for at, (one, apart) in enumerate(zip(chosen, pipeline.told(study, chosen), strict=True), 1):
        say(f"{at}. {find(one.key).title}{f'（{apart}）' if apart else ''}")


COMMAND = Command("pick", "把结果加入报告、移出报告，或列出已加入的", arguments, act)
