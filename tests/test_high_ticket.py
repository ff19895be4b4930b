"""Who is a high-ticket customer: five ways to draw the line, one definition for every page."""

from __future__ import annotations

import duckdb
import narwhals as nw
import polars as pl
import pytest
from conftest import orders_of

from insight import cli, ledger, pipeline
from insight import study as store
from insight.analyses import find
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import BadParameter, MissingColumns
from insight.schema import Definitions
from insight.segmentation.breaks import break_of
from insight.segmentation.high_ticket import Definition, tickets

DAY = 86_400


def _orders(*lines):
    """customer, order, category, amount, day."""
    return orders_of([
        {"customer_id": c, "order_id": o, "category": k, "amount": a, "ordered_at": d * DAY} for c, o, k, a, d in lines
    ])  # fmt: skip


def _one_order_each(*amounts):
    return _orders(*((f"c{i}", f"{i}", "x", a, i) for i, a in enumerate(amounts)))


def _high(orders, **definition):
    people = tickets(orders, Definition(**definition)).customers
    return people.filter(pl.col("group") == "高客单")["customer_id"].to_list()


BOUGHT = _orders(
    ("a", "1", "豆", 900, 0), ("a", "2", "豆", 20, 0), ("a", "3", "豆", 10, 0), ("a", "4", "豆", 10, 0),
    ("b", "5", "器具", 500, 90),
    ("c", "6", "豆", 80, 95), ("c", "7", "豆", 60, 99),
    ("d", "8", "豆", 60, 99), ("e", "9", "豆", 50, 99),
)  # fmt: skip


def test_the_measure_says_who_is_high_ticket():
    # averages a 235, b 500, c 70, d 60, e 50; largest orders a 900, b 500; spend a 940, b 500, c 140
    assert _high(BOUGHT) == ["b"]
    assert _high(BOUGHT, measure="largest_order_amount") == ["a"]
    assert _high(BOUGHT, measure="spend", top_share=0.6) == ["a", "b", "c"]


def test_a_fixed_amount_counts_who_reaches_it():
    assert _high(BOUGHT, rule="amount", amount=70) == ["a", "b", "c"]
    assert _high(BOUGHT, rule="amount", amount=70.01) == ["a", "b"]
    with pytest.raises(BadParameter, match="应大于 0"):
        _high(BOUGHT, rule="amount")


def test_within_a_category_one_is_compared_with_its_buyers_only():
    # beans: averages a 235, c 70, d 60, e 50, so a is the best quarter; b is alone with its tools: nobody to exceed
    assert _high(BOUGHT, rule="top_of_category", top_share=0.25) == ["a"]


def test_only_one_category_counts_where_that_is_asked():
    mixed = _orders(
        ("a", "1", "豆", 10, 0), ("a", "2", "器具", 900, 0), ("b", "3", "豆", 90, 0), ("c", "4", "器具", 5, 0),
        ("d", "5", "豆", 20, 0),
    )  # fmt: skip
    split = tickets(mixed, Definition(category="豆", top_share=0.3)).customers
    assert split.select("customer_id", "value", "group").rows() == [
        ("a", 10.0, "其他客单"), ("b", 90.0, "高客单"), ("c", None, "其他客单"), ("d", 20.0, "其他客单"),
    ]  # fmt: skip
    assert split["spend"].to_list() == [910.0, 90.0, 5.0, 20.0]
    with pytest.raises(BadParameter, match="没有客户买过“茶”"):
        tickets(mixed, Definition(category="茶"))


def test_a_category_that_the_orders_do_not_know_is_missed():
    bare = nw.from_native(BOUGHT.collect().to_native().drop("category").lazy())
    with pytest.raises(MissingColumns, match="订单：品类"):
        tickets(bare, Definition(rule="top_of_category"))


def test_the_window_ends_with_the_last_day_of_the_ledger():
    assert _high(BOUGHT, window_days=1) == ["c", "d"]  # both 60 on day 99, e 50
    split = tickets(BOUGHT, Definition(window_days=5)).customers  # days 95 to 99
    assert split["customer_id"].to_list() == ["c", "d", "e"]


