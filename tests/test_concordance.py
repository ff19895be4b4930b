"""The concordance: places found in any spelling, fifteen characters on each side, sorted by what stands beside."""

from __future__ import annotations

import re

import narwhals as nw
import polars as pl
import pytest

from insight import pipeline
from insight.analyses.text import kwic
from insight.analysis import answer
from insight.cli import main
from insight.dataset import Dataset
from insight.errors import MissingColumns, NothingToTell, UnknownName
from insight.text.concordance import concordance, neighbours_first, phrase_pattern
from insight.text.tokenize import cutter


def places(texts, phrase, **options):
    return concordance(texts, phrase_pattern(phrase), **options).rows()


def test_a_place_has_fifteen_characters_on_each_side_and_says_where_the_text_goes_on():
    before, behind = "一二三四五六七八九十甲乙丙丁戊己", "子丑寅卯辰巳午未申酉戌亥天地人和"
    assert places([f"{before}物流{behind}"], "物流") == [
        (0, f"…{before[1:]}", "物流", f"{behind[:-1]}…")
    ]
    assert places(["物流快"], "物流") == [(0, "", "物流", "快")]


def test_every_place_of_a_text_is_a_line_and_line_ends_become_blanks():
    assert places(["慢\n真慢", "快"], "慢") == [(0, "", "慢", " 真慢"), (0, "慢 真", "慢", "")]


def test_width_case_and_traditional_characters_make_no_difference_and_are_shown_as_written():
    found = places(["這個ＡＰＰ的物流很慢", "app 的包裝"], "app|包装|这个")
    assert [phrase for _, _, phrase, _ in found] == ["這個", "ＡＰＰ", "app", "包裝"]


def test_a_star_stands_for_a_few_characters_of_a_clause():
    texts = ["太贵了", "太不方便了", "太远，走了", "太一二三四五六七八九了", "太了"]
    assert [phrase for _, _, phrase, _ in places(texts, "太*了")] == [
        "太贵了",
        "太不方便了",
        "太了",
    ]


def test_signs_of_expressions_are_only_signs():
    assert places(["(很好)+[赞].", "很好"], "(很好)+[赞].") == [(0, "", "(很好)+[赞].", "")]


def test_of_alternatives_the_longest_is_taken():
    assert [p for _, _, p, _ in places(["快递很快"], "快|快递")] == ["快递", "快"]


def test_whole_words_leave_out_the_same_characters_inside_others():
    texts = ["快递到了", "送货快"]
    assert [at for at, *_ in places(texts, "快")] == [0, 1]
    assert [at for at, *_ in places(texts, "快", cut=cutter())] == [1]


@pytest.mark.parametrize("phrase", ["", "  ", "*", "|", " * | **"])
def test_nothing_to_look_for_is_no_pattern(phrase):
    assert phrase_pattern(phrase) is None


def test_the_commonest_neighbourhood_comes_first_on_either_side():
    texts = ["甲物流很慢", "乙物流不错", "丙物流很慢啊", "丁物流很快"]
    lines = concordance(texts, phrase_pattern("物流"))
    right = neighbours_first(lines, side="right")["right"].to_list()
    assert right == ["很慢", "很慢啊", "不错", "很快"]
    ends = concordance(["这里的物流", "他们的物流", "那里的物流"], phrase_pattern("物流"))
    left = neighbours_first(ends, side="left")["left"].to_list()
    assert left == ["这里的", "那里的", "他们的"]  # read backwards: 的里 twice, 的们 once


