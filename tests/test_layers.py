"""Rooms import rooms below them; the statistics know no Streamlit; the pages know no data frames."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RANKS = {
    "errors": 0, "threads": 0, "distinct": 0, "identifiers": 0.5, "simplified": 0, "settings": 1, "durable": 1, "chain": 1.2, "access": 1.5, "spool": 2, "schema": 1, "privacy": 1, "masking": 1, "currency": 0.5, "logs": 1.5, "wording": 1, "archive": 1, "units": 2, "presets": 1.5, "readers": 2, "worker": 2, "origins": 2, "stats": 2,
    "clean": 3, "text": 3, "tokens": 6, "batches": 5.5, "spark_job": 5, "sentiment": 3.5, "coding": 3.6, "statements": 3.7, "ledger": 4, "answers": 4, "bases": 4, "join": 4, "study": 5, "surveys": 5, "parameters": 5, "audiences": 5.5, "gather": 6, "recoding": 6, "charts": 5, "dataset": 5, "own_rows": 5.5, "engines": 5, "stubs": 5, "summaries": 5, "customers": 5,
    "members": 6, "journeys": 6.5, "deciding": 6.5, "deals": 7, "offers": 7, "periods": 6, "ratings": 6.5, "segmentation": 6, "lifetime": 6, "voices": 7, "coders": 5.5, "speakers": 6.5, "weighting": 7, "quality": 7, "tabulation": 7, "analysis": 7, "claims": 7.5, "disclosure": 7.6, "filtering": 7.5, "needs": 7.5, "quotes": 7.2, "contingency": 7.5, "mapping": 7.6, "narrowing": 7.6, "comparing": 7.5, "tasks": 6.5, "typing_tool": 7, "strategy": 7.7, "persons": 8, "results": 8, "analyses": 8, "exports": 8, "tablebook": 9, "spss": 8, "report": 9, "demo": 9,
    "pipeline": 10, "cli": 11, "__main__": 12,
}  # fmt: skip
PAGES_MAY = {
    "access", "analyses", "analysis", "charts", "claims", "currency", "errors", "logs", "pipeline", "report", "schema", "settings", "study", "units", "wording",
}  # fmt: skip
HEAVY = {"scipy", "sklearn", "statsmodels", "pandas"}
NO_FRAMES = {"polars", "pandas", "sklearn", "jieba", "narwhals", "duckdb", "numpy"}


def _imports(path: Path) -> set[str]:
    """Dotted names of everything a file imports, whether at the top or inside a function."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _room(path: Path) -> str:
    relative = path.relative_to(ROOT / "insight")
    return relative.parts[0].removesuffix(".py")


MODULES = sorted(
    p
    for p in (ROOT / "insight").rglob("*.py")
    if p.parent != ROOT / "insight" or p.stem != "__init__"
)
SCREENS = sorted((ROOT / "pages").rglob("*.py"))


def test_every_room_has_a_rank():
    assert {_room(p) for p in MODULES} <= set(RANKS)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_room_imports_lower_rooms_only(path):
    own = _room(path)
    rooms = {name.split(".")[1] for name in _imports(path) if name.startswith("insight.")} & set(
        RANKS
    )
    above = {room for room in rooms if room != own and RANKS[room] >= RANKS[own]}
    assert not above, f"{own} imports {above}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_room_knows_streamlit(path):
    assert not any(name.split(".")[0] == "streamlit" for name in _imports(path))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_heavy_library_is_loaded_by_the_function_that_uses_it(path):
    """Else every command and every child process waits for it; see tests/test_start.py."""
    top = ast.parse(path.read_text("utf-8")).body
    names = {alias.name for node in top if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in top if isinstance(node, ast.ImportFrom)}
    assert not {name.split(".")[0] for name in names} & HEAVY


def test_an_analysis_never_imports_another():
    for path in (ROOT / "insight" / "analyses").glob("*/*.py"):
        assert not any(name.startswith("insight.analyses") for name in _imports(path)), path


@pytest.mark.parametrize("path", SCREENS, ids=lambda p: str(p.relative_to(ROOT)))
def test_pages_ask_the_pipeline_and_touch_no_frames(path):
    names = _imports(path)
    assert not {name.split(".")[0] for name in names} & NO_FRAMES
    rooms = {name.split(".")[1] for name in names if name.startswith("insight.")} & set(RANKS)
    assert rooms <= PAGES_MAY


def test_no_page_lies_where_streamlit_would_open_it_past_the_gate():
    assert not list((ROOT / "pages").glob("*.py"))


def test_no_room_is_named_after_nothing():
    barred = {
        "utils",
        "util",
        "helpers",
        "common",
        "misc",
        "manager",
        "base",
        "service",
        "services",
    }
    assert not {p.stem for p in [*MODULES, *SCREENS]} & barred
