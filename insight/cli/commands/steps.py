"""python -m insight steps: every change of a study in words, two versions compared, and the way back to one."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from insight import pipeline
from insight.cli.parsing import Command, Say


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument("--compare", nargs=2, type=int, metavar=("甲版", "乙版"), help="两版有什么不同")  # fmt: skip
    parser.add_argument("--back", type=int, metavar="版本", help="回到这一版（新建一版，中间的步骤都保留）")  # fmt: skip
    parser.add_argument("--json", action="store_true")


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    if args.back is not None:
        made = pipeline.go_back(study, args.back)
        say(f"已回到第 {args.back} 版，现在是第 {made.id} 版。")
    elif args.compare:
        told = pipeline.compare(study, *args.compare)
        say(json.dumps(told, ensure_ascii=False) if args.json else "\n".join(told) or "两版没有不同。")  # fmt: skip
    elif args.json:
        say(json.dumps([asdict(one) for one in pipeline.steps(study)], ensure_ascii=False, indent=2))  # fmt: skip
    else:
        for one in pipeline.steps(study):
            say(f"{one.revision:>4}  {one.at}  {one.author}  {one.note}")
            for change in one.changes:
                say(f"      {change}")
    return 0


COMMAND = Command("steps", "查看每一步改了什么，比较两版，回到以前的一版", arguments, act)
