"""Odd order files from outside: what the commands write about them is a finding with its base, or one sentence."""

from __future__ import annotations

import json
from datetime import date, timedelta

import polars as pl
import pytest
from conftest import orders_of
from streamlit.testing.v1 import AppTest

from insight import cli, ledger
from insight.analyses import catalogue, find, room_of
from insight.analysis import Finding, answer
from insight.claims import told
from insight.dataset import Dataset
from insight.errors import BadCampaign, InsightError, TooFewRows
from insight.pipeline.ahead import ahead

DAY = ledger.DAY
HEAD = "订单号,会员号,下单时间,商品,品类,渠道,实付金额"
KEYS = [key for key in catalogue() if room_of(key) in {"segments", "behaviour", "lifecycle"}]


def line(i: int, *, who: str, amount: float = 20.0, day: int | None = None) -> dict[str, object]:
    at = (19_000 + (7 * i if day is None else day)) * DAY + 36_000
    return {"order_id": f"o{i}", "customer_id": who, "ordered_at": at, "amount": amount, "category": "xy"[i % 2], "channel": "ab"[i % 3 == 0], "product": f"p{i % 5}", "quantity": 1.0}  # fmt: skip


ODD = {
    "one customer": [line(i, who="a") for i in range(120)],
    "three customers": [line(i, who="abc"[i % 3], day=70 * i) for i in range(9)],
    "one order each": [line(i, who=f"c{i}") for i in range(60)],
    "all refunds": [line(i, who=f"c{i % 9}", amount=-5) for i in range(60)],
    "nothing paid": [line(i, who=f"c{i % 9}", amount=0) for i in range(60)],
    "one day": [line(i, who=f"c{i % 20}", day=0) for i in range(60)],
    "a cohort of one": [line(0, who="first", day=-400), *(line(i, who=f"c{i % 40}", day=i) for i in range(1, 200))],
    "a basket of 5,000": [line(i, who=f"c{i % 40}") for i in range(80)] + [line(80, who="c1") | {"product": f"q{k}"} for k in range(5000)],
}  # fmt: skip


def asked(key, rows, **params):
    analysis = find(key)
    return answer(analysis, Dataset(orders=orders_of(rows)), analysis.params.model_validate(params))


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("key", KEYS)
def test_every_analysis_of_purchases_gives_a_finding_or_one_sentence(key, name):
    try:
        result = asked(key, ODD[name])
    except InsightError:
        return  # one sentence; any other error fails the test
    assert result.findings
    for finding in result.findings:
        assert finding.base > 0
        assert not any(word in finding.text.lower() for word in ("nan", "inf", "none"))
    for table in result.tables.values():
        for column in table.select(pl.col(pl.Float64)):
            assert not column.is_nan().any(), column.name


def test_what_was_not_looked_at_is_not_called_ordinary():
    (only,) = asked("alerts", [line(i, who="a", day=i) for i in range(120)]).findings
    assert "都不足 30 单，没有检查" in only.text


def test_six_orders_have_neither_a_season_nor_a_forecast():
    rows = [line(i, who="a", day=130 * i) for i in range(6)]
    for key in ("seasonality", "forecast"):
        with pytest.raises(TooFewRows, match="只有 6 个，至少需要 30 个"):
            asked(key, rows)


def test_one_day_has_no_best_weekday():
    first = asked("hours", ODD["one day"]).findings[0]
    assert first.text == "订单都在同一天（周六，60 单），看不出星期几的差别。"


def test_one_customer_does_not_set_the_line_of_leaving():
    with pytest.raises(TooFewRows, match="有付款订单的客户只有 1 个，至少需要 10 个"):
        asked("churn_point", ODD["one customer"])


def test_groups_too_small_to_compare_are_named_with_their_size():
    (only,) = asked("segment_profile", ODD["three customers"]).findings
    assert only.text.startswith("各组都不足 30 人（最多的")


def test_where_nobody_fell_no_money_of_theirs_is_told():
    first = asked("migration", ODD["one customer"]).findings[0]
    assert first.text == "“高消费”的 1 人里没有人掉下来（0 人），整组由 ¥1,040 变为 ¥1,060。"


@pytest.mark.parametrize(
    ("name", "there"), [("nothing paid", "一个也没有"), ("one day", "只有 1 个")]
)
def test_two_dates_need_two_days_with_payments(name, there):
    with pytest.raises(TooFewRows, match=f"有付款订单的日期{there}"):
        asked("migration", ODD[name])


def test_no_suggestion_about_anybody_leads_to_a_group_of_ones_own():
    with pytest.raises(BadCampaign, match="没有针对某一群客户的建议") as caught:
        asked("campaign", ODD["three customers"])
    assert "或按人群" in caught.value.hint


