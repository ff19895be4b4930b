"""Cleaning rules of a study: recorded, replayed, added up over files, from the page and the command line."""

from __future__ import annotations

import csv
import io
import json

import polars as pl
import pytest
from test_app import opened, texts

from insight import pipeline
from insight import study as store
from insight.cli import main
from insight.errors import BadParameter, Conflict, UnclearDates
from insight.pipeline import Hints
from insight.schema import Decisions
from pages.ui import places, words

HEADER = ("订单号", "会员号", "下单时间", "实付金额", "订单状态")
ROWS = (
    ("1", "u1", "2024-03-05", "10", "交易成功"),
    ("2", "u2", "2024-03-06", "20", "交易关闭"),
    ("3", "u1", "2024-03-07", "0", "交易成功"),
    ("4", "u3", "2024-04-07", "40", "交易成功"),
)


def written(rows, *, header=HEADER) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode("utf-8-sig")


@pytest.fixture
def orders(study):
    pipeline.add(study, written(ROWS), "三月.csv")
    return study


def ends(study) -> list[tuple[str, int, int, float]]:
    """File, rows, orders and money after the last step of each file."""
    steps = pipeline.waterfall(study)
    last = steps.filter(pl.col("step").is_in(["net", "shared"])).unique("file", keep="last", maintain_order=True)  # fmt: skip
    return last.select("file", "n_rows", "n_orders", "amount").rows()


def test_a_switched_rule_is_a_new_revision_that_changes_what_analyses_see(orders):
    assert ends(orders) == [("三月.csv", 3, 3, 50.0)]
    before = store.head(orders)
    pipeline.set_rules(orders, 0, {"cancelled": False, "zero": True}, parent=before.id)
    after = store.head(orders)
    assert (after.parent, after.note) == (before.id, "调整清洗规则 三月.csv")
    assert after.recipe.sources[0].decisions.rules == {"cancelled": False, "zero": True}
    assert ends(orders) == [("三月.csv", 3, 3, 70.0)]
    lines = pipeline.load(orders).orders.lines.collect().to_native()
    assert sorted(lines["order_id"]) == ["1", "2", "4"]


def test_rules_are_tried_without_a_trace(orders):
    steps = pipeline.try_rules(orders, 0, Decisions(rules={"cancelled": False}))
    assert steps.row(-1, named=True)["amount"] == 70.0
    assert store.head(orders).id == 2
    assert ends(orders) == [("三月.csv", 3, 3, 50.0)]


def test_rules_on_an_older_revision_are_a_conflict_and_of_other_tables_a_mistake(orders):
    seen = store.head(orders).id
    pipeline.set_rules(orders, 0, {"cancelled": False}, parent=seen)
    with pytest.raises(Conflict):
        pipeline.set_rules(orders, 0, {"zero": True}, parent=seen)
    reviews = written([("1", "很好喝，还会再买"), ("2", "物流太慢了，不满意")], header=("评论编号", "评论内容"))  # fmt: skip
    pipeline.add(orders, reviews, "评论.csv")
    with pytest.raises(BadParameter, match="不是订单"):
        pipeline.set_rules(orders, 1, {"zero": True}, parent=store.head(orders).id)


def test_lines_that_another_file_holds_are_one_more_step(orders):
    april = (ROWS[3], ("5", "u9", "2024-04-09", "7", "交易成功"))
    pipeline.add(orders, written(april), "四月.csv")
    assert ends(orders) == [("三月.csv", 3, 3, 50.0), ("四月.csv", 1, 1, 7.0)]
    result = pipeline.run(orders, "waterfall")
    steps = {row["rule"]: row for row in result.tables["steps"].to_dicts()}
    assert (steps["原始行"]["n_lines"], steps["原始行"]["amount"]) == (6, 117.0)
    shared = steps["其他文件里已有的行只计一次"]
    assert (shared["n_met"], shared["amount_met"], shared["n_lines"]) == (1, 40.0, 4)
    lines = pipeline.load(orders).orders.lines.collect().to_native()
    assert (steps["进入分析"]["n_lines"], steps["进入分析"]["amount"]) == (lines.height, lines["amount"].sum())  # fmt: skip
    assert result.tables["files"].row(1) == ("四月.csv", 2, 47.0, 1, 1, 7.0)


def test_a_rule_that_applies_to_some_files_says_so(orders):
    pipeline.add(orders, written([("9", "u", "2024-05-01", "3", "已取消"), ("8", "u", "2024-05-01", "4", "交易成功")]), "五月.csv")  # fmt: skip
    pipeline.set_rules(orders, 1, {"cancelled": False}, parent=store.head(orders).id)
    steps = pipeline.run(orders, "waterfall").tables["steps"]
    row = steps.row(by_predicate=pl.col("rule") == "剔除已取消或关闭的订单", named=True)
    assert (row["action"], row["n_met"], row["amount_met"]) == ("部分文件执行", 2, 23.0)


def test_an_older_study_opens_without_the_steps_having_been_kept(orders):
    source = store.head(orders).recipe.sources[0]
    assert source.decisions == Decisions()
    assert pipeline.steps_of(orders, 0).height == 16


