"""Which figures of a group's last period are unlike those of the periods before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
import polars as pl

from insight.settings import settings
from insight.stats.multiple import adjusted
from insight.stats.robust import Distance, distance

LEVEL = 0.05
HIGH, LOW, CALM, SMALL, STILL = "偏高", "偏低", "正常", "样本太小", "以往没有波动"
MEASURES: Mapping[str, str] = MappingProxyType({
    "amount": "金额", "n_orders": "订单数", "n_customers": "客户数", "average_order_value": "客单价", "refund_rate": "退款率",
})  # fmt: skip
USUAL: Mapping[str, str] = MappingProxyType({
    "amount": "usual_amount", "n_orders": "n_orders_usual", "n_customers": "n_customers_usual",
    "average_order_value": "average_order_value_usual", "refund_rate": "usual_refund_rate",
})  # fmt: skip
_PER_ORDER = (
    "average_order_value",
    "refund_rate",
)  # figures that hang on how many orders there are
Rule = Literal["robust_z", "threshold"]
Name = tuple[str, str]  # what the group is a value of, and its name


@dataclass(frozen=True, slots=True)
class Limits:
    """What counts as unlike: a robust z of at least ``z``, or a change of at least ``change`` [share]."""

    rule: Rule
    z: float
    change: float


LOOKS = {
    "dimension": pl.String, "subject": pl.String, "measure": pl.String, "status": pl.String, "change_share": pl.Float64, "z": pl.Float64,
    "p_value": pl.Float64,
}  # fmt: skip


def measured(table: pl.DataFrame) -> pl.DataFrame:
    """Add average_order_value and refund_rate [refunds of what was paid]; null where nothing was paid."""
    sales = pl.col("amount") + pl.col("refunded")
    value = pl.when(pl.col("n_orders") > 0).then(pl.col("amount") / pl.col("n_orders"))
    rate = pl.when(sales > 0).then(pl.col("refunded") / sales)
    return table.with_columns(average_order_value=value, refund_rate=rate)


def look(
    name: Name, series: pl.DataFrame, limits: Limits
) -> tuple[dict[str, object], list[dict[str, object]]]:
    """One group: its figures of the last period beside the usual, and one look at each of them.

    Parameters
    ----------
    series : (n_periods) whole periods in order, with the columns of MEASURES; the last is judged

    Returns
    -------
    dimension, subject, and each figure beside its median of the periods before [null with fewer than six];
        and the rows of ``corrected``. A figure with fewer orders behind it than the study's small base is
        not judged: for money and counts the more of this and a usual period, for what is worked out per
        order the fewer.
    """
    last, before = series.row(-1, named=True), series.head(-1)
    sizes = (float(last["n_orders"]), float(np.median(before["n_orders"].to_numpy())))
    group: dict[str, object] = {"dimension": name[0], "subject": name[1]}
    looks = []
    for measure in (m for m in MEASURES if m in series.columns):
        value, earlier = last[measure], before[measure].drop_nulls().to_numpy().astype(np.float64)
        found = None if value is None else distance(float(value), earlier)
        group |= {measure: value, USUAL[measure]: found.usual if found else None}
        if found:
            base = min(sizes) if measure in _PER_ORDER else max(sizes)
            judged = _judged(float(value), found, limits, is_small=base < settings().small_base)
            looks.append({"dimension": name[0], "subject": name[1], "measure": MEASURES[measure], **judged})  # fmt: skip
    return group, looks


def _judged(value: float, found: Distance, limits: Limits, *, is_small: bool) -> dict[str, object]:
    change = value / found.usual - 1 if found.usual > 0 else None
    z = None if is_small else found.z
    if is_small:
        status = SMALL
    elif _is_far(change, z, limits):
        status = HIGH if value > found.usual else LOW
    else:
        status = STILL if found.z is None and limits.rule == "robust_z" else CALM
    p = None if z is None else found.p_value
    return {"status": status, "change_share": change, "z": z, "p_value": p}


def _is_far(change: float | None, z: float | None, limits: Limits) -> bool:
    if limits.rule == "threshold":
        return abs(change or 0) >= limits.change
    return abs(z or 0) >= limits.z


def corrected(rows: Sequence[Mapping[str, object]], limits: Limits) -> pl.DataFrame:
    """All looks with their q values; a robust z that the number of looks explains is no alert.

    Returns
    -------
    (n_looks) dimension, subject, measure, status, change_share [of the usual], z, p_value, q_value; alerts
        first, then by the size of z or change
    """
    table = pl.DataFrame(rows, schema=LOOKS)
    p_values = table["p_value"].fill_null(float("nan")).to_numpy()
    table = table.with_columns(pl.Series("q_value", adjusted(p_values, "bh")).fill_nan(None))
    by_z = limits.rule == "robust_z"
    if by_z:
        chance = is_alert() & (pl.col("q_value") > LEVEL)
        table = table.with_columns(status=pl.when(chance).then(pl.lit(CALM)).otherwise("status"))
    size = pl.col("z" if by_z else "change_share").abs()
    return table.sort(~is_alert(), -size, "dimension", "subject", "measure", nulls_last=True)


def is_alert() -> pl.Expr:
    """Of a row of ``corrected``: it is unlike the usual."""
    return pl.col("status").is_in([HIGH, LOW])
