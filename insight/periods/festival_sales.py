"""What a shop sells on the days of a festival against what it usually sells around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from insight.periods.festivals import Festival, festivals
from insight.stats.multiple import adjusted

AROUND = 42  # days before and after that tell what is usual
LEAST_AROUND = 14
_BEFORE_SPRING = (21, 2)  # days before the Spring Festival: the shopping, not the holiday
EFFECTS = {
    "festival": pl.String, "year": pl.String, "start_day": pl.Date, "end_day": pl.Date, "n_days": pl.Int64, "n_orders": pl.Int64,
    "daily_amount": pl.Float64, "usual_daily_amount": pl.Float64, "uplift_share": pl.Float64, "p_value": pl.Float64,
}  # fmt: skip


def festival_effects(daily: pl.DataFrame, weekday_index: Sequence[float]) -> pl.DataFrame:
    """Sales on the days of every festival that the ledger covers, beside the usual.

    Parameters
    ----------
    daily : (n_days) day [date, without gaps], n_orders, amount [CNY]
    weekday_index : (7) what Monday ... Sunday sells as a share of the average day

    Returns
    -------
    (n_festivals) festival, year, start_day, end_day, n_days, n_orders, daily_amount [CNY],
        usual_daily_amount [CNY: the average day of the six weeks before and after without the days of
        any festival, weekdays evened out], uplift_share [daily_amount / usual - 1], p_value [Welch's t test of the evened days; null with one
        day], q_value [Benjamini-Hochberg over all of them]; latest first.
        Festivals with less than 14 such days around them are left out.
    """
    index = {i + 1: max(w, 1e-9) for i, w in enumerate(weekday_index)}
    factor = pl.col("day").dt.weekday().replace_strict(index, return_dtype=pl.Float64)
    days = daily.with_columns(factor=factor, evened=pl.col("amount") / factor)
    found = _spans(daily["day"][0], daily["day"][-1])
    busy = {f.start + timedelta(i) for f in found for i in range((f.end - f.start).days + 1)}
    quiet = days.filter(~pl.col("day").is_in(list(busy)))
    first, last = daily["day"][0], daily["day"][-1]
    rows = [_effect(f, days, quiet) for f in found if first <= f.start and f.end <= last]
    known = [row for row in rows if row]
    table = pl.DataFrame(known, schema=EFFECTS)
    q = adjusted(table["p_value"].fill_null(float("nan")).to_numpy(), "bh")
    return table.with_columns(pl.Series("q_value", q).fill_nan(None)).sort("start_day", "festival", descending=[True, False])  # fmt: skip


def _spans(first: date, last: date) -> list[Festival]:
    """The festivals that reach into the ledger, and the weeks of shopping before the Spring Festival."""
    reach = timedelta(31)
    found = list(festivals(first - reach, last + reach))
    early, late = (timedelta(n) for n in _BEFORE_SPRING)
    before = [
        replace(f, name="春节前三周", start=f.day - early, end=f.day - late)
        for f in found
        if f.name == "春节"
    ]
    return found + before


def _effect(one: Festival, days: pl.DataFrame, quiet: pl.DataFrame) -> dict[str, object] | None:
    inside = days.filter(pl.col("day").is_between(one.start, one.end))
    reach = timedelta(AROUND)
    around = quiet.filter(pl.col("day").is_between(one.start - reach, one.end + reach))
    level = around["evened"].mean()
    if around.height < LEAST_AROUND or not isinstance(level, float) or level <= 0:
        return None
    amount, usual = float(inside["amount"].mean()), level * float(inside["factor"].mean())  # type: ignore[arg-type]
    return {
        "festival": one.name, "year": f"{one.day:%Y}", "start_day": one.start, "end_day": one.end, "n_days": inside.height,
        "n_orders": int(inside["n_orders"].sum()), "daily_amount": round(amount, 4), "usual_daily_amount": round(usual, 4), "uplift_share": amount / usual - 1,
        "p_value": _p(inside["evened"].to_numpy(), around["evened"].to_numpy()),
    }  # fmt: skip


def _p(inside: NDArray[np.float64], around: NDArray[np.float64]) -> float | None:
    from scipy.stats import ttest_ind

    if inside.size < 2 or np.ptp(inside) + np.ptp(around) <= 1e-6 * np.abs(around).max():
        return None
    return float(ttest_ind(inside, around, equal_var=False).pvalue)
