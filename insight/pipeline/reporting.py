"""Put the results of a study into one report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Literal, get_args

import polars as pl

from insight import __version__, ledger, report
from insight import study as store
from insight.analyses import room_of
from insight.analysis import Analysis, Result
from insight.dataset import Dataset
from insight.errors import BadParameter, MissingColumns
from insight.pipeline.kept import Progress, load, silent
from insight.pipeline.running import run_all
from insight.pipeline.state import Status, status
from insight.report import Chapter, Facts, Source
from insight.study import Study

Format = Literal["docx", "html"]
_SOFTWARE = ("polars", "scikit-learn", "scipy", "statsmodels", "altair")


def check_formats(forms: Sequence[str]) -> None:
    """Raise BadParameter if a report cannot be written in one of ``forms``."""
    known = get_args(Format)
    if unknown := [form for form in forms if form not in known]:
        raise BadParameter("format", f"没有“{unknown[0]}”，只能是 {'、'.join(known)}")


def build_report(study: Study, form: str, *, progress: Progress = silent) -> bytes:
    """The report of the newest revision; the same revision gives the same bytes.

    Parameters
    ----------
    form : "docx" or "html"

    Raises
    ------
    BadParameter : no such format.
    MissingColumns : not one analysis can be run.
    """
    check_formats([form])
    ran = run_all(study, progress=progress)
    chapters = [_chapter(one.analysis, one.result) for one in ran if one.result is not None]
    left_out = {one.analysis.title: str(one.error) for one in ran if one.error is not None}
    if not chapters:
        raise MissingColumns("报告", ("可以分析的数据",))
    progress("排版")
    facts = replace(_facts(study, status(study), load(study)), left_out=left_out)
    return report.docx(facts, chapters) if form == "docx" else report.html(facts, chapters).encode()


def _chapter(analysis: Analysis, result: Result) -> Chapter:
    """An analysis in the report; "responses|texts" among its needs are two tables it may read."""
    tables = tuple(table for either in analysis.needs for table in either.split("|"))
    room = room_of(analysis.key)
    return Chapter(analysis.key, room, analysis.title, analysis.question, result, tables)


def write_report(study: Study, form: str, *, folder: Path) -> Path:
    """Write the report into ``folder`` and say where it is."""
    data = build_report(study, form)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"客户数据分析报告及营销策略建议.{form}"
    path.write_bytes(data)
    return path


def _facts(study: Study, state: Status, dataset: Dataset) -> Facts:
    revision = store.head(study)
    recipe = store.digest(revision.recipe.model_dump_json())
    return Facts(
        study=study.name,
        revision=revision.id,
        recipe=recipe[:12],
        made_at=datetime.fromisoformat(revision.at),
        period=_period(dataset),
        counts=_counts(dataset, state),
        match_rate=state.match_rate,
        sources=tuple(
            Source(str(s["file"]), str(s["sha256"])[:12], str(s["table"]), int(str(s["rows"])), int(str(s["issues"])))
            for s in state.sources
        ),
        match=pl.DataFrame(state.keys) if state.keys else None,
        issues=pl.DataFrame(state.issues) if state.issues else None,
        versions={"本软件": __version__} | {name: version(name) for name in _SOFTWARE},
        questionnaire=dataset.questionnaire,
    )  # fmt: skip


def _period(dataset: Dataset) -> tuple[date, date] | None:
    if dataset.orders is None:
        return None
    first, last = ledger.span(dataset.orders)
    return datetime.fromtimestamp(first, UTC).date(), datetime.fromtimestamp(last, UTC).date()


def _counts(dataset: Dataset, state: Status) -> dict[str, int]:
    counts: dict[str, int] = {}
    if dataset.orders is not None:
        counts["orders"] = int(ledger.totals(dataset.orders)["n_orders"])
        if "customer_id" in dataset.columns("orders"):
            counts["customers"] = ledger.customer_table(dataset.orders).height
    if dataset.responses is not None:
        counts["responses"] = dataset.responses.height
        counts["matched"] = state.statuses.get("responses", {}).get("matched", 0)
    if dataset.texts is not None:
        counts["texts"] = dataset.texts.height
        if "document" in dataset.texts.columns:
            counts["interviews"] = dataset.texts["document"].drop_nulls().n_unique()
    return counts
