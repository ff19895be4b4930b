"""How much room words take on a slide, and the largest type in which they have enough."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

from pptx.util import Pt

from insight.report.blocks import Grid, Run, Slot
from insight.report.deck_file import Box

QUIET = 0.6  # of the size of the other words
SPACING, AFTER = 1.5, 0.5  # of a line with what is free between two, below a paragraph; in sizes
CELL_SPACING = 1.35  # of a line in a table
_LATIN = 0.6  # width of a character that is not Chinese, in sizes
_INSET = 14.4  # points: the margins of a text box or cell, on both sides
CELL_INSET, CELL_PAD = 10.0, 6.0  # points: the margins of a cell, beside and above


class Fitted(NamedTuple):
    """Size of type [pt] and how many paragraphs or rows have room in it."""

    size: float
    n: int


def width(text: str, *, size: float) -> float:
    """Points that a line of text takes."""
    return size * sum(1.0 if unicodedata.east_asian_width(c) in "WFA" else _LATIN for c in text)


def height(runs: Sequence[Run], *, room: float, size: float) -> float:
    """Points that a paragraph takes in ``room`` points, with what is left free below it."""
    long = sum(width(one.text, size=size * (QUIET if one.look == "quiet" else 1)) for one in runs)
    return size * (SPACING * max(1, ceil(long / room)) + AFTER)


def fitted(paragraphs: Sequence[Sequence[Run]], box: Box, *, sizes: Sequence[float]) -> Fitted:
    """The largest of ``sizes`` (falling) in which all paragraphs have room, else how many have in the smallest."""
    free, high = box.width / Pt(1) - _INSET, box.height / Pt(1) - _INSET / 2
    for size in sizes:
        heights = [height(runs, room=free, size=size) for runs in paragraphs]
        if sum(heights) <= high:
            return Fitted(size, len(paragraphs))
    return Fitted(sizes[-1], max(1, _first(heights, high)))


def row_height(texts: Sequence[str], *, rooms: Sequence[float], size: float) -> float:
    """Points that a row of a table takes, its columns ``rooms`` points wide."""
    lines = [
        sum(max(1, ceil(width(line, size=size) / (room - CELL_INSET))) for line in text.split("\n"))
        for text, room in zip(texts, rooms, strict=True)
    ]
    return CELL_SPACING * size * max(lines) + CELL_PAD


def row_heights(grid: Grid, box: Box, *, sizes: Sequence[float]) -> tuple[float, list[float]]:
    """The largest type in which a table has room, and the height of its head and its first rows [pt].

    Where even the smallest is too large, the last rows are left out; the head has 0 where there is none.
    """
    total = sum(head.width for head in grid.heads)
    rooms = [box.width / Pt(1) * head.width / total for head in grid.heads]
    high, names = box.height / Pt(1), [head.text for head in grid.heads]
    for size in sizes:
        heights = [row_height(names, rooms=rooms, size=size) if any(names) else 0.0]
        heights += [row_height(told(row), rooms=rooms, size=size) for row in grid.rows]
        if sum(heights) <= high:
            break
    return size, heights[: max(2, _first(heights, high))]


def told(row: Sequence[Slot]) -> list[str]:
    """What the cells of a row say."""
    return ["".join(run.text for run in slot.runs) or slot.text for slot in row]


def _first(heights: Sequence[float], high: float) -> int:
    """How many, from the first on, have room one below the other."""
    n, used = 0, 0.0
    for one in heights:
        if (used := used + one) > high + 1e-6:
            break
        n += 1
    return n
