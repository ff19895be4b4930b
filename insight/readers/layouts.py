"""How a text separates its cells: by comma, tab, semicolon or bar, judged by how evenly it divides the lines."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from insight.readers.headers import clean_name, is_value

QUOTED = r'"(?:[^"]|"")*"'
HOLE = "\x1a"  # stands for a quoted cell
BARS = "||"
SEPARATORS = (",", "\t", ";", "|", BARS)
UNIT, ALONE = "\x1f", "\x1e"  # separators that no text holds: control characters were removed


@dataclass(frozen=True, slots=True)
class Layout:
    """How a text separates its cells.

    Attributes
    ----------
    separator : between two cells of a line
    first : number of the line that the table begins on
    share : of the looked-at lines, those that have as many cells as the header
    """

    separator: str
    first: int = 1
    share: float = 1.0


ONE_COLUMN = Layout(ALONE)


def layout(sample: str) -> Layout | None:
    """Recognise the separator by the first lines, or return None where no candidate divides them evenly."""
    stated = re.match(r"sep=([!-~\t])[ \t]*\n", sample, re.IGNORECASE)
    if stated:
        return Layout(stated[1], first=2)
    views = (_lines(sample, across=False), _lines(sample, across=True))
    found = [(_evenness(lines, s), s) for s in SEPARATORS for lines in views if lines]
    (share, _), separator = max(found, key=lambda f: f[0], default=((0.0, 0), ""))
    if share < 0.5:
        return None
    return Layout(separator, share=share)


def _lines(sample: str, *, across: bool) -> list[str]:
    """The first 200 lines with a mark for each quoted cell; ``across`` lets a quoted cell run over lines."""
    if across:
        sample = re.sub(QUOTED, HOLE, sample)
    lines = (re.sub(QUOTED, HOLE, line) for line in sample.split("\n")[:200])
    return [line for line in lines if line.strip()]


def _evenness(lines: list[str], separator: str) -> tuple[float, int]:
    """(share of the lines that have the commonest number of separators, that number)."""
    counts = Counter(n for line in lines if (n := line.count(separator)))
    if not counts or (separator == "|" and BARS in lines[0]):
        return 0.0, 0
    usual, n = max(counts.items(), key=lambda item: (item[1], item[0]))
    named = lines[0].count(separator)
    if named == 0 and usual == 1:  # a column of sentences rather than two columns
        return 0.0, 0
    return (n + (counts[named] if named not in (0, usual) else 0)) / len(lines), usual


def has_header(sample: str, separator: str) -> bool:
    """Whether the first line looks like a header: short names, unlike each other, and no sentence."""
    cells = sample.split("\n", 1)[0].split(separator)
    names = [clean_name(cell.strip('"')) for cell in cells]
    if any(is_value(name) for name in names) or any(cell.startswith(" ") for cell in cells):
        return False
    short = all(0 < len(name) <= 30 and not re.search(r"[。！？!?]", name) for name in names)
    return short and len(set(names)) == len(names)
