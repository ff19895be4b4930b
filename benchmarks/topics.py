"""Topics against known classes and segmentation against jieba: agreement and speed, peer beside ours.

Run ``python -m benchmarks.topics [N]`` in the project's root; it needs the shared real data.
"""

from __future__ import annotations

import csv
import random
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import NMF, LatentDirichletAllocation
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.metrics import normalized_mutual_info_score

from insight.text.normalize import normalise
from insight.text.tokenize import content_words, tagger
from insight.text.topics import find_topics
from insight.text.vectors import count_matrix, vocabulary

DATA = Path(__file__).parents[2] / "shared" / "data"
CLASSES = 10
T = TypeVar("T")


def reviews(n: int) -> tuple[list[str], list[str]]:
    """Shop reviews, the same number of each of ten categories."""
    path = DATA / "online_shopping_10_cats" / "online_shopping_10_cats.csv"
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    rng = random.Random(2)
    kinds = sorted({row["cat"] for row in rows})
    of = {kind: [row for row in rows if row["cat"] == kind] for kind in kinds}
    picked = [row for kind in kinds for row in rng.sample(of[kind], n // CLASSES)]
    return [row["review"] for row in picked], [row["cat"] for row in picked]


def titles(n: int) -> tuple[list[str], list[str]]:
    """News titles of ten classes."""
    lines = (DATA / "thucnews_titles" / "dev.txt").read_text("utf-8").splitlines()
    pairs = [line.rsplit("\t", 1) for line in random.Random(1).sample(lines, n)]
    return [text for text, _ in pairs], [kind for _, kind in pairs]


def ours(texts: list[str]) -> NDArray[np.int64]:
    """Main topics of this project."""
    return find_topics(texts, tag=tagger(), n_topics=CLASSES).assignment


def nmf(texts: list[str]) -> NDArray[np.int64]:
    """Topics of scikit-learn's NMF on tf-idf of the same words."""
    tag = tagger()
    tokens = [content_words(tag(normalise(text))) for text in texts]
    weighted = TfidfTransformer().fit_transform(count_matrix(tokens, vocabulary(tokens)))
    found = NMF(CLASSES, init="nndsvd", max_iter=400, tol=1e-3).fit_transform(weighted)
    return np.asarray(found.argmax(axis=1))


def lda(texts: list[str]) -> NDArray[np.int64]:
    """Topics of scikit-learn's LDA on counts of the same words."""
    tag = tagger()
    tokens = [content_words(tag(normalise(text))) for text in texts]
    model = LatentDirichletAllocation(CLASSES, random_state=0)
    return np.asarray(model.fit_transform(count_matrix(tokens, vocabulary(tokens))).argmax(axis=1))


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What ``work`` gives back, and its processor seconds."""
    start = process_time()
    return work(), process_time() - start


def compare_topics(n: int) -> None:
    """One line a corpus and method: NMI with the classes, processor seconds."""
    for corpus in (reviews, titles):
        texts, kinds = corpus(n)
        for method in (ours, nmf, lda):
            found, seconds = timed(lambda method=method, texts=texts: method(texts))
            agreed = normalized_mutual_info_score(kinds, found)
            print(f"{corpus.__name__:8} {method.__name__:5} NMI {agreed:.3f}  {seconds:6.1f} s")


def compare_taggers(n: int) -> None:
    """Words with tags per second, as a ratio to jieba.posseg on the same texts."""
    import jieba
    import jieba.posseg

    jieba.setLogLevel("ERROR")
    texts = [normalise(text) for text in reviews(n)[0]]
    tag = tagger()
    jieba.posseg.lcut("热身")
    tag("热身")
    fast, seconds = timed(lambda: [[word for word, _ in tag(text)] for text in texts])
    _, peer_seconds = timed(lambda: [jieba.posseg.lcut(text) for text in texts])
    same = sum(a == jieba.lcut(b) for a, b in zip(fast, texts, strict=True)) / len(texts)
    print(
        f"tagging  {peer_seconds / seconds:.0f} times jieba.posseg; words as jieba.cut in {same:.1%} of texts"
    )


if __name__ == "__main__":
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    compare_taggers(size)
    compare_topics(size)
