"""Edits of topics: what they do to the counts, that they survive another fit, and what is told where they do not fit."""

from __future__ import annotations

import random

import numpy as np
import pytest
from test_topics import TAG, planted

from insight.errors import BadParameter
from insight.schema.lexicon import Lexicon
from insight.schema.topic_edits import (
    Drop,
    Known,
    Merge,
    Move,
    Rename,
    Seed,
    Split,
    told,
    topic_edit_of,
)
from insight.text.corpus import content_key
from insight.text.normalize import normalise
from insight.text.topic_editing import edited
from insight.text.topics import REMOVED, about, described, fit_topics, study_topics

TEXTS, THEMES = planted()
QUIET = ["无", "挺好的", "666", "价格"]


@pytest.fixture(scope="module")
def placed():
    return fit_topics([*TEXTS, *QUIET], tag=TAG, n_topics=4)


@pytest.fixture(scope="module")
def model(placed):
    return described(placed)


def of(model, theme):
    """The topic most texts of a planted theme are in."""
    main = [int(t) for t, own in zip(model.assignment, THEMES, strict=False) if own == theme]
    return max(set(main), key=main.count)


def known(model, theme):
    at = of(model, theme)
    return Known(label=model.labels[at], words=model.top_words[at])


def after(placed, *edits):
    changed, skipped = edited(placed, edits)
    assert skipped == ("",) * len(edits)
    return described(changed)


def n_texts(model):
    return dict(zip(model.labels, about(model).sum(axis=0).tolist(), strict=True))


def test_a_new_name_changes_nothing_else(placed, model):
    found = after(placed, Rename(topic=known(model, "物流"), name="配送"))
    at = of(model, "物流")
    assert found.labels[at] == "配送"
    assert np.array_equal(found.weights, model.weights)
    assert found.quotes == model.quotes


def test_merged_topics_hold_every_text_of_both_once(placed, model):
    both = [of(model, "物流"), of(model, "客服")]
    either = about(model)[:, both].any(axis=1)
    found = after(placed, Merge(topics=(known(model, "物流"), known(model, "客服")), name="服务"))
    assert len(found.labels) == 3
    at = found.labels.index("服务")
    assert found.weights[:, at] == pytest.approx(model.weights[:, both].sum(axis=1))
    # a text of 18 % of each was about neither and is about both together
    more = model.weights[:, both].sum(axis=1) >= 0.2
    assert about(found)[:, at].tolist() == (either | more).tolist()
    assert found.stability[at] == pytest.approx(model.stability[both].mean(), abs=0.1)


def test_merged_topics_without_a_name_are_named_by_their_words(placed, model):
    found = after(placed, Merge(topics=(known(model, "物流"), known(model, "客服"))))
    (new,) = set(found.labels) - set(model.labels)
    assert set(new.split(" · ")) <= {w for t in ("物流", "客服") for w in model.top_words[of(model, t)]}  # fmt: skip


def test_two_themes_that_were_merged_are_split_again(placed, model):
    whole = Merge(topics=(known(model, "屏幕"), known(model, "口味")), name="产品")
    found = after(placed, whole, Split(topic=Known(label="产品")))
    assert len(found.labels) == 4
    assert "产品" not in found.labels
    new = {at for at, label in enumerate(found.labels) if np.isnan(found.stability[at])}
    assert len(new) == 2
    for theme in ("屏幕", "口味"):
        main = [found.assignment[i] for i, own in enumerate(THEMES) if own == theme]
        most = max(set(main), key=main.count)
        assert most in new
        assert main.count(most) >= 0.9 * len(main)
    assert of(found, "屏幕") != of(found, "口味")


def test_what_is_only_about_a_dropped_topic_is_in_none_and_says_why(placed, model):
    gone = of(model, "口味")
    found = after(placed, Drop(topic=known(model, "口味")))
    left = model.weights.sum(axis=1) - model.weights[:, gone]
    only = (model.assignment == gone) & (left < 0.2)
    assert only.sum() > 20
    assert set(found.assignment[only].tolist()) == {-1}
    assert {found.noise[i] for i in np.flatnonzero(only)} == {REMOVED}
    others = (model.assignment >= 0) & ~only
    assert (found.assignment[others] >= 0).all()
    assert found.says_something.tolist() == model.says_something.tolist()
    assert n_texts(found) == {k: v for k, v in n_texts(model).items() if k != model.labels[gone]}


