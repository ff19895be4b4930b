"""The ledger's reductions of ten million order lines: this product on its engines against pandas.

Run: python -m benchmarks.ledger [--lines N] [--rounds R] [--only TASK ...]. Every run has a process of its
own and reads the Parquet files of a study. "first" is category by region, RFM with quintiles, monthly
cohorts and repurchase intervals together; the other tasks are single questions. pandas reads the lines anew
for each, as a script does; "native" is the customer table written in polars alone, beside narwhals.
With --lines 50000000 leave pandas out: --engines polars duckdb.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import polars as pl

from benchmarks import measure
from insight import ledger
from insight.engines import Engine, ledger_on
from insight.segmentation.rfm import rfm_table, score

if TYPE_CHECKING:
    import pandas as pd

SMALL, PART = 20_000, 2_500_000
DAY = ledger.DAY


def part_of(seed: int, n: int) -> pl.DataFrame:
    """Seeded lines: customers of very different size, two and a half lines an order, 3 % returns."""
    rng = np.random.default_rng(seed)
    n_orders, customers = n * 2 // 5, n // 10
    order = np.sort(rng.integers(0, n_orders, n))
    owner = np.minimum(rng.pareto(1.2, n_orders) * customers / 40, customers - 1).astype(np.int64)
    at = 1_640_995_200 + rng.integers(0, 730 * DAY, n_orders)
    amount = np.round(rng.lognormal(4, 1, n), 2) * np.where(rng.random(n) < 0.03, -1, 1)
    month = pl.from_epoch(pl.Series(at[order])).dt
    return pl.DataFrame(
        {
            "customer_id": pl.Series(seed * 10**9 + owner[order] * 7_919 % 1_000_003).cast(pl.String).str.zfill(16),
            "order_id": pl.Series(order + (2_024 + seed) * 10**12).cast(pl.String),
            "ordered_at": at[order],
            "ordered_month": (month.year() * 100 + month.month().cast(pl.Int32)).cast(pl.Int64),
            "amount": amount,
            "category": _drawn(rng.integers(0, 30, n), "类目"),
            "region": _drawn(owner[order] % 31, "省份"),
            "channel": _drawn(order % 4, "渠道"),
        }
    )  # fmt: skip


def _drawn(which: np.ndarray, name: str) -> pl.Series:
    return pl.Series([f"{name}{i:02d}" for i in range(31)]).gather(pl.Series(which))


def make(folder: Path, n: int) -> None:
    """The files of a study's ledger, laid out as it keeps them; part by part, each with its own customers."""
    folder.mkdir(parents=True)
    for i, at in enumerate(range(0, n, PART)):
        lines = ledger.laid_out(part_of(i, min(PART, n - at)))
        folded = ledger.fold(lines.lazy())
        tables = {"lines": lines, "folded": folded, **ledger.keep(lines.lazy(), folded)}
        for name, frame in tables.items():
            frame.write_parquet(folder / f"{name}.{i:02d}")
    for name in tables:
        parts = sorted(folder.glob(f"{name}.*"))
        pl.scan_parquet(parts).sink_parquet(folder / name, row_group_size=2**18)
        for part in parts:
            part.unlink()


def first(orders: ledger.Orders) -> str:
    crossed = ledger.cross(orders, "category", "region")
    scored = score(rfm_table(ledger.customer_table(orders)))
    months, spans = ledger.cohorts(orders), ledger.intervals(orders)
    return told(crossed["amount"].sum(), scored.height, months["n_active"].sum(), spans["n_events"].sum())  # fmt: skip


def told(*figures: float) -> str:
    return " ".join(f"{figure:.0f}" for figure in figures)


OURS: Mapping[str, Callable[[ledger.Orders], str]] = {
    "first": first,
    "customers": lambda o: told(ledger.customer_table(o)["spend"].sum()),
    "months": lambda o: told(ledger.monthly(o)["n_customers"].sum()),
    "hours": lambda o: told(ledger.hourly(o)["n_orders"].sum()),
    "cohorts": lambda o: told(ledger.cohorts(o)["n_active"].sum()),
    "intervals": lambda o: told(ledger.intervals(o)["n_events"].sum()),
    "channels": lambda o: told(ledger.spend_by(o, "channel")["spend"].sum()),
    "categories": lambda o: told(ledger.spend_by(o, "category")["spend"].sum()),
}


def _read(folder: Path, *columns: str) -> pd.DataFrame:
    import pandas as pd

    key = ["customer_id", "order_id", "ordered_at", "ordered_month", "amount"]
    lines = pd.read_parquet(folder / "lines", columns=[*key, *columns])
    return lines.assign(paid=lines["amount"].clip(lower=0))


def _orders(lines: pd.DataFrame, *keys: str) -> pd.DataFrame:
    orders = lines.groupby(["customer_id", "order_id", *keys], sort=False).agg(
        net=("amount", "sum"), paid=("paid", "sum"), at=("ordered_at", "min"), month=("ordered_month", "min")
    )  # fmt: skip
    return orders.reset_index()


def _paid(lines: pd.DataFrame) -> pd.DataFrame:
    orders = _orders(lines)
    return orders[orders["paid"] > 0]


def _customers(orders: pd.DataFrame) -> pd.DataFrame:
    bought = orders["at"].where(orders["paid"] > 0)
    table = orders.assign(bought=bought).groupby("customer_id", sort=False)
    table = table.agg(
        first=("bought", "min"), last=("bought", "max"), n=("bought", "count"), spend=("net", "sum")
    )
    return table[table["n"] > 0]


