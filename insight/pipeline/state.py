"""What is in a study, and what is missing for which analysis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from pydantic import TypeAdapter

from insight import access, ledger
from insight import study as store
from insight.analyses import catalogue
from insight.analysis import lacking
from insight.customers import customer_base
from insight.dataset import Dataset
from insight.pipeline.joined import issues, joined_of, load
from insight.pipeline.kept import cleaned_of, code
from insight.pipeline.pairing import waiting
from insight.pipeline.seeing import own_bytes, seen
from insight.study import Source, Study


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether an analysis can run, and what it lacks."""

    key: str
    title: str
    question: str
    lacking: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a study in numbers.

    Attributes
    ----------
    tables : canonical table -> rows
    issues : table, reason, action, n; most frequent first
    keys : table, key, n_rows, n_with_key, n_matched
    statuses : table -> match status -> n
    match_rate : matched respondents / respondents with a usable key; None without any
    n_customers : by the rule of ``insight.customers``; None where nobody is told apart
    waiting : files of order details whose list of orders is missing
    """

    name: str
    revision: int
    sources: tuple[dict[str, object], ...]
    tables: Mapping[str, int]
    issues: tuple[dict[str, object], ...]
    keys: tuple[dict[str, object], ...]
    statuses: Mapping[str, Mapping[str, int]]
    n_conflicts: int
    match_rate: float | None
    n_customers: int | None
    readiness: tuple[Readiness, ...]
    waiting: tuple[str, ...] = ()


def listing(study: Study | None = None) -> tuple[Readiness, ...]:
    """Every analysis of the catalogue and, for a study, what it lacks there."""
    return _readiness(load(study) if study else None)


def _readiness(dataset: Dataset | None) -> tuple[Readiness, ...]:
    return tuple(
        Readiness(a.key, a.title, a.question, lacking(a, dataset) if dataset else ())
        for a in catalogue().values()
    )


def status(study: Study) -> Status:
    """Tables, rows, issues, match rate, and what is missing for which analysis; of one's own customers where those are some."""
    if access.actor().rows is not None:
        return _status_in_part(study)
    revision = store.head(study)
    manifest = joined_of(study, revision.recipe)
    statuses = _by_table(manifest["statuses"])
    return Status(
        name=study.name,
        revision=revision.id,
        sources=tuple(_described(study, s) for s in revision.recipe.sources),
        tables=manifest["rows"],
        issues=tuple(_counted(issues(study)).to_dicts()),
        keys=tuple(manifest["keys"]),
        statuses=statuses,
        n_conflicts=manifest["n_conflicts"],
        match_rate=_match_rate(statuses.get("responses", {})),
        n_customers=manifest["n_customers"],
        readiness=listing(study),
        waiting=waiting(revision.recipe.sources),
    )


def _status_in_part(study: Study) -> Status:
    """The tables as whoever acts sees them, and nothing of the files they came from."""
    dataset = load(study)
    rows = _rows(dataset)
    return Status(
        name=study.name,
        revision=store.head(study).id,
        sources=tuple(_of_own_customers(table, n) for table, n in rows.items()),
        tables=rows,
        issues=(),
        keys=(),
        statuses={},
        n_conflicts=0,
        match_rate=None,
        n_customers=customer_base(dataset.orders, dataset.customers).height,
        readiness=_readiness(dataset),
    )


def _rows(dataset: Dataset) -> dict[str, int]:
    """The tables of people that are there, and their rows."""
    rows = {}
    if dataset.orders is not None:
        rows["orders"] = int(ledger.totals(dataset.orders)["n_lines"])
    if dataset.events is not None:
        rows["events"] = int(ledger.event_span(dataset.events)["n_events"] or 0)
    frames = {t: getattr(dataset, t) for t in ("customers", "responses", "texts", "designs")}
    return rows | {t: frame.height for t, frame in frames.items() if frame is not None}


def _of_own_customers(table: str, n: int) -> dict[str, object]:
    """A table in the place of the files it came from."""
    return {
        "file": "您能看的客户", "sheet": "", "table": table, "sha256": "", "rows": n, "issues": 0, "recognised": "", "origin": None,
        "preset": "", "confidence": 0.0,
    }  # fmt: skip


_FORM = TypeAdapter(Status)


def told(study: Study) -> Status:
    """The state as ``status`` gives it, kept so that no later page waits for it."""
    known = status(study)
    store.remember(study, _made_of(study), _FORM.dump_json(known), kind="status")
    return known


def known(study: Study) -> Status | None:
    """The state of the newest revision as it was told before; None where it was not."""
    sha = store.recall(study, _made_of(study))
    return _FORM.validate_json(own_bytes(study, sha)) if sha else None


def _made_of(study: Study) -> str:
    revision = store.head(study)
    return store.digest("status", code(), study.name, str(revision.id), revision.recipe.model_dump_json(), seen(study))  # fmt: skip


def _counted(found: pl.DataFrame) -> pl.DataFrame:
    counted = found.group_by("table", "reason", "action").len("n")
    return counted.sort(["n", "table", "reason"], descending=[True, False, False])


def _by_table(rows: list[dict[str, object]]) -> dict[str, dict[str, int]]:
    tables: dict[str, dict[str, int]] = {}
    for row in rows:
        tables.setdefault(str(row["table"]), {})[str(row["status"])] = int(str(row["n"]))
    return tables


def _described(study: Study, source: Source) -> dict[str, object]:
    cleaned = cleaned_of(study, source)
    return {
        "file": source.name, "sheet": source.sheet, "table": source.table, "sha256": source.file,
        "rows": cleaned.frame.height, "issues": cleaned.issues.height, "recognised": source.recognised, "origin": source.origin.model_dump() if source.origin else None,
        "preset": source.preset or "", "confidence": source.confidence,
    }  # fmt: skip


def _match_rate(statuses: Mapping[str, int]) -> float | None:
    with_key = sum(n for status, n in statuses.items() if status != "no_key")
    return statuses.get("matched", 0) / with_key if with_key else None