def test_a_seeded_topic_takes_what_says_its_words_and_leaves_the_other_names(placed, model):
    found = after(placed, Seed(name="退换货", words=("退款", "退货")))
    assert set(found.labels) == {*model.labels, "退换货"}
    at = found.labels.index("退换货")
    says = ["退款" in text or "退货" in text for text in TEXTS]
    assert about(found)[:108, at][says].all()
    elsewhere = [own != "客服" for own in THEMES]
    assert not about(found)[:108, at][elsewhere].any()
    assert np.isnan(found.stability[at])
    assert found.weights[:108].sum(axis=1) == pytest.approx(np.ones(108))


def test_a_moved_comment_and_its_copies_are_in_that_topic_only():
    texts = [*TEXTS, TEXTS[0]]
    placed = fit_topics(texts, tag=TAG, n_topics=4)
    model = described(placed)
    theme = next(t for t in ("物流", "口味") if t != THEMES[0])
    found = after(placed, Move(text=content_key(normalise(TEXTS[0])), to=known(model, theme)))
    target = found.labels.index(model.labels[of(model, theme)])
    for at in (0, 108):
        assert found.weights[at].tolist() == np.eye(len(found.labels))[target].tolist()
    before = n_texts(model)
    gone = {model.labels[t]: 2 for t in np.flatnonzero(about(model)[0])}
    expected = {name: many - gone.get(name, 0) + 2 * (name == model.labels[of(model, theme)]) for name, many in before.items()}  # fmt: skip
    assert n_texts(found) == expected


def test_a_comment_can_be_moved_out_of_all_topics_and_a_quiet_one_into_one(placed, model):
    out = Move(text=content_key(normalise(TEXTS[5])))
    into = Move(text=content_key("价格"), to=known(model, "口味"))
    found = after(placed, out, into)
    assert (found.assignment[5], found.noise[5]) == (-1, REMOVED)
    assert found.labels[found.assignment[111]] == model.labels[of(model, "口味")]
    assert found.noise[111] == ""
    back = after(placed, into, Move(text=content_key("价格")))
    assert back.assignment[111] == -1
    assert back.noise[111] == model.noise[111]


def test_a_quiet_comment_goes_where_its_topic_goes(placed, model):
    into = Move(text=content_key("价格"), to=known(model, "口味"))
    whole = Merge(topics=(known(model, "口味"), known(model, "屏幕")), name="产品")
    found = after(placed, into, whole)
    assert found.labels[found.assignment[111]] == "产品"
    parted = after(placed, into, Split(topic=known(model, "口味")))
    assert parted.assignment[111] >= 0


def test_edits_survive_a_fit_of_more_texts_by_their_words_and_labels(model):
    edits = (
        Merge(topics=(known(model, "物流"), known(model, "客服")), name="服务"),
        Rename(topic=known(model, "口味"), name="好吃"),
        Move(text=content_key(normalise(TEXTS[5])), to=Known(label="好吃")),
    )
    more = [f"快递太慢了，等了{n}天才送到，快递员态度差。" for n in range(3, 12)]
    found = study_topics([*TEXTS, *more], edits=edits, n_topics=4, seed=3)
    assert found.skipped == ("", "", "")
    assert {"服务", "好吃"} <= set(found.labels)
    assert found.labels[found.assignment[5]] == "好吃"


def test_a_topic_under_another_label_is_found_by_its_words(placed, model):
    at = of(model, "屏幕")
    other = Known(label="老名字", words=(*model.top_words[at][:6], "像素"))
    found = after(placed, Rename(topic=other, name="显示"))
    assert found.labels[at] == "显示"


