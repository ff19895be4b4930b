"""Cutting, tagging and counting words: ours beside jieba, jieba.posseg and CountVectorizer, on the same reviews.

Run ``python -m benchmarks.tokens [N]`` in the project's root; it needs the shared real data. All figures
are of one run in one process, by processor time, so that others on the machine do not count.
"""

from __future__ import annotations

import csv
import logging
import random
import sys

import jieba
import jieba.posseg
from sklearn.feature_extraction.text import CountVectorizer

from benchmarks.measure import peak_kb
from benchmarks.topics import DATA, timed
from insight.text.tokenize import cutter, tagger
from insight.text.vectors import term_matrix

POSSEG = 2_000  # reviews that jieba.posseg tags: it takes 60 times as long


def main(n: int) -> None:
    """A line a step: seconds, ratio to the peer, and what both agree on."""
    jieba.setLogLevel(logging.ERROR)
    with (DATA / "online_shopping_10_cats" / "online_shopping_10_cats.csv").open(
        encoding="utf-8-sig"
    ) as lines:
        texts = [row["review"] for row in csv.DictReader(lines)]
    texts = random.Random(2).sample(texts, n)
    cut, tag = cutter(), tagger()
    for warm in (cut, tag, jieba.lcut, jieba.posseg.lcut):
        warm("热身")
    before = peak_kb()
    words, seconds = timed(lambda: [cut(text) for text in texts])
    tagged, tag_seconds = timed(lambda: [tag(text) for text in texts])
    grown = (peak_kb() - before) / 1024
    wanted, peer = timed(lambda: [jieba.lcut(text) for text in texts])
    same = sum(a == b for a, b in zip(words, wanted, strict=True)) / len(texts)
    same_tagged = sum([w for w, _ in a] == b for a, b in zip(tagged, wanted, strict=True))
    _, pos = timed(lambda: [jieba.posseg.lcut(text) for text in texts[:POSSEG]])
    posseg = pos * len(texts) / min(POSSEG, len(texts))
    print(f"cut  {seconds:.2f} s, {peer / seconds:.1f} x jieba; {same:.3%} of texts cut as jieba")
    print(f"tag  {tag_seconds:.2f} s, {posseg / tag_seconds:.0f} x jieba.posseg; {same_tagged / len(texts):.3%} cut as jieba; +{grown:.0f} MB")  # fmt: skip
    matrix(words)


def matrix(words: list[list[str]]) -> None:
    """Tokens to a document-term matrix; the columns are in the same order."""
    theirs, peer = timed(lambda: CountVectorizer(analyzer=lambda d: d).fit_transform(words))
    (_, ours), seconds = timed(lambda: term_matrix(words, least=1, most=None))
    assert (ours != theirs).nnz == 0
    print(f"matrix {seconds:.2f} s, {peer / seconds:.2f} x CountVectorizer; {ours.shape}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
