"""Kinds of respondents beside the segments of their purchases: the same people, divided twice."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from insight.dataset import Dataset
from insight.needs.kinds import TITLE, Kinds, Stated
from insight.segmentation.breaks import Break
from insight.segmentation.crossing import counts_of, cross, paired
from insight.stats.association import association
from insight.stats.multiple import adjusted
from insight.stats.rand_index import adjusted_rand, permuted_p


def respondents(found: Stated, made: Kinds) -> pl.DataFrame:
    """(n) respondent_id, need_segment."""
    names = pl.Series("need_segment", [made.names[one] for one in made.labels.tolist()], dtype=pl.String)  # fmt: skip
    return pl.DataFrame([found.ids.alias("respondent_id"), names])


def as_break(dataset: Dataset, kinds: pl.DataFrame, names: tuple[str, ...]) -> Break:
    """The kinds as groups of customers; who answered twice counts with the first answer by id."""
    assert dataset.responses is not None
    known = dataset.responses.select("respondent_id", "customer_id").drop_nulls()
    told = kinds.join(known, on="respondent_id").sort("respondent_id")
    members = told.unique("customer_id", keep="first", maintain_order=True)
    return Break("need_segments", TITLE, names, members.select("customer_id", group="need_segment").sort("customer_id"))  # fmt: skip


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
