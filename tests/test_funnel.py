"""From looking to buying: logs are recognised, steps counted by hand and by brute force, alike on every engine."""

from __future__ import annotations

import shutil

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest
from conftest import orders_of, shared
from polars.testing import assert_frame_equal
from pydantic import ValidationError

from insight import cli, ledger, pipeline, readers
from insight.analyses.behaviour.funnel import ANALYSIS
from insight.analysis import answer
from insight.clean import clean, propose
from insight.dataset import Dataset
from insight.engines import log_on
from insight.errors import BadParameter, MissingColumns, TooFewRows, UnknownName
from insight.journeys import proposed

MINUTE, HOUR = 60, 3_600
STEPS = ("浏览", "加购", "支付")


def _log(*rows: tuple[str | None, str, int] | tuple[str | None, str, int, str]) -> nw.LazyFrame:
    """customer, event, minute, item."""
    names = ("customer_id", "event", "event_at", "item")
    told = [(who, what, at * MINUTE, *(item or ["x"])) for who, what, at, *item in rows]
    schema = dict(zip(names, (pl.String, pl.String, pl.Int64, pl.String), strict=True))
    return nw.from_native(pl.DataFrame(told, schema=schema, orient="row").lazy())


def _furthest(log: nw.LazyFrame, window: int, **how) -> dict[str, int]:
    reached = ledger.reached_in_order(log, STEPS, window=window * MINUTE, **how)
    return dict(reached.group_by("customer_id").agg(pl.col("step").max()).iter_rows())


def test_a_step_counts_only_at_or_after_the_one_before():
    log = _log(
        ("a", "浏览", 0), ("a", "加购", 5), ("a", "支付", 9),
        ("b", "加购", 0), ("b", "浏览", 1), ("b", "支付", 2),
        ("c", "浏览", 3), ("c", "加购", 3), ("c", "收藏", 4), ("c", "支付", 3),
        ("d", "支付", 0), (None, "浏览", 0),
    )  # fmt: skip
    assert _furthest(log, 60) == {"a": 3, "b": 1, "c": 3}


def test_the_window_runs_from_the_first_step_and_a_later_attempt_may_succeed():
    slow = _log(("a", "浏览", 0), ("a", "加购", 6), ("a", "支付", 11))
    assert _furthest(slow, 11) == {"a": 3}
    assert _furthest(slow, 10) == {"a": 2}
    again = _log(("a", "浏览", 0), ("a", "加购", 6), ("a", "浏览", 8), ("a", "加购", 9), ("a", "支付", 11))  # fmt: skip
    assert _furthest(again, 5) == {"a": 3}
    late = _log(("a", "浏览", 0), ("a", "浏览", 8), ("a", "加购", 9), ("a", "支付", 11))
    reached = ledger.reached_in_order(late, STEPS, window=30 * MINUTE)
    assert reached["seconds_from_first"].to_list() == [None, MINUTE, 3 * MINUTE]
    assert reached["seconds_from_previous"].to_list() == [None, MINUTE, 2 * MINUTE]


def test_the_same_goods_must_go_all_the_way_where_they_are_the_unit():
    log = _log(("a", "浏览", 0, "x"), ("a", "加购", 1, "x"), ("a", "支付", 2, "y"))
    assert _furthest(log, 60) == {"a": 3}
    assert _furthest(log, 60, unit=("customer_id", "item")) == {"a": 2}


def test_without_order_every_step_needs_all_steps_before_it_at_any_time():
    log = _log(("a", "支付", 0), ("a", "浏览", 1), ("a", "加购", 900), ("b", "浏览", 0), ("b", "支付", 1), ("c", "支付", 0))  # fmt: skip
    reached = ledger.reached_at_all(log, STEPS)
    assert reached.select("customer_id", "step").rows() == [("a", 1), ("a", 2), ("a", 3), ("b", 1)]


def test_ways_tell_the_last_five_events_before_the_first_purchase_repeats_once():
    log = _log(
        ("a", "浏览", 0), ("a", "浏览", 1), ("a", "收藏", 2), ("a", "浏览", 3), ("a", "加购", 4), ("a", "支付", 5), ("a", "浏览", 6), ("a", "支付", 7),
        ("b", "浏览", 0), ("b", "加购", 100), ("b", "支付", 110),
        ("c", "支付", 0), ("d", "浏览", 0),
    )  # fmt: skip
    told = ledger.ways(log, ["浏览", "加购", "收藏", "支付"], goal="支付", window=20 * MINUTE)
    assert told.rows() == [("a", "浏览 → 收藏 → 浏览 → 加购 → 支付"), ("b", "加购 → 支付"), ("c", "支付")]  # fmt: skip