def test_ties_at_the_line_are_in_together():
    assert _high(_one_order_each(90, 90, 90, 60, 50, 50, 40, 30, 20, 10)) == ["c0", "c1", "c2"]


def test_averages_that_differ_by_a_rounding_error_are_one_group():
    assert 3.3 / 3 != 1.1
    lines = [("a", f"a{i}", "x", 1.1, 0) for i in range(3)] + [("b", "b", "x", 1.1, 0)]
    lines += [(f"c{i}", f"c{i}", "x", 1, 0) for i in range(3)]
    assert _high(_orders(*lines)) == ["a", "b"]


@pytest.mark.parametrize("amounts", [(50,), (50, 50, 50)])
def test_where_all_are_equal_nobody_is_high_ticket_and_that_is_said(amounts):
    orders = _one_order_each(*amounts)
    split = tickets(orders, Definition())
    assert split.is_flat
    assert _high(orders) == []
    told = answer(find("high_ticket"), Dataset(orders=orders))
    assert "没有人算高客单" in told.findings[0].text
    assert any("所有客户的客单价相同" in note for note in told.notes)
    assert told.tables["curve"].is_empty()
    made = break_of(Dataset(orders=orders), "high_ticket", unit="customer_id")
    assert made.groups == ("其他客单",)
    assert "没有人算高客单" in made.note


def test_all_on_one_side_of_a_fixed_amount_is_no_mistake():
    orders = _one_order_each(50, 50)
    assert _high(orders, rule="amount", amount=10) == ["c0", "c1"]
    assert _high(orders, rule="amount", amount=100) == []


def test_the_curve_and_the_overlap_are_those_worked_out_by_hand():
    # ten customers with one order each of 10 to 100, and a second of 5 for the best
    lines = [(f"c{i}", f"{i}", "x", 10 * (i + 1), 0) for i in range(10)] + [("c9", "z", "x", 5, 1)]
    result = answer(find("high_ticket"), Dataset(orders=_orders(*lines)))
    # c9: 105 / 2 orders = 52.5, so the best two averages are c8 (90) and c7 (80)
    groups = result.tables["groups"].row(0, named=True)
    assert (groups["n_customers"], groups["spend"], groups["share_of_spend"]) == (2, 170.0, pytest.approx(170 / 555))  # fmt: skip
    curve = result.tables["curve"].filter(cut="前 50%").row(0, named=True)
    assert (curve["threshold_amount"], curve["n_customers"], curve["spend"]) == (52.5, 5, 405.0)
    by_spend = result.tables["definitions"].filter(definition="消费总额居前 20%").row(0, named=True)
    assert (by_spend["n_shared"], by_spend["share_of_chosen"]) == (1, 0.5)


def test_the_break_follows_what_the_study_recorded():
    def members(**high_ticket):
        dataset = Dataset(orders=BOUGHT, definitions=Definitions(high_ticket=high_ticket))
        return break_of(dataset, "high_ticket", unit="customer_id")

    assert dict(members(measure="spend").members.rows())["a"] == "高客单"
    assert members(measure="spend").note == "（消费总额居前 20%为高客单）"
    with pytest.raises(BadParameter, match="重新设定"):
        members(top_share=7)


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_the_reductions_of_the_ledger_are_the_same_on_every_engine(engine, tmp_path):
    lines = [
        {"customer_id": "a", "order_id": "1", "category": "x", "ordered_at": 0, "amount": 100, "refund": 0.0},
        {"customer_id": "a", "order_id": "1", "category": "y", "ordered_at": 0, "amount": 40, "refund": 10.0},
        {"customer_id": "a", "order_id": "2", "category": "x", "ordered_at": 0, "amount": 0, "refund": 70.0},
        {"customer_id": "a", "order_id": "r", "category": "x", "ordered_at": 0, "amount": -30, "refund": 0.0},
        {"customer_id": None, "order_id": "3", "category": "z", "ordered_at": 0, "amount": 500, "refund": 0.0},
    ]  # fmt: skip
    orders = orders_of(lines)
    if engine == "duckdb":
        orders.collect().to_native().write_parquet(tmp_path / "orders.parquet")
        orders = nw.from_native(duckdb.read_parquet(str(tmp_path / "orders.parquet")))
    assert ledger.order_sizes(orders).rows() == [("a", 2, 110.0, 140.0)]
    assert ledger.order_sizes(orders, by="category").rows() == [("a", "x", 2, 70.0, 100.0), ("a", "y", 1, 40.0, 40.0)]  # fmt: skip
    assert ledger.order_sizes(ledger.without_refunded(orders)).rows() == [("a", 1, 110.0, 140.0)]
    assert ledger.values_of(orders, "category") == ("x", "y")


