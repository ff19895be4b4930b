"""How well topics agree with ten known categories of 4,500 real reviews: floors, beside NMF in the same run."""

from __future__ import annotations

import csv
import random

import numpy as np
import pytest
from conftest import shared
from sklearn.metrics import normalized_mutual_info_score
from test_topics import TAG, peer

from insight.text import topics
from insight.text.topics import find_topics
from insight.text.vectors import sentence_vectors

PER_CATEGORY, CHARACTERS = 450, 20


@pytest.fixture(scope="module")
def reviews():
    """450 reviews of each of ten categories, drawn by a seed that nothing was tuned on."""
    file = shared("data/online_shopping_10_cats/online_shopping_10_cats.csv")
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    rng = random.Random(1)
    kinds = sorted({row["cat"] for row in rows})
    picked = [r for kind in kinds for r in rng.sample([r for r in rows if r["cat"] == kind], PER_CATEGORY)]  # fmt: skip
    return [r["review"] for r in picked], [r["cat"] for r in picked]


@pytest.fixture(scope="module")
def nmf(reviews):
    """Agreement of scikit-learn's NMF on tf-idf of the same words, of whole and of short texts."""
    texts, kinds = reviews
    return {n: normalized_mutual_info_score(kinds, peer([t[:n] for t in texts], 10)) for n in (None, CHARACTERS)}  # fmt: skip


@pytest.fixture(autouse=True)
def _without_refits(monkeypatch):
    """How stable topics are is measured on smaller texts; refits would take a third of the time here."""
    monkeypatch.setattr(topics, "_stability", lambda placed: np.zeros(len(placed.names)))


@pytest.mark.parametrize(
    ("length", "encode", "floor"),
    [
        (None, sentence_vectors, 0.64),
        (CHARACTERS, sentence_vectors, 0.46),
        (None, None, 0.61),
        (CHARACTERS, None, 0.37),
    ],
    ids=("whole", "short", "whole, by words", "short, by words"),
)
def test_topics_agree_with_the_categories_and_beat_nmf_by_a_tenth(reviews, nmf, length, encode, floor):  # fmt: skip
    texts, kinds = reviews
    found = find_topics([t[:length] for t in texts], tag=TAG, encode=encode, n_topics=10)
    agreed = normalized_mutual_info_score(kinds, found.assignment)
    assert agreed >= floor
    assert agreed >= nmf[length] + 0.1, (agreed, nmf[length])


def test_shuffling_the_rows_changes_no_topic_of_any_review(reviews):
    texts = [t[:CHARACTERS] for t in reviews[0]]
    order = list(range(len(texts)))
    random.Random(9).shuffle(order)
    one = find_topics(texts, tag=TAG, encode=None, n_topics=10)
    other = find_topics([texts[i] for i in order], tag=TAG, encode=None, n_topics=10)
    assert one.labels == other.labels
    assert np.array_equal(one.assignment[order], other.assignment)
    assert np.array_equal(one.weights[order], other.weights)
