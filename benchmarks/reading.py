"""Reading order exports against the usual peers: a workbook, a GB18030 text, and a whole import.

Run: python -m benchmarks.reading. Every engine runs in a process of its own, in turn, on the same
file; printed are medians, the ratio to the peer in the same round, and the memory that a run took
beyond what the process held after its imports and a small file.

The peers do less: they guess types instead of keeping every cell as it stands, and they neither
check, clean nor hash anything.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks import measure

LINES, SHEET_LINES, SMALL_LINES, CUSTOMERS, ROUNDS = 1_000_000, 100_000, 500, 50_000, 3
MAKE = "--make"
TIME, FORM = "下单时间", "%Y-%m-%d %H:%M:%S"
_WORDS = (
    "正品",
    "夏季",
    "新款",
    "保湿",
    "面霜",
    "补水",
    "清爽",
    "男女",
    "通用",
    "官方",
    "旗舰店",
    "大容量",
    "礼盒",
    "两件装",
    "包邮",
)


def orders(n: int) -> pl.DataFrame:
    """A seeded order export of twelve columns: long titles, shops' ids, customers of very different size."""
    rng = np.random.default_rng(0)
    _, order = np.unique(np.sort(rng.integers(0, int(n / 1.6), n)), return_inverse=True)
    n_orders = int(order.max()) + 1
    owner = np.minimum(rng.pareto(1.2, n_orders) * CUSTOMERS / 60, CUSTOMERS - 1).astype(np.int64)
    at = 1_672_531_200 + np.sort(rng.integers(0, 63_072_000, n_orders))
    titles = [f"{''.join(rng.choice(_WORDS, 10))}{i:04d}" for i in range(3_000)]
    price, pieces = np.round(rng.lognormal(4, 0.7, n), 2), rng.integers(1, 4, n)

    def drawn(*values: str) -> pl.Series:
        return pl.Series(values).gather(pl.Series(rng.integers(0, len(values), n)))

    return pl.DataFrame(
        {
            "订单编号": pl.Series(order + 2_024_000_000_000_000).cast(pl.String),
            "会员号": pl.Series(owner[order]).cast(pl.String).str.zfill(8),
            "手机号": pl.Series(13_000_000_000 + owner[order] * 97).cast(pl.String),
            TIME: pl.from_epoch(pl.Series(at[order])).dt.strftime(FORM),
            "商品标题": drawn(*titles),
            "类目": drawn("护肤", "彩妆", "零食", "家居", "母婴"),
            "数量": pieces,
            "单价": price,
            "实付金额": np.round(price * pieces, 2),
            "渠道": drawn("天猫", "京东", "抖店", "小程序"),
            "省份": pl.Series(["浙江省", "广东省", "上海", "北京", "四川省"]).gather(owner[order] % 5),
            "订单状态": drawn("交易成功", "交易成功", "交易成功", "交易成功", "交易关闭"),
        }
    )  # fmt: skip


def make(folder: Path) -> None:
    """The files: ``orders.csv``, the same in GB18030, ``orders.xlsx``, and a small one of each."""
    frame = orders(LINES)
    for name, lines in (("orders", frame), ("small", frame.head(SMALL_LINES))):
        lines.write_csv(folder / f"{name}.csv")
        (folder / f"{name}.gbk.csv").write_bytes(lines.write_csv().encode("gb18030"))
        lines.head(SHEET_LINES).with_columns(pl.col(TIME).str.to_datetime(FORM)).write_excel(
            folder / f"{name}.xlsx"
        )


def ours_read(path: Path) -> int:
    from insight.readers import read

    return read(path, path.name)[0].frame.height


def ours_dated(path: Path) -> int:
    from insight.clean.times import times
    from insight.readers import read

    return int(times(read(path, path.name)[0].frame[TIME]).seconds.count())


def ours_added(path: Path) -> int:
    """A whole import, with the work of the child in this process, so that its memory can be measured."""
    from insight import pipeline
    from insight.pipeline import intake
    from insight.worker import silent

    def here(function: Callable[..., Any], *args: object, **told: object) -> object:
        return function(*args, **({"progress": silent} if "progress" in told else {}))

    intake.call = here  # type: ignore[assignment]
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        study = pipeline.new(Path(folder) / "study")
        return sum(pipeline.add(study, path, path.name).n_rows)


def openpyxl(path: Path) -> int:
    import pandas as pd

    return len(pd.read_excel(path, engine="openpyxl"))


def fastexcel(path: Path) -> int:
    from fastexcel import read_excel

    return read_excel(path).load_sheet(0, dtypes="string").to_polars().height


def pandas(path: Path) -> int:
    import pandas as pd

    return len(pd.read_csv(path, encoding="gb18030", parse_dates=[TIME], engine="c"))


def polars(path: Path) -> int:
    frame = pl.read_csv(path)
    frame.write_parquet(path.with_suffix(".parquet"))
    return frame.height


def polars_dated(path: Path) -> int:
    frame = pl.read_csv(path, try_parse_dates=True)
    frame.write_parquet(path.with_suffix(".parquet"))
    return frame.height


ENGINES: Mapping[str, Callable[[Path], int]] = {
    f.__name__: f
    for f in (ours_read, ours_dated, ours_added, openpyxl, fastexcel, pandas, polars, polars_dated)
}
# what is measured -> (suffix of the file, the peer, the others)
RACES = {
    f"xlsx, {SHEET_LINES:,} lines": (".xlsx", "openpyxl", ("ours_read", "fastexcel")),
    f"GB18030 text with dates, {LINES:,} lines": (".gbk.csv", "pandas", ("ours_dated",)),
    f"import into a study, {LINES:,} lines": (".csv", "polars", ("ours_added", "polars_dated")),
}


def race(title: str, folder: Path) -> None:
    suffix, peer, others = RACES[title]
    own = {"INSIGHT_KEYS_DIR": str(folder / "keys")}
    engines = (peer, *others)
    runs = measure.race(
        "benchmarks.reading", engines, str(folder), suffix, rounds=ROUNDS, environment=own
    )
    size = (folder / f"orders{suffix}").stat().st_size / 2**20
    print(f"{title}, {size:.0f} MB", *measure.table(runs, peer=peer), sep="\n")
    for engine in engines:
        print(
            f"  {engine}: {max(r.grown_mb for r in runs[engine]) / size:.1f} x the file in memory"
        )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        # in a process of its own: on Linux a child's peak of memory begins with its parent's
        measure.apart("benchmarks.reading", MAKE, folder)
        for title in RACES:
            race(title, Path(folder))


if __name__ == "__main__":
    match sys.argv[1:]:
        case [measure.ONE, engine, folder, suffix]:
            work, place = ENGINES[engine], Path(folder)
            measure.report(
                measure.run(
                    lambda: work(place / f"orders{suffix}"),
                    warm=lambda: work(place / f"small{suffix}"),
                )
            )
        case [name, folder] if name == MAKE:
            make(Path(folder))
        case _:
            main()
