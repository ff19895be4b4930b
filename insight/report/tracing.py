"""Every number of the report as plain data: its cell, the analysis, the steps and the files behind it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from math import isfinite

from insight.report.appendix import numbers_of
from insight.report.compose import Composed
from insight.report.facts import Lineage
from insight.report.numbers import Number
from insight.report.stated import WORDING, Stated, all_stated, running

Record = Mapping[str, object]  # what trace.json holds of one number


def records(whole: Composed) -> dict[str, Record]:
    """Id -> the whole chain of a number, in the order of the tables, then of the text.

    Returns
    -------
    value [as the result holds it], text [as it is written], kind, sentence, table, row [from 0], column,
        analysis, title, params, filter, weight, steps, files [{name, table, sha256}]
    """
    lineages = {chapter.key: chapter.lineage for chapter in whole.chapters}
    shown = {run.target: run.text for run in running(whole.body) if run.look == "number"}
    cells = {
        one.id: _of_cell(one, shown.get(one.anchor, one.value), lineages[one.analysis])
        for one in numbers_of(whole.printed)
    }
    others = {
        key: _of_words(one, lineages.get(one.analysis, Lineage()))
        for key, one in all_stated(whole.body).items()
    }
    return cells | others


def written(found: Mapping[str, Record]) -> bytes:
    """trace.json; equal input gives equal bytes."""
    return json.dumps(found, ensure_ascii=False, indent=1).encode()


def _of_cell(number: Number, text: str, lineage: Lineage) -> Record:
    where = {"table": number.table, "row": number.row, "column": number.column}
    told = {"value": _plain(number.raw), "text": text, "kind": "结果", "sentence": ""}
    return {**told, **where, **_chain(number.analysis, number.title, lineage)}


def _of_words(one: Stated, lineage: Lineage) -> Record:
    value = None if one.kind == WORDING else _number(one.text)
    told = {"value": value, "text": one.text, "kind": one.kind, "sentence": one.sentence}
    where = {"table": None, "row": None if one.nth < 0 else one.nth, "column": None}
    return {**told, **where, **_chain(one.analysis, one.title, lineage)}


def _chain(key: str, title: str, lineage: Lineage) -> Record:
    return {
        "analysis": lineage.analysis or key,
        "title": title,
        "params": dict(lineage.params),
        "filter": lineage.filter,
        "weight": lineage.weight,
        "steps": list(lineage.steps),
        "files": [{"name": name, "table": table, "sha256": sha} for name, table, sha in lineage.files],
    }  # fmt: skip


def _number(text: str) -> float:
    number = float(text.replace(",", "").removesuffix("%"))
    return number / 100 if text.endswith("%") else number


def _plain(value: object) -> object:
    """A value that JSON can hold; what is no number there is told in words."""
    if isinstance(value, float) and not isfinite(value):
        return None
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value if isinstance(value, str | int | float | None) else str(value)
