"""Coding rules: what they find, and what is said where they are wrong."""

from __future__ import annotations

import polars as pl
import pytest

from insight.coding.building import Row, expression, listed, rows_of
from insight.coding.exchange import read_codebook, starter, table_of, yaml_of
from insight.coding.matching import clauses_of, raised, trees_of
from insight.coding.pruning import pruned, word_precision
from insight.coding.rules import Either, Near, Word, parsed, wanted, without
from insight.errors import BadCodebook, BadRule, InsightError
from insight.exports import csv, xlsx
from insight.schema.codebook import Code, Codebook


def _found(rule: str, *texts: str) -> list[bool]:
    clauses = clauses_of(pl.Series(texts))
    return raised(clauses, {"x": parsed(rule)}, n_texts=len(texts))["x"].to_list()


def test_and_or_not_hold_within_one_clause():
    rule = "(价格|贵|性价比) & !(不贵|划算)"
    assert _found(rule, "有点贵", "不贵", "价格划算", "物流快") == [True, False, False, False]
    assert _found(rule, "东西不贵。但是快递费太贵了") == [True]
    assert _found("物流 & 慢", "物流很慢", "物流不错。客服回得很慢啊") == [True, False]


def test_near_counts_the_characters_between_in_any_order():
    assert _found("near(物流, 慢, 2)", "物流很慢", "慢死了的物流", "物流真的很慢") == [
        True,
        False,
        False,
    ]
    assert _found("near(物流, 慢, 3)", "慢死了的物流", "物流真的很慢") == [True, True]
    assert parsed("near(物流|快递, 慢)") == Near(("物流", "快递"), ("慢",), 10)


def test_not_binds_before_and_before_or():
    assert _found("甲 | 乙 & !丙", "甲丙", "乙丙", "乙") == [True, False, True]


def test_signs_of_a_chinese_keyboard_and_english_words_are_the_same_rule():
    assert parsed("（价格｜贵） ＆ ！划算") == parsed("(价格|贵) & !划算")
    assert parsed("(价格 OR 贵) and not 划算") == parsed("(价格|贵) & !划算")
    assert list(wanted(parsed("brand|order|android"))) == ["brand", "order", "android"]


def test_words_are_found_in_traditional_characters_other_case_and_width():
    assert _found('"iphone 15" | 卡顿', "IPHONE 15 好", "ＡＰＰ卡頓", "苹果") == [True, True, False]


def test_an_empty_text_meets_no_rule():
    assert _found("价格", "", "   ", "😀", "价格") == [False, False, False, True]


