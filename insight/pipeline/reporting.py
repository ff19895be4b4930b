"""Put the results of a study into one report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import polars as pl

from insight import __version__, ledger
from insight import study as store
from insight.analyses import catalogue, find, room_of
from insight.analysis import Analysis, Result
from insight.dataset import Dataset
from insight.errors import BadParameter, MissingColumns
from insight.pipeline.joined import definitions_of, load
from insight.pipeline.picks import picks, told
from insight.pipeline.running import Ran, params_of, run_all
from insight.pipeline.state import Status, status
from insight.segmentation.names import default_names, groups_of
from insight.segmentation.rfm_definition import Definition, recorded
from insight.study import Pick, Study
from insight.worker import Progress, silent

if TYPE_CHECKING:
    from insight.report import Chapter, Facts

Format = Literal["docx", "html"]
FORMATS: tuple[str, ...] = get_args(Format)
_SOFTWARE = ("polars", "scikit-learn", "scipy", "statsmodels", "altair")


def check_formats(forms: Sequence[str]) -> None:
    """Raise BadParameter if a report cannot be written in one of ``forms``."""
    if unknown := [form for form in forms if form not in FORMATS]:
        raise BadParameter("format", f"没有“{unknown[0]}”，只能是 {'、'.join(FORMATS)}")


def build_report(
    study: Study, form: str, *, only: Sequence[str] = (), progress: Progress = silent
) -> bytes:
    """The report of the newest revision; the same revision gives the same bytes.

    Parameters
    ----------
    form : "docx" or "html"
    only : keys of analyses; default: those the recipe has chosen for the report, else all

    Raises
    ------
    UnknownName : no such analysis.
    BadParameter : no such format.
    MissingColumns : not one analysis can be run.
    """
    from insight import report

    check_formats([form])
    ran = _ran(study, only, progress)
    chapters = _chapters(study, ran)
    left_out = {one.analysis.title: str(one.error) for _, one in ran if one.error is not None}
    if not chapters:
        raise MissingColumns("报告", ("可以分析的数据",))
    progress("排版", None)
    facts = replace(_facts(study, status(study), load(study)), left_out=left_out)
    return report.docx(facts, chapters) if form == "docx" else report.html(facts, chapters).encode()


def _ran(study: Study, only: Sequence[str], progress: Progress) -> list[tuple[Pick, Ran]]:
    """What the report holds: the named analyses, else the chosen results, else everything."""
    wanted = [Pick(key=key) for key in only] or picks(study) or [Pick(key=key) for key in catalogue()]  # fmt: skip
    ran = []
    for at, one in enumerate(wanted):
        progress(find(one.key).title, at / len(wanted))
        (own,) = run_all(study, [one.key], changes={one.key: one.params})
        ran.append((one, own))
    return ran


def _chapters(study: Study, ran: Sequence[tuple[Pick, Ran]]) -> list[Chapter]:
    """A chapter for each result; of two from one analysis, the title says what sets them apart."""
    answered = [(one, own.analysis, own.result) for one, own in ran if own.result is not None]
    apart = told(study, [one for one, *_ in answered])
    times = Counter(one.key for one, *_ in answered)
    seen: Counter[str] = Counter()
    chapters = []
    for (one, analysis, result), settings in zip(answered, apart, strict=True):
        seen[one.key] += 1
        chapter = replace(_chapter(analysis, result), named_after=_named_after(study, one))
        if times[one.key] > 1:
            key = f"{one.key}_{seen[one.key]}" if seen[one.key] > 1 else one.key
            title = f"{analysis.title}（{settings or '默认设定'}）"
            chapter = replace(chapter, key=key, title=title)
        chapters.append(chapter)
    return chapters


def _chapter(analysis: Analysis, result: Result) -> Chapter:
    """An analysis in the report; "responses|texts" among its needs are two tables it may read."""
    from insight.report import Chapter

    tables = tuple(table for either in analysis.needs for table in either.split("|"))
    room = room_of(analysis.key)
    return Chapter(analysis.key, room, analysis.title, analysis.question, result, tables)


def _named_after(study: Study, one: Pick) -> dict[str, str]:
    """Name of an RFM group, as this result names them -> the default group that it stands for."""
    definitions, params = definitions_of(store.head(study).recipe), params_of(study, one.key, one.params)  # fmt: skip
    scheme = params.names if isinstance(params, Definition) else recorded(definitions).names
    return default_names(groups_of(scheme, definitions.names), scheme=scheme)


def write_report(study: Study, form: str, *, folder: Path, only: Sequence[str] = ()) -> Path:
    """Write the report (see ``build_report``) into ``folder`` and say where it is."""
    data = build_report(study, form, only=only)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"客户数据分析报告及营销策略建议.{form}"
    path.write_bytes(data)
    return path


def _facts(study: Study, state: Status, dataset: Dataset) -> Facts:
    from insight.report import Facts, Source

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
