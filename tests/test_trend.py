"""How sales move over time: whole and partial periods, festivals, hours, seasons, forecasts, alerts, order values."""

from __future__ import annotations

from datetime import UTC, date, datetime

import holidays
import narwhals as nw
import numpy as np
import polars as pl
import pytest
from conftest import orders_of, shared

from insight import ledger, periods
from insight.analyses import find
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import BadParameter, InsightError, TooFewRows
from insight.periods.festival_sales import festival_effects
from insight.periods.festivals import festivals, named, spring_festival

DAY = 86_400


def at(day: str, hour: int = 12) -> int:
    return int(datetime.fromisoformat(f"{day}T{hour:02d}:00:00").replace(tzinfo=UTC).timestamp())


def sold(day: str, amount: float, **more) -> dict[str, object]:
    """One order of one line."""
    made = {"customer_id": "a", "order_id": f"{day}{amount}{more}", "ordered_at": at(day), "amount": amount}  # fmt: skip
    return made | more


def daily(first: str, n: int, amount) -> list[dict[str, object]]:
    """An order a day."""
    days = [date.fromisoformat(first).toordinal() + i for i in range(n)]
    return [sold(str(date.fromordinal(d)), amount(date.fromordinal(d))) for d in days]


def ask(key: str, rows: list[dict[str, object]], **params):
    analysis = find(key)
    chosen = analysis.params.model_validate(params)
    return answer(analysis, Dataset(orders=orders_of(rows)), chosen)


# --- festivals


def test_the_spring_festival_is_that_of_the_state_calendar_in_every_year():
    state = holidays.country_holidays("CN", years=range(1950, 2100), language="zh_CN")
    for year in range(1950, 2100):
        assert "春节" in state[spring_festival(year)], year
    assert spring_festival(1900) is spring_festival(2100) is None


def test_moon_festivals_move_and_the_others_stay():
    found = {f.name: f.day for f in festivals(date(2025, 1, 1), date(2025, 12, 31))}
    assert (found["端午"], found["七夕"], found["中秋"]) == (date(2025, 5, 31), date(2025, 8, 29), date(2025, 10, 6))  # fmt: skip
    assert (found["618"], found["双11"], found["38 节"]) == (date(2025, 6, 18), date(2025, 11, 11), date(2025, 3, 8))  # fmt: skip
    assert named(festivals(date(2025, 10, 1), date(2025, 10, 31))) == "国庆、中秋"
    assert festivals(date(2150, 1, 1), date(2150, 12, 31)) == ()


# --- trend


def test_a_month_that_has_only_begun_is_grey_and_compared_with_nothing():
    rows = daily("2024-01-10", 400, lambda d: 100 + (d.year - 2024) * 50)
    table = ask("trend", rows).tables["monthly"]
    partial = table.filter("is_partial")["month"].to_list()
    assert partial == [date(2024, 1, 1), date(2025, 2, 1)]
    by = {row["month"]: row for row in table.to_dicts()}
    assert by[date(2025, 2, 1)]["change_on_month"] is None
    assert by[date(2024, 2, 1)]["change_on_month"] is None  # January 2024 is not whole
    assert by[date(2024, 4, 1)]["change_on_month"] == pytest.approx(3000 / 3100 - 1)
    assert by[date(2025, 1, 1)]["change_on_year"] is None
    assert by[date(2024, 11, 1)]["festivals"] == "双11"


def test_a_shop_that_rests_at_weekends_has_whole_months_all_the_same():
    rows = [r for r in daily("2024-01-01", 182, lambda _: 10) if datetime.fromtimestamp(r["ordered_at"], UTC).weekday() < 5]  # fmt: skip
    covered = periods.observed(orders_of(rows))
    assert (covered.last, covered.slack) == (date(2024, 6, 28), 2)  # June ends on a Sunday
    assert covered.holds(date(2024, 6, 1), "month")
    assert not periods.observed(orders_of(daily("2024-01-01", 180, lambda _: 10))).holds(date(2024, 6, 1), "month")  # fmt: skip


def test_january_and_february_are_added_up_where_the_spring_festival_moves():
    rows = daily("2024-01-01", 500, lambda d: 200 if d.year == 2025 else 100)
    result = ask("trend", rows)
    joint = result.tables["spring"].to_dicts()
    assert [row["spring_festival"] for row in joint] == [date(2024, 2, 10), date(2025, 1, 29)]
    assert joint[1]["change_on_year"] == pytest.approx(59 * 200 / (60 * 100) - 1)
    assert any("春节从 02-10 移到 01-29" in f.text for f in result.findings)


