"""The people behind a figure: who they are, masked, what they bought and said, and what may leave the tool."""

from __future__ import annotations

import json
from datetime import datetime

import polars as pl
import pytest
from conftest import orders_of

from insight import pipeline
from insight.cli import main
from insight.dataset import Dataset
from insight.errors import AmbiguousRow, TooFewPeople, UnknownName
from insight.ledger import lines_of
from insight.members import Members, behind, later, ticked
from insight.persons import orders_of as orders_behind
from insight.persons import persons, quotes_of

DAY = 86_400
LEDGER = [
    {"customer_id": "aaaaaaaa1", "order_id": "o1", "ordered_at": 0, "amount": 10.0, "product": "豆"},
    {"customer_id": "aaaaaaaa1", "order_id": "o2", "ordered_at": 9 * DAY, "amount": 30.0, "product": "壶"},
    {"customer_id": "bbbbbbbb2", "order_id": "o3", "ordered_at": 4 * DAY, "amount": 5.0, "product": "豆"},
    {"customer_id": None, "order_id": "o4", "ordered_at": 5 * DAY, "amount": 7.0, "product": "杯"},
]  # fmt: skip
RESPONSES = pl.DataFrame(
    {"respondent_id": ["r1", "r2", "r3"], "customer_id": ["aaaaaaaa1", None, "cccccccc3"]}
)
TEXTS = pl.DataFrame(
    {
        "text_id": ["t1", "t2", "t3", "t4", "t5"],
        "text": ["豆子很香", "电话 13800138000 没人接", "请再说说", "我说不好", "挺新鲜"],
        "customer_id": ["aaaaaaaa1", None, None, None, "bbbbbbbb2"],
        "respondent_id": [None, "r2", None, None, None],
        "document": [None, None, "访谈一", "访谈一", None],
        "speaker": [None, None, "主持人", "张女士", None],
        "role": [None, None, "interviewer", "participant", None],
        "rating": [5.0, None, None, None, 4.0],
    }
)


@pytest.fixture
def dataset() -> Dataset:
    return Dataset(orders=orders_of(LEDGER), responses=RESPONSES, texts=TEXTS)


def test_a_person_is_the_customer_then_the_answer_then_the_speaker_then_the_text(dataset):
    ids = pl.DataFrame({"text_id": ["t1", "t2", "t4"]})
    assert persons(dataset, ids).select("key", "person").rows() == [
        ("customer_id:aaaaaaaa1", "客户 aaaaa1"),
        ("respondent_id:r2", "答卷 r2"),
        ("speaker:访谈一|张女士", "访谈一·张*"),
    ]


def test_an_answer_leads_to_its_customer_and_two_answers_of_one_customer_to_one_person(dataset):
    twice = pl.concat([RESPONSES, pl.DataFrame({"respondent_id": ["r4"], "customer_id": ["aaaaaaaa1"]})])  # fmt: skip
    both = Dataset(orders=dataset.orders, responses=twice, texts=TEXTS)
    found = persons(both, pl.DataFrame({"respondent_id": ["r1", "r3", "r4"]}))
    assert found["key"].to_list() == ["customer_id:aaaaaaaa1", "customer_id:cccccccc3"]
    assert found.row(0, named=True)["spend"] == 40.0
    assert found.row(0, named=True)["days_since_last"] == 0
    assert found.row(1, named=True)["spend"] is None


def test_the_orders_behind_customers_are_all_of_theirs_the_newest_first(dataset):
    ids = pl.DataFrame({"customer_id": ["aaaaaaaa1"]})
    lines, n = orders_behind(dataset, ids, persons(dataset, ids))
    assert n == 2
    assert lines["order_id"].to_list() == ["o2", "o1"]
    assert lines["ordered_at"][0] == datetime(1970, 1, 10)
    assert set(lines["person"]) == {"客户 aaaaa1"}


