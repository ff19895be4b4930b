"""What a cell may be in a header: a name cleaned for use, a known name, a question, or plainly a value."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from insight.presets import catalogue
from insight.schema import TABLES
from insight.simplified import simplified

Cells = Sequence[str | None]

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")
_NUMBER = re.compile(r"[-+¥￥$]?[\d,]*\.?\d+(?:[eE][+-]?\d+)?%?")
_MOMENT = re.compile(r"\d{2,4}[-/.年]\d{1,2}([-/.月]\d{1,2}.*)?|\d{1,2}:\d{2}(:\d{2})?")
_NUMBERED = re.compile(r"(第\s*)?\d{1,3}\s*[、.．:：题題]\s*\D.*", re.DOTALL)
_VARIABLE = re.compile(r"[A-Za-z]{1,3}\d{1,3}([_.\-]\w+)*")
_ASKS = re.compile(r"[?？]\s*$|^(您|你|请|請)")


def clean_name(text: str | None) -> str:
    """A header on one line, trimmed, without invisible characters."""
    return " ".join(_INVISIBLE.sub("", text or "").split())


def unique_name(name: str, taken: set[str]) -> str:
    """A name that is not taken: with a number behind it where need be."""
    if name not in taken:
        return name
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


def is_value(cell: str | None) -> bool:
    """Whether a cell is a number, a date or a time: data rather than a name."""
    text = (cell or "").strip()
    return bool(_NUMBER.fullmatch(text) or _MOMENT.fullmatch(text))


def is_variable(cell: str | None) -> bool:
    """Whether a cell is the name of a variable: Q1, Q3_1, Q3_6_TEXT, V8."""
    return bool(_VARIABLE.fullmatch((cell or "").strip()))


def asks(cell: str | None) -> bool:
    """Whether a cell is the wording of a question."""
    text = clean_name(cell)
    return bool(_NUMBERED.fullmatch(text) or _ASKS.search(text))


def known(row: Cells) -> int:
    """How many cells of a row are names that headers have: of a role, a platform, a variable, a question."""
    names = _names()
    return sum(
        cell is not None and (_bare(cell) in names or is_variable(cell) or asks(cell))
        for cell in row
    )


@cache
def _names() -> frozenset[str]:
    """Every name by which a column of the canonical tables or of a known platform may go."""
    columns = [column for table in TABLES.values() for column in table.columns]
    presets = [name for preset in catalogue().values() for name in (*preset.fingerprint, *preset.roles)]  # fmt: skip
    said = [*presets, *(alias for column in columns for alias in (column.label, *column.aliases))]
    return frozenset(_bare(name) for name in said) - {""}


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", simplified(unicodedata.normalize("NFKC", text).casefold()))