def test_weeks_begin_on_monday_and_are_compared_with_52_weeks_before():
    rows = daily("2024-01-01", 7 * 60, lambda d: 10 if d < date(2024, 12, 30) else 15)
    table = ask("trend", rows, grain="week").tables["weekly"]
    assert table["week"][0] == date(2024, 1, 1)
    assert not table["is_partial"].any()
    assert table["change_on_year"].to_list()[52:] == pytest.approx([0.5] * 8)


def test_days_are_compared_with_the_same_weekday():
    rows = daily("2024-01-01", 21, lambda d: float(d.isoweekday()))
    table = ask("trend", rows, grain="day").tables["daily"]
    assert table["change_on_week"].drop_nulls().to_list() == pytest.approx([0.0] * 14)


def test_one_day_of_sales_makes_no_comparison_but_a_sentence():
    (found,) = ask("trend", [sold("2024-05-20", 99)]).findings
    assert "还没有一个完整的月" in found.text
    assert "1 单" in found.text


# --- hours


def test_an_average_weekday_is_divided_by_how_many_of_them_there_were():
    # 2024-01-01 is a Monday; to 2024-01-15 there are three Mondays and two of every other day
    rows = [sold("2024-01-01", 10, ordered_at=at("2024-01-01", 9)), sold("2024-01-08", 20, ordered_at=at("2024-01-08", 9)), sold("2024-01-15", 30, ordered_at=at("2024-01-15", 21))]  # fmt: skip
    tables = ask("hours", rows).tables
    monday = tables["weekdays"].row(0, named=True)
    assert (monday["n_orders"], monday["n_days"], monday["orders_per_day"], monday["amount_per_day"]) == (3, 3, 1, 20)  # fmt: skip
    cell = tables["hours"].filter(weekday="周一", hour="09:00").row(0, named=True)
    assert (cell["n_orders"], cell["amount"], cell["n_days"]) == (2, 30, 3)
    assert tables["weekdays"]["n_days"].to_list() == [3, 2, 2, 2, 2, 2, 2]


def test_dates_without_hours_are_no_midnight_rush():
    rows = [sold(f"2024-01-{d:02d}", 10, ordered_at=at(f"2024-01-{d:02d}", 0)) for d in range(1, 29)]  # fmt: skip
    result = ask("hours", rows)
    assert "hours" not in result.tables
    assert any("没有钟点" in note for note in result.notes)


# --- seasonality


def test_two_years_are_needed_to_see_a_year():
    result = ask("seasonality", daily("2024-01-01", 400, lambda d: 100 + 30 * (d.isoweekday() > 5)))
    assert "yearly" not in result.tables
    assert any("至少要 24 个" in f.text for f in result.findings)
    weekly = dict(result.tables["weekdays"].select("phase", "season_index").rows())
    assert weekly["周六"] / weekly["周一"] == pytest.approx(1.3, rel=1e-3)


def test_november_twice_as_high_has_an_index_twice_as_high():
    rows = daily("2023-01-01", 1096, lambda d: 200.0 if d.month == 11 else 100.0)
    index = dict(ask("seasonality", rows).tables["yearly"].select("phase", "season_index").rows())
    assert index["11 月"] / index["9 月"] == pytest.approx(2, rel=0.02)


def test_less_than_two_weeks_are_said_in_one_sentence():
    with pytest.raises(TooFewRows, match="至少需要 14 个"):
        ask("seasonality", daily("2024-01-01", 9, lambda _: 5))


def test_a_festival_is_measured_against_the_quiet_days_around_it():
    rng = np.random.default_rng(1)
    days = pl.date_range(date(2024, 9, 1), date(2025, 1, 31), eager=True).alias("day").to_frame()
    is_on = pl.col("day").is_between(date(2024, 11, 1), date(2024, 11, 11))
    noise = pl.Series(rng.normal(0, 1, days.height))
    table = days.with_columns(n_orders=pl.lit(5), amount=pl.when(is_on).then(300.0).otherwise(100.0) + noise)  # fmt: skip
    effects = {row["festival"]: row for row in festival_effects(table, [1.0] * 7).to_dicts()}
    assert effects["双11"]["uplift_share"] == pytest.approx(2, abs=0.02)
    assert effects["双11"]["n_days"] == 11
    assert effects["双11"]["q_value"] < 0.001
    assert effects["国庆"]["q_value"] > 0.05
    assert effects["国庆"]["usual_daily_amount"] == pytest.approx(100, abs=0.5)  # 双11 is not usual


