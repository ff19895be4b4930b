"""The catalogue: every analysis found by walking this folder; adding an analysis is adding one file."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from insight.analysis import Analysis
from insight.errors import UnknownName
from insight.filtering import filterable

ROOMS = (
    "data",
    "segments",
    "behaviour",
    "lifecycle",
    "survey",
    "research",
    "text",
    "coding",
    "needs",
    "strategy",
)  # in the order of the report
FILTERED = frozenset({"survey", "research", "text"})  # what respondents and texts say


@cache
def catalogue() -> Mapping[str, Analysis]:
    """Key -> analysis, room by room."""
    folder = Path(__file__).parent
    known = (_analysis(file) for room in ROOMS for file in (folder / room).glob("[!_]*.py"))
    ordered = sorted(known, key=lambda a: (ROOMS.index(_room(a)), a.place, a.key))
    return MappingProxyType({analysis.key: analysis for analysis in ordered})


def _analysis(file: Path) -> Analysis:
    module = importlib.import_module(f"{__name__}.{file.parent.name}.{file.stem}")
    found: Analysis = module.ANALYSIS
    return filterable(found) if file.parent.name in FILTERED else found


def _room(analysis: Analysis) -> str:
    return analysis.run.__module__.split(".")[-2]


def room_of(key: str) -> str:
    """The folder of the analysis called ``key``; it decides the part of the report."""
    return _room(find(key))


def find(key: str) -> Analysis:
    """The analysis called ``key``.

    Raises
    ------
    UnknownName : there is none.
    """
    known = catalogue()
    if key not in known:
        raise UnknownName("分析", key, tuple(known))
    return known[key]
