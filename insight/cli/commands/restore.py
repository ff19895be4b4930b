"""python -m insight restore: a study from its backup."""

from __future__ import annotations

import argparse
from pathlib import Path

from insight import pipeline
from insight.cli.parsing import Command, Say


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="文件", help="backup 生成的 zip")
    parser.add_argument("study", type=Path, metavar="研究", help="恢复到哪个文件夹，必须是空的")


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.restore(args.file, args.study)
    say(f"已恢复研究“{study.name}”：{args.study}")
    if not pipeline.has_key(study):
        say("这台电脑没有它的密钥：可以看和分析，不能导入新客户。")
    return 0


COMMAND = Command("restore", "从备份恢复研究", arguments, act)