# --- order value


def _aov(rows, **params):
    return ask("aov", rows, **params).tables


def _months(before: list[tuple[str, float, float]], after: list[tuple[str, float, float]]):
    """One order a month with a line (category, quantity, amount) each, in two whole months."""
    ends = [sold("2024-01-01", 1e-4), sold("2024-02-29", 1e-4)]  # make both months whole
    lines = [(day, line) for day, lines in (("2024-01-15", before), ("2024-02-15", after)) for line in lines]  # fmt: skip
    made = [sold(day, amount, order_id=day, category=c, quantity=q) for day, (c, q, amount) in lines]  # fmt: skip
    return [e | {"category": "x", "quantity": 1e-3, "order_id": made[0 if "01-01" in e["order_id"] else -1]["order_id"]} for e in ends] + made  # fmt: skip


def test_a_price_rise_alone_is_all_price():
    rows = _months([("x", 2, 20), ("y", 2, 40)], [("x", 2, 30), ("y", 2, 60)])
    parts = dict(_aov(rows, against="previous")["parts"].select("part", "part_amount").rows())
    assert parts == pytest.approx({"件单价": 30, "每单件数": 0, "构成": 0, "退款": 0}, abs=0.02)


def test_a_swap_of_categories_alone_is_all_mix_and_a_new_category_too():
    rows = _months([("x", 2, 20), ("y", 2, 40)], [("x", 1, 10), ("y", 3, 60)])
    parts = dict(_aov(rows, against="previous")["parts"].select("part", "part_amount").rows())
    assert parts == pytest.approx({"件单价": 0, "每单件数": 0, "构成": 10, "退款": 0}, abs=0.02)
    new = _months([("x", 2, 20)], [("x", 1, 10), ("z", 1, 50)])
    tables = _aov(new, against="previous")
    group = tables["groups"].filter(subject="z").row(0, named=True)
    assert (group["price_amount"], group["pieces_amount"]) == (0, 0)
    assert group["mix_amount"] == pytest.approx(50)
    assert group["before_piece_amount"] is None


def test_refunds_are_a_part_of_their_own_and_all_parts_add_up():
    rng = np.random.default_rng(3)
    rows = []
    for i in range(400):
        day = f"2024-{1 + i % 2:02d}-{1 + i % 28:02d}" if i > 3 else ("2024-01-01", "2024-02-29", "2024-01-31", "2024-02-01")[i]  # fmt: skip
        rows.append(sold(day, round(float(rng.lognormal(4, 1)), 2), order_id=str(i), category=str(rng.choice(["x", "y", "z"])), quantity=int(rng.integers(0, 4)), refund=float(rng.choice([0, 5]))))  # fmt: skip
    tables = _aov(rows, against="previous")
    start, end = tables["periods"]["average_order_value"]
    assert tables["parts"]["part_amount"].sum() == pytest.approx(end - start, abs=1e-9)
    split = tables["groups"]["part_amount"].sum()
    refunds = tables["parts"].filter(part="退款")["part_amount"][0]
    assert split + refunds == pytest.approx(end - start, abs=1e-9)
    assert refunds == pytest.approx(-(tables["periods"]["order_refund_amount"][1] - tables["periods"]["order_refund_amount"][0]))  # fmt: skip


def test_without_a_year_before_the_month_before_is_taken_and_that_is_said():
    result = ask("aov", _months([("x", 1, 10)], [("x", 1, 12)]))
    assert result.tables["periods"]["period"].to_list() == ["2024-01", "2024-02"]
    assert any("没有完整的上年同期" in note for note in result.notes)


def test_a_month_that_is_not_covered_is_refused():
    rows = _months([("x", 1, 10)], [("x", 1, 12)])
    with pytest.raises(BadParameter, match="没有覆盖完整的 2024-03"):
        ask("aov", rows, month="2024-03")
    with pytest.raises(TooFewRows, match="至少需要 4 个"):
        ask("aov", rows, n_months=2)


def test_spans_of_several_months_do_not_overlap():
    covered = periods.Observed(date(2022, 1, 1), date(2024, 12, 31), 0)
    earlier, later, against = periods.two_spans(covered, n_months=3)
    assert (earlier.in_words, later.in_words, against) == ("2023-10 至 2023-12", "2024-10 至 2024-12", "year")  # fmt: skip
    earlier, later, _ = periods.two_spans(covered, n_months=3, against="previous")
    assert (earlier.end, later.start) == (date(2024, 10, 1), date(2024, 10, 1))


