"""python -m insight list: every analysis, and what it lacks in a study."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from insight import pipeline
from insight.cli.parsing import Command, Say


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", nargs="?", type=Path)
    parser.add_argument("--json", action="store_true")


def act(args: argparse.Namespace, say: Say) -> int:
    rows = pipeline.listing(pipeline.opened(args.study) if args.study else None)
    if args.json:
        say(json.dumps([asdict(r) for r in rows], ensure_ascii=False, indent=2))
        return 0
    for row in rows:
        lacks = f"（还缺 {'、'.join(row.lacking)}）" if row.lacking else ""
        say(f"{row.key:18}{row.title}：{row.question}{lacks}")
    return 0


COMMAND = Command("list", "列出全部分析", arguments, act)
