"""Rules made of rows, for those who write no expressions: each row says words and how they count."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from insight.coding.rules import NEAR, Both, Either, Near, Negated, Rule, Word
from insight.errors import BadRule

How = Literal["any", "all", "none", "near"]
HOW_LABELS: dict[How, str] = {"any": "出现任意一个", "all": "全部出现", "none": "都不出现", "near": "相隔不远"}  # fmt: skip
_SEPARATOR = re.compile(r"[、,，;；|｜\s]+")
_NEEDS_QUOTES = re.compile(
    r"[\s()|&!,、;；。？]|^(?:and|or|not|near|或者?|并?且|并)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the builder; all lines must hold in the same clause.

    Attributes
    ----------
    words : what is looked for; of "near" the first side
    other : the second side of "near"
    within : of "near": characters between them, at most
    """

    how: How
    words: tuple[str, ...]
    other: tuple[str, ...] = ()
    within: int = NEAR

    @property
    def listed_words(self) -> tuple[str, str]:
        """Both sides as people list them, see ``listed``."""
        return _as_listed(self.words), _as_listed(self.other)


def _as_listed(words: Sequence[str]) -> str:
    return "、".join(f'"{word}"' if _SEPARATOR.search(word) else word for word in words)


def listed(text: str) -> tuple[str, ...]:
    """Words as people list them; what stands in quotes stays whole.

    >>> listed('价格、贵，"iPhone 15"')
    ('价格', '贵', 'iPhone 15')
    """
    told = text.replace("“", '"').replace("”", '"')
    parts = told.split('"')
    words: list[str] = []
    for at, part in enumerate(parts):
        words += [part.strip()] if at % 2 else _SEPARATOR.split(part)
    return tuple(dict.fromkeys(word for word in words if word))


def expression(rows: Sequence[Row]) -> str:
    """The rule that the rows make (BadRule where one of them lacks a word).

    >>> expression([Row("any", ("价格", "贵")), Row("none", ("不贵", "划算"))])
    '(价格|贵) & !(不贵|划算)'
    """
    return " & ".join(_written(row) for row in rows)


def _written(row: Row) -> str:
    if not row.words or (row.how == "near" and not row.other):
        raise BadRule("", f"“{HOW_LABELS[row.how]}”这一行还缺少词", "请填上词，几个词用顿号分开。")
    match row.how:
        case "any":
            return _either(row.words)
        case "all":
            return " & ".join(map(_quoted, row.words))
        case "none":
            return f"!{_either(row.words)}"
        case "near":
            one, other = ("|".join(map(_quoted, side)) for side in (row.words, row.other))
            return f"near({one}, {other}, {row.within})"


def _either(words: Sequence[str]) -> str:
    told = "|".join(map(_quoted, words))
    return f"({told})" if len(words) > 1 else told


def _quoted(word: str) -> str:
    clean = word.replace('"', "")
    return f'"{clean}"' if _NEEDS_QUOTES.search(clean) else clean


def rows_of(rule: Rule) -> tuple[Row, ...] | None:
    """The rows that make a rule; None where only an expression can say it."""
    parts = rule.parts if isinstance(rule, Both) else (rule,)
    rows: list[Row] = []
    for part in parts:
        made = _row(part)
        if made is None:
            return None
        rows.append(made)
    return tuple(rows)


def _row(part: Rule) -> Row | None:
    match part:
        case Near(left, right, within):
            return Row("near", left, right, within)
        case Negated(inner):
            words = _words(inner)
            return Row("none", words) if words else None
        case _:
            words = _words(part)
            return Row("any", words) if words else None


def _words(part: Rule) -> tuple[str, ...]:
    """The words of an alternative of words; none for anything else."""
    parts = part.parts if isinstance(part, Either) else (part,)
    words = tuple(one.text for one in parts if isinstance(one, Word))
    return words if len(words) == len(parts) else ()
