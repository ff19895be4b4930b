"""The future value of a million customers: both models fitted, every customer valued, beside lifetimes.

Run ``python -m benchmarks.lifetime_value [N]``. Both engines get the same table of x, t_x, T and mean
value and give alpha, b, p and the mean value of a customer over twelve months; the parameters agree to
four digits. lifetimes counts a month as 4.345 weeks, so its values are a little lower.
"""

from __future__ import annotations

import sys
from functools import cache

import numpy as np
import polars as pl

from benchmarks import measure

CUSTOMERS, DAYS, SMALL = 1_000_000, 730, 2_000
ENGINES = ("ours", "lifetimes")


@cache
def customers(n: int) -> pl.DataFrame:
    """Seeded buyers as the published model of CDNOW has them, who first came at any day of two years."""
    rng = np.random.default_rng(0)
    first = rng.integers(0, DAYS - 1, n)
    rate, chance = rng.gamma(0.243, 1 / (7 * 4.414), n), rng.beta(0.793, 2.426, n)
    last, x, at, alive = first.astype(float), np.zeros(n), first.astype(float), np.ones(n, bool)
    while alive.any():
        at = at + np.maximum(rng.exponential(1 / rate), 1.0)
        alive &= at < DAYS
        x, last = x + alive, np.where(alive, at, last)
        alive &= rng.random(n) >= chance
    worth = (
        rng.gamma(6.25 * np.maximum(x, 1), 1.0) / np.maximum(x, 1) * 15.44 / rng.gamma(3.74, 1, n)
    )
    return pl.DataFrame({
        "x": x.astype(np.int64), "t_x": (np.floor(last) - first) / 7, "T": (DAYS - first) / 7,
        "mean_value": np.where(x > 0, np.round(worth, 2), np.nan),
    }).fill_nan(None)  # fmt: skip


def ours(table: pl.DataFrame) -> str:
    """The functions that the analysis calls between the ledger and its result."""
    from insight.lifetime.definition import Definition
    from insight.lifetime.fitting import fit
    from insight.lifetime.prediction import predicted

    chosen = Definition()
    models = fit(table, chosen)
    value = predicted(table, models, chosen)["revenue"].mean()
    return f"alpha {models.buying.alpha:.4f} b {models.buying.b:.4f} p {models.spending.p:.4f} value {value:.3f}"


def peer(table: pl.DataFrame) -> str:
    """The same with lifetimes, as its manual does it."""
    from lifetimes import BetaGeoFitter, GammaGammaFitter

    frame = table.to_pandas()
    buying = BetaGeoFitter().fit(frame["x"], frame["t_x"], frame["T"])
    payers = frame[frame["x"] > 0]
    spending = GammaGammaFitter().fit(payers["x"], payers["mean_value"])
    buying.conditional_probability_alive(frame["x"], frame["t_x"], frame["T"])
    known = frame["mean_value"].fillna(0.0)
    monthly = 1.1 ** (1 / 12) - 1
    value = spending.customer_lifetime_value(buying, frame["x"], frame["t_x"], frame["T"], known, time=12, discount_rate=monthly, freq="W")  # fmt: skip
    told = buying.params_
    return f"alpha {told['alpha']:.4f} b {told['b']:.4f} p {spending.params_['p']:.4f} value {value.mean():.3f}"


def main(words: list[str]) -> None:
    """One engine where it is named, else both in turn."""
    if words[:1] == [measure.ONE]:
        work, table = {"ours": ours, "lifetimes": peer}[words[1]], customers(int(words[2]))
        measure.report(measure.run(lambda: work(table), warm=lambda: work(customers(SMALL))))
        return
    n = words[0] if words else str(CUSTOMERS)
    runs = measure.race("benchmarks.lifetime_value", ENGINES, n, rounds=1)
    print(f"{int(n):,} customers")
    print("\n".join(measure.table(runs, peer="lifetimes")))
    for engine, (one, *_) in runs.items():
        print(f"  {engine}: {one.told}")


if __name__ == "__main__":
    main(sys.argv[1:])
