"""Moves between two dates by hand: groups of each period, directions, money, who fell; dates that cannot be used."""

from __future__ import annotations

from datetime import date

import pandas as pd
import polars as pl
import pytest
from conftest import orders_of, shared

from insight.analyses import find
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import BadParameter, TooFewRows, UnknownName
from insight.segmentation.migration import Dates, dates_of

DAY = 86_400
START = (date(2024, 1, 1) - date(1970, 1, 1)).days


def _bought(who: str, *times: tuple[int, float]) -> list[dict[str, object]]:
    return [{"customer_id": who, "order_id": f"{who}{day}", "ordered_at": (START + day) * DAY, "amount": amount} for day, amount in times]  # fmt: skip


# Two periods of 100 days: 100-199 and 200-299. In the first ten buy, in the second eleven.
LINES = [
    *_bought("top", (110, 1000), (210, 2000)),
    *_bought("fell", (120, 900), (220, 5)),
    *_bought("left", (130, 300)),
    *_bought("rose", (140, 10), (240, 3000)),
    *_bought("back", (10, 50), (250, 20)),
    *_bought("new", (299, 30)),
    *(line for i in range(6) for line in _bought(f"same{i}", (150 + i, 40 + i), (260 + i, 40 + i))),
]
PARAMS = {"first_day": "2024-07-18", "second_day": "2024-10-26", "days": 100}  # days 199 and 299


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return Dataset(orders=orders_of(LINES))


def _run(dataset, **changes):
    return answer(find("migration"), dataset, find("migration").params(**{**PARAMS, **changes}))


def test_every_customer_moves_from_its_group_to_its_group(dataset):
    table = _run(dataset).tables["matrix"]
    moved = {(r["from_segment"], r["to_segment"]): r for r in table.to_dicts() if r["n_customers"]}
    # first: ten buyers, 高消费 = the two with fewer than 20 % above; second: eleven, the three with
    # fewer than 20 % above (2/11 = 18 %): rose 3000, top 2000 and the largest of the others, same5
    assert moved["高消费", "高消费"]["n_customers"] == 1
    assert moved["高消费", "低消费"]["spend_change"] == 5 - 900
    assert moved["低消费", "高消费"]["spend_after"] == 3000
    assert moved["中消费", "没有再来"]["spend_change"] == -300
    assert {k[0] for k in moved if k[0] not in ("高消费", "中消费", "低消费")} == {"首次购买的人", "沉睡后回来的人"}  # fmt: skip
    assert table["n_customers"].sum() == 12
    assert table["spend_change"].sum() == sum(table["spend_after"]) - sum(table["spend_before"])
    assert table["base"].min() > 0


def test_directions_and_money_add_up(dataset):
    table = _run(dataset).tables["directions"]
    by = {row["direction"]: row for row in table.to_dicts()}
    assert by["没有再来"]["n_customers"] == 1
    assert (by["新来或回来"]["n_customers"], by["新来或回来"]["spend_after"]) == (2, 50)
    assert table["n_customers"].sum() == 12
    assert table["spend_before"].sum() == 1000 + 900 + 300 + 10 + sum(40 + i for i in range(6))


def test_who_fell_from_the_highest_group_is_listed_with_the_loss(dataset):
    result = _run(dataset)
    assert result.tables["fallen"].rows() == [("fell", "高消费", "低消费", 900.0, 5.0, -895.0)]
    assert "掉下来的 1 人，消费由 ¥900 变为 ¥5" in " ".join(f.text for f in result.findings)
    lower = _run(dataset, high="中消费").tables["fallen"]
    assert "left" in lower["customer_id"].to_list()


def test_a_small_group_has_no_rates(dataset):
    kept = _run(dataset).tables["kept"]
    assert kept.filter(segment="高消费")["kept_rate"].to_list() == [None]
    assert not any("%" in f.text for f in _run(dataset).findings)


def test_rates_have_their_wilson_interval():
    lines = [line for i in range(40) for line in _bought(f"c{i:02}", (150, 100 + i), *([(250, 100 + i)] if i < 30 else []))]  # fmt: skip
    kept = _run(Dataset(orders=orders_of(lines)), by="frequency").tables["kept"].row(0, named=True)
    assert (kept["segment"], kept["kept_rate"], kept["gone_rate"]) == ("1 单", 0.75, 0.25)
    # Wilson for 30 of 40, z = 1.96: (0.75 + 0.048 ± 1.96 sqrt(0.00469 + 0.0006)) / 1.096
    assert (kept["ci_low"], kept["ci_high"]) == (pytest.approx(0.598, abs=1e-3), pytest.approx(0.858, abs=1e-3))  # fmt: skip


def test_more_orders_are_a_rise(dataset):
    lines = [line for i in range(12) for line in _bought(f"c{i:02}", (150, 10), (250, 10), (251 + i, 10))]  # fmt: skip
    table = _run(Dataset(orders=orders_of(lines)), by="frequency").tables["directions"]
    assert table.select("direction", "n_customers").rows() == [("上升", 12)]


