"""What people did in the days after a campaign, and in as many days before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from insight import ledger
from insight.stats.differences import shares_differ
from insight.stats.means import means_differ
from insight.stats.proportions import Floats
from insight.stats.uplift import mean_difference_interval
from insight.strategy.assigning import ARMS

DIRECT, CHANGED = "直接比较", "扣除活动前的差别"


@dataclass(frozen=True, slots=True)
class Window:
    """Days of contact and after, both included [since 1970]."""

    start: int
    end: int

    @property
    def days(self) -> int:
        """How long it is."""
        return self.end - self.start + 1

    @property
    def before(self) -> Window:
        """As many days right before it."""
        return Window(self.start - self.days, self.start - 1)


def bought_in(orders: ledger.Orders, people: pl.DataFrame, window: Window) -> pl.DataFrame:
    """What each of some people paid in a window, nothing being 0.

    Parameters
    ----------
    people : (n) customer_id, and what else is to be kept

    Returns
    -------
    (n) ``people`` with n_orders, spend [CNY, net]; sorted by customer_id
    """
    inside = ledger.within(orders, start=window.start * ledger.DAY, end=(window.end + 1) * ledger.DAY)  # fmt: skip
    bought = ledger.customer_table(inside).select("customer_id", "n_orders", "spend")
    told = people.join(bought, on="customer_id", how="left").sort("customer_id")
    return told.with_columns(pl.col("n_orders", "spend").fill_null(0))


@dataclass(frozen=True, slots=True)
class Side:
    """One arm: who bought, and what each spent, after and before [CNY]."""

    after: Floats
    has_bought: Floats
    before: Floats
    had_bought: Floats


def side(after: pl.DataFrame, before: pl.DataFrame, *, arm: str) -> Side:
    """The people of one arm of ``bought_in`` of both windows."""
    now, then = (frame.filter(pl.col("arm") == arm) for frame in (after, before))
    return Side(
        now["spend"].to_numpy(),
        (now["n_orders"] > 0).cast(pl.Float64).to_numpy(),
        then["spend"].to_numpy(),
        (then["n_orders"] > 0).cast(pl.Float64).to_numpy(),
    )


def compared(touched: Side, alone: Side, *, seed: int) -> list[dict[str, object]]:
    """The difference between both arms, as it is and less what it was before.

    Returns
    -------
    2 rows: method, touched_share, held_out_share, buyer_difference with low_ and high_ [Newcombe; of changes
        Student's t], p_value, touched_spend, held_out_spend [CNY a person], gain_amount with low_ and high_
        [bootstrap], p_spend, total_gain_amount with low_ and high_ [CNY, of all who were touched]
    """
    return [_direct(touched, alone, seed=seed), _changed(touched, alone, seed=seed)]


def _direct(touched: Side, alone: Side, *, seed: int) -> dict[str, object]:
    counts = [(int(s.has_bought.sum()), len(s.has_bought)) for s in (touched, alone)]
    shares = shares_differ(counts[0], counts[1])
    bounds = (shares.difference, shares.low, shares.high)
    levels = [(s.has_bought.mean(), s.after) for s in (touched, alone)]
    return _row(DIRECT, bounds, shares.p_value, levels, seed=seed)


def _changed(touched: Side, alone: Side, *, seed: int) -> dict[str, object]:
    """Each person's change, so that arms that differed before do not count as an effect."""
    shares = [s.has_bought - s.had_bought for s in (touched, alone)]
    gap = float(shares[0].mean() - shares[1].mean())
    low, high = mean_difference_interval(shares[0], shares[1], seed=seed)
    levels = [(own.mean(), s.after - s.before) for own, s in zip(shares, (touched, alone), strict=True)]  # fmt: skip
    return _row(CHANGED, (gap, low, high), means_differ(shares[0], shares[1]), levels, seed=seed)


def _row(
    method: str, shares: tuple[float, float, float], p_value: float, levels: list[tuple[float, Floats]], *, seed: int
) -> dict[str, object]:  # fmt: skip
    (share, spent), (rest_share, rest_spent) = levels
    gain = float(spent.mean() - rest_spent.mean())
    low, high = mean_difference_interval(spent, rest_spent, seed=seed)
    told = {
        "touched_share": share, "held_out_share": rest_share, "buyer_difference": shares[0], "low_buyer_difference": shares[1],
        "high_buyer_difference": shares[2], "p_value": p_value, "touched_spend": spent.mean(), "held_out_spend": rest_spent.mean(),
        "gain_amount": gain, "low_gain_amount": low, "high_gain_amount": high, "p_spend": means_differ(spent, rest_spent),
        "total_gain_amount": gain * len(spent), "low_total_gain_amount": low * len(spent), "high_total_gain_amount": high * len(spent),
    }  # fmt: skip
    known: dict[str, object] = {n: None if np.isnan(v) else float(v) for n, v in told.items()}
    return {"method": method, **known}


def counted(after: pl.DataFrame) -> pl.DataFrame:
    """(2) arm, n_customers, n_active [who bought], buyer_share, n_orders, spend."""
    counted = after.group_by("arm").agg(
        n_customers=pl.len().cast(pl.Int64), n_active=(pl.col("n_orders") > 0).sum().cast(pl.Int64),
        n_orders=pl.col("n_orders").sum().cast(pl.Int64), spend=pl.col("spend").sort().sum().round(2),
    )  # fmt: skip
    both = pl.DataFrame({"arm": ARMS}).join(counted, on="arm", how="left", maintain_order="left")
    share = pl.col("n_active") / pl.col("n_customers")
    return both.select("arm", "n_customers", "n_active", share.alias("buyer_share"), "n_orders", "spend")  # fmt: skip
