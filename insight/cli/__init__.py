"""python -m insight: the same answers as on the pages, for scripts and checks."""

from __future__ import annotations

import importlib
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from insight.cli.parsing import Command, Parser
from insight.errors import InsightError

__all__ = ["Command", "main", "parser"]


def catalogue() -> tuple[Command, ...]:
    """Every command, found by walking the folder; adding a command is adding one file."""
    files = sorted(Path(__file__).with_name("commands").glob("[!_]*.py"))
    modules = (importlib.import_module(f"{__name__}.commands.{file.stem}") for file in files)
    return tuple(module.COMMAND for module in modules)


def parser() -> Parser:
    """The commands and their options."""
    top = Parser(
        prog="python -m insight", description="订单、问卷与文本进来，各层客户的需要与建议出去。"
    )
    known = top.add_subparsers(dest="command", required=True, metavar="命令")
    for command in catalogue():
        own = known.add_parser(command.name, help=command.text, description=command.text)
        command.arguments(own)
        own.set_defaults(act=command.act)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 the data cannot answer, 2 wrong usage."""
    logging.basicConfig(level=logging.WARNING)
    args = parser().parse_args(argv)
    try:
        code = int(args.act(args, lambda text: print(text)))  # noqa: T201 (the terminal is the screen here)
        sys.stdout.flush()
    except InsightError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except BrokenPipeError:  # whoever reads has seen enough, as in "| head"
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code
