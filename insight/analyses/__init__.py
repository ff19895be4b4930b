"""The catalogue: every analysis found by walking this folder; adding an analysis is adding one file."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from insight.analysis import Analysis
from insight.errors import UnknownName

ROOMS = ("data", "segments", "behaviour", "survey", "text", "needs")  # in the order of the report


@cache
def catalogue() -> Mapping[str, Analysis]:
    """Key -> analysis, room by room."""
    folder = Path(__file__).parent
    files = [f for room in ROOMS for f in sorted((folder / room).glob("[!_]*.py"))]
    names = (f"{__name__}.{f.parent.name}.{f.stem}" for f in files)
    found = (importlib.import_module(name).ANALYSIS for name in names)
    return MappingProxyType({analysis.key: analysis for analysis in found})


def room_of(key: str) -> str:
    """The folder of the analysis called ``key``; it decides the part of the report."""
    return find(key).run.__module__.split(".")[-2]


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
