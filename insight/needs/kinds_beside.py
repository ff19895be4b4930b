"""Kinds of respondents beside the segments of their purchases: the same people, divided twice."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from insight import ledger
from insight.analysis import Result
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.members import Members, later
from insight.needs.kinds import TITLE
from insight.segmentation.breaks import Break, break_of
from insight.segmentation.crossing import counts_of, cross, paired, tested
from insight.stats.association import association
from insight.stats.kmeans import Labels
from insight.stats.multiple import adjusted
from insight.stats.rand_index import adjusted_rand, permuted_p

USUAL = ("high_ticket", "value_tier", "frequency", "rfm")
"""Segments of purchases that kinds are laid beside besides the chosen one."""


def respondents(ids: pl.Series, labels: Labels, names: tuple[str, ...]) -> pl.DataFrame:
    """(n) respondent_id, need_segment."""
    told = pl.Series("need_segment", [names[one] for one in labels.tolist()], dtype=pl.String)
    return pl.DataFrame([ids.alias("respondent_id"), told])


def as_break(
    dataset: Dataset, kinds: pl.DataFrame, names: tuple[str, ...], *, label: str = TITLE
) -> Break:
    """The kinds as groups of customers; who answered twice counts with the first answer by id."""
    assert dataset.responses is not None
    known = dataset.responses.select("respondent_id", "customer_id").drop_nulls()
    told = kinds.join(known, on="respondent_id").sort("respondent_id")
    members = told.unique("customer_id", keep="first", maintain_order=True)
    group = members.select("customer_id", group="need_segment").sort("customer_id")
    return Break("need_segments", label, names, group)


def crossed(dataset: Dataset, own: Break, other: Break) -> pl.DataFrame:
    """Every pair of a kind and a segment of purchases (see ``crossing.tested``).

    Raises
    ------
    TooFewRows : nobody is in both.
    """
    assert dataset.orders is not None
    table = cross(ledger.customer_table(dataset.orders), own, other)
    if not table["n_customers"].sum():
        raise TooFewRows("既答了题、又知道购买人群的客户", 0, 1)
    return tested(table, association(counts_of(table, n_rows=len(own.groups))))


def members_of(
    dataset: Dataset, result: Result, *, by: str, label: str = TITLE
) -> dict[str, Members]:
    """The respondents of every kind, and the customers of every pair of a kind and a group of ``by``."""
    told = result.tables["respondents"]
    unit = ("respondent_id",)
    pair = ("row_group", "column_group", "customer_id")

    def crossing() -> pl.DataFrame:
        own = as_break(dataset, told, tuple(result.tables["segments"]["need_segment"]), label=label)
        return _both(dataset, own, break_of(dataset, by, unit="customer_id"))

    return {
        "segments": Members(told.lazy().select("need_segment", "respondent_id"), unit, "n_people"),
        "respondents": Members(told.lazy().select("respondent_id"), unit),
        "cross": Members(later(crossing, *pair), ("customer_id",), "n_customers"),
    }


def _both(dataset: Dataset, own: Break, other: Break) -> pl.DataFrame:
    """(n) row_group, column_group, customer_id: who is behind each pair."""
    assert dataset.orders is not None
    both = paired(ledger.customer_table(dataset.orders), own, other)
    return both.select(row_group="row", column_group="column", customer_id="customer_id")


def agreement(
    customers: pl.DataFrame, own: Break, others: Sequence[Break], *, seed: int
) -> pl.DataFrame:
    """(n_breaks) variable, base [customers], adjusted_rand, p_value, q_value, cramers_v; the chosen break first."""
    rows = []
    for other in others:
        both = paired(customers, own, other).sort("customer_id")
        first, second = (both[c].rank("dense").cast(pl.Int64).to_numpy() - 1 for c in ("row", "column"))  # fmt: skip
        v = association(counts_of(cross(customers, own, other), n_rows=len(own.groups))).v
        index = adjusted_rand(first, second) if both.height else None
        p = permuted_p(first, second, seed=seed) if both.height else None
        rows.append((f"{own.label} × {other.label}", both.height, index, p, v))
    names = {"variable": pl.String, "base": pl.Int64, "adjusted_rand": pl.Float64, "p_value": pl.Float64, "cramers_v": pl.Float64}  # fmt: skip
    table = pl.DataFrame(rows, schema=names, orient="row")
    q_value = adjusted(table["p_value"].fill_null(float("nan")).to_numpy(), "bh")
    return table.insert_column(4, pl.Series("q_value", q_value)).with_columns(pl.selectors.float().fill_nan(None))  # fmt: skip
