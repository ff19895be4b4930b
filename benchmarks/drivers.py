"""Key drivers of 15 predictors on 10,000 rows with 1,000 bootstraps, in least-squares fits of the same data.

Run: python -m benchmarks.drivers. LMG is exact in every bootstrap sample (32,768 models each). Each round
times everything, then fits of statsmodels and of numpy's lstsq beside it; printed are the medians of the
ratios, to be under 100 of statsmodels' fits.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

ROWS, PREDICTORS, SAMPLES, ROUNDS, FITS = 10_000, 15, 1_000, 5, 9


def ratings() -> np.ndarray:
    """Seeded predictors that go together, and an outcome, in the last column."""
    rng = np.random.default_rng(0)
    parts = rng.normal(size=(ROWS, PREDICTORS)) + rng.normal(size=(ROWS, 1))
    return np.column_stack([parts, parts @ rng.normal(size=PREDICTORS) + 4 * rng.normal(size=ROWS)])


def ours(data: np.ndarray) -> object:
    from insight.stats import drivers
    from insight.stats.correlations import correlations

    weight = np.ones(len(data))
    drivers.lmg(correlations(data, weight)[None])
    return drivers.interval(data, weight, n_samples=SAMPLES, seed=0, is_exact=True)


def statsmodels_fit(data: np.ndarray) -> object:
    import statsmodels.api as sm

    return sm.OLS(data[:, -1], sm.add_constant(data[:, :-1])).fit()


def numpy_fit(data: np.ndarray) -> object:
    columns = np.column_stack([np.ones(len(data)), data[:, :-1]])
    return np.linalg.lstsq(columns, data[:, -1], rcond=None)


def seconds(work: Callable[[np.ndarray], object], data: np.ndarray) -> float:
    started = time.perf_counter()
    work(data)
    return time.perf_counter() - started


def main() -> None:
    """All in turn, round by round."""
    data = ratings()
    for work in (ours, statsmodels_fit, numpy_fit):
        work(data[:200])  # imports are no part of it
    rounds = []
    for _ in range(ROUNDS):
        whole = seconds(ours, data)
        fits = [statistics.median(seconds(fit, data) for _ in range(FITS)) for fit in (statsmodels_fit, numpy_fit)]  # fmt: skip
        rounds.append((whole, *fits))
    told = [statistics.median(part) for part in zip(*rounds, strict=True)]
    print(f"ours {told[0]:.2f} s; statsmodels {1e3 * told[1]:.1f} ms, lstsq {1e3 * told[2]:.1f} ms")
    for name, at in (("statsmodels", 1), ("lstsq", 2)):
        print(f"{name}: {statistics.median(r[0] / r[at] for r in rounds):.0f} fits")


if __name__ == "__main__":
    main()
