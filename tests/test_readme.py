"""Both READMEs give the same commands, and the commands exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from insight.cli import parser

ROOT = Path(__file__).parents[1]
ENGLISH, CHINESE = (ROOT / name for name in ("README.md", "README.zh-CN.md"))


def _commands(path: Path) -> list[str]:
    blocks = re.findall(r"```(?:sh|bat)\n(.*?)```", path.read_text("utf-8"), flags=re.S)
    return [
        line.split("#")[0].strip()
        for block in blocks
        for line in block.splitlines()
        if line.strip()
    ]


def test_both_readmes_give_the_same_commands():
    assert _commands(ENGLISH) == _commands(CHINESE)


@pytest.mark.parametrize(
    "command", [c for c in _commands(ENGLISH) if c.startswith("python -m insight")]
)
def test_a_command_of_the_readme_is_understood(command):
    words = shlex.split(command)[3:]
    assert parser(words[0]).parse_args(words).act


def test_make_targets_of_the_readme_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), flags=re.M))
    assert {c.split()[1] for c in _commands(ENGLISH) if c.startswith("make ")} <= targets


def test_every_runtime_pin_is_exact_and_has_its_reason():
    lines = [
        x for x in (ROOT / "requirements.txt").read_text("utf-8").splitlines() if x and x[0] != "#"
    ]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+ +# .+", line) for line in lines)
