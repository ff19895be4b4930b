"""Texts among topics, clause by clause: what fitting gives, what editing changes and what is counted and named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from insight.text import labels
from insight.text.corpus import Corpus
from insight.text.reading import Read
from insight.text.vectors import Floats, pooled

MENTIONED = 0.2  # from this weight on a text is about a topic


@dataclass(frozen=True, slots=True)
class Placed:
    """n texts among k topics.

    Attributes
    ----------
    corpus : the different texts that say something
    plain : (n) the texts in plain form
    rows : (n) the row of the corpus each text is; -1 for those that say nothing
    noise : (n) why they say nothing; "" for those that do
    clauses : (n_clauses x k) how much of each clause is about each topic; rows sum to 1, to less
        where a topic was dropped
    strays : texts in plain form that say nothing and were put into a topic by hand
    stray_topics : (n_strays x k) which topic that is
    names : (k)
    stability : (k) overlap of the top words with those of refits, 0..1; nan for topics made by hand
    k_curve : see ``k_choice.scan``
    seed : of further fits
    """

    corpus: Corpus
    plain: tuple[str, ...]
    rows: NDArray[np.int64]
    noise: tuple[str, ...]
    clauses: Floats
    strays: tuple[str, ...]
    stray_topics: Floats
    names: tuple[str, ...]
    stability: Floats
    k_curve: pl.DataFrame
    seed: int

    @property
    def is_allowed(self) -> NDArray[np.bool_]:
        """Which words of the corpus may stand in a label."""
        return np.array([labels.can_name(word) for word in self.corpus.words])

    @property
    def said(self) -> Floats:
        """How often each topic says each word (k x n_words)."""
        return np.asarray((self.corpus.clause_counts.T @ self.clauses).T)

    @property
    def different(self) -> Floats:
        """How much of each different text is about each topic (n_different x k)."""
        return pooled(self.clauses, self.corpus.owner, weight=self.corpus.length)

    @property
    def weights(self) -> Floats:
        """How much of each text is about each topic (n x k)."""
        nowhere = np.zeros((1, self.clauses.shape[1]))
        at = {text: len(self.corpus.texts) + i for i, text in enumerate(self.strays)}
        every = np.vstack([self.different, self.stray_topics, nowhere])
        rows = [
            at.get(text, -1) if row < 0 else row
            for row, text in zip(self.rows, self.plain, strict=True)
        ]
        return np.asarray(every[np.array(rows, dtype=np.int64)])


def unplaced(
    read: Read, *, clauses: Floats, k_curve: pl.DataFrame, seed: int, names: tuple[str, ...] = (), stability: Floats | None = None
) -> Placed:  # fmt: skip
    """Texts among topics, none of them put there by hand; without names and stability these are still to be found."""
    k = clauses.shape[1]
    return Placed(
        corpus=read.corpus, plain=read.plain, rows=read.rows, noise=read.noise, clauses=clauses, strays=(),
        stray_topics=np.zeros((0, k)), names=names or ("",) * k,
        stability=np.full(k, np.nan) if stability is None else stability, k_curve=k_curve, seed=seed,
    )  # fmt: skip


def about_topics(weights: Floats) -> NDArray[np.bool_]:
    """Which topics each text is about: its main one and those of at least 20 %; none where less is left (n x k)."""
    main = weights.argmax(axis=1)[:, None] == np.arange(weights.shape[1])
    inside = weights.sum(axis=1) >= MENTIONED
    return np.asarray((main | (weights >= MENTIONED)) & inside[:, None])


def by_size(weights: Floats) -> NDArray[np.int64]:
    """Topics by the number of texts about them; those that no text is about are left out."""
    n_texts = about_topics(weights).sum(axis=0)
    ranked = np.argsort(-n_texts, kind="stable")
    return np.asarray(ranked[n_texts[ranked] > 0])


def taken(placed: Placed, topics: NDArray[np.int64]) -> Placed:
    """Only these topics, in this order."""
    return replace(
        placed,
        clauses=placed.clauses[:, topics],
        stray_topics=placed.stray_topics[:, topics],
        names=tuple(placed.names[t] for t in topics),
        stability=placed.stability[topics],
    )


def top_words(placed: Placed) -> list[list[int]]:
    """The words (columns of the corpus) that set each topic apart, the best first."""
    return labels.top_words(labels.class_tfidf(placed.said), placed.is_allowed)


def named(placed: Placed) -> Placed:
    """The topics without a name, named by their best words, told apart from the others."""
    said, allowed = placed.said, placed.is_allowed
    naming = labels.naming_scores(labels.class_tfidf(said), said)
    names = list(placed.names)
    for at, own in enumerate(names):
        if not own:
            names[at] = labels.apart(_name(placed.corpus.words, naming[at], allowed), names)
    return replace(placed, names=tuple(names))


def _name(words: Sequence[str], naming: Floats, allowed: NDArray[np.bool_]) -> str:
    """The name of a topic; one whose words are all general is named by its best word."""
    best = labels.top_words(naming[None, :], allowed)[0] or [int(naming.argmax())]
    return labels.label([words[j] for j in best], [float(naming[j]) for j in best])
