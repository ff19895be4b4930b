"""Floors of the text methods on real data that no other test holds; ``benchmarks/quality_text.py`` prints them all."""

from __future__ import annotations

import pytest
from conftest import shared
from sklearn.metrics import normalized_mutual_info_score

from benchmarks import quality_text
from benchmarks.topics import nmf
from insight.text.tokenize import tagger
from insight.text.topics import find_topics


@pytest.fixture(autouse=True)
def data():
    """The shared data is there, or the test is skipped."""
    return shared("data/README.md")


@pytest.mark.parametrize(("most", "least"), [(0, 0.61), (quality_text.SHORT, 0.37)], ids=["whole", "short"])  # fmt: skip
def test_topics_by_words_only_agree_with_known_classes_and_beat_nmf(most, least):
    """The floors are those of 450 reviews of a category."""
    texts, kinds = quality_text.reviews(most=most)
    found = find_topics(texts, tag=tagger(), encode=None, n_topics=10).assignment
    ours = normalized_mutual_info_score(kinds, found)
    assert ours >= least
    assert ours >= normalized_mutual_info_score(kinds, nmf(texts)) + 0.1


@pytest.mark.parametrize(("n_coded", "lead"), [(50, 0.01), (150, 0.04)])
def test_coded_restaurant_reviews_add_to_the_codebook(n_coded, lead):
    """Macro-F1 over 18 aspects: .688 by the codebook alone, .709 and .735 with coded ones."""
    alone, ours = quality_text.learnt(*quality_text.restaurants(), quality_text.RESTAURANT, n_coded=n_coded, turns=2)  # fmt: skip
    assert alone.mean() >= 0.66
    assert ours.mean() >= alone.mean() + lead


@pytest.mark.parametrize("n_coded", [50, 200])
def test_coded_remarks_add_to_the_codebook_in_each_of_the_four_sets(n_coded):
    alone, ours = quality_text.learnt(*quality_text.products(), quality_text.KINDS, n_coded=n_coded, turns=2)  # fmt: skip
    assert (ours >= alone).all()
    assert ours.mean() >= alone.mean() + 0.1


def test_planted_words_lead_among_real_ones():
    """Four random groups of real reviews with five words of their own each; the first twenty words."""
    precision, _ = quality_text.keywords(draws=3)
    assert precision.value >= 0.85


def test_a_figure_below_its_floor_makes_the_run_fail(monkeypatch, capsys):
    rows = [quality_text.Row("a", 0.5, 0.4), quality_text.Row("b", 0.06, 0.05, most=True)]
    monkeypatch.setitem(quality_text.PARTS, "none", lambda: iter(rows))
    assert quality_text.main(["none"]) == 1
    assert capsys.readouterr().out.count("MISSED") == 1
