"""Clusters of a million customers in five features: a sample and one full run against ten full runs of scikit-learn.

Run: python benchmarks/kmeans.py. Every engine runs in a process of its own, in turn; printed are the
medians, the ratio to scikit-learn in the same round, the inertia beside scikit-learn's, and the peak memory.
scikit-learn may use every core; ours uses one, so that the last digit does not depend on the machine.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time

import numpy as np

CUSTOMERS, FEATURES, KINDS, K, ROUNDS = 1_000_000, 5, 6, 5, 3


def customers() -> np.ndarray:
    """Seeded points around six centres that overlap, as kinds of buyers do."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(KINDS, FEATURES)) * 1.2
    return centres[rng.integers(0, KINDS, CUSTOMERS)] + rng.normal(size=(CUSTOMERS, FEATURES))


def ours(points: np.ndarray) -> float:
    from insight.stats.kmeans import fit

    return fit(points, K, seed=0).inertia


def peer(points: np.ndarray) -> float:
    from sklearn.cluster import KMeans

    return float(KMeans(K, n_init=10, random_state=0).fit(points).inertia_)


ENGINES = {"ours": ours, "sklearn": peer}


def main() -> None:
    """One engine where it is named, else all of them in turn."""
    if len(sys.argv) > 1:
        points = customers()
        ENGINES[sys.argv[1]](points[:1_000])  # imports are no part of it
        started = time.perf_counter()
        inertia = ENGINES[sys.argv[1]](points)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(time.perf_counter() - started, inertia, peak)
        return
    seen: dict[str, list[list[float]]] = {name: [] for name in ENGINES}
    for _ in range(ROUNDS):
        for name, found in seen.items():
            out = subprocess.check_output([sys.executable, __file__, name], text=True)
            found.append([float(part) for part in out.split()])
    for name, found in seen.items():
        ratio = statistics.median(p[0] / o[0] for o, p in zip(found, seen["sklearn"], strict=True))
        seconds, inertia, peak = (statistics.median(part) for part in zip(*found, strict=True))
        beside = inertia / seen["sklearn"][0][1]
        print(
            f"{name:8} {seconds:6.2f} s  {ratio:5.1f}x  inertia {beside:.6f}  peak {peak:,.0f} MB"
        )


if __name__ == "__main__":
    main()