def _random(n: int = 3_000) -> pl.DataFrame:
    rng = np.random.default_rng(11)
    return pl.DataFrame(
        {
            "customer_id": [None if i == 7 else f"c{i}" for i in rng.integers(0, 150, n)],
            "event": rng.choice(["浏览", "加购", "支付", "收藏"], n, p=[0.5, 0.25, 0.1, 0.15]),
            "event_at": rng.integers(0, 400, n) * MINUTE,
            "item": rng.choice(["x", "y"], n),
        }
    )


def _by_brute_force(events: list[tuple[int, str]], steps: tuple[str, ...], window: int) -> int:
    """The furthest step of one person, trying every first step and taking each next one as soon as it comes."""
    rows = sorted((at, steps.index(what)) for at, what in events if what in steps)
    furthest = 0
    for begun, (at, place) in enumerate(rows):
        if place == 0:
            level = 1
            for later, next_place in rows[begun + 1 :]:
                level += later - at <= window and next_place == level
            furthest = max(furthest, level)
    return furthest


@pytest.mark.parametrize("window", [5, 20, 90])
def test_the_running_maximum_finds_what_brute_force_finds(window):
    events = _random()
    found = _furthest(nw.from_native(events.lazy()), window)
    people = events.drop_nulls().group_by("customer_id").agg("event_at", "event").iter_rows()
    brute = {w: _by_brute_force(list(zip(at, what, strict=True)), STEPS, window * MINUTE) for w, at, what in people}  # fmt: skip
    assert found == {who: step for who, step in brute.items() if step}
    assert len(set(found.values())) == 3


@pytest.mark.parametrize("engine", ["duckdb", "spark"])
def test_every_engine_gives_the_same_tables(engine, tmp_path):
    if engine == "spark":
        pytest.importorskip("pyspark")
        if shutil.which("java") is None:
            pytest.skip("no Java here")
    events = _random(600).sample(fraction=1, shuffle=True, seed=2)
    events.write_parquet(tmp_path / "events")
    log, plain = log_on(engine, tmp_path / "events"), nw.from_native(_random(600).lazy())
    for ask in (
        ledger.event_counts,
        ledger.event_customers,
        lambda e: ledger.reached_in_order(e, STEPS, window=HOUR, unit=("customer_id", "item")),
        lambda e: ledger.reached_at_all(e, STEPS),
        lambda e: ledger.ways(e, ["浏览", "收藏", "加购", "支付"], goal="支付", window=HOUR),
    ):
        assert_frame_equal(ask(log), ask(plain), check_exact=True)
    assert ledger.event_span(log) == ledger.event_span(plain)


def test_steps_are_proposed_from_what_the_events_are_called():
    def of(*events: str) -> tuple[list[str], bool]:
        return proposed(pl.DataFrame({"event": events}))

    assert of("点击", "支付成功", "浏览", "加入购物车", "删除购物车", "收藏", "提交订单") == (["浏览", "加入购物车", "提交订单", "支付成功"], True)  # fmt: skip
    assert of("pv", "buy", "cart", "fav") == (["pv", "cart", "buy"], True)
    assert of("purchase", "view", "remove_from_cart", "cart") == (["view", "cart", "purchase"], True)  # fmt: skip
    assert of("step_a", "step_b") == (["step_a", "step_b"], False)


def _cleaned(text: str, name: str = "log.csv"):
    (raw,) = readers.read(text.encode(), name)
    proposal = propose(raw)
    return proposal, clean(raw, proposal, secret=b"s" * 32)


@pytest.mark.parametrize(
    "header",
    ["会员号,行为,发生时间,商品", "用户ID,行为类型,时间,商品ID", "user_id,event_type,event_time,product_id"],
)  # fmt: skip
def test_usual_headers_of_a_log_are_recognised(header):
    rows = "".join(f"\nM{i},{'浏览' if i % 3 else '加购'},2026-01-0{i} 10:00:00,P{i}" for i in range(1, 9))  # fmt: skip
    proposal, cleaned = _cleaned(header + rows)
    assert (proposal.table, sorted(proposal.roles.values())) == ("events", ["customer_id", "event", "event_at", "item"])  # fmt: skip
    assert cleaned.frame["event"].to_list().count("加购") == 2


def test_orders_with_a_kind_of_action_stay_orders():
    proposal, _ = _cleaned("会员号,订单号,下单时间,金额,操作类型\nM1,1,2026-01-01,5,新增\nM2,2,2026-01-02,6,新增\n")  # fmt: skip
    assert proposal.table == "orders"


