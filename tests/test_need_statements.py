"""Need statements: what is wanted, too much, missing or feared, read as verb and object, and who says so."""

from __future__ import annotations

import polars as pl
import pytest

from insight.analyses import find
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import NothingToTell, TooFewRows
from insight.members import behind
from insight.schema.codebook import Codebook
from insight.schema.lexicon import Lexicon, Synonyms, UserWord
from insight.sentiment.scoring import lexicon
from insight.statements.grouping import whole_tagger
from insight.statements.patterns import statements

TAG, GENERAL = whole_tagger(Lexicon()), lexicon()


def read(text: str) -> list[tuple[str, str, str, str]]:
    told = statements(text, tag=TAG, lexicon=GENERAL)
    return [(one.pattern, one.verb, one.object, one.statement) for one in told]


@pytest.mark.parametrize(
    ("text", "pattern", "verb", "about", "statement"),
    [
        ("希望增加夜间配送", "希望", "增加", "配送", "增加夜间配送"),
        ("建议以后增加晾晒床铺的地方", "建议", "增加", "床铺的地方", "增加晾晒床铺的地方"),
        ("希望物流快一点", "希望", "快", "物流", "物流更快"),
        ("希望把包装改进一下", "希望", "改进", "包装", "改进包装"),
        ("希望给宿舍装空调", "希望", "装", "空调", "装空调"),
        ("希望不要再涨价了", "希望", "不要涨价", "涨价", "不要涨价"),
        ("想要一个保修期更长的版本", "希望", "要", "版本", "要保修期更长的版本"),
        ("服务态度有待提高", "建议", "提高", "服务态度", "提高服务态度"),
        ("要是屏幕再大一点就好了", "要是…就好了", "大", "屏幕", "屏幕更大"),
        ("如果能再便宜点,那就更好了", "要是…就好了", "便宜", "价格", "价格更便宜"),
        ("价格实在太贵了", "太…", "贵", "价格", "价格太贵"),
        ("电池不够耐用", "不够", "耐用", "电池", "电池不够耐用"),
        ("重量不足", "不够", "足", "重量", "重量不足"),
        ("半天找不到发票", "找不到", "找不到", "发票", "找不到发票"),
        ("客服电话一直打不通", "找不到", "打不通", "电话", "电话打不通"),
        ("很担心买到假货", "担心", "担心", "假货", "担心买到假货"),
        ("缺少说明书", "缺少", "缺少", "说明书", "缺少说明书"),
        ("连个说明书都没有", "缺少", "没有", "说明书", "没有说明书"),
        ("宿舍没有充电的地方", "缺少", "没有", "充电的地方", "没有充电的地方"),
    ],
)  # fmt: skip
def test_a_way_to_state_a_need_is_read_as_verb_and_object(text, pattern, verb, about, statement):
    assert read(text) == [(pattern, verb, about, statement)]


@pytest.mark.parametrize(
    "text",
    [
        "", "无", "太好吃了", "没有异味", "质量没有问题", "没有头皮屑", "建议大家别买", "应该是正品", "味道最好",
        "再也不担心迟到", "衣服不是太贵", "外面买不到这么好的裤子", "用不着保温箱", "几乎听不到噪音", "有没有发票",
        "尊敬的客户您好,希望再次为您提供服务", "不知道希望在哪里", "没有想象的好", "满怀希望地买了", "😀" * 20, "a" * 50_000,
    ],
)  # fmt: skip
def test_praise_advice_to_buyers_and_noise_state_no_need(text):
    assert read(text) == []


def test_a_text_states_several_needs_each_once():
    assert [row[3] for row in read("价格太贵,价格太贵!希望增加赠品,没有发票")] == [
        "价格太贵", "增加赠品", "没有发票",
    ]  # fmt: skip


def test_words_of_the_trade_decide_what_is_praise():
    trade = lexicon(("下饭",), ("发飘",))
    assert statements("方向盘太发飘", tag=TAG, lexicon=trade) != ()
    assert statements("味道太下饭", tag=TAG, lexicon=trade) == ()


