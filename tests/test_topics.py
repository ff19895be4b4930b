"""Topics: hand-worked numbers, a planted corpus, real corpora with known classes, and the page's tables."""

from __future__ import annotations

import math
import random
from itertools import product

import numpy as np
import polars as pl
import pytest
from conftest import shared
from scipy import sparse
from sklearn.decomposition import NMF
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.metrics import normalized_mutual_info_score

from insight import pipeline
from insight.analyses.text import topics as page
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import BadParameter, TooFewRows, UnknownName
from insight.pipeline import params_of
from insight.text.coherence import agreement, diversity, npmi
from insight.text.k_choice import best, candidates
from insight.text.labels import apart, class_tfidf, label, naming_scores
from insight.text.normalize import normalise
from insight.text.tokenize import content_words, tagger
from insight.text.topics import about, find_topics
from insight.text.vectors import count_matrix, ppmi, vocabulary

TAG = tagger()
THEMES = {
    "物流": (("快递太慢了", "物流特别快", "配送迟到"), ("等了三天才发货", "第二天就送到", "包裹一直在路上"), ("快递员态度差", "送货上门很方便", "包裹放在驿站")),
    "屏幕": (("屏幕很清晰", "屏幕有坏点", "显示效果细腻"), ("色彩鲜艳", "亮度不够", "分辨率高"), ("看电影很爽", "晚上看着刺眼", "手机画面流畅")),
    "口味": (("味道太甜了", "口味清淡", "口感很脆"), ("水果新鲜", "牛奶有怪味", "零食好吃"), ("孩子爱吃", "吃完还想吃", "奶香浓郁")),
    "客服": (("客服不理人", "客服耐心解答", "售后电话打不通"), ("退款等了很久", "退货流程麻烦", "投诉没人处理"), ("服务态度恶劣", "问题解决得快", "回复敷衍")),
}  # fmt: skip


def planted():
    """108 texts of four themes, and the theme of each."""
    made = [
        ("，".join(parts) + "。", theme) for theme, p in THEMES.items() for parts in product(*p)
    ]
    random.Random(0).shuffle(made)
    return [text for text, _ in made], [theme for _, theme in made]


@pytest.fixture(scope="module")
def model():
    texts, _ = planted()
    return find_topics([*texts, "无", "挺好的", "666", "价格"], tag=TAG, n_topics=4)


def test_ppmi_matches_the_values_worked_out_by_hand():
    # a meets b in two documents and c in two; b and c meet once, which is left out
    counts = count_matrix(["ab", "ab", "ac", "ac", "bc"], ["a", "b", "c"])
    found = ppmi(counts).toarray()
    # 8 meetings, a 4, b 2, c 2; contexts 4^.75 = 2.8284, 2^.75 = 1.6818 twice, together 6.1920
    assert found[0, 1] == pytest.approx(math.log(2 / (4 * 1.6818 / 6.1920)), abs=1e-4)
    assert found[1, 0] == pytest.approx(math.log(2 / (2 * 2.8284 / 6.1920)), abs=1e-4)
    assert found[1, 2] == found[0, 0] == 0


def test_npmi_matches_the_value_worked_out_by_hand():
    counts = sparse.csr_array([[1, 1, 0], [2, 1, 0], [1, 0, 0], [0, 0, 1]])
    # p(x) = 3/4, p(y) = 1/2, p(x, y) = 1/2
    expected = math.log(0.5 / (0.75 * 0.5)) / -math.log(0.5)
    # never together: ln(1e-12 / (3/4 * 1/4)) / -ln(1e-12)
    never = math.log(1e-12 / (0.75 * 0.25)) / -math.log(1e-12)
    assert npmi(counts, [[0, 1], [0, 2], [1]]).tolist() == pytest.approx([expected, never, 0])