def test_codes_of_taobao_become_words_and_seconds_become_the_time_of_the_shop():
    proposal, cleaned = _cleaned("user_id,item_id,category_id,behavior_type,timestamp\n1,33,4,pv,1511544070\n2,34,4,BUY,1511561733\n2,34,4,wish,1511561733\n")  # fmt: skip
    assert proposal.preset == "taobao_behavior"
    assert cleaned.frame["event"].to_list() == ["浏览", "购买", "wish"]
    assert (
        cleaned.frame["event_at"][0] == 1_511_544_070 + 8 * HOUR
    )  # 2017-11-25 01:21:10 in Beijing


def test_rows_without_an_event_or_a_time_are_listed():
    rows = "".join(f"\nM{i},浏览,2026-01-01 10:00:0{i},P" for i in range(8))
    _, cleaned = _cleaned(f"会员号,行为,发生时间,商品{rows}\nM9,,2026-01-01,P\nM9,加购,不清楚,P")
    assert len(cleaned.frame) == 8
    dropped = cleaned.issues.filter(action="未导入").select("line", "reason").rows()
    assert dropped == [(10, "没有写是什么行为"), (11, "没有可用的发生时间")]


def test_a_phone_number_in_an_event_is_masked():
    _, cleaned = _cleaned("会员号,行为,发生时间\nM1,致电 13800138000,2026-01-01\nM2,浏览,2026-01-01\n")  # fmt: skip
    assert not cleaned.frame["event"].str.contains("13800138000").any()


def test_jdata_gives_what_pandas_counts(study):
    name = "JData_Action_201602.csv"
    path = shared(f"data/jdata_sample/{name}")
    pipeline.add(study, path.read_bytes(), name)
    result = answer(ANALYSIS, pipeline.load(study), ANALYSIS.params(steps=["浏览", "加购", "下单"], window_hours=24))  # fmt: skip
    raw = pd.read_csv(path)
    raw["at"] = (pd.to_datetime(raw["time"]) - pd.Timestamp(0)) // pd.Timedelta(seconds=1)
    words = raw["type"].map({1: "浏览", 2: "加购", 4: "下单"})
    people = raw.assign(what=words).dropna(subset=["what"]).groupby("user_id")
    came = [_by_brute_force(list(zip(g["at"], g["what"], strict=True)), ("浏览", "加购", "下单"), 24 * HOUR) for _, g in people]  # fmt: skip
    expected = [sum(c >= k for c in came) for k in (1, 2, 3)]
    steps = result.tables["steps"]
    assert steps["n"].to_list() == expected
    assert expected[0] > expected[1] > expected[2] > 0
    assert result.tables["kinds"]["n_times"].sum() == len(raw)
    assert "steps_of_groups" not in result.tables  # nothing is known of these people but their log


def test_a_log_meets_the_customers_of_the_other_files(study):
    people = "".join(f"\nM{i},{'女' if i % 2 else '男'}" for i in range(40))
    log = "".join(f"\nm{i},浏览,2026-01-01 10:00:00" + (f"\nM{i},支付,2026-01-01 11:00:00" if i % 2 else "") for i in range(40))  # fmt: skip
    pipeline.add(study, f"会员号,性别{people}".encode(), "客户.csv")
    pipeline.add(study, f"会员号,行为,发生时间{log}".encode(), "行为.csv")
    result = answer(ANALYSIS, pipeline.load(study), ANALYSIS.params(by="customers.gender"))
    table = result.tables["steps_of_groups"].filter(path="浏览 → 支付")
    assert dict(table.select("segment", "share").rows()) == {"总计": 0.5, "女": 1.0, "男": 0.0}


def test_the_command_line_answers_with_the_steps(study, tmp_path, capsys):
    log = "".join(f"\nM{i},浏览,2026-01-01 10:00:00\nM{i},{'支付' if i % 4 == 0 else '收藏'},2026-01-01 10:30:00" for i in range(20))  # fmt: skip
    pipeline.add(study, f"会员号,行为,发生时间{log}".encode(), "行为.csv")
    out = tmp_path / "out"
    assert cli.main(["run", str(study.path), "funnel", "--out", str(out)]) == 0
    steps = pl.read_csv(out / "funnel" / "steps.csv")
    assert steps.select("event", "n", "median_minutes").rows() == [("浏览", 20, None), ("支付", 5, 30.0)]  # fmt: skip
    assert cli.main(["run", str(study.path), "funnel", "-p", "funnel.window_hours=0", "--out", str(out)]) != 0  # fmt: skip
    assert "时间窗" in capsys.readouterr().err


def _asked(log: nw.LazyFrame, **params):
    return answer(ANALYSIS, Dataset(events=log), ANALYSIS.params(**params))


def _crowd(n: int, *events: str) -> nw.LazyFrame:
    return _log(*((f"c{i}", e, 10 * i + at) for i in range(n) for at, e in enumerate(events)))


