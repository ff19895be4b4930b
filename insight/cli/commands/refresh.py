"""python -m insight refresh: ask every database and lake of a study again."""

from __future__ import annotations

import argparse
from pathlib import Path

from insight import pipeline
from insight.cli.parsing import Command, Say


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    for one in pipeline.refresh(study):
        news = f"{one.n_before:,} → {one.n_now:,} 行" if one.is_new else "没有变化"
        say(f"{one.name}：{news}")
    say(f"问题清单 → {pipeline.write_issues(study)}")
    return 0


COMMAND = Command("refresh", "重新执行保存的查询，更新数据", arguments, act)
