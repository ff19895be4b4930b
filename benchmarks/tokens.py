"""Cutting, tagging and counting words: ours beside jieba, jieba.posseg and CountVectorizer, on the same reviews.

Run ``python -m benchmarks.tokens [N] [ROUNDS]`` in the project's root; it needs the shared real data. All
figures are of one process, by processor time, so that others on the machine do not count; each round
times both sides in turn, piece by piece, so that a slow minute falls on both, and ratios are medians of the rounds.
"""

from __future__ import annotations

import logging
import random
import sys
from collections.abc import Callable, Sequence
from statistics import median
from time import process_time
from typing import Any

import jieba
import jieba.posseg
from sklearn.feature_extraction.text import CountVectorizer

from benchmarks.topics import reviews
from insight.text.tokenize import cutter, tagger
from insight.text.vectors import term_matrix

POSSEG = 1_000  # reviews that jieba.posseg tags: it takes 60 times as long
PIECE = 500  # reviews that one side works on before the other does


def seconds(work: Callable[[], object]) -> float:
    """Processor seconds of one call."""
    start = process_time()
    work()
    return process_time() - start


def ratios(ours: Callable[[Any], object], theirs: Callable[[Any], object], pieces: Sequence[Any], *, rounds: int) -> tuple[float, list[float]]:  # fmt: skip
    """Median seconds of ours, and how many times as long the peer takes, round by round."""
    own, found = [], []
    for _ in range(rounds):
        took = [(seconds(lambda: ours(piece)), seconds(lambda: theirs(piece))) for piece in pieces]  # noqa: B023
        mine, other = (sum(part) for part in zip(*took, strict=True))
        own.append(mine)
        found.append(other / mine)
    return median(own), found


def told(what: str, found: tuple[float, list[float]], *, least: float, more: str) -> bool:
    """Print a line; whether the floor is held."""
    took, each = found
    held = median(each) >= least
    print(f"{what:6} {took:6.2f} s, {median(each):6.2f} x (rounds {min(each):.2f} to {max(each):.2f}; wanted {least}) {'' if held else 'MISSED'} {more}", flush=True)  # fmt: skip
    return held


def main(n: int, rounds: int) -> int:
    """A line a step: seconds, ratio to the peer, and what both agree on; 1 where a floor is missed."""
    jieba.setLogLevel(logging.ERROR)
    texts = random.Random(2).sample([text for text in reviews()[0] if text], n)
    cut, tag = cutter(), tagger()
    for warm in (cut, tag, jieba.lcut, jieba.posseg.lcut):
        warm("热身")
    words, wanted = [cut(text) for text in texts], [jieba.lcut(text) for text in texts]
    same = sum(a == b for a, b in zip(words, wanted, strict=True)) / n
    tagged = sum([w for w, _ in tag(t)] == b for t, b in zip(texts, wanted, strict=True)) / n
    pieces = [texts[at : at + PIECE] for at in range(0, n, PIECE)]

    def each(work: Callable[[str], object]) -> Callable[[Sequence[str]], object]:
        return lambda piece: [work(text) for text in piece]

    held = [
        told("cut", ratios(each(cut), each(jieba.lcut), pieces, rounds=rounds), least=15, more=f"jieba; {same:.3%} of reviews cut as jieba"),
        told("tag", ratios(each(tag), each(jieba.posseg.lcut), pieces[: POSSEG // PIECE], rounds=rounds), least=60, more=f"jieba.posseg; {tagged:.3%} cut as jieba"),
        told("matrix", ratios(_ours, _theirs, [words], rounds=2 * rounds + 1), least=1.5, more="CountVectorizer"),
        same >= 0.999, tagged >= 0.999,
    ]  # fmt: skip
    assert (_ours(words) != _theirs(words)).nnz == 0
    return int(not all(held))


def _ours(words: list[list[str]]) -> Any:  # noqa: ANN401 (a sparse matrix)
    return term_matrix(words, least=1, most=None)[1]


def _theirs(words: list[list[str]]) -> Any:  # noqa: ANN401 (a sparse matrix)
    return CountVectorizer(analyzer=lambda d: d).fit_transform(words)


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in [*sys.argv[1:], *("20000", "3")[len(sys.argv) - 1 :]])))
