"""New words hold together and stand in many surroundings; what was taken or refused is not suggested again."""

from __future__ import annotations

from math import log, log2

import pytest

from insight import pipeline
from insight.analyses import find
from insight.analysis import answer
from insight.errors import TooFewRows
from insight.schema.lexicon import lexicon_of
from insight.text.new_words import candidates
from insight.text.tokenize import dictionary

# 云感 stands ten times: before each of ten characters, behind each of ten others, nowhere else.
AROUND = list(zip("甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉", strict=True))
TEXTS = [f"{a}云感{b}" for a, b in AROUND] + ["东西"] * 500


def _unknown(_word: str) -> bool:
    return False


def _listed(texts, **options):
    return candidates(texts, knows=_unknown, **options)


def test_pmi_and_entropy_are_those_worked_out_by_hand():
    (row,) = [r for r in _listed(TEXTS).rows() if r[0] == "云感"]
    n_characters = 10 * 4 + 500 * 2
    assert row[1] == 10
    assert row[2] == pytest.approx(log2(10 * n_characters / (10 * 10)))
    assert row[3] == pytest.approx(log(10))


def test_the_least_pmi_over_all_places_to_cut_counts():
    # 云感棉 = 云感 + 棉; 棉 also stands 40 times elsewhere, so the cut before it holds least
    texts = (
        [f"{a}云感棉{b}" for a, b in AROUND] + [f"棉{a}" for a, _ in AROUND] * 4 + ["东西"] * 5_000
    )
    (row,) = [r for r in _listed(texts).rows() if r[0] == "云感棉"]
    n_characters = 10 * 5 + 40 * 2 + 10_000
    assert row[2] == pytest.approx(log2(10 * n_characters / (10 * 50)))
    assert "云感" not in [r[0] for r in _listed(texts).rows()]  # only within the longer one


def test_always_the_same_neighbour_is_no_word_of_its_own():
    fixed = [f"{a}云感子" for a, _ in AROUND] + ["东西"] * 500
    assert "云感" not in _listed(fixed)["word"].to_list()


def test_standing_alone_is_as_free_as_standing_among_many():
    alone = ["云感,好"] * 10 + ["东西"] * 500
    (row,) = [r for r in _listed(alone).rows() if r[0] == "云感"]
    assert row[3] == pytest.approx(log(10))


def test_strings_that_begin_or_end_with_a_function_character_are_left_out():
    texts = [f"{a}的感{b}" for a, b in AROUND] + [f"{a}云了{b}" for a, b in AROUND] + ["东西"] * 500
    assert not {"的感", "云了"} & set(_listed(texts)["word"])


def test_seldom_known_and_refused_strings_are_left_out():
    assert "云感" not in _listed(TEXTS[3:])["word"].to_list()  # seven times
    assert "云感" not in _listed(TEXTS, refused={"云感"})["word"].to_list()
    own = dictionary(lexicon_of({"words": [{"word": "云感"}]}))
    assert "云感" not in candidates(TEXTS, knows=own)["word"].to_list()


@pytest.mark.parametrize(
    "texts", [[], [""], ["好"], ["云感棉"], ["😀"] * 20, ["abc 123"] * 20, ["好" * 50_000]]
)
def test_odd_texts_suggest_nothing(texts):
    assert _listed(texts).is_empty()


def test_the_order_of_texts_never_matters():
    assert _listed(TEXTS).equals(_listed(TEXTS[::-1]))


def test_accepted_words_cut_texts_and_refused_ones_are_not_suggested_again(tmp_path):
    study = pipeline.new(tmp_path / "study")
    rows = "".join(f"{at},{text}\n" for at, text in enumerate(TEXTS))
    pipeline.add(study, f"评论编号,评论内容\n{rows}".encode(), name="评论.csv")

    def suggested():
        return pipeline.run(study, "new_words").tables["candidates"]["word"].to_list()

    assert "云感" in suggested()
    pipeline.reject_words(study, ["云感"])
    assert "云感" not in suggested()
    pipeline.accept_words(study, ["云感"])
    assert "云感" not in suggested()
    words = pipeline.run(study, "tokens").tables["words"]
    assert words.filter(word="云感")["n_mentions"].to_list() == [10]


def test_no_texts_at_all_are_said_in_one_sentence(demo_study):
    from dataclasses import replace

    dataset = pipeline.load(demo_study)
    assert dataset.texts is not None
    with pytest.raises(TooFewRows):
        answer(find("new_words"), replace(dataset, texts=dataset.texts.clear()))