def test_diversity_and_agreement_are_shares_of_words():
    assert diversity([[1, 2], [2, 3]]) == 0.75
    # matched crosswise: {1,2} with {1,2,9} 2/3, {3,4} with {3,5} 1/3
    assert agreement([[1, 2], [3, 4]], [[3, 5], [1, 2, 9]]).tolist() == pytest.approx(
        [2 / 3, 1 / 3]
    )


def test_class_tfidf_matches_the_value_worked_out_by_hand():
    said = np.array([[2.0, 2.0, 0.0], [0.0, 2.0, 4.0]])
    scores = class_tfidf(said)  # five words a class on average
    assert scores[0, 0] == pytest.approx(2 / 4 * math.log(1 + 5 / 2))
    assert scores[1, 2] == pytest.approx(4 / 6 * math.log(1 + 5 / 4))
    assert naming_scores(scores, said)[0, 1] == pytest.approx(scores[0, 1] / 2)


def test_labels_hold_no_word_twice_and_are_told_apart():
    assert label(["屏幕", "手机屏幕", "清晰", "亮度"], [9, 8, 7, 6]) == "屏幕 · 清晰 · 亮度"
    assert label(["屏幕", "清晰", "亮度"], [9, 8, 1]) == "屏幕 · 清晰"
    assert apart("物流", ["屏幕"]) == "物流"
    assert apart("物流", ["物流", "屏幕", "物流（2）"]) == "物流（3）"


def test_fewer_texts_make_fewer_candidates():
    assert list(candidates(20)) == [2]
    assert list(candidates(1000)) == list(range(4, 16))
    assert best(pl.DataFrame({"k": [6, 4, 5], "score": [1.0, 1.0, 0.5]})) == 4


def test_planted_themes_are_found_again(model):
    _, themes = planted()
    assert normalized_mutual_info_score(themes, model.assignment[:108]) > 0.9


def test_texts_that_say_nothing_stay_out_of_the_topics(model):
    assert model.assignment[108:].tolist() == [-1] * 4
    assert not model.weights[108:].any()
    assert all(model.noise[108:])
    assert not about(model)[108:].any()


def test_weights_of_every_other_text_sum_to_one(model):
    assert model.weights[:108].sum(axis=1) == pytest.approx(np.ones(108))
    assert about(model)[:108].any(axis=1).all()


def test_top_words_and_labels_are_words_of_two_characters_or_more(model):
    for words in model.top_words:
        assert all(2 <= len(word) <= 6 for word in words)
    assert len(set(model.labels)) == 4
    assert all(2 <= len(name.split(" · ")) <= 3 for name in model.labels)


def test_quotes_are_different_texts_of_their_topic(model):
    for topic, quoted in enumerate(model.quotes):
        assert len(set(quoted)) == len(quoted) == 5
        assert {int(model.assignment[i]) for i in quoted} == {topic}


def test_the_order_of_the_texts_changes_nothing():
    texts, _ = planted()
    order = list(range(len(texts)))
    random.Random(7).shuffle(order)
    one = find_topics(texts, tag=TAG)
    other = find_topics([texts[i] for i in order], tag=TAG)
    assert one.labels == other.labels
    assert one.k_curve.equals(other.k_curve)
    assert np.array_equal(one.weights[order], other.weights)
    assert one.quotes == tuple(tuple(order[i] for i in quoted) for quoted in other.quotes)


def test_copies_of_a_text_share_its_topics_and_do_not_change_the_others(model):
    texts, _ = planted()
    copied = find_topics(
        [*texts, "无", "挺好的", "666", "价格", *[texts[0]] * 30], tag=TAG, n_topics=4
    )
    assert set(copied.labels) == set(model.labels)
    renumbered = [model.labels.index(name) for name in copied.labels]
    assert np.array_equal(copied.weights[:112], model.weights[:, renumbered])
    assert np.array_equal(copied.weights[112:], np.tile(copied.weights[0], (30, 1)))


