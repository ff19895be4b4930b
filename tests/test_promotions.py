"""What is on discount: counts by hand however it is written, who depends on it, who comes back, bad input."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from conftest import orders_of, shared
from scipy.stats import binomtest

from insight import cli, ledger, pipeline
from insight.analyses import find
from insight.analysis import answer, lacking
from insight.dataset import Dataset
from insight.deals.buyers import FULL, ONCE_DEAL, ONLY, SOMETIMES, WON
from insight.deals.discounts import tells_of
from insight.errors import MissingColumns, TooFewRows
from insight.stats.differences import shares_differ

ANALYSIS = find("promotions")
DAY = 86_400


def _line(who, order, amount, **told):
    return {"customer_id": who, "order_id": str(order), "ordered_at": order * DAY, "amount": float(amount), **told}  # fmt: skip


def _orders(rows):
    """The lines with every column that may tell of a discount, empty where they do not say."""
    told = {
        "refund": nw.Float64,
        "discount": nw.Float64,
        "list_price": nw.Float64,
        "promotion": nw.String,
        "quantity": nw.Float64,
    }
    known = orders_of([dict.fromkeys(told) | row for row in rows])
    return known.with_columns(**{name: nw.col(name).cast(kind) for name, kind in told.items()})


def _asked(rows, **params):
    return answer(ANALYSIS, Dataset(orders=_orders(rows)), ANALYSIS.params.model_validate(params))


# order 1: two lines, one of them 20 of 100 off; order 2: full price; order 3: 50 of 100 off, refunded later
MONEY = [
    _line("a", 1, 80, discount=20.0), _line("a", 1, 40, discount=0.0), _line("a", 2, 60, discount=None),
    _line("b", 3, 0, discount=50.0, refund=50.0), _line("b", 4, -10, discount=5.0), _line("c", 5, 99.5, discount=0.5),
]  # fmt: skip
SUMS = {
    "group": "",
    "n_orders": 4,
    "n_deals": 2,
    "sales": 329.5,
    "deal_sales": 130.0,
    "saved": 70.0,
}


def _discounts(rows, **params):
    orders = _orders(rows)
    told = tells_of(orders, written=params.get("written", "auto"), least=params.get("least", 0.01))
    return ledger.discounts(orders, told, by=params.get("by", "")).rows(named=True)


def test_orders_and_money_on_discount_are_those_counted_by_hand():
    """99.5 of 100 is half a percent off: below one percent it is no discount."""
    assert _discounts(MONEY) == [SUMS]
    assert _discounts(MONEY, least=0.0)[0]["n_deals"] == 3


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("auto", (0.2, 0.0, None, 0.5, 0.5, 0.005)),  # 0 is commoner than 1: what is taken off
        ("auto", (0.8, 1.0, 1.0, 0.5, 0.5, 0.995)),  # 1 is commoner: what is left to pay
        ("money", (20.0, 0.0, 0.0, 50.0, 5.0, 0.5)),
        ("money", (-20.0, 0.0, 0.0, -50.0, -5.0, -0.5)),  # some files write it with its sign
    ],
)
def test_a_discount_may_be_written_in_yuan_as_the_share_off_or_as_the_share_to_pay(written, told):
    rows = [row | {"discount": off} for row, off in zip(MONEY, told, strict=True)]
    assert _discounts(rows, written=written) == [SUMS]


def test_a_list_price_is_that_of_one_piece():
    rows = [_line("a", 1, 80, list_price=50.0, quantity=2.0), _line("a", 2, 100, list_price=50.0, quantity=2.0), _line("a", 3, 50, list_price=50.0)]  # fmt: skip
    found = _discounts(rows)[0]
    assert (found["n_deals"], found["saved"], found["deal_sales"]) == (1, 20.0, 80.0)


def test_the_name_of_a_coupon_is_a_discount_and_words_for_none_are_not():
    names = ["618 满减", " ", "无", None, "未使用"]
    rows = [_line("a", n, 10, promotion=name) for n, name in enumerate(names)]
    assert _discounts(rows)[0]["n_deals"] == 1
    table = _asked(rows).tables["depths"]
    assert table.rows(named=True) == [{"depth": "不知道幅度", "n_orders": 1, "share_of_orders": 1.0, "sales_amount": 10.0}]  # fmt: skip


def test_an_order_of_two_sources_saves_the_larger_of_both():
    found = _discounts([_line("a", 1, 80, discount=10.0, list_price=100.0)])[0]
    assert found["saved"] == 20.0


def test_a_tenth_off_is_in_the_band_from_ten_whatever_the_cents():
    rows = [_line("a", n, 8.99 + n / 100, discount=1.0) for n in range(3)]  # 10.01 %, 10 %, 9.99 %
    assert _asked(rows, written="money").tables["depths"]["depth"].to_list() == ["10%–20%"]


def test_a_day_belongs_to_its_festival_and_the_rest_are_ordinary():
    june, march = 20_258, 20_160  # 2025-06-19 is within 618; 2025-03-13 is nothing
    rows = [_line("a", june, 10, discount=5.0), _line("a", march, 10), _line("b", march, 10)]
    table = _asked(rows).tables["festivals"]
    assert table.select("festival", "n_days", "n_orders", "n_deals").rows() == [("618", 1, 1, 1), ("平日", 1, 2, 0)]  # fmt: skip


def test_who_buys_only_on_discount_is_told_apart_from_who_bought_once():
    rows = [
        *(_line("only", n, 10, discount=5.0) for n in (1, 2)), _line("once", 3, 10, discount=5.0),
        _line("both", 4, 10, discount=5.0), _line("both", 5, 10), _line(None, 6, 10),
    ]  # fmt: skip
    table = _asked(rows).tables["dependence"]
    assert table.select("group", "n_customers", "n_orders").rows() == [(ONLY, 1, 2), (SOMETIMES, 1, 2), (ONCE_DEAL, 1, 1)]  # fmt: skip
    who = ANALYSIS.members(Dataset(orders=_orders(rows)), ANALYSIS.params(), _asked(rows))  # fmt: skip
    assert who["dependence"].frame.filter(group=ONLY).collect()["customer_id"].to_list() == ["only"]


def _first_orders(n_deal, n_full, back_deal, back_full):
    """Customers whose first order was on discount or not, some of whom came back ten days later."""
    rows, order = [], 0
    for kind, n, back in (("d", n_deal, back_deal), ("f", n_full, back_full)):
        off = 5.0 if kind == "d" else 0.0
        for i in range(n):
            rows.append(_line(f"{kind}{i}", order, 10, discount=off) | {"ordered_at": 0})
            order += 1
            if i < back:
                rows.append(_line(f"{kind}{i}", order, 30, discount=0.0) | {"ordered_at": 10 * DAY})
                order += 1
    rows.append(_line("late", order, 10, discount=5.0) | {"ordered_at": 95 * DAY})
    return rows


def test_customers_won_by_a_discount_are_compared_with_the_others_by_who_comes_back():
    result = _asked(_first_orders(60, 50, 12, 30))
    deal, full = result.tables["won"].rows(named=True)
    assert (deal["group"], deal["n_customers"], deal["n_mature"], deal["n_again"], deal["n_again_full"]) == (WON, 61, 60, 12, 12)  # fmt: skip
    assert (full["group"], full["n_mature"], full["n_again"]) == (FULL, 50, 30)
    assert deal["later_amount"] == pytest.approx(12 * 30 / 60)
    peer = binomtest(12, 60).proportion_ci(method="wilson")
    assert (deal["ci_low"], deal["ci_high"]) == pytest.approx((peer.low, peer.high))
    assert shares_differ((12, 60), (30, 50)).p_value < 0.05
    told = next(f for f in result.findings if f.text.startswith(WON))
    assert "低 40.0 个百分点，差异显著（大）" in told.text
    assert _asked(_first_orders(60, 50, 12, 30), days=5).tables["won"]["n_again"].to_list() == [
        0,
        0,
    ]


def test_a_difference_of_chance_or_of_few_is_not_called_significant():
    assert "差异不显著" in _asked(_first_orders(60, 50, 12, 10)).findings[1].text
    assert "只作方向性参考" in _asked(_first_orders(20, 20, 1, 15)).findings[1].text


def test_orders_on_discount_are_more_or_less_often_first_orders():
    table = _asked(_first_orders(60, 50, 12, 30)).tables["acquisition"]
    assert table.rows() == [("有优惠的订单", 61, 61, 1.0), ("原价订单", 92, 50, 50 / 92)]


def test_without_such_columns_it_is_not_offered_and_empty_ones_are_said():
    plain = Dataset(orders=orders_of([_line("a", 1, 10)]))
    assert lacking(ANALYSIS, plain) == ("订单：折扣或标价或促销",)
    with pytest.raises(MissingColumns):
        answer(ANALYSIS, plain)
    with pytest.raises(TooFewRows, match="折扣、标价或优惠券"):
        _asked([_line("a", 1, 10, discount=0.0, promotion="无")])
    with pytest.raises(TooFewRows, match="付款订单"):
        _asked([_line("a", 1, -10, discount=2.0)])


def test_without_customers_months_and_depths_remain():
    rows = [{k: v for k, v in row.items() if k != "customer_id"} for row in MONEY]
    result = _asked(rows)
    assert set(result.tables) == {"summary", "months", "festivals", "depths"}
    assert "不给出占比" in result.findings[0].text


def test_the_example_study_gives_back_who_was_planted_to_buy_on_discount(demo_study, tmp_path, capsys):  # fmt: skip
    """Tasters buy 70 % of their orders on discount, high-ticket customers 10 %; more in June and November."""
    asked = ["run", str(demo_study.path), "promotions", "--out", str(tmp_path)]  # fmt: skip
    assert cli.main(asked) == 0
    assert "优惠" in capsys.readouterr().out
    tables = pipeline.run(demo_study, "promotions", changes={"by": "high_ticket"}).tables
    rate = dict(tables["segments"].select("segment", "deal_rate").rows())
    assert 0.1 < rate["高客单"] < 0.25 < rate["其他客单"]
    months = tables["months"].group_by(month=pl.col("month").dt.month()).agg(pl.col("deal_rate").mean())  # fmt: skip
    assert set(months.sort("deal_rate")["month"].tail(2)) == {6, 11}
    won = tables["won"]["repurchase_rate"]
    assert won[0] < won[1]


@pytest.fixture(scope="module")
def supermarket() -> tuple[pl.DataFrame, Dataset]:
    """A tenth of the households of The Complete Journey; discounts are written in three columns."""
    lines = pl.read_parquet(shared("data/completejourney/dev/transactions.parquet"))
    lines = lines.filter(pl.col("household_id") % 10 == 3, pl.col("sales_value") > 0)
    lines = lines.with_columns(off=pl.sum_horizontal("retail_disc", "coupon_match_disc"))
    seconds = pl.col("transaction_timestamp").dt.epoch("s")
    at = pl.col("transaction_timestamp")
    orders = lines.select(
        customer_id=pl.col("household_id").cast(pl.String), order_id=pl.col("basket_id").cast(pl.String),
        ordered_at=seconds, amount="sales_value", discount="off", ordered_month=(at.dt.year() * 100 + at.dt.month().cast(pl.Int32)).cast(pl.Int64),
    )  # fmt: skip
    return lines, Dataset(orders=orders_of(orders.drop("ordered_month").rows(named=True)))


def test_the_discounts_of_a_supermarket_are_those_of_pandas(supermarket):
    lines, dataset = supermarket
    result = answer(ANALYSIS, dataset)
    frame = lines.to_pandas()
    frame["full"] = frame["sales_value"] + frame["off"]
    frame["deal"] = (frame["off"] > 0) & (frame["off"] >= 0.01 * frame["full"] - 1e-9)
    order = frame.groupby(["household_id", "basket_id"]).agg(deal=("deal", "max"), at=("transaction_timestamp", "min")).reset_index()  # fmt: skip
    row = result.tables["summary"].row(0, named=True)
    assert (row["n_orders"], row["n_deals"]) == (len(order), int(order["deal"].sum()))
    on_deal = frame[frame["deal"]]
    assert row["deal_sales_share"] == pytest.approx(on_deal["sales_value"].sum() / frame["sales_value"].sum(), abs=1e-9)  # fmt: skip
    assert row["off_share"] == pytest.approx(on_deal["off"].sum() / on_deal["full"].sum(), abs=1e-6)
    per = order.groupby("household_id")["deal"].agg(["size", "sum"])
    only = ((per["size"] > 1) & (per["size"] == per["sum"])).sum()
    table = result.tables["dependence"]
    assert table.filter(group=ONLY)["n_customers"].sum() == only
    first = order.sort_values("at").groupby("household_id").first()
    assert result.tables["won"].filter(group=WON)["n_customers"].item() == int(first["deal"].sum())
    assert np.isclose(table["share_of_sales"].sum(), 1.0)
