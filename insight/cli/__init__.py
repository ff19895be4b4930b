"""python -m insight: the same answers as on the pages, for scripts and checks."""

from __future__ import annotations

import argparse
import ast
import getpass
import importlib
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from insight.cli.parsing import Command, Parser
from insight.errors import InsightError
from insight.logs import redact

__all__ = ["Command", "main", "parser"]
_INTERRUPTED = 130  # what a shell says of a program that Ctrl+C ended


def catalogue() -> Iterator[tuple[str, str, str]]:
    """Name, text and module of every command, by walking the folder; adding a command is adding one file.

    They are read off the files, which are not run: only the command that is called imports what it needs.
    """
    for file in sorted(Path(__file__).with_name("commands").glob("[!_]*.py")):
        for node in ast.parse(file.read_text("utf-8")).body:
            match node:
                case ast.Assign(
                    targets=[ast.Name("COMMAND")],
                    value=ast.Call(args=[ast.Constant(str(name)), ast.Constant(str(text)), *_]),
                ):
                    yield name, text, f"{__name__}.commands.{file.stem}"


def parser(called: str = "") -> Parser:
    """The commands, and the options of the one that is called."""
    top = Parser(
        prog="python -m insight", description="订单、问卷与文本进来，各层客户的需要与建议出去。"
    )
    known = top.add_subparsers(dest="command", required=True, metavar="命令")
    for name, text, module in catalogue():
        own = known.add_parser(name, help=text, description=text)
        if name == called:
            command: Command = importlib.import_module(module).COMMAND
            command.arguments(own)
            own.set_defaults(act=command.act)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 the data cannot answer, 2 wrong usage, 130 ended by Ctrl+C."""
    redact()
    logging.basicConfig(level=logging.WARNING)
    given = sys.argv[1:] if argv is None else argv
    called = next((word for word in given if not word.startswith("-")), "")
    args = parser(called).parse_args(given)
    from insight import access  # after the help, which needs no library

    try:
        with access.acting(access.Actor(_person(), "admin", at_terminal=True)):
            code = _acted(args)
        sys.stdout.flush()
    except InsightError as error:
        sys.stderr.write(f"{error.told_there}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("已中断。\n")
        return _INTERRUPTED
    except BrokenPipeError:  # whoever reads has seen enough, as in "| head"
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _acted(args: argparse.Namespace) -> int:
    """Run the command; where it is about a study, money is written in the currency of that."""
    path = getattr(args, "study", None)
    if not isinstance(path, Path) or not (path / "study.db").is_file():
        return int(args.act(args, _say))
    from insight import pipeline

    with pipeline.in_its_currency(pipeline.opened(path)):
        return int(args.act(args, _say))


def _person() -> str:
    """Who works at this terminal: the name that the settings give, else the one the system knows."""
    from insight.settings import settings

    chosen = settings()
    return chosen.author if "author" in chosen.model_fields_set else getpass.getuser()


def _say(text: str) -> None:
    print(text)  # noqa: T201 (the terminal is the screen here)
