"""What a report consists of, before it is a Word file or a web page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import altair as alt

if TYPE_CHECKING:
    from insight.report.stated import Stated


@dataclass(frozen=True, slots=True)
class Run:
    """Words in one look; with ``target`` they lead to the cell of that anchor, with ``tip`` on hover.

    ``stated``: what a numeral is that stands in no cell.
    """

    text: str
    look: Literal["plain", "strong", "number", "quiet"] = "plain"
    target: str = ""
    tip: str = ""
    stated: Stated | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 3; one of level 1 starts a page unless it is told not to."""

    level: int
    text: str
    starts_page: bool = True


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words of one role: body, lead (the question of a chapter), finding (a bullet) or note."""

    runs: tuple[Run, ...]
    role: Literal["body", "lead", "finding", "note"] = "body"


@dataclass(frozen=True, slots=True)
class Head:
    """A column of a printed table; ``width`` is its share of the page, all of them at most 1."""

    text: str
    is_number: bool
    width: float


Kind = Literal["up", "down", "noise"]


@dataclass(frozen=True, slots=True)
class Mark:
    """How a share differs from the former wave: it really rose or fell, or that cannot be told from noise."""

    kind: Kind
    tip: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A cell of a printed table.

    Attributes
    ----------
    text : may hold line breaks
    runs : printed instead of ``text`` where the cell holds a sentence with numbers
    anchors : names that sentences lead to; a cell with an anchor is marked as evidence
    is_small : the base is too small; printed grey
    mark : what it was in the former wave; the cell is tinted
    """

    text: str
    anchors: tuple[str, ...] = ()
    is_small: bool = False
    runs: tuple[Run, ...] = ()
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with its number ("3.2"), caption and footnotes; without a number the caption is a label.

    ``is_dense``: printed in smaller type.
    """

    number: str
    caption: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Slot, ...], ...]
    notes: tuple[str, ...] = ()
    is_dense: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with its number, caption and the sentence read aloud in its stead."""

    number: str
    caption: str
    chart: alt.TopLevelMixin
    alt: str


@dataclass(frozen=True, slots=True)
class Cover:
    """The title page: title, what it is about, and facts in pairs of label and value."""

    title: str
    subtitle: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """The table of contents stands here."""


Block = Heading | Paragraph | Grid | Figure | Cover | Contents


def plain(text: str, role: Literal["body", "lead", "finding", "note"] = "body") -> Paragraph:
    """A paragraph in one look."""
    return Paragraph((Run(text),), role)
