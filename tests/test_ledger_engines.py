"""Every reduction of the ledger gives the same table to the cent on every engine, whatever the ledger."""

from __future__ import annotations

import inspect
import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal, assert_series_equal

from insight import cli, ledger, pipeline
from insight.engines import Engine, ledger_on
from insight.errors import EngineMissing

DAY = ledger.DAY
IDS = pl.Series(["a", "c3"])


@dataclass(frozen=True)
class Case:
    """How a reduction is asked, and the columns without which it cannot be."""

    ask: Callable[[ledger.Orders], Any]
    needs: tuple[str, ...] = ("customer_id",)


BOTH = ("customer_id", "category")
ALL = ledger.Tells("money", list_price=True, promotion=True)
TOLD = ("discount", "list_price", "promotion")
CASES: dict[str, Case] = {
    "absences": Case(lambda o: ledger.absences(o, ["a", "c3", "nobody"])),
    "basket_items": Case(lambda o: ledger.basket_items(o, "category", most=2), ("category",)),
    "basket_items, least": Case(lambda o: ledger.basket_items(o, "category", basket="customer", least=3, most=50), BOTH),
    "basket_sizes": Case(lambda o: ledger.basket_sizes(o, "category"), ("category",)),
    "basket_sizes, customer": Case(lambda o: ledger.basket_sizes(o, "category", basket="customer"), BOTH),
    "holdings": Case(lambda o: ledger.holdings(o, "category", items=["x", "z"], most=50), ("category",)),
    "cohorts": Case(ledger.cohorts),
    "cohorts, week": Case(lambda o: ledger.cohorts(o, grain="week")),
    "cohort_buyers": Case(lambda o: ledger.cohort_buyers(o, grain="quarter")),
    "cross": Case(lambda o: ledger.cross(o, "category", "channel"), ("category", "channel")),
    "cross, of orders": Case(lambda o: ledger.cross(o, "channel", "ordered_month"), ("channel",)),
    "columns": Case(lambda orders: sorted(ledger.columns(orders)), ()),
    "customer_table": Case(ledger.customer_table),
    "customer_table, refunded": Case(lambda o: ledger.customer_table(ledger.without_refunded(o))),
    "customer_table, window": Case(
        lambda o: ledger.customer_table(ledger.within(o, start=20 * DAY, end=90 * DAY))
    ),
    "order_sizes": Case(ledger.order_sizes),
    "order_sizes, category": Case(lambda o: ledger.order_sizes(o, by="category"), BOTH),
    "spend_by": Case(lambda o: ledger.spend_by(o, "category"), BOTH),
    "spend_by, channel": Case(lambda o: ledger.spend_by(o, "channel"), ("customer_id", "channel")),
    "spend_by_quarter": Case(ledger.spend_by_quarter),
    "buying_days": Case(ledger.buying_days),
    "buying_days, paid": Case(lambda o: ledger.buying_days(o, until=80, counting="paid")),
    "repeat_days": Case(lambda o: ledger.repeat_days(o, first_until=60)),
    "profits": Case(ledger.profits),
    "hourly": Case(ledger.hourly, ()),
    "own_hours": Case(ledger.own_hours),
    "discount_values": Case(ledger.discount_values, TOLD),
    "discounts": Case(lambda o: ledger.discounts(o, ALL), TOLD),
    "discounts, off": Case(lambda o: ledger.discounts(o, ledger.Tells("off"), by="channel"), ("channel", *TOLD)),
    "discounts, pay": Case(lambda o: ledger.discounts(o, ledger.Tells("pay"), by="day"), TOLD),
    "discount_depths": Case(lambda o: ledger.discount_depths(o, ALL), TOLD),
    "discount_buyers": Case(lambda o: ledger.discount_buyers(o, ALL, within_days=30), ("customer_id", *TOLD)),
    "refund_counts": Case(ledger.refund_counts, ()),
    "refund_counts, category": Case(lambda o: ledger.refund_counts(o, by="category"), ("category",)),
    "refunders": Case(lambda o: ledger.refunders(o, by="category"), BOTH),
    "refund_reasons": Case(lambda o: ledger.refund_reasons(o, by="category"), ("refund_reason", "category")),
    "refund_waits": Case(lambda o: ledger.refund_waits(o, by="category"), ("category",)),
    "repurchases": Case(lambda o: ledger.repurchases(o, within_days=30)),
    "repurchases_since": Case(
        lambda o: ledger.repurchases_since(o, start=40 * DAY, within_days=30)
    ),
    "second_days": Case(ledger.second_days),
    "silences": Case(lambda o: ledger.silences(o, days=30)),
    "usual_gaps": Case(ledger.usual_gaps),
    "intervals": Case(ledger.intervals),
    "intervals, first": Case(lambda o: ledger.intervals(o, by="category", start="first"), BOTH),
    "buyers_by": Case(lambda o: ledger.buyers_by(o, "category"), BOTH),
    "buyers_by, some": Case(lambda o: ledger.buyers_by(o, "category", values=["x", "z"]), BOTH),
    "monthly": Case(ledger.monthly, ()),
    "periods, week": Case(lambda o: ledger.periods(o, grain="week", by="channel"), ("channel",)),
    "periods": Case(lambda o: ledger.periods(o, grain="day"), ()),
    "orders_of_periods": Case(lambda o: ledger.orders_of_periods(o, grain="week"), ()),
    "selling_days": Case(ledger.selling_days, ()),
    "largest": Case(lambda o: ledger.largest(o, "category", most=2), ("category",)),
    "pieces": Case(lambda o: ledger.pieces(o, by="category", named=("x", "y")), ("category",)),
    "price_counts": Case(lambda o: ledger.price_counts(o, "piece")),
    "price_counts, order": Case(lambda o: ledger.price_counts(o, "order")),
    "price_bands": Case(lambda o: ledger.price_bands(o, "piece", edges=(110, 5_000), by="customer_id")),
    "price_bands, order": Case(lambda o: ledger.price_bands(o, "order", edges=(2_000,), by="category"), BOTH),
    "prices_by": Case(lambda o: ledger.prices_by(o, "piece", by="customer_id")),
    "prices_by, order": Case(lambda o: ledger.prices_by(o, "order", by="customer_id")),
    "item_days": Case(lambda o: ledger.item_days(o, "category", customers=["a", "c3", "nobody"]), BOTH),
    "first_and_last_prices": Case(lambda o: ledger.first_and_last_prices(o, "piece")),
    "first_and_last_prices, order": Case(lambda o: ledger.first_and_last_prices(o, "order")),
    "transitions": Case(lambda o: ledger.transitions(o, "category", values=["x", "y"]), BOTH),
    "transitions, of orders": Case(lambda o: ledger.transitions(o, "channel", values=["天猫", "门店"]), ("customer_id", "channel")),
    "transition_buyers": Case(lambda o: ledger.transition_buyers(o, "category", values=["x", "z"]), BOTH),
    "beginnings": Case(lambda o: ledger.beginnings(o, days=30)),
    "last_held": Case(lambda o: ledger.last_held(o, "category", values=["x", "z"]), BOTH),
    "first_held": Case(lambda o: ledger.first_held(o, "category", values=["x", "z"]), BOTH),
    "takings": Case(ledger.takings, ()),
    "span": Case(ledger.span, ()),
    "totals": Case(ledger.totals, ()),
    "values_of": Case(lambda o: ledger.values_of(o, "category"), BOTH),
    "span, of some": Case(lambda o: ledger.span(ledger.of_customers(o, IDS))),
    "selling_days, of some": Case(lambda o: ledger.selling_days(ledger.of_customers(o, IDS))),
    "customer_table, of some": Case(lambda o: ledger.customer_table(ledger.of_customers(o, IDS))),
    "periods, of some": Case(lambda o: ledger.periods(ledger.of_customers(o, IDS), grain="week")),
    "intervals, of some": Case(lambda o: ledger.intervals(ledger.of_customers(o, IDS))),
    "intervals, of some, category": Case(lambda o: ledger.intervals(ledger.of_customers(o, IDS), by="category", values=["x"]), BOTH),
    "cohorts, of some": Case(lambda o: ledger.cohorts(ledger.of_customers(o, IDS))),
    "spend_by, of some": Case(lambda o: ledger.spend_by(ledger.of_customers(o, IDS), "category"), BOTH),
    "basket_sizes, of some": Case(lambda o: ledger.basket_sizes(ledger.of_customers(o, IDS), "category"), BOTH),
    "lines_of": Case(lambda o: ledger.lines_of(o, "customer_id", IDS, most=4)),
}  # fmt: skip


