"""Which actions the results call for: templates from ``actions.toml``, people and money from the results."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from insight.analysis import Cell
from insight.report.facts import Chapter

MOST_NEEDS = 5


class Template(BaseModel):
    """What to do about some segments; ``brief`` says it in half a sentence, of a {need} by its name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    section: str
    brief: str
    action: str
    owner: str
    kpi: str
    readout: str
    timing: str = "两周内"
    segments: tuple[str, ...] = ()


class _Book(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    action: tuple[Template, ...]
    need: Template


@dataclass(frozen=True, slots=True)
class Called:
    """A template, and the rows of a segment table that call for it.

    Attributes
    ----------
    rows : (segment's name, cell of its customers, cell of its spend)
    """

    template: Template
    chapter: Chapter
    rows: tuple[tuple[str, Cell, Cell], ...]


def called_for(chapters: Sequence[Chapter]) -> tuple[Called, ...]:
    """The actions whose segments stand in the results, in the order of the book."""
    found = next(_segment_tables(chapters), None)
    if found is None:
        return ()
    chapter, name = found
    segments = chapter.result.tables[name]["segment"].to_list()
    calls = (
        Called(
            template,
            chapter,
            tuple(
                (segment, Cell(name, at, "n_customers"), Cell(name, at, "spend"))
                for at, segment in enumerate(segments)
                if chapter.named_after.get(segment, segment) in template.segments
            ),
        )
        for template in _book().action
    )
    return tuple(call for call in calls if call.rows)


def need_template() -> Template:
    """What to do about a need that one segment raises more than another."""
    return _book().need


def _segment_tables(chapters: Sequence[Chapter]) -> Iterator[tuple[Chapter, str]]:
    """Tables with one row per segment, its customers and its spend."""
    for chapter in chapters:
        for name, table in chapter.result.tables.items():
            if {"segment", "n_customers", "spend"} <= set(table.columns) and table[
                "segment"
            ].is_unique().all():
                yield chapter, name


@cache
def _book() -> _Book:
    text = Path(__file__).with_name("actions.toml").read_text("utf-8")
    return _Book.model_validate(tomllib.loads(text))
