"""What is at stake where a need is not met: the spending of those who raise it, are dissatisfied and stay away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from insight.stats.proportions import Flags, Floats

FEW, UPPER, UNFOLLOWED = "样本不足", "上限", "观察期不足"
LEAST = 30  # people on each side
MOST_CELLS = 20_000_000  # of the table of draws
STAKES = {
    "dissatisfied_share": pl.Float64, "churn_share": pl.Float64, "churn_rest_share": pl.Float64, "churn_low_difference": pl.Float64,
    "churn_difference": pl.Float64, "churn_high_difference": pl.Float64, "revenue_at_stake": pl.Float64, "ras_low": pl.Float64,
    "ras_high": pl.Float64, "stake_note": pl.String,
}  # fmt: skip
Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Absences:
    """How many absences of each of n people ended, or still lasted, at the T times up to the last day.

    Attributes
    ----------
    back, awaited : (n, T) absences of the person that ended then; that lasted at least so long
    is_followed : (n) whether an absence was seen through the last day
    """

    back: Floats
    awaited: Floats
    is_followed: Flags


@dataclass(frozen=True, slots=True)
class Voices:
    """Everybody in the table; arrays over n people and k needs.

    Attributes
    ----------
    asked, raised : (n, k)
    dissatisfied : (n, k) 1, 0, or NaN = not known; of those who raise it
    column : (n) the segment, 0 ...
    weight : (n)
    """

    asked: Flags
    raised: Flags
    dissatisfied: Floats
    column: Index
    weight: Floats


def absences_of(table: pl.DataFrame, people: pl.Series, *, days: int) -> Absences:
    """Absences as matrices, the rows in the order of ``people``.

    Parameters
    ----------
    table : (n_distinct) customer_id, time, is_back, n, as ``ledger.absences`` gives them
    days : the last day that counts
    """
    rows = pl.DataFrame({"customer_id": people}).with_row_index("row")
    known = table.join(rows, on="customer_id")
    row, time, n = (known[c].to_numpy() for c in ("row", "time", "n"))
    is_back = known["is_back"].to_numpy()
    events = is_back & (time <= days)
    times = np.unique(time[events])
    back, awaited = np.zeros((2, len(people), max(len(times), 1)))
    followed = np.zeros(len(people), dtype=bool)
    np.add.at(back, (row[events], np.searchsorted(times, time[events])), n[events])
    last = (
        np.searchsorted(times, time, side="right") - 1
    )  # the last time they were still awaited at
    reached = last >= 0
    np.add.at(awaited, (row[reached], last[reached]), n[reached])
    followed[row[time >= days]] = True
    return Absences(back, awaited[:, ::-1].cumsum(axis=1)[:, ::-1], followed)


def draws(n: int, *, n_draws: int, seed: int) -> Floats:
    """(1 + n_draws, n) how often each person is drawn; once each in the first row."""
    rng = np.random.default_rng(seed)
    n_drawn = max(100, min(n_draws, MOST_CELLS // max(n, 1)))
    counted = rng.multinomial(n, np.full(n, 1 / n), size=n_drawn)
    return np.vstack([np.ones(n), counted]).astype(np.float64)


def at_stake(voices: Voices, away: Absences, *, values: Floats, n_draws: int, seed: int) -> pl.DataFrame:  # fmt: skip
    """Price every need in every segment.

    Parameters
    ----------
    values : (1 + n_segments) what all customers [CNY], and those of each segment, are expected to spend
    n_draws : bootstrap samples of people
    seed : of the draws

    Returns
    -------
    (n_needs x (1 + n_segments)) columns of STAKES, all customers first within each need:
        dissatisfied_share [of those who raise it], churn_share, churn_rest_share [not back within the
        days, of those who raise it and those who do not], churn_difference with its 95 % interval,
        revenue_at_stake = values x share who raise it and are dissatisfied x max(0, churn_difference),
        ras_low, ras_high; stake_note says why a figure is missing: fewer than 30 on a side, nobody
        followed so long, or an interval of the difference around 0 (then only ras_high, an upper bound)

    Notes
    -----
    Kaplan & Meier (1958) on the absences after every purchase, as the churn point of the ledger is
    found. The draws take people, so that the absences of one person stay together (Efron & Tibshirani
    1993, ch. 8).
    """
    if not len(voices.weight):
        return pl.DataFrame(schema=STAKES)
    drawn = draws(len(voices.weight), n_draws=n_draws, seed=seed) * voices.weight
    places: list[Index] = [np.arange(len(voices.column))]
    places += [np.flatnonzero(voices.column == at) for at in range(len(values) - 1)]
    with threadpool_limits(1):  # sums must not depend on how many processors share the work
        rows = [
            _cell(voices, away, drawn=drawn, here=here, need=need, value=float(value))
            for need in range(voices.raised.shape[1])
            for here, value in zip(places, values, strict=True)
        ]
    return pl.DataFrame(rows, schema=STAKES, orient="row")


def _cell(voices: Voices, away: Absences, *, drawn: Floats, here: Index, need: int, value: float) -> tuple[object, ...]:  # fmt: skip
    """One row of the table."""
    does = here[voices.raised[here, need]]
    silent = here[voices.asked[here, need] & ~voices.raised[here, need]]
    unhappy = _dissatisfied(drawn[:, does], voices.dissatisfied[does, need])
    first = None if np.isnan(unhappy[0]) else float(unhappy[0])
    if min(len(does), len(silent)) < LEAST:
        return (first, *[None] * 8, FEW)
    if not (away.is_followed[does].any() and away.is_followed[silent].any()):
        return (first, *[None] * 8, UNFOLLOWED)
    gone, stay = (_not_back(drawn[:, side], away, side) for side in (does, silent))
    more = gone - stay
    weight = [drawn[:, side].sum(axis=1) for side in (does, silent)]
    share = weight[0] / np.maximum(weight[0] + weight[1], 1e-300)
    lost = value * share * np.nan_to_num(unhappy, nan=1.0) * np.maximum(more, 0.0)
    told = (first, float(gone[0]), float(stay[0]))
    return (*told, *_interval(more, lost))


def _interval(more: Floats, lost: Floats) -> tuple[object, ...]:
    """The difference between its bounds, the money between its bounds, and what to say of them."""
    (low, high), (least, most) = (np.percentile(drawn[1:], (2.5, 97.5)) for drawn in (more, lost))
    bounds = (float(low), float(more[0]), float(high))
    if low <= 0 <= high:
        return (*bounds, None, None, round(float(most), 2), UPPER)
    return (*bounds, round(float(lost[0]), 2), round(float(least), 2), round(float(most), 2), "")


def _dissatisfied(drawn: Floats, known: Floats) -> Floats:
    """The weighted share of dissatisfied people in every draw; NaN where nothing is known of anybody."""
    told = ~np.isnan(known)
    of = drawn[:, told].sum(axis=1)
    unhappy = drawn[:, told] @ known[told]
    share: Floats = np.divide(unhappy, of, out=np.full(len(of), np.nan), where=of > 0)
    return share


def _not_back(drawn: Floats, away: Absences, people: Index) -> Floats:
    """Kaplan–Meier share of absences that outlast the last day, in every draw."""
    back, awaited = drawn @ away.back[people], drawn @ away.awaited[people]
    hazard = np.divide(back, awaited, out=np.zeros_like(back), where=awaited > 0)
    survival: Floats = np.prod(1 - hazard, axis=1)
    return survival
