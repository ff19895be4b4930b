"""python -m insight filter: whom the analyses of answers and texts count."""

from __future__ import annotations

import argparse
from pathlib import Path

from insight import pipeline
from insight.cli.parsing import Command, Say


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument(
        "name", nargs="?", metavar="人群", help="已存的人群；不写时只显示现在的筛选"
    )
    parser.add_argument("--clear", action="store_true", help="不再筛选")


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    if args.name or args.clear:
        pipeline.set_filter(study, "" if args.clear else args.name)
    chosen = pipeline.study_filter(study)
    sentence = next((told for one, told in pipeline.audiences(study) if one.name == chosen), "")
    say(f"只看：{chosen}（{sentence}）" if chosen else "没有筛选：全部未被排除的答卷和文本。")
    return 0


COMMAND = Command("filter", "问卷和文本的分析只看一个已存的人群", arguments, act)