def test_a_small_base_is_told_once():
    assert told(Finding("占 50%。", 6, ())) == "占 50%（基数 6，方向性）。"
    assert told(Finding("6 人占 50%。", 6, ())) == "6 人占 50%。"
    assert told(Finding("占 6%。", 6, ())) == "占 6%（基数 6，方向性）。"
    assert told(Finding("占 50%。", 600, ())) == "占 50%。"
    assert told(Finding("6 月占 50%。", 6, ())) == "6 月占 50%（基数 6，方向性）。"


def test_a_sentence_that_is_cautious_already_still_tells_its_small_base():
    assert told(Finding("占 50%（不足 30 人，仅作方向性参考）。", 6, ())) == "占 50%（不足 30 人，仅作方向性参考）（基数 6）。"  # fmt: skip
    assert told(Finding("6 人占 50%，可能只是偶然。", 6, ())) == "6 人占 50%，可能只是偶然。"
    quoted = Finding("“推荐的可能性”平均 8 分。", 6, ())
    assert told(quoted) == "“推荐的可能性”平均 8 分（基数 6，方向性）。"


def test_orders_after_the_day_the_study_was_changed_are_counted():
    orders = orders_of([line(0, who="a", day=0), line(1, who="a", day=900)])
    day = date(1970, 1, 1) + timedelta(19_000)
    assert ahead(orders, f"{day}T10:00:00+08:00") == (
        f"1 个付款订单的时间晚于 {day}（这个研究最近一次修改的日期），最晚到 {day + timedelta(900)}；"
        "“最后一单”会取到那一天，请核对年份和日期写法"
    )
    assert ahead(orders, f"{day + timedelta(899)}T10:00:00+08:00") == ""


@pytest.fixture
def added(tmp_path, capsys):
    """Add order lines as a file of a new study, as the command line does."""

    def add(rows, head=HEAD):
        path, study = tmp_path / "orders.csv", tmp_path / "study"
        path.write_text("\n".join([head, *rows]), encoding="utf-8")
        assert cli.main(["new", str(study)]) == 0
        assert cli.main(["add", str(study), str(path)]) == 0
        capsys.readouterr()
        return study

    return add


def test_the_status_warns_of_orders_in_the_future(added, capsys):
    study = added([f"o{i},m{i},20{24 + 60 * (i == 3)}-01-0{i + 1},茶,饮,店,10" for i in range(4)])
    assert cli.main(["status", str(study), "--json"]) == 0
    reasons = json.loads(capsys.readouterr().out)["issues"]["by_reason"]
    assert any(r.startswith("1 个付款订单的时间晚于") and "2084-01-04" in r for r in reasons)


def test_dollars_are_not_added_to_yuan_in_any_result(added, tmp_path):
    rows = [f"o{i},m{i % 30},2024-{1 + i % 9:02d}-05,茶,饮,店,10,{'USD' if i % 4 == 0 else 'CNY'}" for i in range(80)]  # fmt: skip
    study = added(rows, f"{HEAD},币种")
    assert cli.main(["run", str(study), "rfm", "--out", str(tmp_path / "out")]) == 0
    customers = pl.read_csv(tmp_path / "out" / "rfm" / "customers.csv")
    assert customers["spend"].sum() == 600  # 60 of the 80 lines are in yuan


def test_money_beyond_belief_is_an_issue_of_its_row_and_stops_no_analysis(added, tmp_path, capsys):
    """An amount of 1e300 is none; nor is the number of an order that stands under 数量 or 标价."""
    cells = {
        3: ("1e300", "1", "20"),
        4: ("10", "6230000000000000001", "20"),
        5: ("10", "1", "1e18"),
    }
    rows = [f"o{i},m{i % 30},2024-{1 + i % 9:02d}-05,茶,饮,店,{','.join(cells.get(i, ('10', '1', '20')))}" for i in range(80)]  # fmt: skip
    study = added(rows, f"{HEAD},数量,标价")
    assert cli.main(["status", str(study), "--json"]) == 0
    reasons = json.loads(capsys.readouterr().out)["issues"]["by_reason"]
    beyond = {r: n for r, n in reasons.items() if "超过 100 亿" in r}
    assert sorted(beyond.values()) == [1, 1, 1]
    assert beyond["金额为空、无法识别或超过 100 亿"] == 1
    out = tmp_path / "out"
    assert cli.main(["run", str(study), "rfm", "price_bands", "--out", str(out)]) == 0
    assert pl.read_csv(out / "rfm" / "customers.csv")["spend"].sum() == 790


def test_a_table_without_rows_says_so_in_chinese():
    def page():
        import polars as pl

        from pages.ui import tables

        tables.listed(pl.DataFrame({"segment": []}, schema={"segment": pl.String}), alt="各层")

    app = AppTest.from_function(page).run()
    assert [one.value for one in app.caption] == ["这张表里没有符合条件的行。"]
    assert not app.dataframe


def test_a_failure_names_its_analysis(added, capsys):
    study = added(["o1,m1,2024-01-01,茶,饮,店,10"])
    assert cli.main(["run", str(study), "refunds"]) == 1
    assert capsys.readouterr().err.startswith("退款退货：")
