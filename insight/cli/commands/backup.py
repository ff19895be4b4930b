"""python -m insight backup: a whole study in one zip."""

from __future__ import annotations

import argparse
from pathlib import Path

from insight import pipeline
from insight.cli.parsing import Command, Say


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument("file", type=Path, metavar="文件", help="备份文件，如 研究.zip")
    parser.add_argument("--with-key", action="store_true", help="把密钥也放进去：换一台电脑后还能导入新客户；请像密码一样保管这个文件")  # fmt: skip


def act(args: argparse.Namespace, say: Say) -> int:
    n = pipeline.backup(pipeline.opened(args.study), args.file, with_key=args.with_key)
    say(f"已备份 {n:,} 个对象 → {args.file}")
    if not args.with_key:
        say("密钥不在备份里：在别的电脑恢复后可以看和分析，要导入新客户还需要密钥文件。")
    return 0


COMMAND = Command("backup", "把整个研究备份成一个 zip", arguments, act)