# --- forecast


def test_a_repeated_year_is_forecast_by_repeating_it():
    season = [1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 3, 1]
    rows = daily("2021-01-01", 1461, lambda d: 100.0 * season[d.month - 1])
    result = ask("forecast", rows, horizon=6)
    assert result.tables["scores"]["method"][0] == "季节性朴素法"
    assert result.tables["forecast"]["month"][0] == date(2025, 1, 1)
    assert result.tables["forecast"]["amount_forecast"][5] == pytest.approx(200 * 30)
    assert "不比季节性朴素法好" in result.findings[1].text


def test_steady_growth_is_told_better_by_the_drift():
    rows = daily("2022-01-01", 1096, lambda d: 100.0 + 2 * (12 * (d.year - 2022) + d.month))
    scores = ask("forecast", rows).tables["scores"]
    assert scores["method"][0] == "季节性朴素法加平均增量"
    assert scores["mase"].is_sorted()


def test_a_forecast_is_never_shown_without_its_backtest():
    tables = ask("forecast", daily("2023-01-01", 731, lambda d: 50.0 + d.day)).tables
    assert tables["scores"]["n_forecasts"].min() >= 9
    assert tables["backtest"].height == tables["scores"]["n_forecasts"].sum()
    with pytest.raises(TooFewRows, match="完整的月只有 3 个"):
        ask("forecast", daily("2024-01-01", 95, lambda _: 50.0))


# --- alerts


def _weeks(n: int, last: float, *, per_week: int = 40) -> list[dict[str, object]]:
    """``n`` whole weeks with sales that vary a little, and one that brings ``last`` times as much."""
    rows = []
    for week in range(n + 1):
        share = last if week == n else 1 + 0.02 * (week % 5)
        for i in range(per_week):
            day = date.fromordinal(date(2024, 1, 1).toordinal() + 7 * week + i % 7)
            rows.append(sold(str(day), round(10 * share, 2), order_id=f"{week}-{i}", customer_id=f"c{i}", category="x" if i % 2 else "y"))  # fmt: skip
    return rows


def test_a_week_of_half_the_money_is_told_and_the_number_of_looks_too():
    result = ask("alerts", _weeks(20, 0.5))
    alerts = result.tables["looks"].filter(pl.col("status") == "偏低")
    assert {"金额", "客单价"} <= set(alerts.filter(subject="全部")["measure"])
    assert "项与平时不同" in result.findings[0].text
    everything = result.tables["looks"].filter(subject="全部", measure="金额").row(0, named=True)
    # 15 of 20 weeks in four levels: the median is 10.4, the MAD .2
    assert everything["change_share"] == pytest.approx(5 / 10.4 - 1)
    assert everything["z"] == pytest.approx((5 - 10.4) / (1.4826 * 0.2))


def test_an_ordinary_week_is_quiet_and_so_is_a_small_one():
    assert ask("alerts", _weeks(20, 1.03)).tables["overview"]["n_alerts"][0] == 0
    few = ask("alerts", _weeks(20, 0.1, per_week=20)).tables
    assert set(few["looks"]["status"]) == {"样本太小"}


def test_the_threshold_needs_no_spread():
    found = ask("alerts", _weeks(20, 0.5), rule="threshold", change_limit=0.6).tables
    assert found["overview"]["n_alerts"][0] == 0
    assert ask("alerts", _weeks(20, 0.5), rule="threshold").tables["overview"]["n_alerts"][0] > 0


# --- hostile ledgers