@pytest.mark.parametrize(
    ("rule", "at", "reason", "hint"),
    [
        ("", 0, "还没有写任何词", "请写要找的词"),
        ("价格 贵", 3, "缺少运算符", "写 |"),
        ("价格|", 2, "后面没有词", "请补上"),
        ("价格 and", 5, "“&”（并且）后面没有词", "请补上"),
        ("|价格", 0, "不能以“|”", "前面写上"),
        ("(价格|贵", 0, "左括号没有对应的右括号", "配对"),
        ("价格)", 2, "多了一个右括号", "配对"),
        ("()", 1, "括号里是空的", "括号里写上"),
        ("价格 & | 贵", 5, "连在了一起", "只写一个运算符"),
        ("价格 !划算", 3, "前面缺少“并且”", "& !划算"),
        ("价格 并且", 4, "“&”（并且）后面没有词", "请补上"),
        ("物流 NEAR/5 慢", 3, "near 不能写在两个词中间", "near(物流|快递, 慢, 8)"),
        ("价格、贵", 2, "不能用来分开", "用 | 表示"),
        ("价格,贵", 2, "逗号只能写在 near", "用 | 表示"),
        ('"价格', 0, "引号没有成对", "各加一个引号"),
        ("near(物流)", 7, "还缺一个词", "near(物流|快递, 慢, 8)"),
        ("near(物流", 4, "near 没有写完", "near(物流|快递, 慢, 8)"),
        ("near(物流, 慢, x)", 12, "1 到 200 的整数", "相隔最多几个字"),
        ("near(物流&快, 慢)", 5, "near 里只能写词", "写到 near 的外面"),
        ("!划算", 0, "只写了不能出现的词", "再写上要出现的词"),
        ("价格 | !划算", 0, "只写了不能出现的词", "再写上要出现的词"),
        ("😀", 0, "没有可以查找的文字", "请换成文字"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place_and_the_way_out(rule, at, reason, hint):
    with pytest.raises(BadRule) as caught:
        parsed(rule)
    assert caught.value.at == at
    assert reason in caught.value.message
    assert hint in caught.value.hint


def test_or_and_and_may_be_written_in_chinese_where_they_stand_alone():
    assert parsed("（快递 或 物流） 且 慢") == parsed("(快递|物流) & 慢")
    assert parsed("(快递 或者 物流)并且(慢 或 久)") == parsed("(快递|物流) & (慢|久)")
    assert parsed('或许|而且|" 且 "') == Either((Word("或许"), Word("而且"), Word("且")))


@pytest.mark.parametrize("rule", ["(" * 500 + "a" + ")" * 500, "!" * 900 + "a", "a|" * 3_000, "near(" * 90, "a(", "。"])  # fmt: skip
def test_hostile_rules_end_in_one_sentence(rule):
    with pytest.raises(InsightError):
        parsed(rule)


def test_rows_of_the_builder_and_the_expression_are_the_same_rule():
    rows = (
        Row("any", ("价格", "贵")),
        Row("none", ("不贵",)),
        Row("near", ("物流",), ("慢", "久"), 8),
    )
    rule = expression(rows)
    assert rule == "(价格|贵) & !不贵 & near(物流, 慢|久, 8)"
    assert rows_of(parsed(rule)) == rows
    assert rows_of(parsed("a|b&c")) is None
    assert expression([Row("all", ("iPhone 15", "卡"))]) == '"iPhone 15" & 卡'
    with pytest.raises(BadRule, match="还缺少词"):
        expression([Row("near", ("物流",))])


def test_words_are_read_as_people_list_them():
    assert listed("价格、贵，便宜 划算；“iPhone 15”") == ("价格", "贵", "便宜", "划算", "iPhone 15")


def test_words_can_be_taken_out_of_a_rule():
    assert without(parsed("价格|贵"), frozenset({"贵"})) == Word("价格")
    assert without(parsed("价格 & 贵"), frozenset({"贵"})) is None
    assert without(parsed("near(a|b, c)"), frozenset({"a"})) == Near(("b",), ("c",), 10)


def test_a_word_that_coded_answers_prove_wrong_is_pruned():
    """贵 stands in 4 coded answers, with the need in 1: (1 + .5) / (4 + 1) = .3; 价格 in 2 of 2: 2.5 / 3."""
    texts = ["贵宾", "贵宾厅", "贵州", "太贵", "价格高", "价格"]
    clauses = clauses_of(pl.Series(texts))
    rules = {"price": parsed("价格|贵")}
    truth = {at: frozenset({"price"} if at > 2 else ()) for at in range(6)}
    words = word_precision(clauses, rules, truth=truth)
    assert words.select("word", "n", "n_right", "precision", "is_kept").rows() == [
        ("价格", 2, 2, pytest.approx(2.5 / 3), True),
        ("贵", 4, 1, pytest.approx(0.3), False),
    ]
    assert pruned(rules, words) == {"price": Word("价格")}


BOOK = Codebook(
    codes=(
        Code(name="价格", description="贵不贵", rules=("(价格|贵) & !划算", "near(卖, 贵, 3)")),
        Code(name="物流", rules=("物流|快递",)),
        Code(name="待定"),
    ),
    positive=("回购", "绝绝子"),
    negative=("拔草",),
)


@pytest.mark.parametrize("ending", ["csv", "xlsx", "yaml"])
def test_a_codebook_comes_back_from_its_file(ending):
    table = table_of(BOOK)
    files = {"csv": csv(table), "xlsx": xlsx({"编码本": table}), "yaml": yaml_of(BOOK).encode()}
    assert read_codebook(files[ending], f"编码本.{ending}") == BOOK


def test_a_list_of_words_is_a_codebook():
    book = read_codebook("需求,关键词\n价格,贵、便宜\n物流,快递\n价格,划算\n".encode(), "词表.csv")
    assert [(c.name, c.rules) for c in book.codes] == [
        ("价格", ("(贵|便宜)", "划算")),
        ("物流", ("快递",)),
    ]


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        ("a,b\n1,2\n", "x.csv", "没有找到“需求”这一列"),
        ("需求,规则\n价格,(贵\n", "x.csv", "需求“价格”里.*左括号"),
        ("codes:\n- name: ''\n", "x.yaml", "没有填写"),
        ("codes: [", "x.yaml", "不是可以读懂的 YAML"),
        ("- 1\n", "x.yaml", "没有 codes"),
        ("codes:\n- {name: 甲}\n- {name: 甲}\n", "x.yaml", "有两个需求都叫“甲”"),
        ("!!python/object/apply:os.system [true]", "x.yaml", "不是可以读懂的 YAML"),
    ],
)
def test_a_bad_codebook_is_one_sentence(data, name, said):
    with pytest.raises(BadCodebook, match=said):
        read_codebook(data.encode(), name)


def test_the_codebook_to_begin_with_can_be_read_and_finds_its_needs():
    book = starter()
    keys = {code.name: code.key for code in book.codes}
    texts = ["快递等了三天", "客服态度差", "盒子压扁了", "穿着很舒服"]
    found = raised(clauses_of(pl.Series(texts)), trees_of(book), n_texts=4)
    for at, need in enumerate(["物流配送", "客服态度", "包装", "舒适与口感"]):
        assert found[keys[need]][at], need