def _reductions() -> set[str]:
    """The public functions that take ``Orders`` and give something else."""
    found = set()
    for name in ledger.__all__:
        one = getattr(ledger, name)
        if inspect.isfunction(one):
            told = inspect.get_annotations(one)
            if told.get("orders") == "Orders" and told["return"] not in ("Orders", "Lines"):
                found.add(name)
    return found


def test_every_reduction_has_a_case():
    assert {name.partition(",")[0] for name in CASES} == _reductions()


def _ordinary(n: int = 300) -> pl.DataFrame:
    """Orders of several lines, returns on later days, one order number of two customers, times before 1970."""
    rng = np.random.default_rng(3)
    order = rng.integers(0, n // 3, n)
    owner = [None if o % 17 == 0 else f"c{o % 23}" for o in order]
    is_back = rng.random(n) < 0.1
    amount = np.round(rng.choice([0, 0.07, 1.1, 19.99, 104.05, 1e6 + 0.01], n), 2)
    lines = pl.DataFrame(
        {
            "customer_id": owner,
            "order_id": [str(o) for o in order],
            "ordered_at": order * 100_003 - 20 * DAY + is_back * 3 * DAY,
            "amount": np.where(is_back, -amount, amount),
            "refund": pl.Series(rng.choice([0.0, 0.03], n)).replace(0.0, None),
            "category": rng.choice(["x", "y", "z", ""], n),
            "channel": [("天猫", "门店", None)[o % 3] for o in order],
            "quantity": pl.Series(rng.choice([0.35, 1.0, 2.0], n)).replace(2.0, None),
            "profit": np.round(amount * 0.3, 2),
            "list_price": pl.Series(rng.choice([0.0, 2.2, 120.5], n)).replace(0.0, None),
            "discount": pl.Series(rng.choice([0.0, 0.2, 1.0, 3.0, -1.5], n)).replace(3.0, None),
            "promotion": pl.Series(rng.choice(["", "无", " 618 满减 ", "x"], n)).replace("x", None),
            "refunded_at": pl.Series(order * 100_003 - 15 * DAY).set(pl.Series(order % 2 == 0), None),
            "refund_reason": [("破损", "不想要", None)[o % 3] for o in order],
        }
    )  # fmt: skip
    nobody = pl.col("category").replace("", None)
    shared_number = pl.when(pl.col("order_id") == "7").then(pl.lit("c3")).otherwise("customer_id")
    odd = pl.int_range(pl.len()) % 2 == 0
    return lines.with_columns(
        nobody, customer_id=pl.when(odd).then(shared_number).otherwise("customer_id")
    )


A = {"customer_id": "a", "order_id": "1", "ordered_at": 0, "amount": 10.0, "category": "x"}
LEDGERS: dict[str, pl.DataFrame] = {
    "ordinary": _ordinary(),
    "no customer ids": _ordinary(60).drop("customer_id", "refund"),
    "nobody is known": _ordinary(30).with_columns(customer_id=pl.lit(None, pl.String)),
    "one customer, two months without an order": pl.DataFrame(
        [A, A | {"order_id": "2", "ordered_at": 95 * DAY, "amount": 0.1}]
    ),
    "all refunds": pl.DataFrame([A | {"amount": -3.5}, A | {"order_id": "2", "amount": -0.01}]),
    "zero amounts, no category": pl.DataFrame([A | {"amount": 0.0}]).with_columns(
        category=pl.lit(None, pl.String)
    ),
    "empty": pl.DataFrame([A]).clear(),
}
FEW = ("customer_table", "totals", "span", "periods, week")  # Spark takes half a second a table


def lines_of(name: str) -> pl.DataFrame:
    at = pl.from_epoch("ordered_at")
    month = at.dt.year() * 100 + at.dt.month().cast(pl.Int32)
    return LEDGERS[name].with_columns(ordered_month=month.cast(pl.Int64))


def opened(name: str, engine: Engine, folder: Path) -> ledger.Ledger:
    """The ledger in shuffled files, as a study keeps them."""
    lines = lines_of(name).sample(fraction=1, shuffle=True, seed=5)
    folded = ledger.fold(lines.lazy())
    tables = {"lines": lines, "folded": folded, **ledger.keep(lines.lazy(), folded)}
    for title, frame in tables.items():
        frame.sample(fraction=1, shuffle=True, seed=6).write_parquet(folder / title)
    files = {title: folder / title for title in tables}
    lines_at, folded_at = files.pop("lines"), files.pop("folded")
    return ledger_on(engine, lines=lines_at, folded=folded_at, kept=files)


def same(found: Any, told: Any) -> None:
    if isinstance(told, pl.DataFrame):
        assert_frame_equal(found, told, check_exact=True)
    elif isinstance(told, tuple) and told and isinstance(told[0], pl.DataFrame):
        assert_frame_equal(found[0], told[0], check_exact=True)
        assert found[1:] == told[1:]
    elif isinstance(told, pl.Series):
        assert_series_equal(found, told, check_exact=True)
    else:
        assert found == told


def agrees(name: str, engine: Engine, folder: Path, *, titles: Iterable[str] = CASES) -> None:
    """Every reduction of a ledger on an engine gives what polars finds in the plain lines, in their order."""
    plain = nw.from_native(lines_of(name).lazy())
    orders = opened(name, engine, folder)
    asked = {t: CASES[t] for t in titles if ledger.columns(plain).issuperset(CASES[t].needs)}
    assert len(asked) >= 2
    for title, case in asked.items():
        try:
            same(case.ask(orders), case.ask(plain))
        except Exception as error:
            error.add_note(f"{title}: {engine}, {name}")
            raise


@pytest.mark.parametrize("name", LEDGERS)
@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_whole_orders_and_engines_give_the_figures_of_the_lines(name, engine, tmp_path):
    agrees(name, engine, tmp_path)


def test_a_part_of_a_ledger_never_takes_the_tables_of_the_whole(tmp_path):
    orders = opened("ordinary", "polars", tmp_path)
    assert set(orders.kept) == set(get_args(ledger.Kept))
    wrong = {name: table.head(1) for name, table in orders.kept.items()}
    cut = replace(orders, kept=wrong)
    assert ledger.customer_table(cut).height == 1
    assert ledger.cohorts(cut).height == 1
    assert [ledger.spend_by(cut, c).height for c in ("category", "channel")] == [1, 1]
    assert len(ledger.values_of(cut, "category")) == 1
    everything = ledger.within(cut, start=-(10**10))
    asked = (
        "customer_table",
        "cohorts",
        "intervals",
        "spend_by",
        "spend_by, channel",
        "order_sizes, category",
    )
    for ask in (CASES[title].ask for title in asked):
        same(ask(everything), ask(nw.from_native(lines_of("ordinary").lazy())))


QUICK = {  # tiny tables: the time goes into starting and compiling
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.ui.enabled": "false",
}


@pytest.fixture(scope="module")
def spark():
    """A session of this module, on one core; Spark needs Java."""
    sql = pytest.importorskip("pyspark.sql", reason="PySpark is not installed")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, which is not here")
    session = sql.SparkSession.builder.master("local[1]").config(map=QUICK).getOrCreate()
    yield session
    session.stop()


@pytest.mark.usefixtures("spark")
@pytest.mark.parametrize("name", ["ordinary", "no customer ids", "all refunds"])
def test_spark_gives_the_figures_of_the_lines(name, tmp_path):
    agrees(name, "spark", tmp_path, titles=CASES if name == "ordinary" else FEW)


@pytest.mark.usefixtures("spark")
def test_an_analysis_of_a_study_runs_on_spark(study, capsys):
    lines = ["客户编号,订单号,下单时间,实付金额"]
    lines += [f"k{n % 7},{n},2024-03-{1 + n % 28:02d},{n}.1" for n in range(40)]
    pipeline.add(study, "\n".join(lines).encode(), "三月.csv")
    asked = ["run", str(study.path), "rfm", "--engine"]
    assert [cli.main([*asked, engine]) for engine in ("spark", "polars")] == [0, 0]
    spark, polars = (
        pipeline.run(study, "rfm", engine=engine).tables["customers"]
        for engine in ("spark", "polars")
    )
    assert_frame_equal(spark, polars, check_exact=True)
    assert spark["spend"].sum() == pytest.approx(sum(range(40)) + 4)
    assert "RFM" in capsys.readouterr().out


def test_without_pyspark_one_sentence_says_so(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)
    with pytest.raises(EngineMissing, match="没有 PySpark"):
        opened("ordinary", "spark", tmp_path)