def test_bad_logs_and_bad_steps_are_said_in_one_sentence():
    with pytest.raises(TooFewRows, match="行为种类"):
        _asked(_crowd(30, "浏览"))
    with pytest.raises(TooFewRows, match="行为种类一个也没有"):
        _asked(_log((None, "浏览", 0), (None, "支付", 1)))
    with pytest.raises(TooFewRows, match="做过第一步"):
        _asked(_crowd(3, "浏览", "支付"))
    crowd = _crowd(30, "浏览", "支付")
    with pytest.raises(UnknownName, match="没有叫“下单”的行为"):
        _asked(crowd, steps=["浏览", "下单"])
    with pytest.raises(BadParameter, match="只能是一步"):
        _asked(crowd, steps=["浏览", "浏览"])
    with pytest.raises(BadParameter, match="2 到 8 步"):
        _asked(crowd, steps=["浏览"])
    with pytest.raises(MissingColumns, match="商品"):
        _asked(crowd.drop("item"), unit="item")
    with pytest.raises(ValidationError):
        ANALYSIS.params(window_hours=0)


def test_a_step_that_nobody_reaches_is_a_zero_without_shares_of_it():
    result = _asked(_crowd(30, "支付", "加购", "浏览"))
    assert result.tables["steps"]["n"].to_list() == [30, 0, 0]
    assert result.tables["steps"]["share_of_previous"].to_list() == [None, 0.0, None]
    assert "0 位" in result.findings[0].text


def test_share_and_interval_of_a_step_are_those_of_the_step_before():
    from statsmodels.stats.proportion import proportion_confint

    rows = [(f"c{i}", e, at) for i in range(100) for at, e in enumerate(STEPS[: 1 + (i < 40) + (i < 10)])]  # fmt: skip
    steps = _asked(_log(*rows)).tables["steps"]
    assert steps["n"].to_list() == [100, 40, 10]
    assert steps["share_of_first"].to_list() == [1.0, 0.4, 0.1]
    assert steps["share_of_previous"].to_list() == [None, 0.4, 0.25]
    assert steps["n_lost"].to_list() == [None, 60, 30]
    bounds = proportion_confint(10, 40, method="wilson")
    assert steps.row(2, named=True)["share_low"] == pytest.approx(bounds[0])
    assert steps.row(2, named=True)["share_high"] == pytest.approx(bounds[1])


def test_customers_stand_once_where_they_went_no_further():
    result = _asked(_log(*((f"c{i}", e, at) for i in range(40) for at, e in enumerate(STEPS[: 1 + i % 3]))))  # fmt: skip
    stopped = result.tables["stopped"]
    assert dict(stopped.select("event", "n_customers").rows()) == {"浏览": 14, "加购": 13, "支付": 13}  # fmt: skip
    assert stopped["share_of_customers"].to_list() == pytest.approx([0.35, 0.325, 0.325])


def test_groups_come_from_the_orders_of_the_same_customers():
    lines = [{"customer_id": f"c{i}", "order_id": str(i), "ordered_at": i, "amount": 10.0, "region": "甲" if i < 50 else "乙"} for i in range(100)]  # fmt: skip
    rows = [(f"c{i}", e, at) for i in range(100) for at, e in enumerate(STEPS[: 2 + (i % 10 < (8 if i < 50 else 2))])]  # fmt: skip
    dataset = Dataset(orders=orders_of(lines), events=_log(*rows))
    result = answer(ANALYSIS, dataset, ANALYSIS.params(by="orders.region"))
    table = result.tables["steps_of_groups"]
    assert table["path"].unique(maintain_order=True).to_list() == ["浏览 → 加购", "加购 → 支付", "浏览 → 支付"]  # fmt: skip
    paid = table.filter(path="加购 → 支付")
    letters = {r["segment"]: (r["n"], r["base"], r["letters"]) for r in paid.rows(named=True)}
    assert (letters["甲"][:2], letters["乙"][:2]) == ((40, 50), (10, 50))
    assert letters["甲"][2] == ("A" if paid["segment"].to_list().index("乙") == 1 else "B")
    assert any("“甲”" in f.text and "显著高于“乙”" in f.text for f in result.findings)


def test_the_demo_plants_that_high_ticket_customers_pay_for_what_they_put_aside(demo_study):
    data = pipeline.load(demo_study)
    assert 10_000 <= ledger.event_span(data.events)["n_events"] <= 20_000
    result = answer(ANALYSIS, data)
    paid = result.tables["steps_of_groups"].filter(path="加购 → 下单")
    share = dict(paid.select("segment", "share").rows())
    assert share["高客单"] > share["其他客单"] + 0.2
    assert any("显著高于" in f.text and "“高客单”里" in f.text for f in result.findings)
