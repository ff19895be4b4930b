"""How large named audiences are, what they spend, what each condition takes away, and how they overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import polars as pl

from insight import ledger
from insight.audiences import Judged, Names, told_part
from insight.audiences.linking import pairs
from insight.dataset import Dataset
from insight.schema.audiences import Rules
from insight.segmentation.breaks import Unit, judge

COUNTED: Mapping[Unit, str] = {"customer_id": "n_customers", "respondent_id": "n_respondents", "text_id": "n_texts"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sized:
    """An audience and its size.

    Attributes
    ----------
    n, base, n_unclear : units that are in, that there are, and that cannot be judged
    spend, total : of the customers behind them, and of all customers [CNY]; None without orders
    steps : (n_parts) condition, n, n_unclear [by itself], n_so_far [also meets all before it; null
        where one of several is enough]
    """

    made: Judged
    n: int
    base: int
    n_unclear: int
    spend: float | None
    total: float | None
    steps: pl.DataFrame

    @property
    def share_of_spend(self) -> float | None:
        """Part of all money; None where there is none."""
        return self.spend / self.total if self.spend is not None and self.total else None


def counted_unit(dataset: Dataset) -> Unit:
    """What an audience of this data counts: customers, else respondents, else texts."""
    known = [dataset.columns("orders"), dataset.columns("customers")]
    if any("customer_id" in columns for columns in known):
        return "customer_id"
    return "respondent_id" if dataset.responses is not None else "text_id"


def sized(
    dataset: Dataset, rule: Rules, *, unit: Unit, names: Names, bought: pl.DataFrame | None
) -> Sized:
    """Judge everybody and count.

    Parameters
    ----------
    names : the labels of the conditions
    bought : as ``bought_by`` gives it, worked out once for many rules
    """
    made = judge(dataset, rule, unit=unit, bought=bought)
    met = made.members["met"]
    spend, total = _money(made, dataset, bought=bought)
    return Sized(
        made=made,
        n=int(met.sum()),
        base=len(met),
        n_unclear=met.null_count(),
        spend=spend,
        total=total,
        steps=_steps(made, rule, names),
    )


def bought_by(dataset: Dataset) -> pl.DataFrame | None:
    """What each customer bought (``ledger.customer_table``); None without orders of known customers."""
    if dataset.orders is None or "customer_id" not in dataset.columns("orders"):
        return None
    return ledger.customer_table(dataset.orders)


def _money(
    made: Judged, dataset: Dataset, *, bought: pl.DataFrame | None
) -> tuple[float | None, float | None]:
    if bought is None:
        return None, None
    own = customers_of(dataset, made)
    spent = bought.filter(pl.col("customer_id").is_in(own.implode()))["spend"]
    return round(float(spent.sum()), 2), round(float(bought["spend"].sum()), 2)


def customers_of(dataset: Dataset, made: Judged) -> pl.Series:
    """The customers behind those who are in, each once."""
    if made.unit == "customer_id":
        return made.ids
    link = pairs(dataset, made.unit, "customer_id")
    return link.join(made.ids.to_frame(), on=made.unit)["customer_id"].unique()


def _steps(made: Judged, rule: Rules, names: Names) -> pl.DataFrame:
    so_far = pl.repeat(value=True, n=made.members.height, dtype=pl.Boolean, eager=True)
    rows: list[tuple[str, int, int, int | None]] = []
    for at, part in enumerate(rule.parts):
        met = made.parts[str(at)]
        so_far = so_far & met
        left = int(so_far.sum()) if rule.on == "and" else None
        rows.append((told_part(part, names), int(met.sum()), met.null_count(), left))
    schema = {"condition": pl.String, "n": pl.Int64, "n_unclear": pl.Int64, "n_so_far": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def overlaps(audiences: Sequence[tuple[str, pl.Series]]) -> pl.DataFrame:
    """How many of each audience are in each other one.

    Returns
    -------
    (n x (n - 1)) audience, other_audience, n [in both], base [in the first], share [of the first; null
        where nobody is in it]
    """
    rows = []
    for (name, ids), (other, others) in permutations(audiences, 2):
        both, base = int(ids.is_in(others.implode()).sum()), len(ids)
        rows.append((name, other, both, base, both / base if base else None))
    schema = {"audience": pl.String, "other_audience": pl.String, "n": pl.Int64, "base": pl.Int64, "share": pl.Float64}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")
