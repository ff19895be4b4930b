"""After how many days without a purchase a customer is lost, as far as the repeat purchases tell."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from insight.errors import TooFewRows
from insight.settings import settings
from insight.stats.survival import kaplan_meier, survival_at, time_of

FOLLOWED = 0.1  # of all intervals; a curve is drawn as long as so many are still open
LEAST_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class ChurnPoint:
    """The day to draw the line at.

    Attributes
    ----------
    share : of the purchases, followed by another one within ``days``
    is_of_all : of all purchases; else of those that are followed by one within ``until`` days
    returned_share : of all purchases, followed by another one within ``until`` days
    until : the last day that is followed well enough
    """

    days: int
    share: float
    is_of_all: bool
    returned_share: float
    until: int


def churn_point(counts: pl.DataFrame, *, share: float) -> ChurnPoint:
    """The day by which ``share`` of the repeat purchases have been made.

    Parameters
    ----------
    counts : (n_times) time [days], n_events, n_censored, as ``ledger.intervals`` gives them

    Raises
    ------
    TooFewRows : fewer repeat purchases than the smallest base.

    Notes
    -----
    The Kaplan–Meier quantile where the curve gets that far, else that of 80 %. A shop of which most
    customers never come back has neither: there the quantile of those who do. Days at which fewer
    intervals than the small base are still open tell nothing.
    """
    least, n_repeats = settings().tiny_base, int(counts["n_events"].sum())
    if n_repeats < least:
        raise TooFewRows("再次购买的间隔", n_repeats, least)
    curve = kaplan_meier(counts)
    until = _last(curve, settings().small_base)
    returned = 1 - survival_at(curve, until)
    for one in (share, LEAST_SHARE):
        reached = time_of(curve, one).value
        if reached is not None and reached <= until:
            return ChurnPoint(int(reached), one, is_of_all=True, returned_share=returned, until=until)  # fmt: skip
    among = time_of(curve, share * returned).value
    return ChurnPoint(int(among or until), share, is_of_all=False, returned_share=returned, until=until)  # fmt: skip


def followed(curve: pl.DataFrame) -> int:
    """The last day at which a tenth of the intervals, and no fewer than the smallest base, are still open."""
    return _last(curve, max(FOLLOWED * int(curve["n_at_risk"][0]), settings().tiny_base))


def _last(curve: pl.DataFrame, least: float) -> int:
    """The last day with ``least`` at risk; the last day of all where there are fewer from the start."""
    enough = curve.filter(pl.col("n_at_risk") >= least)
    return int((enough if enough.height else curve)["time"][-1])


def returns_after(counts: pl.DataFrame, *, days: int, follow: int) -> dict[str, float | None]:
    """Of those who stayed away for more than ``days``: how many came back in the ``follow`` days after.

    Returns
    -------
    n_silences [times somebody stayed away longer], n_back [of them ended by a purchase so far],
        back_share [Kaplan–Meier], ci_low, ci_high [95 %, log–log; null where nobody came back], n_away
        [still away at the end of the ledger]; shares null below the smallest base
    """
    later = counts.filter(pl.col("time") > days)
    n_back, n_away = (int(later[c].sum()) for c in ("n_events", "n_censored"))
    row: dict[str, float | None] = {"n_silences": n_back + n_away, "n_back": n_back, "back_share": None, "ci_low": None, "ci_high": None, "n_away": n_away}  # fmt: skip
    if n_back + n_away < settings().tiny_base:
        return row
    steps = kaplan_meier(later).filter(pl.col("time") <= days + follow)
    if steps.is_empty():
        return row | {"back_share": 0.0}
    low, high = (steps[c][-1] for c in ("ci_high", "ci_low"))
    ends = {"ci_low": None if low is None else 1 - low, "ci_high": None if high is None else 1 - high}  # fmt: skip
    return row | {"back_share": 1 - steps["survival"][-1]} | ends
