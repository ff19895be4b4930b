"""A question with the columns that store it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from insight.clean.cleaned import together
from insight.clean.values import by_distinct
from insight.masking import mask_series
from insight.schema import Option, Question

SEEN = "看到本题的答卷"
ANSWERED = "看到并回答本题的答卷"


@dataclass(frozen=True, slots=True)
class Built:
    """Questions, the columns of the responses table that store them (n_rows), and issues."""

    questions: tuple[Question, ...]
    columns: tuple[pl.Series, ...]
    issues: pl.DataFrame


def built(
    question: Question,
    columns: Iterable[pl.Series],
    *,
    why: Sequence[pl.Series] = (),
    issues: pl.DataFrame | None = None,
) -> Built:
    """One question with its columns and, where a reason is known, why answers are absent.

    Parameters
    ----------
    question : names its columns and their marks
    columns : (n) each
    why : (n) each, aligned with ``question.marks``
    """
    named = zip(question.marks, why, strict=False)
    marks = (w.alias(mark) for mark, w in named if w.null_count() < len(w))
    return Built((question,), (*columns, *marks), together([] if issues is None else [issues]))


def masked(values: pl.Series) -> pl.Series:
    """Answers without personal data (n)."""
    return by_distinct(values, mask_series)


def counted(labels: pl.Series) -> dict[str, int]:
    """Label -> number of respondents."""
    return dict(labels.drop_nulls().value_counts(name="n").iter_rows())


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


NOTHING = joined([])
