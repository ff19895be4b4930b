"""python -m insight verify: is every byte of a study what was stored."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from insight import pipeline
from insight.cli.parsing import Command, Say


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument("--sweep", action="store_true", help="先删除一小时前的、没有用到的残留文件")
    parser.add_argument("--json", action="store_true")


def act(args: argparse.Namespace, say: Say) -> int:
    found = pipeline.verify(pipeline.opened(args.study), sweep=args.sweep)
    if args.json:
        told = {
            "objects": found.objects,
            "verified": found.verified,
            "orphans": len(found.orphans),
            "damaged": len(found.damaged),
            "lost": found.lost,
            "what": found.damaged,
        }
        say(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _tell(found, say)
    return 1 if found.damaged else 0


def _tell(found: pipeline.Verified, say: Say) -> None:
    say(f"{found.objects:,} 个对象，{found.verified:,} 个与校验值相符。")
    if found.orphans:
        say(f"{len(found.orphans):,} 个残留文件没有用到，可用 --sweep 删除。")
    if found.lost:
        say(f"{found.lost:,} 个算好的结果不在了，用到时会从原始文件重新生成。")
    for what in found.damaged:
        say(f"损坏：{what}。")
    say("请从备份恢复。" if found.damaged else "没有损坏。")


COMMAND = Command("verify", "检查研究的每个字节是否完好", arguments, act)
