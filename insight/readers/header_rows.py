"""Which of the first rows are the header, how many they are, and the one name they give each column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from insight.readers.header_text import Cells, asks, clean_name, is_value, is_variable, known
from insight.readers.raw import LINE, Merge

TOP = 50  # rows that are looked at for a header
_DEEPEST = 3
_IMPORT_ID = re.compile(r'\{\s*"ImportId"\s*:\s*"([^"]*)".*\}', re.DOTALL)  # third row of Qualtrics
_ONLY_ANSWER = re.compile(r"(open-ended )?response", re.IGNORECASE)  # second row of SurveyMonkey
_SAYS_NOTHING = re.compile(r"response", re.IGNORECASE)  # an open-ended one is a kind of question
_LEGACY = re.compile(r"V\d+")  # Qualtrics until 2016: what the column is stands in the second row

Rows = Sequence[Cells]


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header stands among the rows, over how many rows, and the names it gives."""

    at: int
    depth: int
    names: tuple[str, ...]


def find_header(frame: pl.DataFrame, merged: Sequence[Merge] = ()) -> Header:
    """Find the header and flatten its rows.

    Parameters
    ----------
    frame : ``__line__`` and columns by position, no blank rows
    merged : merged ranges

    Returns
    -------
    Header; a cell merged over several columns joins the short names below it with ``_``
        (基本信息_手机号); wordings of questions, and rows that are no merges, are joined with ``｜``:
        ``Q1｜总体满意度`` (Qualtrics, 见数), ``品牌？｜A`` (SurveyMonkey)
    """
    top = frame.head(TOP)
    lines = top[LINE].to_list()
    plain = [list(row[1:]) for row in top.rows()]
    rows = [_spread(row, line, merged) for row, line in zip(plain, lines, strict=True)]
    at = header_at(rows)
    if names := _qualtrics(plain, at):
        return Header(at, 3, names)
    if depth := _merged_depth(at, lines, rows, merged):
        levels = rows[at : at + depth]
        return Header(at, depth, _flattened(levels, mark="｜" if _asks_above(levels) else "_"))
    if _goes_on(plain[at:]):
        return Header(at, 2, _flattened([_filled(plain[at], plain[at + 1]), plain[at + 1]]))
    return Header(at, 1, _flattened(rows[at : at + 1]))


def header_at(rows: Rows) -> int:
    """Position of the header among the first rows (without blank rows).

    The first row that fills a third of the columns in use (or has three names that headers are
    known to have) and holds no number; a fuller one below it with more such names, and two at
    least, takes its place.
    """
    filled = [sum(cell is not None for cell in row) for row in rows]
    names = [known(row) for row in rows]
    widest = max(filled)
    fits = [
        i for i, n in enumerate(filled[:-1])
        if (3 * n > widest or names[i] >= 3) and (n > 1 or widest == 1)
    ]  # fmt: skip
    plain = [i for i in fits if not any(is_value(cell) for cell in rows[i])]
    if not plain:
        return 0
    first, best = fits[0], max(plain, key=lambda i: (names[i], -i))
    if names[best] >= 2 and names[best] > names[first] and filled[best] > filled[first]:
        return best
    return first if first in plain else 0


def _spread(row: list[str | None], line: int, merged: Sequence[Merge]) -> list[str | None]:
    """A row whose merged cells all carry their value, unless one merge spans it all like a title."""
    spread = list(row)
    for m in merged:
        if m.top == line and m.right > m.left and sum(c is not None for c in row) > 1:
            spread[m.left : m.right + 1] = [row[m.left]] * len(spread[m.left : m.right + 1])
    return spread


def _merged_depth(at: int, lines: Sequence[int], rows: Rows, merged: Sequence[Merge]) -> int:
    """Rows of a header with merged cells: one more below each cell merged over several named columns; 0 without."""
    depth = 1
    while depth < _DEEPEST and at + depth < len(lines):
        line, below = lines[at + depth - 1], rows[at + depth]
        groups = [below[m.left : m.right + 1] for m in merged if m.top == line and m.right > m.left]
        named = [all(c is not None and not is_value(c) for c in group) for group in groups]
        if not groups or not all(named):
            break
        depth += 1
    return depth if depth > 1 else 0


def _asks_above(levels: Rows) -> bool:
    return any(asks(cell) for row in levels[:-1] for cell in row)


def _flattened(levels: Rows, *, mark: str = "｜") -> tuple[str, ...]:
    """One name a column: its levels from the top, each once, without a mere "Response" below a question."""
    return tuple(mark.join(_levels(column)) for column in zip(*levels, strict=True))


def _levels(parts: Sequence[str | None]) -> list[str]:
    names: list[str] = []
    for part in parts:
        name = clean_name(part)
        if name and name not in names and not (names and _SAYS_NOTHING.fullmatch(name)):
            names.append(name)
    if len(names) == 2 and _LEGACY.fullmatch(names[0]):
        return names[1:]
    return names


def _qualtrics(rows: Rows, at: int) -> tuple[str, ...]:
    """The names of a Qualtrics export with its three rows; () for any other file.

    Columns that hold an answer (their ImportId begins with QID) keep variable and wording, the
    others their name alone: ResponseId, Q1｜How satisfied are you?
    """
    if at + 2 >= len(rows):
        return ()
    ids = [_IMPORT_ID.fullmatch((cell or "").strip()) for cell in rows[at + 2]]
    if 2 * sum(found is not None for found in ids) < len(ids):
        return ()
    levels = zip(rows[at], rows[at + 1], ids, strict=True)
    return tuple(
        "｜".join(_levels([name, text] if found and found[1].startswith("QID") else [name]))
        for name, text, found in levels
    )


def _goes_on(rows: Rows) -> bool:
    """Whether the header has a second row: variables and wordings, or questions and options.

    That row holds no value where other columns hold nothing else, and what it says is said in no
    row below it.
    """
    if len(rows) < 3 or any(is_value(cell) for cell in rows[1]):
        return False
    first, second, below = rows[0], rows[1], rows[2:]
    values = [i for i in range(len(first)) if _holds_values(below, i)]
    told = [i for i, cell in enumerate(second) if cell is not None]
    worded = [i for i in told if is_variable(first[i])]
    opened = [i for i in told if first[i] is None and any(first[:i])]
    again = [i for i in worded if any(row[i] == second[i] for row in below)]
    if len(worded) > 1 and values:
        return 10 * len(again) <= len(worded)
    if any(_ONLY_ANSWER.fullmatch(second[i] or "") for i in told):
        return bool(values)
    return bool(opened) and sum(second[i] is None for i in values) > 1


def _holds_values(rows: Rows, i: int) -> bool:
    """Whether a column holds nothing but numbers and times."""
    cells = [row[i] for row in rows if row[i] is not None]
    return bool(cells) and 2 * len(cells) >= len(rows) and all(is_value(cell) for cell in cells)


def _filled(first: Cells, second: Cells) -> list[str | None]:
    """The first row with its question repeated over the columns of its options."""
    filled: list[str | None] = []
    for cell, below in zip(first, second, strict=True):
        left = filled[-1] if filled and cell is None and below is not None else None
        filled.append(left if cell is None else cell)
    return filled