@pytest.mark.parametrize("by", ["rfm", "rfm11", "high_ticket", "frequency"])
def test_every_way_of_grouping_keeps_every_customer(dataset, by):
    assert _run(dataset, by=by).tables["matrix"]["n_customers"].sum() == 12


def test_without_dates_the_last_two_periods_are_compared(dataset):
    # days 10 to 299: 290 days, two halves of 145
    found = dates_of(dataset.orders, first="", second="", days=0)
    assert found == Dates(date(2024, 6, 3), date(2024, 10, 26), 145)
    long = orders_of([*LINES, *_bought("later", (2_000, 5))])
    assert dates_of(long, first="", second="", days=0).days == 365


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"first_day": "2024-12-01"}, "早于后一个日期"),
        ({"first_day": "2020-01-01"}, "不早于第一单"),
        ({"second_day": "明天"}, "后一个日期"),
    ],
)
def test_dates_that_cannot_be_compared_are_refused(dataset, changes, said):
    with pytest.raises(BadParameter, match=said):
        _run(dataset, **changes)


def test_one_day_and_an_empty_period_are_said_in_one_sentence(dataset):
    with pytest.raises(TooFewRows, match="日期只有 1 个"):
        answer(find("migration"), Dataset(orders=orders_of(_bought("a", (1, 5)))))
    with pytest.raises(TooFewRows, match="天里有付款订单的客户一个也没有"):
        _run(dataset, first_day="2024-01-30", days=5)
    with pytest.raises(UnknownName, match="没有叫“最高”的分层"):
        _run(dataset, high="最高")


GROUPS = ("高消费", "中消费", "低消费")


def _cdnow() -> pd.DataFrame:
    """The 1/10 sample of CDNOW: its own number, the day, discs, dollars; a day is an order."""
    path = shared("data/cdnow/CDNOW_sample.txt")
    names = ["master", "customer_id", "day", "discs", "amount"]
    lines = pd.read_csv(
        path, sep=r"\s+", header=None, names=names, dtype={"customer_id": str, "day": str}
    )
    return lines.assign(day=pd.to_datetime(lines["day"], format="%Y%m%d"))


def _tiers(lines: pd.DataFrame) -> pd.DataFrame:
    """Spend and tier of everybody who paid in these lines, by the share of people who spent more."""
    paid = lines[lines["amount"] > 0]["customer_id"].unique()
    spend = lines.groupby("customer_id")["amount"].sum().round(2).loc[paid]
    above = (spend.rank(method="min", ascending=False) - 1) / len(spend)
    tier = pd.cut(above, [-1, 0.2 - 1e-12, 0.5 - 1e-12, 1], labels=list(GROUPS)).astype(str)
    return pd.DataFrame({"spend": spend, "tier": tier})


def test_the_tiers_of_cdnow_move_as_pandas_counts_them():
    lines = _cdnow()
    first, second = (lines["day"].between(*span) for span in (("1997-01-01", "1997-06-30"), ("1997-12-30", "1998-06-28")))  # fmt: skip
    before, after = _tiers(lines[first]), _tiers(lines[second])
    both = before.join(after, how="outer", suffixes=("_before", "_after"))
    known = set(lines[(lines["day"] <= "1997-06-30") & (lines["amount"] > 0)]["customer_id"])
    came = pd.Series(
        ["沉睡后回来的人" if c in known else "首次购买的人" for c in both.index], both.index
    )
    start, end = both["tier_before"].fillna(came), both["tier_after"].fillna("没有再来")
    sums = both.fillna({"spend_before": 0, "spend_after": 0}).groupby([start, end]).agg(
        n=("spend_before", "size"), spend_before=("spend_before", "sum"), spend_after=("spend_after", "sum")
    )  # fmt: skip
    rows = lines.assign(
        ordered_at=lines["day"].astype("datetime64[s]").astype("int64"), order_id=range(len(lines))
    )
    orders = pl.from_pandas(rows[["customer_id", "ordered_at", "amount", "order_id"]]).with_columns(
        pl.col("order_id").cast(pl.String)
    )
    dataset = Dataset(orders=orders_of(orders.to_dicts()))
    asked = find("migration").params(
        by="value_tier", first_day="1997-06-30", second_day="1998-06-28", days=181
    )
    table = answer(find("migration"), dataset, asked).tables["matrix"]
    told = table.filter(pl.col("n_customers") > 0)
    assert told.height == len(sums)
    for row in told.rows(named=True):
        own = sums.loc[(row["from_segment"], row["to_segment"])]
        assert row["n_customers"] == own["n"]
        assert (row["spend_before"], row["spend_after"]) == pytest.approx(
            (own["spend_before"], own["spend_after"]), abs=0.005
        )
