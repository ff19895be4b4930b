"""The customer table from two million order lines: this product on its two engines against pandas.

Run: python benchmarks/ledger.py. Prints medians of five rounds, each round one run of every engine
in turn, the ratio to pandas in the same round, and the peak memory of a process per engine.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

LINES, CUSTOMERS, ROUNDS = 2_000_000, 200_000, 5


def make(path: Path) -> None:
    """A seeded ledger: customers of very different size, three lines an order, 3 % refunds."""
    rng = np.random.default_rng(0)
    order = np.sort(rng.integers(0, LINES // 3, LINES))
    owner = np.minimum(rng.pareto(1.2, LINES // 3) * 2_000, CUSTOMERS - 1).astype(int)
    amount = np.round(rng.lognormal(4, 1, LINES), 2) * np.where(rng.random(LINES) < 0.03, -1, 1)
    frame = pl.DataFrame(
        {
            "customer_id": owner[order],
            "order_id": order,
            "ordered_at": 1_700_000_000 + order * 40,
            "amount": amount,
        }
    )
    frame.cast({"customer_id": pl.String, "order_id": pl.String}).write_parquet(path)


def ours_polars(path: Path) -> int:
    import narwhals as nw

    from insight.ledger import customer_table

    return customer_table(nw.from_native(pl.scan_parquet(path))).height


def ours_duckdb(path: Path) -> int:
    import duckdb
    import narwhals as nw

    from insight.ledger import customer_table

    return customer_table(nw.from_native(duckdb.read_parquet(str(path)))).height


def peer_pandas(path: Path) -> int:
    import pandas as pd

    lines = pd.read_parquet(path).assign(paid=lambda d: d["amount"].clip(lower=0))
    orders = lines.groupby(["customer_id", "order_id"]).agg(
        paid=("paid", "sum"), net=("amount", "sum"), at=("ordered_at", "min")
    )
    orders = orders[orders["paid"] > 0].reset_index()
    table = orders.groupby("customer_id").agg(
        first=("at", "min"), last=("at", "max"), n=("order_id", "size"), spend=("net", "sum")
    )
    return len(table)


ENGINES: dict[str, Callable[[Path], int]] = {
    "polars": ours_polars,
    "duckdb": ours_duckdb,
    "pandas": peer_pandas,
}


def peak_kb() -> int:
    """The most memory this process itself has used [KB]; getrusage would count its parent's, too."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.partition("VmHWM:")[2].split()[0])


def once(engine: str, path: Path) -> None:
    """One run in this process: seconds without imports, and the peak of resident memory."""
    ENGINES[engine](path)  # imports and the file cache are warm
    began = time.perf_counter()
    n = ENGINES[engine](path)
    seconds = time.perf_counter() - began
    print(f"{seconds:.3f} {peak_kb() / 1024:.0f} {n}")


def main() -> None:
    root = Path(__file__).parents[1]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.parquet"
        make(path)
        seconds: dict[str, list[float]] = {e: [] for e in ENGINES}
        memory: dict[str, float] = {}
        for _ in range(ROUNDS):
            for engine in ENGINES:
                command = [sys.executable, __file__, engine, str(path)]
                out = subprocess.run(
                    command,
                    capture_output=True,
                    text=True,
                    check=True,
                    env={"PYTHONPATH": str(root)},
                )
                taken, peak, _n = out.stdout.split()
                seconds[engine].append(float(taken))
                memory[engine] = float(peak)
        print(f"{LINES:,} lines, {path.stat().st_size / 1e6:.0f} MB of Parquet")
        for engine in ENGINES:
            ratios = [p / s for s, p in zip(seconds[engine], seconds["pandas"], strict=True)]
            print(
                f"{engine:8} median {statistics.median(seconds[engine]):.2f} s, "
                f"{statistics.median(ratios):.1f} x the speed of pandas, peak {memory[engine]:.0f} MB"
            )


if __name__ == "__main__":
    if len(sys.argv) == 3:
        once(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