def test_the_orders_behind_a_month_are_those_of_the_month_also_of_unknown_buyers(dataset):
    ids = pl.DataFrame({"order_id": ["o3", "o4"], "customer_id": ["bbbbbbbb2", None]})
    lines, n = orders_behind(dataset, ids, persons(dataset, ids))
    assert (n, lines["order_id"].to_list()) == (2, ["o4", "o3"])
    assert lines["person"].to_list() == [None, "客户 bbbbb2"]


def test_only_so_many_lines_are_read_but_all_are_counted(dataset):
    lines, n = lines_of(dataset.orders, "customer_id", pl.Series(["aaaaaaaa1", "bbbbbbbb2"]), most=1)  # fmt: skip
    assert (lines["order_id"].to_list(), n) == (["o2"], 3)


def test_quotes_are_masked_and_leave_the_interviewer_out(dataset):
    ids = pl.DataFrame({"text_id": ["t2", "t3", "t4"]})
    said = quotes_of(dataset, ids, persons(dataset, ids))
    assert said["quote"].to_list() == ["电话 138****8000 没人接", "我说不好"]


def test_people_are_quoted_with_all_they_said_and_texts_with_themselves_alone(dataset):
    people = pl.DataFrame({"customer_id": ["aaaaaaaa1", "bbbbbbbb2"]})
    everything = quotes_of(dataset, people, persons(dataset, people))
    assert everything.select("quote", "spend", "rating").rows() == [("豆子很香", 40.0, 5.0), ("挺新鲜", 5.0, 4.0)]  # fmt: skip
    one = people.with_columns(text_id=pl.Series(["t1", None], dtype=pl.String))
    assert quotes_of(dataset, one, persons(dataset, one))["quote"].to_list() == ["豆子很香"]


def test_true_cells_become_pairs_and_unasked_ones_do_not():
    answers = pl.DataFrame({"甲": [True, False, None], "乙": [True, True, False]})
    pairs = ticked(answers, pl.Series("id", ["x", "y", "z"]), name="option").collect()
    assert sorted(pairs.select("option", "id").rows()) == [("乙", "x"), ("乙", "y"), ("甲", "x")]


def test_a_row_finds_its_own_units_also_where_a_name_is_missing():
    def work() -> pl.DataFrame:
        return pl.DataFrame({"group": ["A", None, "A"], "person": ["x", "y", "x"]})

    members = Members(later(work, "group", "person"), ("person",), "n")
    assert members.names == ("group",)
    assert behind(members, {"group": "A", "n": 1})["person"].to_list() == ["x"]
    assert behind(members, {"group": None})["person"].to_list() == ["y"]


def test_nothing_is_worked_out_before_it_is_asked_for():
    def work() -> pl.DataFrame:
        raise AssertionError

    assert Members(later(work, "group", "person"), ("person",)).names == ("group",)


def test_a_segment_opens_with_its_own_customers_in_the_example(demo_study):
    found = pipeline.people(demo_study, "rfm", {"segment": "重要价值客户"})
    table = pipeline.run(demo_study, "rfm").tables["segments"].filter(segment="重要价值客户")
    assert found.n == found.persons.height == table["n_customers"].item()
    assert set(found.persons["segment"]) == {"重要价值客户"}
    assert found.persons["spend"].sum() == pytest.approx(table["spend"].item())
    assert found.in_words == f"{found.n:,} 位客户"


def test_a_need_opens_with_the_texts_it_was_heard_in(demo_study):
    matrix = pipeline.run(demo_study, "needs_by_segment").tables["matrix"]
    row = matrix.filter(source="开放文本", segment="重要价值客户").row(0, named=True)
    wanted = {"need": row["need"], "segment": "重要价值客户"}
    found = pipeline.people(demo_study, "needs_by_segment", wanted)
    assert (found.n, found.row["base"]) == (row["n"], row["base"])
    assert found.n <= found.quotes.height < pipeline.people(demo_study, "rfm", {"segment": "重要价值客户"}).quotes.height  # fmt: skip
    assert set(found.quotes["key"]) == set(found.persons["key"])


