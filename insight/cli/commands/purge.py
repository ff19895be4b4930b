"""python -m insight purge: delete a study whose last agreed day is over."""

from __future__ import annotations

import argparse
from pathlib import Path

from insight import pipeline
from insight.cli.parsing import Command, Say
from insight.errors import BadParameter


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument("--yes", action="store_true", help="确认删除；不能恢复")


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    if not args.yes:
        raise BadParameter("--yes", "删除不能恢复，请加上 --yes 确认")
    pipeline.purge(study)
    say(f"研究“{study.name}”和它的密钥已删除。备份和已经交出去的报告请另行处理。")
    return 0


COMMAND = Command("purge", "删除保存期已过的研究", arguments, act)