def _n_active(orders: pd.DataFrame) -> pd.Series:
    begun = orders.groupby("customer_id", sort=False)["month"].transform("min")
    return orders.groupby([begun, orders["month"]])["customer_id"].nunique()


def _gaps(orders: pd.DataFrame) -> pd.Series:
    days = orders.assign(day=orders["at"] // DAY)[["customer_id", "day"]].drop_duplicates()
    days = days.sort_values(["customer_id", "day"])
    return days.groupby("customer_id", sort=False)["day"].diff().dropna().value_counts()


def pandas_first(folder: Path) -> str:
    lines = _read(folder, "category", "region")
    crossed = lines.groupby(["category", "region"])["amount"].sum()
    orders = _orders(lines)
    table, orders = _customers(orders), orders[orders["paid"] > 0]
    parts = {
        "r": -(table["last"].max() // DAY - table["last"] // DAY),
        "f": table["n"],
        "m": table["spend"],
    }
    ranks = {k: 1 + ((v.rank() - 0.5) * 5 / len(table)).astype(int) for k, v in parts.items()}
    scored = table.assign(**ranks)
    return told(crossed.sum(), len(scored), _n_active(orders).sum(), _gaps(orders).sum())


def pandas_months(folder: Path) -> str:
    return told(_paid(_read(folder)).groupby("month")["customer_id"].nunique().sum())


def pandas_hours(folder: Path) -> str:
    orders = _paid(_read(folder))
    hour = orders["at"] // 3600 % 168
    return told(orders.groupby(hour)["net"].agg(["size", "sum"])["size"].sum())


def pandas_by(folder: Path, column: str) -> str:
    sums = _orders(_read(folder, column), column).groupby(["customer_id", column], sort=False)
    return told(sums["net"].sum().sum())


PANDAS: Mapping[str, Callable[[Path], str]] = {
    "first": pandas_first,
    "customers": lambda folder: told(_customers(_orders(_read(folder)))["spend"].sum()),
    "months": pandas_months,
    "hours": pandas_hours,
    "cohorts": lambda folder: told(_n_active(_paid(_read(folder))).sum()),
    "intervals": lambda folder: told(_gaps(_paid(_read(folder))).sum()),
    "channels": partial(pandas_by, column="channel"),
    "categories": partial(pandas_by, column="category"),
}


def native(folder: Path) -> str:
    """``customer_table`` in polars alone, from the same file of whole orders."""
    rows = pl.scan_parquet(folder / "folded").filter(pl.col("customer_id").is_not_null())
    sums = pl.col("net", "paid", "refunded", "n_lines")
    alone = rows.filter(ledger.ALONE).select("customer_id", "order_id", sums, at="ordered_at")
    others = rows.filter(~pl.col(ledger.ALONE)).group_by("customer_id", "order_id")
    orders = pl.concat([alone, others.agg(sums.sum(), at=pl.col("ordered_at").min())])
    is_order = pl.col("paid") > 0
    table = orders.group_by("customer_id").agg(
        first=pl.col("at").filter(is_order).min(),
        last=pl.col("at").filter(is_order).max(),
        n=is_order.sum(),
        spend=(pl.col("net").sum() / 10_000).round(4),
        refunded=(pl.col("refunded").sum() / 10_000).round(4),
        n_lines=pl.col("n_lines").sum(),
    )
    bought = table.filter(pl.col("n") > 0).collect(engine="streaming").sort("customer_id")
    return told(bought["spend"].sum())


def work(engine: str, task: str, folder: Path) -> str:
    if engine == "native":
        return native(folder)
    if engine == "pandas":
        return PANDAS[task](folder)
    own: Any = engine
    return OURS[task](opened(own, folder))


def opened(engine: Engine, folder: Path) -> ledger.Ledger:
    kept = {name: folder / name for name in get_args(ledger.Kept)}
    return ledger_on(engine, lines=folder / "lines", folded=folder / "folded", kept=kept)


def race(task: str, folder: Path, args: argparse.Namespace) -> None:
    engines = [*args.engines, *(["native"] if task == "customers" else [])]
    runs = measure.race("benchmarks.ledger", engines, task, str(folder), rounds=args.rounds)
    print(f"{task}: {', '.join(f'{e} {own[0].told}' for e, own in runs.items())}")
    print("\n".join(measure.table(runs, peer=engines[0] if "pandas" not in engines else "pandas")))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=list(OURS), choices=list(OURS))
    parser.add_argument("--engines", nargs="*", default=["polars", "duckdb", "pandas"], choices=[*get_args(Engine), "pandas"])  # fmt: skip
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure.apart("benchmarks.ledger", "--make", folder, str(args.lines))
        big = Path(folder) / "big"
        size = sum(file.stat().st_size for file in big.iterdir()) / 2**20
        print(f"{args.lines:,} lines, {size:.0f} MB of Parquet")
        for task in args.only:
            race(task, Path(folder), args)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--make"]:
        make(Path(sys.argv[2]) / "small", SMALL)
        make(Path(sys.argv[2]) / "big", int(sys.argv[3]))
    elif sys.argv[1:2] == [measure.ONE]:
        _, _, engine, task, folder = sys.argv
        do = partial(work, engine, task)
        big, small = (partial(do, Path(folder) / name) for name in ("big", "small"))
        measure.report(measure.run(big, warm=small))
    else:
        main()