def test_a_text_of_two_themes_is_about_both():
    texts, themes = planted()
    mixed = "快递太慢了，等了三天才发货，快递员态度差。但是味道不错，水果新鲜，孩子爱吃，口感很脆。"
    found = find_topics([*texts, mixed], tag=TAG, n_topics=4)
    expected = {int(found.assignment[themes.index(theme)]) for theme in ("物流", "口味")}
    assert set(np.flatnonzero(about(found)[-1]).tolist()) == expected


def test_twenty_texts_still_give_two_topics_and_fourteen_do_not():
    texts = [t for t, theme in zip(*planted(), strict=True) if theme in ("物流", "口味")][:20]
    assert len(find_topics(texts, tag=TAG).labels) == 2
    with pytest.raises(TooFewRows, match="只有 14 个"):
        find_topics([*texts[:14], "无", "666", texts[0]], tag=TAG)


def test_more_topics_than_a_third_of_the_texts_are_refused():
    with pytest.raises(BadParameter, match="最多分成 5 个主题"):
        find_topics(planted()[0][:15], tag=TAG, n_topics=6)


@pytest.mark.parametrize("wrong", [1, -1, 31])
def test_numbers_that_are_no_number_of_topics_are_refused(wrong):
    with pytest.raises(BadParameter, match="填 2 到 30"):
        find_topics(planted()[0], tag=TAG, n_topics=wrong)


def test_long_texts_that_differ_in_their_last_number_only_are_one_topic():
    texts = ["快递太慢了，客服态度差，包裹破了，" * 20 + f"订单{i}" for i in range(20)]
    assert len(find_topics(texts, tag=TAG).labels) == 1


def titles(n):
    """``n`` news titles of ten classes."""
    lines = shared("data/thucnews_titles/dev.txt").read_text("utf-8").splitlines()
    pairs = [line.rsplit("\t", 1) for line in random.Random(1).sample(lines, n)]
    return [text for text, _ in pairs], [kind for _, kind in pairs]


def peer(texts, k):
    """Topics of scikit-learn's NMF on tf-idf of the same words."""
    tokens = [content_words(TAG(normalise(text))) for text in texts]
    counts = count_matrix(tokens, vocabulary(tokens))
    return NMF(k, init="nndsvd", max_iter=400, tol=1e-3).fit_transform(
        TfidfTransformer().fit_transform(counts)
    ).argmax(axis=1)  # fmt: skip


def test_topics_of_titles_agree_with_known_classes_and_beat_nmf():
    texts, kinds = titles(500)
    ours = normalized_mutual_info_score(kinds, find_topics(texts, tag=TAG, n_topics=10).assignment)
    theirs = normalized_mutual_info_score(kinds, peer(texts, 10))
    assert ours >= 0.45
    assert ours >= theirs + 0.15, (ours, theirs)


def study():
    """Texts of 54 customers (two each), an interviewer, a phone number, and non-answers of c0 and c99."""
    texts, _ = planted()
    rows = [(f"t{i:03}", text, f"c{i // 2}", "participant", "Q1") for i, text in enumerate(texts)]
    rows += [
        ("x1", "您觉得快递太慢了吗？快递员态度差吗？", "c0", "interviewer", "Q1"),
        ("x2", "无", "c0", "participant", "Q1"),
        (
            "x3",
            "快递太慢了，第二天就送到，电话13812345678，包裹放在驿站。",
            None,
            "participant",
            "Q2",
        ),
        ("x4", "  ", "c1", "participant", "Q1"),
        ("x5", "挺好的", "c99", "participant", "Q1"),
        ("x6", "666", "c99", "participant", "Q2"),
    ]
    names = ["text_id", "text", "customer_id", "role", "question"]
    return Dataset(texts=pl.DataFrame(rows, schema=names, orient="row"))


@pytest.fixture(scope="module")
def result():
    return answer(page.ANALYSIS, study(), page.Params(n_topics=4))


