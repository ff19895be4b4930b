"""A question with the columns that store it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from insight.clean.cleaned import together
from insight.clean.values import by_distinct, plain, words
from insight.privacy import mask_series
from insight.schema import Option, Question

_SKIPPED, _EMPTY = r"^\((跳过|未显示)\)$", r"^\((空|未答|未选)\)$"
_SKIPPED_CODE, _EMPTY_CODE = "^-3(\\.0)?$", "^-2(\\.0)?$"


@dataclass(frozen=True, slots=True)
class Built:
    """Questions, the columns of the responses table that store them (n_rows), and issues."""

    questions: tuple[Question, ...]
    columns: tuple[pl.Series, ...]
    issues: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Answers:
    """One raw column: the answers (null where there is none) and which rows were not asked."""

    values: pl.Series
    skipped: pl.Series
    emptied: pl.Series


def answers(raw: pl.Series, *, coded: bool) -> Answers:
    """Read a raw question column (n).

    ``(跳过)`` and, in coded files, -3 mean not asked; ``(空)`` and -2 mean asked, not answered.
    """
    values = words(raw)
    text = by_distinct(values, plain)
    skipped = _is(text, _SKIPPED) | (_is(text, _SKIPPED_CODE) if coded else False)
    emptied = _is(text, _EMPTY) | (_is(text, _EMPTY_CODE) if coded else False)
    return Answers(values.set(skipped | emptied, None), skipped, emptied)


def _is(text: pl.Series, pattern: str) -> pl.Series:
    return text.str.contains(pattern).fill_null(value=False)


def masked(values: pl.Series) -> pl.Series:
    """Answers without personal data (n)."""
    return by_distinct(values, mask_series)


def options(labels: Iterable[str], *, columns: Iterable[str] = ()) -> tuple[Option, ...]:
    """Options in order, with the columns that hold them, if they have any."""
    named = tuple(labels)
    held = tuple(columns) or (None,) * len(named)
    return tuple(Option(label=label, column=c) for label, c in zip(named, held, strict=True))


def joined(parts: Iterable[Built]) -> Built:
    """Several questions one after the other."""
    listed = list(parts)
    return Built(
        tuple(q for part in listed for q in part.questions),
        tuple(c for part in listed for c in part.columns),
        together(part.issues for part in listed),
    )
