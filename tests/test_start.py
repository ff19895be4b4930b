"""What starts with the program: the help of the command line and a child load no more than they need."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from insight.cli import catalogue, main, parser

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "insight" / "cli" / "commands"
HEAVY = {"scipy", "sklearn", "statsmodels", "pandas", "altair", "docx", "deltalake", "duckdb", "streamlit"}  # fmt: skip


def loaded_by(code: str) -> set[str]:
    """Top-level modules that a fresh process holds after running ``code``."""
    told = "import sys; print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{told}"],
        capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    return set(done.stderr.split())


def test_the_door_of_the_pipeline_loads_no_library_that_only_some_questions_need():
    assert not loaded_by("import insight.pipeline") & HEAVY


def test_the_whole_catalogue_loads_no_library_that_only_some_questions_need():
    assert not loaded_by("from insight.analyses import catalogue; catalogue()") & (
        HEAVY - {"altair"}
    )


def test_the_help_of_all_commands_loads_no_command():
    asked = "from contextlib import suppress\nfrom insight.cli import main\nwith suppress(SystemExit): main(['--help'])"
    loaded = loaded_by(asked)
    assert "insight" in loaded
    assert not loaded & (HEAVY | {"polars", "pydantic", "numpy"})


def test_every_file_of_commands_is_one_command_as_its_file_says():
    known = tuple(catalogue())
    assert {module.rpartition(".")[2] for *_, module in known} == {
        file.stem for file in FOLDER.glob("[!_]*.py")
    }
    for name, text, module in known:
        command = importlib.import_module(module).COMMAND
        assert (command.name, command.text) == (name, text)


@pytest.mark.parametrize("name", [name for name, *_ in catalogue()])
def test_every_command_declares_what_it_takes_and_says_it_in_chinese(name, capsys):
    with pytest.raises(SystemExit):
        parser(name).parse_args([name, "--help"])
    told = capsys.readouterr().out
    assert told.startswith(f"用法：python -m insight {name}")
    assert "\n选项：\n" in told
    assert not any(line.endswith(":") for line in told.splitlines())


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (["foo"], "命令：没有“foo”，可选“add”、"),
        (["run", "x", "--engine", "y"], "--engine：没有“y”，可选“polars”、“duckdb”"),
        (["status"], "缺少 study"),
    ],
    ids=["command", "choice", "missing"],
)
def test_a_wrong_word_is_said_with_chinese_marks(written, said, capsys):
    with pytest.raises(SystemExit) as ended:
        main(written)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
