"""The customers' pages on a superstore and a supermarket, their main figures worked out again by pandas."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from conftest import shared

from insight import pipeline
from insight.errors import TooFewRows
from insight.study import Study

DAY = pd.Timedelta(days=1)


@pytest.fixture(scope="module")
def superstore(tmp_path_factory) -> tuple[Study, pd.DataFrame]:
    """The study of the Chinese superstore, and its lines in pandas."""
    path = shared("data/tableau_superstore_zh/示例 - 超市.xls")
    study = pipeline.new(tmp_path_factory.mktemp("superstore") / "study")
    pipeline.add(study, path.read_bytes(), path.name)
    sheet = pl.read_excel(path, sheet_name="订单")
    names = {"客户 ID": "who", "订单 ID": "order", "订单日期": "at", "销售额": "amount", "折扣": "off", "数量": "pieces", "类别": "category"}  # fmt: skip
    lines = sheet.select(*(pl.col(a).alias(b) for a, b in names.items())).to_pandas()
    return study, lines.assign(at=pd.to_datetime(lines["at"]))


@pytest.fixture(scope="module")
def supermarket(tmp_path_factory) -> tuple[Study, pd.DataFrame]:
    """The study of a twentieth of the households of The Complete Journey, and their lines in pandas."""
    lines = pl.read_parquet(shared("data/completejourney/dev/transactions.parquet"))
    lines = lines.filter(pl.col("household_id") % 20 == 3)
    folder: Path = tmp_path_factory.mktemp("supermarket")
    lines.write_parquet(folder / "transactions.parquet")
    study = pipeline.new(folder / "study")
    added = pipeline.add(study, (folder / "transactions.parquet").read_bytes(), "transactions.parquet")  # fmt: skip
    assert added.sources[0].roles["retail_disc"] == "discount"
    names = {"household_id": "who", "basket_id": "order", "transaction_timestamp": "at", "sales_value": "amount", "retail_disc": "off"}  # fmt: skip
    return study, lines.select(*(pl.col(a).alias(b) for a, b in names.items())).to_pandas()


def _by_order(lines: pd.DataFrame, *, by_month: bool = False) -> pd.DataFrame:
    """Paid orders; by month, one with lines in two months (the superstore has some) is in both."""
    parts = [lines["at"].dt.to_period("M").rename("month")] if by_month else []
    orders = lines.groupby(["who", "order", *parts]).agg(at=("at", "min"), amount=("amount", "sum"))
    return orders[orders["amount"] > 0].reset_index()


def _months(at: pd.Series) -> pd.Series:
    return at.dt.year * 12 + at.dt.month


SHOPS = ("superstore", "supermarket")


@pytest.mark.parametrize("shop", SHOPS)
def test_recency_frequency_and_money_are_those_of_every_customer(shop, request):
    study, lines = request.getfixturevalue(shop)
    table = pipeline.run(study, "rfm").tables["customers"]
    orders = _by_order(lines)
    own = orders.groupby("who").agg(
        last=("at", "max"), n=("order", "size"), spend=("amount", "sum")
    )
    assert table.height == len(own)
    assert sorted(table["n_orders"]) == sorted(own["n"])
    np.testing.assert_allclose(np.sort(table["spend"]), np.sort(own["spend"]), atol=0.006)
    since = (orders["at"].max().normalize() - own["last"].dt.normalize()) // DAY
    assert sorted(table["days_since_last"]) == sorted(since)


@pytest.mark.parametrize("shop", SHOPS)
def test_the_share_of_the_best_fifth_and_the_number_for_most_are_cumulative_sums(shop, request):
    study, lines = request.getfixturevalue(shop)
    row = pipeline.run(study, "concentration").tables["summary"].row(0, named=True)
    spend = lines.groupby("who")["amount"].sum().sort_values(ascending=False)
    spend = spend[spend > 0]
    assert row["n_customers"] == len(spend)
    whole, part = divmod(len(spend) / 5, 1)  # of the last customer of the fifth, a part
    best = spend.head(int(whole)).sum() + part * spend.iloc[int(whole)]
    assert row["top_share"] == pytest.approx(best / spend.sum(), abs=1e-6)
    reached = spend.cumsum() / spend.sum() >= 0.8
    assert row["n_for_most"] == int(np.argmax(reached.to_numpy())) + 1


@pytest.mark.parametrize("shop", SHOPS)
def test_every_month_has_its_orders_customers_and_money(shop, request):
    study, lines = request.getfixturevalue(shop)
    table = pipeline.run(study, "trend").tables["monthly"].to_pandas()
    orders = _by_order(lines, by_month=True)
    own = orders.groupby(orders["at"].dt.to_period("M")).agg(n=("order", "size"), who=("who", "nunique"), amount=("amount", "sum"))  # fmt: skip
    assert table["n_orders"].tolist() == own["n"].tolist()
    assert table["n_customers"].tolist() == own["who"].tolist()
    np.testing.assert_allclose(table["amount"], own["amount"], atol=0.006)


@pytest.mark.parametrize("shop", SHOPS)
def test_each_cohort_keeps_who_buys_again_in_later_months(shop, request):
    study, lines = request.getfixturevalue(shop)
    table = pipeline.run(study, "retention").tables["cohorts"].to_pandas()
    orders = _by_order(lines, by_month=True)
    month = _months(orders["at"])
    first = month.groupby(orders["who"]).transform("min")
    own = orders.assign(cohort=first, period=month - first).groupby(["cohort", "period"])["who"].nunique()  # fmt: skip
    told = table.assign(cohort=_months(pd.to_datetime(table["cohort"]))).set_index(["cohort", "period"])["n_active"]  # fmt: skip
    assert told[told > 0].to_dict() == own.to_dict()


@pytest.mark.parametrize("shop", SHOPS)
def test_who_bought_twice_within_the_last_year_is_the_repeat_rate(shop, request):
    study, lines = request.getfixturevalue(shop)
    row = pipeline.run(study, "repurchase").tables["rates"].row(0, named=True)
    orders = _by_order(lines)
    start = orders["at"].max().normalize() + DAY - pd.Timedelta(days=365)
    n = orders[orders["at"] >= start].groupby("who").size()
    assert (row["n_counted"], row["base"]) == (int((n >= 2).sum()), len(n))


@pytest.mark.parametrize("shop", SHOPS)
def test_stages_count_purchase_days_and_leave_nobody_out(shop, request):
    study, lines = request.getfixturevalue(shop)
    tables = pipeline.run(study, "lifecycle").tables
    orders = _by_order(lines)
    own = orders.assign(day=orders["at"].dt.normalize()).groupby("who")["day"].nunique()
    assert sorted(tables["customers"]["n_purchases"]) == sorted(own)
    assert tables["stages"]["n_customers"].sum() == len(own)


@pytest.mark.parametrize("shop", SHOPS)
def test_intervals_are_the_gaps_between_purchase_days_and_one_open_end_each(shop, request):
    study, lines = request.getfixturevalue(shop)
    row = pipeline.run(study, "intervals").tables["categories"].row(0, named=True)
    orders = _by_order(lines)
    n = orders.assign(day=orders["at"].dt.normalize()).groupby("who")["day"].nunique()
    assert row["n_events"] == int((n - 1).sum())
    assert row["n_customers"] <= len(n)


def test_categories_lie_together_in_as_many_orders_as_the_sheet_says(superstore):
    study, lines = superstore
    changes = {"level": "category", "prune": False, "min_confidence": 0.01}
    table = pipeline.run(study, "basket_rules", changes=changes).tables["rules"]
    held = pd.crosstab([lines["who"], lines["order"]], lines["category"]).gt(0)
    row = table.filter(antecedent="技术", consequent="家具").row(0, named=True)
    both, first, second = (
        (held["技术"] & held["家具"]).sum(),
        held["技术"].sum(),
        held["家具"].sum(),
    )
    assert row["n_baskets"] == both
    assert row["confidence"] == pytest.approx(both / first)
    assert row["lift"] == pytest.approx(both / first / (second / len(held)))


def test_products_too_many_for_the_support_give_no_rules_and_no_traceback(superstore):
    """Of 1,850 products none lies in half a percent of 4,979 orders."""
    result = pipeline.run(superstore[0], "basket_rules")
    assert result.tables["rules"].height == 0
    assert "0 条规则" in result.findings[0].text


def test_the_bands_hold_the_pieces_and_the_money_of_the_sheet(superstore):
    study, lines = superstore
    table = pipeline.run(study, "price_bands", changes={"edges": "100、500"}).tables["bands"]
    price = lines["amount"] / lines["pieces"]
    own = lines.groupby(np.digitize(price, [100, 500]))[["pieces", "amount"]].sum()
    assert table["n_pieces"].to_list() == own["pieces"].tolist()
    np.testing.assert_allclose(table["sales_amount"], own["amount"], atol=0.006)


def test_the_migration_of_frequency_keeps_every_yuan_of_both_times(superstore):
    study, _ = superstore
    tables = pipeline.run(study, "migration", changes={"by": "frequency"}).tables
    for column in ("n_customers", "spend_before", "spend_after"):
        assert tables["matrix"][column].sum() == pytest.approx(tables["directions"][column].sum())


def test_a_discount_written_as_a_share_is_taken_as_the_share_off(superstore):
    study, lines = superstore
    row = pipeline.run(study, "promotions").tables["summary"].row(0, named=True)
    own = lines.assign(deal=lines["off"] > 0)
    orders = own.groupby(["who", "order"])["deal"].max()
    on = own[own["deal"]]
    assert (row["n_orders"], row["n_deals"]) == (len(orders), int(orders.sum()))
    assert row["full_price_share"] == pytest.approx(1 - on["amount"].sum() / own["amount"].sum())
    assert row["saved_amount"] == pytest.approx((on["amount"] * on["off"] / (1 - on["off"])).sum(), abs=0.5)  # fmt: skip


def test_a_discount_written_in_money_is_taken_as_money(supermarket):
    study, lines = supermarket
    row = pipeline.run(study, "promotions").tables["summary"].row(0, named=True)
    paid = lines[lines["amount"] > 0]
    on = paid[(paid["off"] > 0) & (paid["off"] >= 0.01 * (paid["off"] + paid["amount"]) - 1e-9)]
    assert row["n_deals"] == len(on.groupby(["who", "order"]))
    assert row["saved_amount"] == pytest.approx(on["off"].sum(), abs=0.01)
    assert row["off_share"] == pytest.approx(on["off"].sum() / (on["off"] + on["amount"]).sum())


@pytest.mark.parametrize("shop", SHOPS)
def test_a_shop_without_refunds_says_so_in_one_sentence(shop, request):
    with pytest.raises(TooFewRows, match="退款或退货的订单"):
        pipeline.run(request.getfixturevalue(shop)[0], "refunds")