HOSTILE = {
    "all refunds": [sold("2024-01-01", -5), sold("2024-06-01", -7)],
    "nothing": [sold("2024-01-01", 0.0)],
    "one customer, one order": [sold("2024-01-01", 5)],
    "a date far ahead": [sold("2024-01-01", 5), sold("2099-01-01", 5)],
    "before 1970": daily("1969-01-01", 30, lambda _: 3),
    "nobody known": [row | {"customer_id": None} for row in daily("2024-01-01", 60, lambda _: 3)],
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize(
    "key", ["trend", "hours", "seasonality", "alerts", "aov", "forecast", "intervals"]
)
def test_an_odd_ledger_is_answered_or_refused_in_one_sentence(key, name):
    rows = [row | {"category": "x"} for row in HOSTILE[name]]
    frame = pl.DataFrame(rows, schema_overrides={"customer_id": pl.String})
    at = pl.from_epoch("ordered_at")
    month = (at.dt.year() * 100 + at.dt.month().cast(pl.Int32)).cast(pl.Int64)
    lines = frame.with_columns(pl.col("amount").cast(pl.Float64), ordered_month=month)
    dataset = Dataset(orders=nw.from_native(lines.lazy()))
    try:
        result = answer(find(key), dataset)
    except InsightError:
        return  # one sentence; any other error fails the test
    for table in result.tables.values():
        for column in table.select(pl.col(pl.Float64)):
            assert not column.is_nan().any(), column.name
    assert not any("nan" in f.text.lower() or "inf" in f.text for f in result.findings)


# --- real ledgers


@pytest.fixture(scope="module")
def online_retail() -> nw.LazyFrame:
    raw = pl.scan_parquet(shared("data/online_retail/online_retail.parquet"))
    names = raw.collect_schema().names()
    by = {n.lower().replace("_", "").replace(" ", ""): n for n in names}
    at = pl.col(by["invoicedate"])
    when = at.str.to_datetime() if raw.collect_schema()[by["invoicedate"]] == pl.String else at
    month = (when.dt.year() * 100 + when.dt.month().cast(pl.Int32)).cast(pl.Int64)
    lines = raw.select(
        customer_id=pl.col(by.get("customerid", "CustomerID")).cast(pl.String), order_id=pl.col(by.get("invoiceno", by.get("invoice", ""))).cast(pl.String),
        product=pl.col(by["stockcode"]).cast(pl.String), quantity=pl.col(by["quantity"]).cast(pl.Float64),
        amount=(pl.col(by["quantity"]) * pl.col(by.get("unitprice", by.get("price", "")))).cast(pl.Float64), ordered_at=when.dt.epoch("s"), ordered_month=month,
    )  # fmt: skip
    return nw.from_native(lines.collect().lazy())


def test_online_retail_month_by_month_is_what_a_plain_sum_gives(online_retail):
    table = answer(find("trend"), Dataset(orders=online_retail)).tables["monthly"]
    raw = online_retail.collect().to_native()
    by = dict(raw.group_by("ordered_month").agg(pl.col("amount").sum()).rows())
    for row in table.to_dicts():
        assert row["amount"] == pytest.approx(by[row["month"].year * 100 + row["month"].month], abs=0.05)  # fmt: skip
    # the well-known end of the file: 2011-12-09
    assert table.filter("is_partial")["month"].to_list() == [date(2011, 12, 1)]


def test_online_retail_sells_nothing_on_saturdays_and_most_before_three(online_retail):
    tables = answer(find("hours"), Dataset(orders=online_retail)).tables
    weekdays = dict(tables["weekdays"].select("weekday", "n_orders").rows())
    assert weekdays["周六"] == 0
    busiest = tables["hours"].group_by("hour").agg(pl.col("n_orders").sum()).sort("n_orders")
    assert busiest["hour"][-1] == "12:00"


def test_the_intervals_of_online_retail_are_those_of_a_plain_count(online_retail):
    from statsmodels.duration.survfunc import SurvfuncRight

    counts = ledger.intervals(online_retail)
    raw = online_retail.collect().to_native().drop_nulls("customer_id")
    paid = raw.group_by("customer_id", "order_id").agg(pl.col("ordered_at").min(), paid=pl.col("amount").filter(pl.col("amount") > 0).sum())  # fmt: skip
    days = paid.filter(pl.col("paid") > 0).select("customer_id", day=pl.col("ordered_at") // DAY).unique().sort("customer_id", "day")  # fmt: skip
    last = int(online_retail.collect().to_native().filter(pl.col("amount") > 0)["ordered_at"].max() // DAY)  # type: ignore[operator]  # fmt: skip
    spans = days.with_columns(next_day=pl.col("day").shift(-1).over("customer_id"))
    time = pl.coalesce("next_day", pl.lit(last)) - pl.col("day")
    plain = spans.select(time=time, is_event=pl.col("next_day").is_not_null())
    assert counts["n_events"].sum() == plain["is_event"].sum()
    table = answer(find("intervals"), Dataset(orders=online_retail)).tables["categories"]
    peer = SurvfuncRight(plain["time"].to_numpy(), plain["is_event"].to_numpy().astype(int))
    row = table.row(0, named=True)
    assert (row["first_quarter_days"], row["median_days"], row["third_quarter_days"]) == tuple(peer.quantile(p) for p in (0.25, 0.5, 0.75))  # fmt: skip
    assert (row["median_low_days"], row["median_high_days"]) == peer.quantile_ci(0.5, method="cloglog")  # fmt: skip
