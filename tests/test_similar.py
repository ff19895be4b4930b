"""More like this: scikit-learn's cosines, the given comment left out, people counted once."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from insight import pipeline
from insight.analyses.text import similar as page
from insight.analysis import answer
from insight.cli import main
from insight.dataset import Dataset
from insight.errors import NothingToTell, UnknownName
from insight.text import similar
from insight.text.similar import likeness

TEXTS = [
    "房间隔音太差，晚上睡不着", "隔音很差，睡不着觉", "早餐丰富，服务热情", "APP 总是闪退", "app闪退", "", "好", "𠮷野家不错",
]  # fmt: skip


@pytest.mark.parametrize("wanted", ["隔音差，睡不着", "没有一个字相同者", ""])
def test_what_nobody_says_makes_a_sentence_less_alike(wanted):
    """scikit-learn drops runs that it has not met; ours still count in the length."""
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3))
    theirs = (vectorizer.fit_transform(TEXTS) @ vectorizer.transform([wanted]).T).toarray().ravel()
    ours = likeness(TEXTS, wanted)
    assert (ours <= theirs + 1e-9).all()
    assert np.array_equal(ours > 0, theirs > 0)


def test_every_text_of_the_corpus_has_scikit_learns_cosine():
    theirs = TfidfVectorizer(analyzer="char", ngram_range=(1, 3)).fit_transform(TEXTS)
    for i, text in enumerate(TEXTS):
        assert likeness(TEXTS, text) == pytest.approx((theirs @ theirs[[i]].T).toarray().ravel(), abs=1e-9)  # fmt: skip


def test_batches_change_nothing(monkeypatch):
    whole = likeness(TEXTS, TEXTS[0])
    monkeypatch.setattr(similar, "_BATCH", 3)
    assert likeness(TEXTS, TEXTS[0]) == pytest.approx(whole)


def test_no_texts_have_no_likeness():
    assert len(likeness([], "好")) == 0
    assert likeness(["", ""], "好").tolist() == [0, 0]


def study():
    rows = [
        ("t0", "房间隔音太差，晚上睡不着", "c0"), ("t1", "房间隔音太差，晚上睡不着", "c1"),
        ("t2", "隔音太差，睡不着", "c1"), ("t3", "早餐丰富", "c2"), ("t4", "隔音差，电话13812345678", "c3"),
    ]  # fmt: skip
    return Dataset(
        texts=pl.DataFrame(rows, schema=["text_id", "text", "customer_id"], orient="row")
    )


def run(**params):
    return answer(page.ANALYSIS, study(), page.Params(**params))


def test_the_given_comment_is_not_like_itself_but_its_copy_is():
    lines = run(text_id="t0").tables["similar"]
    assert lines["text_id"].to_list()[:2] == ["t1", "t2"]
    assert lines["similarity"][0] == 1
    assert "t0" not in lines["text_id"]


def test_a_typed_sentence_is_compared_with_all_and_quotes_are_masked():
    lines = run(text="隔音差，电话").tables["similar"]
    assert lines["text_id"][0] == "t4"
    assert "138****5678" in lines["quote"][0]


def test_people_of_a_band_are_counted_once():
    bands = {row["likeness"][:2]: row for row in run(text="房间隔音太差，晚上睡不着").tables["bands"].to_dicts()}  # fmt: skip
    assert (bands["几乎"]["n_texts"], bands["几乎"]["n_people"]) == (2, 2)
    assert bands["几乎"]["base"] == 4
    assert bands["几乎"]["share"] == 0.5


@pytest.mark.parametrize("text", ["🙂", "zzz", "！？"])
def test_nothing_alike_is_told_in_one_sentence(text):
    with pytest.raises(NothingToTell):
        run(text=text)


def test_an_unknown_number_is_told():
    with pytest.raises(UnknownName):
        run(text_id="t99")


def test_the_quotes_behind_a_number_lead_to_those_like_them(demo_study):
    people = pipeline.people(demo_study, "rfm", {"segment": "重要价值客户"})
    first = people.quotes.row(0, named=True)
    result = pipeline.run(demo_study, "similar", changes={"text_id": first["text_id"]})
    assert first["text_id"] not in result.tables["similar"]["text_id"]
    assert "text_id" not in people.tables()["said"].columns


def test_the_command_line_finds_more_like_this(demo_study, tmp_path):
    wanted = ["-p", "similar.text=售后没人回复", "-p", "similar.most=5"]
    assert main(["run", str(demo_study.path), "similar", *wanted, "--out", str(tmp_path)]) == 0
    lines = pl.read_csv(tmp_path / "similar" / "similar.csv")
    assert lines.height == 5
    assert lines["similarity"].to_list() == sorted(lines["similarity"], reverse=True)
