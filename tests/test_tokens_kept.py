"""What texts were cut into and the topics learnt from them stay in the study: worked out once for equal inputs."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from test_topics import TAG, planted

import insight.tokens
import insight.voices
from insight import pipeline
from insight.dataset import Memo, Shelf
from insight.schema.lexicon import Lexicon, lexicon_of
from insight.text.normalize import normalise
from insight.text.packing import fit_as_bytes, fit_from, read_as_bytes, read_from
from insight.text.reading import read_texts
from insight.text.tokenize import content_words
from insight.text.tokens import tokens
from insight.text.topics import topics_in
from insight.tokens import tokens_of

TEXTS, _ = planted()
SAID = pl.Series(
    "text", ["物流很慢，包装破了", "质量好", "物流很慢，包装破了", "asdf 😀", "iPhone13 手机壳"]
)


def counted(monkeypatch, module, name: str) -> list[tuple[object, ...]]:
    """The calls of a function from now on."""
    calls, real = [], getattr(module, name)
    monkeypatch.setattr(module, name, lambda *a, **k: calls.append(a) or real(*a, **k))
    return calls


def shelf() -> Shelf:
    kept: dict[tuple[str, str], tuple[bytes, ...]] = {}

    def add(kind: str, inputs: str, data: bytes) -> None:
        kept[kind, inputs] = (*kept.get((kind, inputs), ()), data)

    return Shelf(lambda kind, inputs: kept.get((kind, inputs), ()), add)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A study of 108 reviews of 54 customers, every third of them a man."""
    folder = tmp_path_factory.mktemp("kept")
    lines = ["评论编号,会员编号,评论内容", *(f"t{i:03},m{i // 2:03},{text}" for i, text in enumerate(TEXTS))]  # fmt: skip
    people = ["会员编号,性别", *(f"m{i:03},{'女女男'[i % 3]}" for i in range(54))]
    study = pipeline.new(folder / "研究")
    pipeline.add(study, "\n".join(people).encode("utf-8-sig"), name="会员.csv")
    pipeline.add(study, "\n".join(lines).encode("utf-8-sig"), name="评论.csv")
    pipeline.set_params(study, pipeline.params_of(study, "topics", {"n_topics": 4}), key="topics")
    return study.path


@pytest.fixture
def study(made, tmp_path):
    shutil.copytree(made, tmp_path / "研究")
    return pipeline.opened(tmp_path / "研究")


def test_columns_hold_the_content_words_and_their_tags_in_the_order_they_are_said():
    told = tokens(SAID)
    assert told["words"].to_list() == [content_words(TAG(normalise(text))) for text in SAID]
    assert told.row(0) == (["物流", "慢", "包装", "破"], ["n", "a", "v", "v"])
    assert told["words"][3].to_list() == ["asdf"]


def test_equal_texts_are_cut_once_and_only_new_ones_later(monkeypatch):
    cuts, kept = counted(monkeypatch, insight.tokens, "tokens"), shelf()
    first = tokens_of(SAID, None, Memo(kept))
    assert first.equals(tokens(SAID))
    assert [len(texts) for texts, _ in cuts] == [4]
    memo = Memo(kept)  # another day
    assert tokens_of(SAID.reverse(), None, memo).equals(first.reverse())
    assert len(cuts) == 1
    more = pl.Series("text", ["质量好", "客服不理人"])
    assert tokens_of(more, None, memo).equals(tokens(more))
    assert tokens_of(more, None, Memo(kept)).equals(tokens(more))
    assert [list(texts) for texts, _ in cuts[1:]] == [["客服不理人"]]


def test_other_words_of_the_study_cut_again():
    memo, other = Memo(shelf()), lexicon_of({"words": [{"word": "包装破"}]})
    before = tokens_of(SAID, Lexicon(), memo)["words"][0].to_list()
    assert "包装破" in tokens_of(SAID, other, memo)["words"][0].to_list()
    assert tokens_of(SAID, Lexicon(), memo)["words"][0].to_list() == before


def test_no_text_at_all_gives_an_empty_table():
    assert tokens_of(pl.Series("text", [], dtype=pl.String), None, Memo()).shape == (0, 2)


def test_analyses_of_a_study_share_the_words_of_its_texts(study, monkeypatch):
    cuts = counted(monkeypatch, insight.tokens, "tokens")
    for key in ("tokens", "word_cloud", "keyness", "word_map"):
        pipeline.run(study, key, changes={} if key in ("tokens", "word_cloud") else {"by": "customers.gender"})  # fmt: skip
    assert [len(texts) for texts, _ in cuts] == [len(set(TEXTS))]
    alone = pipeline.run(study, "tokens", changes={"min_people": 1}).tables["words"]
    assert len(cuts) == 1
    assert set(alone["word"]) == {word for text in TEXTS for word in content_words(TAG(normalise(text)))}  # fmt: skip


def test_edits_of_topics_neither_read_nor_learn_again(study, monkeypatch):
    reads = counted(monkeypatch, insight.voices, "study_texts")
    fits = counted(monkeypatch, insight.voices, "topics_in")
    labels = pipeline.topics(study)["label"].to_list()
    steps = (
        {"do": "rename", "topic": labels[0], "name": "甲"},
        {"do": "merge", "topics": [labels[1], labels[2]], "name": "乙"},
        {"do": "move", "text": "t000", "to": "甲"},
        {"do": "split", "topic": "乙"},
    )
    for step in steps:
        pipeline.add_topic_edit(study, step)
    assert "甲" in pipeline.topics(study)["label"].to_list()
    pipeline.remove_topic_edits(study, range(len(steps)))
    assert pipeline.topics(study)["label"].to_list() == labels
    assert (len(reads), len(fits)) == (1, 1)
    pipeline.run(study, "topics", changes={"n_topics": 3})
    assert (len(reads), len(fits)) == (1, 2)
    pipeline.set_lexicon(study, lexicon_of({"stop_words": ["快递"]}))
    pipeline.topics(study)
    assert (len(reads), len(fits)) == (2, 3)


def test_topics_read_back_are_those_that_were_learnt():
    texts = [*TEXTS, "无", TEXTS[0]]
    read = read_texts(texts, tag=TAG, plain=normalise, encode=None, seed=0)
    placed = topics_in(read, n_topics=0)
    again = read_from(read_as_bytes(read))
    other = fit_from(fit_as_bytes(placed), again)
    assert (again.plain, again.noise, again.corpus.words) == (read.plain, read.noise, read.corpus.words)  # fmt: skip
    assert np.array_equal(again.corpus.vectors, read.corpus.vectors)
    assert (again.corpus.clause_counts != read.corpus.clause_counts).nnz == 0
    assert np.array_equal(other.weights, placed.weights)
    assert (other.names, other.seed) == (placed.names, placed.seed)
    assert other.k_curve.equals(placed.k_curve)
    assert np.array_equal(other.stability, placed.stability, equal_nan=True)


def test_who_forgets_a_person_empties_what_was_cut(tmp_path):
    study = pipeline.new(tmp_path / "研究")
    lines = ["手机号,评论内容", "13800138000,物流很慢包装破了", "13900139000,质量很好"]
    pipeline.add(study, "\n".join(lines).encode("utf-8-sig"), name="评论.csv")
    pipeline.run(study, "tokens", changes={"min_people": 1})

    def cut() -> list[str]:
        kept = [p.read_bytes() for p in (study.path / "objects").rglob("*") if p.is_file()]
        return ["物流" for data in kept if "物流".encode() in data]

    assert cut()
    pipeline.forget(study, "phone", "13800138000")
    assert not cut()
