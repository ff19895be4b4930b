"""Frequent sets of half a million baskets and a thousand products, beside FP-growth of mlxtend.

Run ``python -m benchmarks.baskets [N]``. Both find all sets of up to three products that lie in at least
0.5 % of the baskets, and tell how many there are of each length; mlxtend gets the sparse table that
its manual advises for many products.
"""

from __future__ import annotations

import sys
from functools import cache

import numpy as np

from benchmarks import measure
from insight.stats.baskets import Holdings, frequent_sets

BASKETS, PRODUCTS, SIZE, SUPPORT, LENGTH, SMALL = 500_000, 1_000, 8, 0.005, 3, 5_000
ENGINES = ("ours", "mlxtend")


@cache
def baskets(n: int) -> Holdings:
    """Seeded baskets: some products sell far more than others, and every third basket holds a whole bundle."""
    rng = np.random.default_rng(0)
    popular = 1 / np.arange(1, PRODUCTS + 1) ** 0.6
    bundles = rng.integers(0, PRODUCTS, (60, 4))
    size = rng.poisson(SIZE - 1, n) + 1
    single = rng.choice(PRODUCTS, size.sum(), p=popular / popular.sum())
    bundled = np.flatnonzero(rng.random(n) < 1 / 3)
    chosen = bundles[rng.integers(0, len(bundles), len(bundled))]
    basket = np.concatenate((np.repeat(np.arange(n), size), np.repeat(bundled, 4)))
    pairs = np.unique(basket * PRODUCTS + np.concatenate((single, chosen.ravel())))
    return Holdings(pairs // PRODUCTS, pairs % PRODUCTS, n)


def _told(lengths: np.ndarray) -> str:
    return f"sets of one, two, three products: {np.bincount(lengths)[1:].tolist()}"


def ours(held: Holdings) -> str:
    """What the analysis calls between the ledger and the rules."""
    least = int(np.ceil(SUPPORT * held.n_baskets))
    levels = frequent_sets(held, least=least, max_length=LENGTH)
    return _told(np.repeat([s.items.shape[1] for s in levels], [len(s.items) for s in levels]))


def peer(held: Holdings) -> str:
    """The same with mlxtend."""
    import pandas as pd
    from mlxtend.frequent_patterns import fpgrowth
    from scipy.sparse import csr_matrix

    ones = np.ones(len(held.item), dtype=bool)
    table = csr_matrix((ones, (held.basket, held.item)), shape=(held.n_baskets, PRODUCTS))
    frame = pd.DataFrame.sparse.from_spmatrix(table)
    found = fpgrowth(frame, min_support=SUPPORT, max_len=LENGTH)
    return _told(found["itemsets"].map(len).to_numpy())


def main(words: list[str]) -> None:
    """One engine where it is named, else both in turn."""
    if words[:1] == [measure.ONE]:
        work, held = {"ours": ours, "mlxtend": peer}[words[1]], baskets(int(words[2]))
        measure.report(measure.run(lambda: work(held), warm=lambda: work(baskets(SMALL))))
        return
    n = words[0] if words else str(BASKETS)
    runs = measure.race("benchmarks.baskets", ENGINES, n, rounds=1)
    print(f"{int(n):,} baskets")
    for engine, own in runs.items():
        print(f"  {engine}: {own[0].told}")
    print("\n".join(measure.table(runs, peer="mlxtend")))


if __name__ == "__main__":
    main(sys.argv[1:])
