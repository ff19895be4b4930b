"""python -m insight audit: who changed, exported or deleted what."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from insight import pipeline
from insight.cli.parsing import Command, Say


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument("--json", action="store_true")


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    lines, broken = pipeline.audit(study).to_dicts(), pipeline.broken_line(study)
    if args.json:
        said = {"lines": lines, "is_whole": broken is None, "broken_line": broken}
        say(json.dumps(said, ensure_ascii=False, indent=2))
    else:
        for one in lines:
            say(f"{one['line']:>5}  {one['at']}  {one['who']}  {one['act_label']}  {one['detail']}")
        say("记录完整，没有被改动。" if broken is None else f"记录从第 {broken} 条起被改动。")
    return 0 if broken is None else 1


COMMAND = Command("audit", "查看谁改过、导出过、删除过什么", arguments, act)
