"""Give topics names and voices: the words that set them apart and quotes that stand for them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import count

import numpy as np
from numpy.typing import NDArray

from insight.text.stopwords import generic_words
from insight.text.vectors import Floats

N_TOP_WORDS, _N_LABEL_WORDS, N_QUOTES = 10, 3, 5
_THIRD_WORD = 0.35  # a third word names the topic only if it scores this much of the first
_DIVERSE = 0.5  # lambda of the maximal marginal relevance
_SAME, _UNHANDY = 0.95, 0.8
_LEAST_TYPICAL = 20  # quotes come from the quarter nearest the centre, or from this many
_HANDY_LENGTH = range(12, 61)  # characters


def class_tfidf(said: Floats) -> Floats:
    """How much each word is the mark of each class (k x n_words).

    Parameters
    ----------
    said : (k x n_words) how often each class says each word

    Notes
    -----
    tf · ln(1 + A / f), tf normalised per class, A mean words per class, f the word's total
    (Grootendorst 2022, *BERTopic*).
    """
    share = said / np.maximum(said.sum(axis=1, keepdims=True), 1e-12)
    average = int(said.sum() / len(said))
    return np.asarray(share * np.log1p(average / np.maximum(said.sum(axis=0), 1e-12)))


def can_name(word: str) -> bool:
    """Whether a word may stand in a label: two characters or more, no general praise."""
    return len(word) >= 2 and word not in generic_words() and not word[0].isdigit()


def top_words(scores: Floats, allowed: NDArray[np.bool_]) -> list[list[int]]:
    """The columns with the ten highest scores of each row, best first; ties in column order."""
    ranked = np.argsort(-np.where(allowed, scores, 0), axis=1, kind="stable")[:, :N_TOP_WORDS]
    return [
        [int(j) for j in row if allowed[j] and scores[i, j] > 0] for i, row in enumerate(ranked)
    ]


def naming_scores(scores: Floats, said: Floats) -> Floats:
    """How well each word names each class: its mark, times the class's share of its mentions.

    Words that every topic of a study is full of (酒店 in hotel reviews) do not name one of them.
    """
    return np.asarray(scores * said / np.maximum(said.sum(axis=0), 1e-12))


def label(words: Sequence[str], scores: Sequence[float]) -> str:
    """Two or three top words that do not contain each other, joined by " · ".

    >>> label(["屏幕", "手机屏幕", "分辨率", "清晰", "电池"], [9, 8, 7, 6, 5])
    '屏幕 · 分辨率 · 清晰'
    """
    chosen: list[str] = []
    for word, score in zip(words, scores, strict=True):
        weak = len(chosen) == _N_LABEL_WORDS - 1 and score < _THIRD_WORD * scores[0]
        if weak or len(chosen) == _N_LABEL_WORDS:
            break
        if not any(word in c or c in word for c in chosen):
            chosen.append(word)
    return " · ".join(chosen)


def apart(name: str, taken: Collection[str]) -> str:
    """The name, with a number behind it where another topic has it.

    >>> apart("物流", ["物流", "屏幕", "物流（2）"])
    '物流（3）'
    """
    numbered = (name if n == 1 else f"{name}（{n}）" for n in count(1))
    return next(one for one in numbered if one not in taken)


def quotes(texts: Sequence[str], vectors: Floats, *, centre: Floats, fit: Floats) -> list[int]:
    """Positions of texts that stand for a topic: the one at its centre, then different ones.

    Parameters
    ----------
    texts : (n) texts of the topic, normalised
    vectors : (n x d) at length 1
    centre : (d)
    fit : (n) how much of the text is about the topic, 0..1

    Notes
    -----
    Maximal marginal relevance, λ = .5 (Carbonell & Goldstein 1998); texts of 12 to 60 characters
    are preferred, the outer three quarters left out; a text said twice is quoted once.
    """
    handy = np.array([1.0 if len(text) in _HANDY_LENGTH else _UNHANDY for text in texts])
    relevance = (vectors @ centre) * handy * fit
    chosen: list[int] = []
    likeness = np.zeros(len(texts))
    typical = sorted(range(len(texts)), key=lambda i: (-relevance[i], i))
    typical = typical[: max(_LEAST_TYPICAL, len(texts) // 4)]
    for _ in range(N_QUOTES):
        merit = relevance if not chosen else _DIVERSE * relevance - (1 - _DIVERSE) * likeness
        open_ = [i for i in typical if likeness[i] < _SAME and i not in chosen]
        if not open_:
            break
        best = max(open_, key=lambda i: (merit[i], -i))
        chosen.append(best)
        likeness = np.maximum(likeness, vectors @ vectors[best])
    return chosen