def test_tables_begin_with_the_columns_others_rely_on(result):
    assert result.tables["topics"].columns[:4] == ["topic", "label", "n_texts", "top_words"]
    assert result.tables["texts"].columns[:3] == ["text_id", "topic", "weight"]
    assert result.tables["quotes"].columns == ["topic", "label", "quote", "text_id"]


def test_every_text_of_a_participant_has_a_topic_and_interviewers_have_none(result):
    texts = result.tables["texts"]
    assert set(texts["text_id"]) == {*(f"t{i:03}" for i in range(108)), "x2", "x3", "x5", "x6"}
    assert texts.filter(text_id="x2").rows() == [("x2", 0, 1.0, "无实质内容")]


def test_topic_counts_are_those_of_the_text_table_and_people_count_once(result):
    texts, topics = result.tables["texts"], result.tables["topics"]
    person = {f"t{i:03}": f"c{i // 2}" for i in range(108)} | {"x2": "c0", "x3": "x3"}
    person |= {"x5": "c99", "x6": "c99"}
    for row in topics.iter_rows(named=True):
        ids = texts.filter(topic=row["topic"])["text_id"].to_list()
        assert (row["n_texts"], row["n_people"]) == (len(ids), len({person[i] for i in ids}))
        # 54 customers and the nameless x3 said something; c99 only 挺好的 and 666
        assert row["base"] == (55 if row["topic"] else 56)
        assert row["share"] == row["n_people"] / row["base"]
    last = topics.row(-1, named=True)
    assert (last["label"], last["n_texts"], last["n_people"]) == ("其他/无信息", 3, 2)


def test_notes_name_the_base_and_those_outside_it(result):
    assert any("至少有一条文本有实质内容的 55 人，共 56 人说过话" in note for note in result.notes)
    assert any("3 条文本没有实质内容" in note for note in result.notes)
    assert result.findings[0].text.startswith("55 位说过有实质内容的话的人里，谈到“")
    assert result.findings[0].base == 55


def test_findings_point_to_their_cells(result):
    assert result.findings
    for finding in result.findings:
        for cell in finding.evidence:
            assert result.tables[cell.table][cell.column][cell.row] is not None
        n_people = result.tables["topics"]["n_people"][finding.evidence[0].row]
        assert f"的有 {n_people} 人" in finding.text
        assert "显著" not in finding.text


def test_quotes_hide_phone_numbers():
    quotes = answer(page.ANALYSIS, study(), page.Params(n_topics=4)).tables["quotes"]["quote"]
    assert not quotes.str.contains("13812345678").any()


def test_quality_says_what_to_do_where_it_is_weak(result):
    for _, value, judged, advice in result.tables["quality"].rows():
        assert -1 <= value <= 1
        assert bool(advice) == (judged == "偏弱")


def test_the_number_of_topics_is_shown_as_a_curve_not_as_the_truth():
    found = answer(page.ANALYSIS, study())
    curve = found.tables["candidates"]
    assert curve["n_topics"].to_list() == list(range(4, 14))
    assert (
        len(found.tables["topics"].filter(pl.col("topic") > 0))
        == curve.sort("score")["n_topics"][-1]
    )
    assert any("没有唯一正确的数目" in note for note in found.notes)


def test_the_number_and_the_texts_go_by_their_short_names_too(tmp_path):
    made = pipeline.new(tmp_path / "研究")
    short = params_of(made, "topics", {"k": "4", "source": "Q1", "seed": "2"})
    assert short == params_of(made, "topics", {"n_topics": 4, "question": "Q1", "seed": 2})
    assert (short.n_topics, short.question, short.seed) == (4, "Q1", 2)


def test_one_topic_and_an_unknown_question_are_refused():
    with pytest.raises(BadParameter, match="主题数"):
        answer(page.ANALYSIS, study(), page.Params(n_topics=1))
    with pytest.raises(UnknownName):
        answer(page.ANALYSIS, study(), page.Params(question="Q9"))
