"""What a report is made from: the facts of a study and the results of its analyses, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby

import polars as pl

from insight.analysis import Result
from insight.report.blocks import Mark
from insight.schema import Questionnaire


@dataclass(frozen=True, slots=True)
class Lineage:
    """How a result came to be, from the files on.

    Attributes
    ----------
    analysis : key of the analysis; that of the chapter may have a number behind it
    params : every parameter it was run with
    filter : whom it counts; "" = everybody
    weight : how answers are weighted; "" = not at all
    steps : what was done to the files, in order, one sentence each
    files : (name, canonical table, SHA-256) of every file it was made from
    """

    analysis: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    filter: str = ""
    weight: str = ""
    steps: tuple[str, ...] = ()
    files: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Chapter:
    """One analysis in the report.

    Attributes
    ----------
    room : folder of the analysis ("segments", "survey"), which decides the part it stands in
    uses : canonical tables the analysis read ("orders", "responses"); empty means all
    named_after : segment -> the default segment that it stands for, where the user renamed them
    marks : result table -> (row, column) of a share -> how it differs from the former wave
    """

    key: str
    room: str
    title: str
    question: str
    result: Result
    uses: tuple[str, ...] = ()
    named_after: Mapping[str, str] = field(default_factory=dict)
    lineage: Lineage = Lineage()
    marks: Mapping[str, Mapping[tuple[int, str], Mark]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """One imported file: its name, the first 12 hex of its SHA-256, its table and what was kept."""

    name: str
    digest: str
    table: str
    rows: int
    issues: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What the report says about the study itself.

    Attributes
    ----------
    recipe : hash of the recipe that made the results
    made_at : moment printed on the cover and written into the file; the report reads no clock
    period : first and last day of the orders
    counts : of "customers", "orders", "responses", "texts", "interviews", "matched" (responses with
        a known customer); absent keys are not printed
    match_rate : matched respondents / respondents with a usable key
    match : table, key, n_rows, n_with_key, n_matched, as ``insight.join`` reports them
    left_out : title of an analysis -> the sentence that says why it is not in the report
    issues : reason, action, n: rows that cleaning changed or left out
    versions : software -> version
    """

    study: str
    revision: int
    recipe: str
    made_at: datetime
    client: str = ""
    period: tuple[date, date] | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    match_rate: float | None = None
    sources: tuple[Source, ...] = ()
    match: pl.DataFrame | None = None
    issues: pl.DataFrame | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    questionnaire: Questionnaire = field(default_factory=Questionnaire)


def source_ids(numbers: Sequence[int]) -> str:
    """Which files, counted from 1, in few words.

    >>> source_ids([1, 2, 3, 7])
    'S1–S3、S7'
    """
    runs = groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])
    spans = ([number for _, number in run] for _, run in runs)
    return "、".join(f"S{s[0]}" if len(s) == 1 else f"S{s[0]}–S{s[-1]}" for s in spans)
