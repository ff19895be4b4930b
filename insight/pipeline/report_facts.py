"""What a report says of the study it is made from: its files, period, counts, and the software."""

from __future__ import annotations

from datetime import UTC, date, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

import polars as pl

from insight import __version__, ledger
from insight import study as store
from insight.dataset import Dataset
from insight.pipeline.state import Status
from insight.study import Study

if TYPE_CHECKING:
    from insight.report import Facts


_SOFTWARE = ("polars", "scikit-learn", "scipy", "statsmodels", "altair")


def facts_of(study: Study, state: Status, dataset: Dataset) -> Facts:
    """Everything but the results; in the order of the files."""
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