def test_an_edit_whose_topic_or_text_is_gone_is_told_and_the_others_count(placed, model):
    _, skipped = edited(
        placed,
        (
            Drop(topic=Known(label="发票", words=("发票", "抬头"))),
            Move(text="0" * 16, to=known(model, "口味")),
            Rename(topic=known(model, "口味"), name="好吃"),
            Rename(topic=known(model, "屏幕"), name="好吃"),
            Seed(name="价格贵", words=("贵得离谱",)),
            Split(topic=Known(label="好吃"), parts=6),
            Merge(topics=(Known(label="好吃"), Known(label="好吃"))),
        ),
    )
    assert [bool(why) for why in skipped] == [True, True, False, True, True, False, True]
    assert "没有叫“发票”的主题" in skipped[0]
    assert "没有叫“000000”的文本" in skipped[1]
    assert "已经有主题叫“好吃”" in skipped[3]
    assert "没有文本说到“贵得离谱”" in skipped[4]
    assert "没有叫“好吃”的主题" in skipped[6]


def test_the_last_topic_cannot_be_dropped(placed, model):
    drops = [Drop(topic=Known(label=label)) for label in model.labels]
    found, skipped = edited(placed, drops)
    assert [bool(why) for why in skipped] == [False, False, False, True]
    assert "一个主题也不剩" in skipped[-1]
    assert len(found.names) == 1


def test_the_order_of_the_texts_changes_no_edited_topic(model):
    edits = (
        Merge(topics=(known(model, "物流"), known(model, "客服"))),
        Seed(name="退换货", words=("退款", "退货")),
        Split(topic=known(model, "口味")),
    )
    order = list(range(len(TEXTS)))
    random.Random(3).shuffle(order)
    one = study_topics(TEXTS, edits=edits, n_topics=4)
    other = study_topics([TEXTS[i] for i in order], edits=edits, n_topics=4)
    assert one.labels == other.labels
    assert np.array_equal(one.weights[order], other.weights)


def test_keys_hit_at_random_stay_out_of_the_topics():
    found = study_topics([*TEXTS, "asdfghjkl qwrtzxcvb 很好"], n_topics=4)
    assert (found.assignment[-1], found.noise[-1]) == (-1, "疑似乱打")
    assert not any("asdf" in word for words in found.top_words for word in words)


def test_traditional_texts_are_read_as_they_are_where_the_study_wants_that():
    texts = [*TEXTS, *(f"螢幕顯示很清楚，畫面{n}很漂亮，顏色鮮豔" for n in "甲乙丙丁戊己庚辛")]
    kept = study_topics(texts, Lexicon(simplify=False), n_topics=5)
    turned = study_topics(texts, n_topics=5)
    words = [{w for words in m.top_words for w in words} for m in (kept, turned)]
    assert {"螢幕", "顏色"} & words[0]
    assert not {"螢幕", "顏色", "畫面"} & words[1]


def test_edits_come_back_from_the_recipe_and_are_told_in_chinese():
    edits = (
        Rename(topic=Known(label="物流"), name="配送"),
        Merge(topics=(Known(label="a"), Known(label="b")), name="c"),
        Split(topic=Known(label="a"), parts=3),
        Drop(topic=Known(label="a")),
        Seed(name="发票", words=("发票", "抬头")),
        Move(text="ab" * 8),
    )
    assert [topic_edit_of(one.model_dump(mode="json")) for one in edits] == list(edits)
    assert [told(one) for one in edits] == [
        "“物流”改名为“配送”", "合并“a”和“b”为“c”", "“a”拆成 3 个主题", "删除主题“a”", "新主题“发票”，种子词 发票、抬头", "把文本 ababab 移到其他/无信息",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"do": "merge", "topics": [{"label": "a"}]}, "至少选两个主题"),
        ({"do": "rename", "topic": {"label": "a"}, "name": "  "}, "新名称要写"),
        ({"do": "split", "topic": {"label": "a"}, "parts": 9}, "拆成 2 到 6 个主题"),
        ({"do": "seed", "name": "a", "words": []}, "种子词"),
        ({"do": "melt"}, "不认识"),
    ],
)
def test_an_edit_that_cannot_be_is_refused_in_one_sentence(wrong, sentence):
    with pytest.raises(BadParameter, match=sentence):
        topic_edit_of(wrong)