def study(n=40):
    """n customers; women say that parcels are slow; each has one order, dearer by number."""
    rows = [
        (f"t{i:02}", "快递太慢了，客服电话13812345678" if i % 2 else "味道不错，快递也可以", f"c{i:02}", "participant")
        for i in range(n)
    ]  # fmt: skip
    rows.append(("x", "快递快不快？", "c01", "interviewer"))
    rows.append(("y", "快递快递", "c01", "participant"))
    texts = pl.DataFrame(rows, schema=["text_id", "text", "customer_id", "role"], orient="row")
    ids = [f"c{i:02}" for i in range(n)]
    customers = pl.DataFrame({"customer_id": ids, "gender": ["男", "女"] * (n // 2)})
    orders = pl.DataFrame({
        "customer_id": ids, "order_id": ids, "ordered_at": [1_700_000_000] * n, "ordered_month": [202311] * n,
        "amount": [10.0 * (i + 1) for i in range(n)],
    })  # fmt: skip
    return Dataset(texts=texts, customers=customers, orders=nw.from_native(orders.lazy()))


def run(dataset, **params):
    return answer(kwic.ANALYSIS, dataset, kwic.Params(by="customers.gender", **params))


def test_a_place_tells_who_says_it_and_what_they_spend_and_hides_personal_data():
    lines = run(study(), phrase="太慢").tables["lines"]
    assert set(lines["segment"]) == {"女"}
    richest = lines.filter(pl.col("text_id") == "t39").row(0, named=True)
    assert richest["value_tier"] == "高消费"
    assert "138****56…" in richest["right"]
    assert not lines["right"].str.contains("13812345678").any()


def test_people_are_counted_once_and_interviewers_never():
    result = run(study(), phrase="快递")
    rows = {row["segment"]: row for row in result.tables["segments"].to_dicts()}
    # 40 texts with one place each, and one person's second text with two
    assert rows["全体"] | {"segment": ""} == {"segment": "", "n_mentions": 42, "n_people": 40, "base": 40, "share": 1.0}  # fmt: skip
    assert (rows["女"]["n_mentions"], rows["女"]["n_people"], rows["女"]["base"]) == (22, 20, 20)
    assert result.findings[0].text == "“快递”出现 42 处，来自 40 人，占说过话的 40 人的 100.0%。"


def test_lines_stop_at_the_cap_and_the_notes_say_how_many_there_are(monkeypatch):
    monkeypatch.setattr(kwic, "MOST_LINES", 5)
    result = run(study(), phrase="快递")
    assert result.tables["lines"].height == 5
    assert any("共 42 处，只列出前 5 处" in note for note in result.notes)
    assert result.tables["segments"]["n_mentions"][0] == 42


def test_lines_can_be_listed_by_who_says_it():
    by_group = run(study(), phrase="快递", sort="人群").tables["lines"]["segment"].to_list()
    assert by_group == sorted(by_group, key=["男", "女"].index) or by_group == sorted(
        by_group, key=["女", "男"].index
    )
    bands = run(study(), phrase="快递", sort="消费").tables["lines"]["value_tier"].to_list()
    assert bands == sorted(bands, key=["高消费", "中消费", "低消费"].index)


def test_without_orders_or_groups_the_places_are_still_listed():
    texts = study().texts.drop("customer_id")
    result = answer(kwic.ANALYSIS, Dataset(texts=texts), kwic.Params(phrase="快递"))
    assert result.tables["segments"]["segment"].to_list() == ["全体"]
    assert result.tables["lines"]["value_tier"].null_count() == result.tables["lines"].height


def test_without_a_phrase_the_word_of_most_people_is_shown():
    assert run(study()).findings[0].text.startswith("“快递”")


@pytest.mark.parametrize(
    ("phrase", "told"), [("元宇宙", "没有人说过“元宇宙”"), ("*", "没有写要找的字")]
)
def test_what_nobody_says_is_told_with_a_way_out(phrase, told):
    with pytest.raises(NothingToTell, match=re.escape(told)) as caught:
        run(study(), phrase=phrase)
    assert caught.value.hint


def test_an_unknown_group_is_not_silently_left_out():
    with pytest.raises(UnknownName):
        answer(kwic.ANALYSIS, study(), kwic.Params(by="Q99"))
    with pytest.raises(MissingColumns):
        answer(kwic.ANALYSIS, Dataset(texts=study().texts), kwic.Params(by="rfm"))


def test_a_line_opens_the_text_it_stands_in(demo_study):
    result = pipeline.run(demo_study, "kwic", changes={"phrase": "味道"})
    first = result.tables["lines"].row(0, named=True)
    people = pipeline.people(
        demo_study, "kwic", {"text_id": first["text_id"]}, table="lines", changes={"phrase": "味道"}
    )  # fmt: skip
    assert people.n == 1
    assert first["phrase"] in people.quotes["quote"][0]


def test_the_command_line_writes_the_lines(demo_study, tmp_path):
    assert main(["run", str(demo_study.path), "kwic", "-p", "kwic.phrase=凑单*久", "--out", str(tmp_path)]) == 0  # fmt: skip
    lines = pl.read_csv(tmp_path / "kwic" / "lines.csv")
    assert lines["phrase"].str.contains("^凑单.*久$").all()
