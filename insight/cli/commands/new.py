"""python -m insight new: make a study."""

from __future__ import annotations

import argparse
from pathlib import Path

from insight import pipeline
from insight.cli.parsing import Command, Say


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.new(args.study)
    say(f"已新建研究“{study.name}”：{args.study}")
    return 0


COMMAND = Command("new", "新建研究", arguments, act)
