"""62,773 raw reviews to named topics with quotes, against cutting by jieba and scikit-learn's LDA; and NMI beside NMF and LDA.

Run ``python -m benchmarks.topics [ROUNDS]`` in the project's root; it needs the shared real data.
"""

from __future__ import annotations

import csv
import random
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import NMF, LatentDirichletAllocation
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.metrics import normalized_mutual_info_score

from benchmarks import measure
from insight.text.normalize import normalise
from insight.text.tokenize import content_words, tagger
from insight.text.topics import find_topics
from insight.text.vectors import count_matrix, sentence_vectors, vocabulary

DATA = Path(__file__).parents[2] / "shared" / "data"
CLASSES, TOPICS, EPOCHS, PER_CATEGORY = 10, 20, 5, 450
ENGINES = ("insight", "jieba + LDA")


def reviews() -> tuple[list[str], list[str]]:
    """Every shop review, and its category."""
    path = DATA / "online_shopping_10_cats" / "online_shopping_10_cats.csv"
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return [row["review"] for row in rows], [row["cat"] for row in rows]


def sample(n: int) -> tuple[list[str], list[str]]:
    """``n`` reviews of each category."""
    texts, kinds = reviews()
    rng = random.Random(1)
    of = {kind: [t for t, k in zip(texts, kinds, strict=True) if k == kind] for kind in set(kinds)}
    picked = [(text, kind) for kind in sorted(of) for text in rng.sample(of[kind], n)]
    return [text for text, _ in picked], [kind for _, kind in picked]


def once(engine: str) -> measure.Run:
    """All reviews from raw text to 20 topics."""
    texts, _ = reviews()
    if engine == ENGINES[0]:
        return measure.run(lambda: _ours(texts), warm=lambda: (tagger()("热身"), sentence_vectors(["热身"])))  # fmt: skip
    return measure.run(lambda: _lda(texts), warm=_load_jieba)


def _ours(texts: list[str]) -> str:
    model = find_topics(texts, tag=tagger(), n_topics=TOPICS)
    return f"{len(model.labels)} topics, {sum(map(len, model.quotes))} quotes"


def _load_jieba() -> None:
    import jieba

    jieba.setLogLevel("ERROR")
    jieba.lcut("热身")


def _lda(texts: list[str]) -> str:
    import jieba

    words = [jieba.lcut(text) for text in texts]
    counts = CountVectorizer(analyzer=lambda cut: cut, min_df=2, max_features=20_000).fit_transform(words)  # fmt: skip
    model = LatentDirichletAllocation(TOPICS, max_iter=EPOCHS, random_state=0)
    return f"{model.fit_transform(counts).shape[1]} topics"


def nmf(texts: list[str]) -> NDArray[np.int64]:
    """Topics of scikit-learn's NMF on tf-idf of the same words."""
    tag = tagger()
    tokens = [content_words(tag(normalise(text))) for text in texts]
    weighted = TfidfTransformer().fit_transform(count_matrix(tokens, vocabulary(tokens)))
    found = NMF(CLASSES, init="nndsvd", max_iter=400, tol=1e-3).fit_transform(weighted)
    return np.asarray(found.argmax(axis=1))


def compare() -> None:
    """Agreement with the ten categories, one line for whole and for short texts."""
    texts, kinds = sample(PER_CATEGORY)
    for length in (None, 20):
        cut, tag = [text[:length] for text in texts], tagger()
        found = {
            "insight": find_topics(cut, tag=tag, n_topics=CLASSES).assignment,
            "by words only": find_topics(cut, tag=tag, encode=None, n_topics=CLASSES).assignment,
            "NMF": nmf(cut),
        }
        told = (f"{name} {normalized_mutual_info_score(kinds, own):.3f}" for name, own in found.items())  # fmt: skip
        print(f"  NMI, {'whole texts' if length is None else f'{length} characters'}: {', '.join(told)}")  # fmt: skip


if __name__ == "__main__":
    if measure.ONE in sys.argv:
        measure.report(once(sys.argv[-1]))
    else:
        runs = measure.race("benchmarks.topics", ENGINES, rounds=int((*sys.argv[1:], "1")[0]))
        print(f"{len(reviews()[0]):,} reviews to {TOPICS} topics")
        print("\n".join(measure.table(runs, peer=ENGINES[1])))
        compare()
