"""What to offer each customer next: what similar owners went on to buy, and whether that knowledge ever helped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from insight import ledger
from insight.offers.ownership import EVERYBODY, N_GROUPS, Owned, grid, owned
from insight.settings import settings
from insight.stats.propensity import Ints, Propensity, better, chances, learn
from insight.stats.proportions import Flags, Floats, wilson

METHODS = SIMILAR, ACTIVE, POPULAR = ("相似客户", "同样活跃", "最热门")


@dataclass(frozen=True, slots=True)
class Stretch:
    """What customers owned at the beginning of a stretch of time, what they got in it, and for how much."""

    start: Owned
    new: Flags
    spent: Floats


def stretch(orders: ledger.Orders, column: str, items: Sequence[str], *, at: int, days: int) -> Stretch:  # fmt: skip
    """The ``days`` from ``at`` [epoch s]."""
    start = owned(orders, column, items, at=at, days=days)
    during = ledger.within(orders, start=at, end=at + days * ledger.DAY)
    has, spent = grid(during, column, items, start.people)
    return Stretch(start, has & ~start.has, spent)


@dataclass(frozen=True, slots=True)
class Advice:
    """What is known of the next purchase of everybody, and how well such knowledge did before.

    Attributes
    ----------
    now : everybody at the end of the ledger
    chance : (n x n_items) of buying an item for the first time within the days; -1: owned already
    reason : (n x n_items) the owned item that speaks for it most; -1: none
    amounts : (n_items) what first buyers spent on it in such a stretch [CNY, net; NaN: nobody did]
    check : (3) method, n_recommended, n_adopters, n_hits, hit_share, ci_low, ci_high, n_expected
    p_value : of the hits of ``method`` and of the most popular item; NaN where they never differ
    method : that gave ``chance``: similar owners, or those alike active where the former did no better
    calibration : what chances were multiplied with, because the check had fewer hits than they said [<= 1]
    n_rules : pairs of items that tell more than activity
    """

    now: Owned
    chance: Floats
    reason: Ints
    amounts: Floats
    check: pl.DataFrame
    p_value: float
    method: str
    calibration: float
    n_rules: int


def advice(orders: ledger.Orders, column: str, items: Sequence[str], *, now: Owned, days: int) -> Advice | None:  # fmt: skip
    """Learn from the last ``days``, after a check that learns from those before and is judged by these.

    Parameters
    ----------
    now : what everybody owns at the end of the ledger

    Returns
    -------
    None where too few customers, or too few of them with a new item, tell anything of either stretch
    """
    end = ledger.span(orders)[1] + 1
    starts = (end - 2 * days * ledger.DAY, end - days * ledger.DAY)
    earlier, later = (stretch(orders, column, items, at=at, days=days) for at in starts)
    if not all(_tells(part) for part in (earlier, later)):
        return None
    check, hits = checked(_learned(earlier), later)
    n_hits = {method: int(hit.sum()) for method, hit in hits.items()}
    method = SIMILAR if n_hits[SIMILAR] > n_hits[ACTIVE] else ACTIVE
    expected = check.filter(method=method)["n_expected"].item()
    calibration = min(1.0, (n_hits[method] + 1) / (expected + 1))
    found = _learned(later)
    chance, reason = chances(now.has, now.activity, found, use_rules=method == SIMILAR)
    return Advice(
        now, np.where(chance > 0, chance * calibration, chance), reason, _amounts((earlier, later)), check,
        better(hits[method], hits[POPULAR]), method, calibration, int((found.rules != 1).sum()),
    )  # fmt: skip


def _tells(part: Stretch) -> bool:
    enough = part.start.people.height >= settings().small_base
    return enough and int(part.new.any(axis=1).sum()) >= settings().tiny_base


def _learned(part: Stretch) -> Propensity:
    return learn(part.start.has, part.new, part.start.activity, n_groups=N_GROUPS)


def _amounts(parts: Sequence[Stretch]) -> Floats:
    new = np.vstack([part.new for part in parts])
    spent = np.where(new, np.vstack([part.spent for part in parts]), 0.0)
    n = new.sum(axis=0)
    means: Floats = np.divide(spent.sum(axis=0), n, out=np.full(len(n), np.nan), where=n > 0)
    return means


def checked(found: Propensity, judged: Stretch) -> tuple[pl.DataFrame, dict[str, Flags]]:  # fmt: skip
    """How often the recommendation is among what was newly bought, beside the item most own.

    Parameters
    ----------
    found : learned from the stretch before ``judged``

    Returns
    -------
    (3) method [of ``METHODS``], n_recommended [customers who lack an item], n_adopters [of them, who bought
        something new], n_hits [for whom it was the recommended item], hit_share [of the adopters] with
        ci_low and ci_high [Wilson], n_expected [hits that the chances add up to; null: has none]; and for
        each method, whom of all customers it was right for
    """
    start = judged.start
    lacks = np.asarray(~start.has.all(axis=1))
    similar, active = (chances(start.has, start.activity, found, use_rules=use)[0] for use in (True, False))  # fmt: skip
    popular = np.where(start.has, -1.0, start.has.sum(axis=0, dtype=float))
    n = int((lacks & judged.new.any(axis=1)).sum())
    everybody = np.arange(len(lacks))
    rows, hits = [], {}
    for method, scores in zip(METHODS, (similar, active, popular), strict=True):
        pick = scores.argmax(axis=1)
        hits[method] = lacks & judged.new[everybody, pick]
        n_hits = int(hits[method].sum())
        expected = None if scores is popular else float(scores[everybody, pick][lacks].sum())
        low, high = wilson(np.array([n_hits / n]), np.array([float(n)]))
        rows.append((method, int(lacks.sum()), n, n_hits, n_hits / n, low[0], high[0], expected))
    return pl.DataFrame(rows, schema=_CHECK, orient="row"), hits


_CHECK = {
    "method": pl.String, "n_recommended": pl.Int64, "n_adopters": pl.Int64, "n_hits": pl.Int64, "hit_share": pl.Float64,
    "ci_low": pl.Float64, "ci_high": pl.Float64, "n_expected": pl.Float64,
}  # fmt: skip


def worth(found: Advice) -> Floats:
    """(n x n_items) what everybody is expected to spend on each missing item [CNY]; 0 where owned."""
    return np.where(found.chance > 0, found.chance, 0.0) * np.nan_to_num(found.amounts)


def offered(found: Advice, items: Sequence[str], segments: Mapping[str, Flags]) -> pl.DataFrame:
    """The item each customer is most likely to buy for the first time.

    Returns
    -------
    (n_customers who lack an item) customer_id, segment [null: in none], recommended, because [the owned item
        that speaks for it; null: only its popularity], chance_share, expected_amount [CNY], then_recommended
        [the second likeliest; null: lacks no other], n_orders, days_since_last, spend; most expected first
    """
    order = np.argsort(-found.chance, axis=1, kind="stable")
    row, best = np.arange(len(order)), order[:, 0]
    names = np.array([*items, None], dtype=object)  # -1: none
    second = order[:, 1] if len(items) > 1 else np.full(len(order), -1)
    second = np.where(found.chance[row, second] >= 0, second, -1)
    segment = np.full(len(order), None, dtype=object)
    for name, inside in segments.items():
        if name != EVERYBODY:
            segment[inside] = name
    told = {
        "segment": segment,
        "recommended": names[best],
        "because": names[found.reason[row, best]],
        "then_recommended": names[second],
    }
    columns = [pl.Series(name, values.tolist(), dtype=pl.String) for name, values in told.items()]
    numbers = {
        "chance_share": found.chance[row, best],
        "expected_amount": worth(found)[row, best].round(4),
    }
    table = found.now.people.with_columns(*columns, **{n: pl.Series(v) for n, v in numbers.items()})
    kept = table.filter(pl.col("chance_share") >= 0).select(_OFFERED)
    return kept.sort("expected_amount", "customer_id", descending=[True, False])


_OFFERED = (
    "customer_id", "segment", "recommended", "because", "chance_share", "expected_amount", "then_recommended", "n_orders",
    "days_since_last", "spend",
)  # fmt: skip


def summed(table: pl.DataFrame) -> pl.DataFrame:
    """(n_items) recommended, n_customers, chance_share [mean], expected_amount [CNY]; most expected first."""
    sums = table.group_by("recommended").agg(
        n_customers=pl.len().cast(pl.Int64),
        chance_share=pl.col("chance_share").mean(),
        expected_amount=pl.col("expected_amount").sum().round(4),
    )
    return sums.sort("expected_amount", "recommended", descending=[True, False])
