"""Arguments of the command line: wrong usage is said in Chinese and ends with 2."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from insight.errors import BadParameter, UnreadableFile

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Command:
    """One command: ``python -m insight NAME``.

    Attributes
    ----------
    text : what it does, one Chinese sentence
    arguments : declares its arguments
    act : does it; returns the exit code
    """

    name: str
    text: str
    arguments: Callable[[argparse.ArgumentParser], None]
    act: Callable[[argparse.Namespace, Say], int]


class Parser(argparse.ArgumentParser):
    """An argument parser that speaks Chinese."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 (argparse's own options)
        super().__init__(add_help=False, formatter_class=_Usage, **options)
        self._positionals.title, self._optionals.title = "参数", "选项"
        self.add_argument("-h", "--help", action="help", help="显示写法")

    def format_help(self) -> str:
        """The help as argparse writes it, with a Chinese colon behind the headings."""
        return re.sub(r"(?m)^(\S+):$", r"\1：", super().format_help())

    def error(self, message: str) -> NoReturn:
        for pattern, chinese in _SAID:
            message = re.sub(pattern, chinese, message)
        self.exit(2, f"命令写法不对：{message}。\n用 {self.prog} --help 查看写法。\n")


class _Usage(argparse.RawDescriptionHelpFormatter):
    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:  # noqa: ANN401
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)


_SAID = (
    (r"the following arguments are required: (.*)", r"缺少 \1"),
    (r"unrecognized arguments: (.*)", r"不认识 \1"),
    (r"^argument ([^:]+): ", r"\1："),
    (r"invalid choice: (\S+) \(choose from (.*)\)", r"没有\1，可选\2"),
    (r"expected one argument", "后面要写一个值"),
    (r"expected at least one argument", "后面至少要写一个值"),
    (r"ambiguous option: (\S+) could match (.*)", r"\1 不明确，可能是 \2"),
    (r"'([^']*)'", r"“\1”"),
    (r"”, “", "”、“"),
)


def pair(text: str) -> tuple[str, str]:
    """``name=value`` taken apart, as the type of an argument."""
    left, sign, right = text.partition("=")
    if not sign or not left:
        raise argparse.ArgumentTypeError(f"“{text}”应写成 名称=值")
    return left, right


def pairs(parser: argparse.ArgumentParser, flag: str, *, metavar: str, text: str) -> None:
    """Declare an option that may come again, each time as ``name=value``."""
    parser.add_argument(flag, action="append", type=pair, default=[], metavar=metavar, help=text)


def readable(path: Path) -> Path:
    """The file a user names, which can be opened (UnreadableFile otherwise)."""
    with _asked(path):
        path.open("rb").close()
    return path


def file_bytes(path: Path) -> bytes:
    """The content of the file a user names (UnreadableFile where there is none)."""
    with _asked(path):
        return path.read_bytes()


def listed(text: str) -> list[str]:
    """What a user lists with commas, Chinese or not."""
    return [part.strip() for part in text.replace("，", ",").split(",") if part.strip()]


def steps(say: Say) -> Callable[[str, float | None], None]:
    """Tell how far a piece of work is: a line each time another tenth is done."""
    told: set[tuple[str, int]] = set()

    def tell(step: str, share: float | None) -> None:
        tenth = (step, int(10 * (share or 0)))
        if tenth not in told:
            told.add(tenth)
            say(f"{step} {tenth[1] * 10}%")

    return tell


@contextmanager
def _asked(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = "文件不存在" if isinstance(error, FileNotFoundError) else "文件打不开"
        raise UnreadableFile(path.name, reason, "请检查路径。") from error


def folder(path: Path) -> Path:
    """The folder to write into, made if need be (BadParameter where that cannot be)."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadParameter("--out", f"“{path}”不是可以写入的文件夹") from error
    return path