def test_an_answer_in_a_group_is_asked_with_the_parameters_of_the_page(demo_study):
    changes = {"question": "Q4", "by": "frequency"}
    table = pipeline.run(demo_study, "crosstab", changes=changes).tables["table"]
    row = table.filter(pl.col("n") > 20).row(0, named=True)
    found = pipeline.people(demo_study, "crosstab", {"row": row["row"], "column": row["column"]}, changes=changes)  # fmt: skip
    assert (found.unit, found.n) == ("respondent_id", row["n"])
    assert "份答卷（基数" in found.in_words


def test_a_month_opens_with_its_orders(demo_study):
    months = pipeline.run(demo_study, "trend").tables["monthly"]
    row = months.row(5, named=True)
    found = pipeline.people(demo_study, "trend", {"month": f"{row['month']:%Y-%m}"})
    assert (found.unit, found.n) == ("order_id", row["n_orders"])
    assert found.persons.height == row["n_customers"]
    assert {at.strftime("%Y-%m") for at in found.orders["ordered_at"]} == {f"{row['month']:%Y-%m}"}


def test_a_row_that_is_none_or_several_is_told(demo_study):
    with pytest.raises(UnknownName, match="没有叫“没有这一层”的行"):
        pipeline.people(demo_study, "rfm", {"segment": "没有这一层"})
    with pytest.raises(UnknownName, match="没有叫“层”的列"):
        pipeline.people(demo_study, "rfm", {"层": "x"})
    with pytest.raises(AmbiguousRow, match="请写全：need、source、segment"):
        pipeline.people(demo_study, "needs_by_segment", {"segment": "总计"})
    with pytest.raises(UnknownName, match="可以展开的表"):
        pipeline.people(demo_study, "rfm", {"segment": "重要价值客户"}, table="notes")


def test_a_list_that_leaves_carries_tokens_and_no_key(demo_study):
    lists = pipeline.people(demo_study, "rfm", {"segment": "重要价值客户"}).tables()
    assert list(lists) == ["people", "lines", "said"]
    assert all("key" not in table.columns for table in lists.values())
    assert lists["people"]["customer_id"].str.contains(r"^[0-9a-f]{32}$").all()


@pytest.fixture
def handful(study):
    """A study in which every segment holds fewer than five people."""
    rows = "\n".join(f"C{n},O{n},2025-0{n}-01,{n * 10}" for n in range(1, 5))
    pipeline.add(study, f"客户编号,订单号,下单时间,实付金额\n{rows}".encode(), "订单.csv")
    return study


def test_a_handful_is_counted_but_not_listed_outside(handful, tmp_path, capsys):
    segment = pipeline.run(handful, "rfm").tables["segments"]["segment"][0]
    found = pipeline.people(handful, "rfm", {"segment": segment})
    assert 0 < found.n < pipeline.FEWEST
    assert not found.may_leave
    with pytest.raises(TooFewPeople):
        found.tables()
    command = ["people", str(handful.path), "rfm", f"segment={segment}"]
    assert main([*command, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["n"], told["people"]) == (found.n, None)
    assert main([*command, "--out", str(tmp_path / "people.csv")]) == 1
    assert "不到 5 人的名单不能导出" in capsys.readouterr().err
    assert not (tmp_path / "people.csv").exists()


def test_the_command_writes_the_list_and_tells_the_counts(demo_study, tmp_path, capsys):
    path = tmp_path / "deep" / "list.xlsx"
    command = ["people", str(demo_study.path), "rfm", "segment=重要挽留客户"]
    assert main([*command, "--json", "--out", str(path)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["n"] == len(told["people"]) == told["n_people"]
    assert told["row"] == {"segment": "重要挽留客户"}
    assert {name: pl.read_excel(path, sheet_name=name).height for name in ("people", "said")} == {
        "people": told["n"], "said": told["n_texts"],
    }  # fmt: skip
    assert main([*command, "--out", str(tmp_path / "list.csv")]) == 0
    assert f"{told['n']} 位客户" in capsys.readouterr().out
    assert (tmp_path / "list.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert main([*command, "--out", str(tmp_path / "list.txt")]) == 1