def study(*texts: str, **decided: object) -> Dataset:
    """Each text is one of a customer's own: c0, c1, ..."""
    rows = [(f"t{at}", text, f"c{at}") for at, text in enumerate(texts)]
    table = pl.DataFrame(rows, schema=["text_id", "text", "customer_id"], orient="row")
    return Dataset(texts=table, **decided)


TEXTS = (
    "希望增加夜间配送", "建议增加配送", "配送太慢", "希望增加夜间配送，谢谢大家，这里的服务一直很好", "价格太贵了", "价格实在太贵", "没有发票",
)  # fmt: skip


def test_statements_are_grouped_by_their_object_and_counted_by_people():
    """配送: c0, c1, c3 want more of it, c2 finds it slow; 价格: c4, c5; 发票: c6 alone."""
    result = answer(find("need_statements"), study(*TEXTS))
    columns = ("object", "n_people", "base", "n_wanted", "n_complained")
    assert result.tables["objects"].select(columns).rows() == [
        ("配送", 4, 7, 3, 1),
        ("价格", 2, 7, 0, 2),
    ]
    needs = result.tables["needs"].select("object", "statement", "aim", "patterns", "n_people")
    assert needs.rows() == [
        ("配送", "增加夜间配送", "期望", "希望、建议", 3),
        ("价格", "价格太贵", "不满", "太…", 2),
    ]
    assert result.tables["objects"]["share"].to_list() == pytest.approx([4 / 7, 2 / 7])
    assert result.tables["needs"]["quote"][0].startswith("希望增加夜间配送，谢谢")
    assert result.tables["statements"].height == 7


def test_the_people_behind_a_need_are_those_who_state_it():
    analysis, dataset = find("need_statements"), study(*TEXTS)
    result = answer(analysis, dataset)
    of = analysis.members(dataset, analysis.params(), result)
    for name in ("objects", "needs"):
        for row in result.tables[name].iter_rows(named=True):
            assert behind(of[name], row)["person"].n_unique() == row["n_people"]


def test_one_person_counts_once_and_interviewers_never():
    rows = [("1", "价格太贵", "c0", "participant"), ("2", "价格太贵", "c0", "participant"), ("3", "价格太贵", "c1", "participant"), ("4", "价格太贵", "c2", "interviewer")]  # fmt: skip
    table = pl.DataFrame(rows, schema=["text_id", "text", "customer_id", "role"], orient="row")
    needs = answer(find("need_statements"), Dataset(texts=table)).tables["needs"]
    assert needs.select("n_people", "n_mentions").rows() == [(2, 3)]


def test_the_words_of_the_study_are_kept_whole_merged_and_left_out():
    words = Lexicon(words=(UserWord(word="云感枕"),), synonyms=(Synonyms(word="物流", variants=("快递",)),), stop_words=("发票",))  # fmt: skip
    told = ("云感枕太硬", "云感枕太硬", "快递太慢", "物流太慢", "没有发票", "没有发票")
    objects = answer(find("need_statements"), study(*told, lexicon=words)).tables["objects"]
    assert set(objects["object"]) == {"云感枕", "物流"}
    assert objects["n_people"].to_list() == [2, 2]


def test_needs_of_few_people_can_be_asked_for_and_none_at_all_is_said():
    analysis = find("need_statements")
    alone = study("没有发票", "很好")
    with pytest.raises(NothingToTell, match="没有 2 人以上说到同一项需求"):
        answer(analysis, alone)
    result = answer(analysis, alone, analysis.params(least=1))
    assert result.tables["needs"]["statement"].to_list() == ["没有发票"]
    with pytest.raises(TooFewRows):
        answer(analysis, study("  "))


def test_words_that_judge_in_the_codebook_are_heeded():
    book = Codebook(positive=("下饭",))
    params = find("need_statements").params(least=1)
    with pytest.raises(NothingToTell):
        answer(find("need_statements"), study("味道太下饭", codebook=book), params)