AMERICAN = [
    ("1", "u1", "03/04/2024", "10", "交易成功"),
    ("2", "u2", "05/06/2024", "20", "交易成功"),
]


def test_dates_that_could_be_two_days_are_asked_for_before_anything_is_kept(study):
    data = written(AMERICAN)
    (item,), _ = pipeline.preview(data, "美式.csv")
    assert item.unclear == ("03/04/2024", "05/06/2024")
    with pytest.raises(UnclearDates):
        pipeline.add(study, data, "美式.csv")
    assert store.head(study).recipe.sources == ()
    pipeline.add(study, data, "美式.csv", hints=Hints(decisions=Decisions(day_first=False)))
    assert sorted(pipeline.load(study).orders.lines.collect().to_native()["ordered_month"]) == [202403, 202405]  # fmt: skip
    assert pipeline.dates_of(study, 0).told == ("日期按“月/日/年”读取（由用户指定）",)
    pipeline.set_rules(study, 0, {}, day_first=True, parent=store.head(study).id)
    assert sorted(pipeline.load(study).orders.lines.collect().to_native()["ordered_month"]) == [202404, 202406]  # fmt: skip


def test_a_few_unclear_dates_are_set_aside_and_shown_with_the_choice(study):
    pipeline.add(study, written([*ROWS, ("5", "u", "3/5/2024", "9", "交易成功")]), "混.csv")
    dates = pipeline.dates_of(study, 0)
    assert (dates.day_first, dates.unclear, dates.is_open) == (None, ("3/5/2024",), True)


def test_the_command_line_adds_with_rules_shows_the_steps_and_changes_them(tmp_path, study, capsys):
    file = tmp_path / "三月.csv"
    file.write_bytes(written(ROWS))
    assert main(["add", str(study.path), str(file), "--rule", "cancelled=off"]) == 0
    assert ends(study) == [("三月.csv", 4, 4, 70.0)]
    capsys.readouterr()
    assert main(["clean", str(study.path), "1", "--rule", "cancelled=on", "--rule", "zero=yes", "--json"]) == 0  # fmt: skip
    steps = {row["step"]: row for row in json.loads(capsys.readouterr().out)}
    assert (steps["cancelled"]["n_met"], steps["cancelled"]["applies"]) == (1, True)
    assert (steps["net"]["n_rows"], steps["net"]["amount"]) == (2, 50.0)
    assert main(["clean", str(study.path)]) == 0
    assert "cancelled   剔除已取消或关闭的订单：符合 1 行 ¥20，剩 3 行、3 单、¥50" in capsys.readouterr().out  # fmt: skip
    assert main(["run", str(study.path), "waterfall", "--out", str(tmp_path / "out")]) == 0
    table = pl.read_csv(tmp_path / "out" / "waterfall" / "steps.csv")
    assert table["amount"][-1] == 50.0
    assert (tmp_path / "out" / "waterfall" / "amount.svg").is_file()


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--rule", "cancelled=maybe"], "不是开关"), (["--rule", "x=on"], "没有叫“x”的清洗规则"), (["2"], "没有叫“2”的数据来源")],
)  # fmt: skip
def test_the_command_line_says_what_is_no_rule_no_switch_and_no_file(orders, capsys, options, said):
    assert main(["clean", str(orders.path), *options]) == 1
    assert said in capsys.readouterr().err


@pytest.fixture
def on_screen(own_folders):
    study = pipeline.new(own_folders / "studies" / "清洗页")
    pipeline.add(study, written(ROWS), "三月.csv")
    return study


def test_on_the_page_a_switch_shows_before_and_after_and_is_saved_on_demand(on_screen):
    app = opened(places.CLEANING, study="清洗页")
    assert not app.exception
    assert words.md_text("原始数据 4 行、¥70，清洗后剩 3 行、3 个订单、¥50。") in texts(app)
    assert app.button(key="save_rules").disabled
    app.toggle(key="edit:rules:0:cancelled:2").set_value(False).run()
    assert not app.exception
    shown = {m.label: m.value for m in app.metric[-3:]}
    assert shown == {"行数": "4", "订单数": "4", "金额": words.md_text("¥70")}
    assert store.head(on_screen).id == 2
    app.button(key="save_rules").click().run()
    assert not app.exception
    assert store.head(on_screen).recipe.sources[0].decisions.rules == {"cancelled": False}
    assert words.md_text("清洗后剩 4 行、4 个订单、¥70。") in texts(app)


def test_on_the_import_page_unclear_dates_must_be_settled_first(own_folders):
    study = pipeline.new(own_folders / "studies" / "美式")
    app = opened(places.IMPORT, study="美式")
    app.file_uploader[0].upload("美式.csv", written(AMERICAN)).run()
    assert "日期里哪个是日、哪个是月" in texts(app)
    assert "导入 0 个文件" in [b.label for b in app.button]
    choice = next(b for b in app.button_group if b.label == "日期写法")
    choice.set_value("日/月/年").run()
    where = next(b for b in app.button_group if b.label == "导入到")
    where.set_value("加入当前研究").run()
    next(b for b in app.button if b.label == "导入 1 个文件").click().run()
    assert not app.exception
    (source,) = store.head(study).recipe.sources
    assert source.decisions.day_first is True