@pytest.fixture
def own(tmp_path):
    """A study of eight customers whose orders came from a file."""
    made = pipeline.new(tmp_path / "own")
    rows = [f"会员{i},D{i}{j},2024-0{1 + j}-0{i + 1},{100 * (i + 1)},{'豆' if i % 2 else '器具'}" for i in range(8) for j in range(3)]  # fmt: skip
    data = "会员编号,订单号,下单时间,实付金额,品类\n" + "\n".join(rows)
    pipeline.add(made, data.encode(), "订单.csv")
    return made


def test_a_recorded_definition_changes_every_page_that_groups_by_it(own):
    def high():
        table = pipeline.run(own, "segment_profile", changes={"by": "high_ticket"}).tables[
            "profile"
        ]
        return dict(table.select("segment", "n_customers").rows())

    joined = pipeline.joined.joined_digest(own, store.head(own).recipe)
    assert high() == {"高客单": 2, "其他客单": 6}
    params = pipeline.params_of(own, "high_ticket", {"rule": "amount", "amount": 400})
    pipeline.set_params(own, params, key="high_ticket")
    assert high() == {"高客单": 5, "其他客单": 3}
    assert (
        pipeline.joined.joined_digest(own, store.head(own).recipe) == joined
    )  # nothing is joined again


def test_the_command_line_records_definitions_and_names(own, tmp_path, capsys):
    names = tmp_path / "名称.toml"
    run = ["segments", str(own.path)]
    assert (
        cli.main(
            [
                *run,
                "--high-ticket",
                "rule=amount",
                "--high-ticket",
                "amount=400",
                "--export",
                str(names),
            ]
        )
        == 0
    )
    told = capsys.readouterr().out
    assert "5 人是高客单" in told
    assert store.head(own).recipe.params["high_ticket"] == {"rule": "amount", "amount": 400.0}
    edited = names.read_text("utf-8").replace("重要价值客户", "贵宾")
    names.write_text(edited, "utf-8")
    assert cli.main([*run, "--names", str(names)]) == 0
    assert store.head(own).recipe.segment_names["eight"][0].name == "贵宾"
    assert set(store.head(own).recipe.segment_names) == {
        "eight"
    }  # the eleven are the default still
    assert cli.main([*run, "--reset"]) == 0
    assert store.head(own).recipe.segment_names == {}


@pytest.mark.parametrize(("argv", "part"), [
    (["--high-ticket", "rule=amount"], "应大于 0"),
    (["--high-ticket", "share=1"], "没有叫“high_ticket.share”的参数"),
    (["--rfm", "scoring=fixed"], "M 的固定分界"),
    (["--names", "没有.toml"], "文件不存在"),
])  # fmt: skip
def test_what_cannot_be_recorded_is_said_and_changes_nothing(own, argv, part, capsys):
    before = store.head(own)
    assert cli.main(["segments", str(own.path), *argv]) == 1
    assert part in capsys.readouterr().err
    assert store.head(own) == before


def test_a_map_with_a_gap_is_refused_by_the_command_line(own, tmp_path, capsys):
    file = tmp_path / "缺.toml"
    file.write_text('[[eight]]\nname = "高"\ncodes = "1**"\n', "utf-8")
    assert cli.main(["segments", str(own.path), "--names", str(file)]) == 1
    assert "没有名称" in capsys.readouterr().err
    file.write_bytes("[[eight]]\nname = '高'".encode("gb18030"))
    assert cli.main(["segments", str(own.path), "--names", str(file)]) == 1
    assert "UTF-8" in capsys.readouterr().err
