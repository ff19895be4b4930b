"""What do the texts talk about: topics with names, weights per text, quotes and quality numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from insight.errors import BadParameter
from insight.schema.lexicon import Lexicon
from insight.schema.topic_edits import TopicEdit
from insight.text import labels
from insight.text.clusters import fit_mixture
from insight.text.coherence import agreement, diversity, npmi
from insight.text.corpus import Corpus, Encoder
from insight.text.k_choice import CURVE, best, marks, scan
from insight.text.placed import (
    Placed,
    about_topics,
    by_size,
    named,
    taken,
    top_words,
    unplaced,
)
from insight.text.reading import Read, read_texts, study_texts
from insight.text.tokenize import Tagger, plain_form
from insight.text.topic_editing import edited
from insight.text.vectors import Floats, pooled, sentence_vectors, unit

MOST_TOPICS = 30
REMOVED = "人工移出主题"
_TEXTS_PER_TOPIC = 3
_MOST_FITTED, _MOST_SCANNED = 8_000, 2_000  # the first in the order of content: a fair sample
_RESAMPLES, _RESAMPLED = 10, 0.8


@dataclass(frozen=True, slots=True)
class TopicModel:
    """Topics of n texts, the one most texts are about first.

    Attributes
    ----------
    labels : (k)
    top_words : (k) up to ten words each
    weights : (n x k) how much of each text is about each topic; rows sum to 1, to 0 for noise, and
        to what is left where a topic was dropped
    assignment : (n) main topic, 0-based; -1 where a text is in none
    noise : (n) why a text is in no topic; "" where it is in one
    quotes : (k) positions of up to five texts each, the most typical first
    coherence : (k) NPMI of the top words, -1..1
    stability : (k) overlap of the top words with those of refits on 80 % of the texts, 0..1; nan for
        topics that were split off or seeded by hand
    diversity : share of different words among all top words
    k_curve : k, silhouette, coherence, diversity, score; empty where the number was given
    skipped : (n_edits) why an edit could not be applied; "" where it was
    """

    labels: tuple[str, ...]
    top_words: tuple[tuple[str, ...], ...]
    weights: Floats
    assignment: NDArray[np.int64]
    noise: tuple[str, ...]
    quotes: tuple[tuple[int, ...], ...]
    coherence: Floats
    stability: Floats
    diversity: float
    k_curve: pl.DataFrame
    skipped: tuple[str, ...] = ()

    @property
    def says_something(self) -> NDArray[np.bool_]:
        """Which texts say anything, in a topic or in one that was dropped (n)."""
        return np.array([not why or why == REMOVED for why in self.noise])


def about(model: TopicModel) -> NDArray[np.bool_]:
    """Which topics each text is about: its main one and those of at least 20 % (n x k)."""
    return about_topics(model.weights)


def study_topics(
    texts: Sequence[str], lexicon: Lexicon | None = None, *, edits: Sequence[TopicEdit] = (), n_topics: int = 0, seed: int = 0
) -> TopicModel:  # fmt: skip
    """Topics in the words of one study, as people edited them; see ``find_topics``.

    Parameters
    ----------
    edits : applied in order; one that does not fit is left out and told in ``skipped``
    """
    check_number(n_topics)
    with alone():
        read = study_texts(texts, lexicon, seed=seed)
        return as_edited(topics_in(read, n_topics=n_topics, seed=seed), edits)


def as_edited(placed: Placed, edits: Sequence[TopicEdit]) -> TopicModel:
    """The topics as people edited them; nothing is learnt again but what an edit asks for."""
    changed, skipped = edited(placed, edits)
    return replace(described(changed), skipped=skipped)


@contextmanager
def alone() -> Iterator[None]:
    """Numbers are worked out on one processor: sums must not depend on how many share the work."""
    with threadpool_limits(1):
        yield


def find_topics(
    texts: Sequence[str], *, tag: Tagger, encode: Encoder | None = sentence_vectors, n_topics: int = 0, seed: int = 0
) -> TopicModel:  # fmt: skip
    """Find topics; the order of the texts never changes them, nor how often one was copied.

    They are learnt from the different texts; each copy then gets the topics of its text.

    Parameters
    ----------
    texts : (n) raw, personal data already masked
    tag : made by ``insight.text.tokenize.tagger``
    encode : what sentences mean; None = topics by words only
    n_topics : 0 = chosen among 4 to 15 (fewer for few texts), else 2 to 30

    Returns
    -------
    The main topic of a text is the one most of its clauses are about. A topic that is nobody's
    main topic is dropped, so there may be fewer than ``n_topics``.

    Raises
    ------
    TooFewRows : fewer than 15 different texts say anything.
    BadParameter : ``n_topics`` is 1, negative or above 30, or more than a third of the texts.
    """
    with alone():
        return described(fit_topics(texts, tag=tag, encode=encode, n_topics=n_topics, seed=seed))


def check_number(n_topics: int) -> int:
    """The number as it is, if it can be one of topics.

    Raises
    ------
    BadParameter : it is neither 0 (chosen by the data) nor 2 to 30.
    """
    if n_topics == 1 or not 0 <= n_topics <= MOST_TOPICS:
        reason = "只有一个主题等于没有分析；" if n_topics == 1 else ""
        raise BadParameter("主题数", f"{reason}0 表示由数据决定，否则填 2 到 {MOST_TOPICS}")
    return n_topics


def fit_topics(
    texts: Sequence[str], *, tag: Tagger, plain: Callable[[str], str] = plain_form,
    encode: Encoder | None = sentence_vectors, n_topics: int = 0, seed: int = 0,
) -> Placed:  # fmt: skip
    """Every text among its topics, before they are edited and counted; see ``find_topics``."""
    check_number(n_topics)
    read = read_texts(texts, tag=tag, plain=plain, encode=encode, seed=seed)
    return topics_in(read, n_topics=n_topics, seed=seed)


def topics_in(read: Read, *, n_topics: int = 0, seed: int = 0) -> Placed:
    """Every text among its topics; see ``find_topics`` (BadParameter)."""
    check_number(n_topics)
    n_different = len(read.corpus.texts)
    most = n_different // _TEXTS_PER_TOPIC
    if n_topics > most:
        raise BadParameter("主题数", f"{n_different} 条互不重复的文本最多分成 {most} 个主题")
    clauses, curve = _learnt(read.corpus, n_topics=n_topics, seed=seed)
    placed = unplaced(read, clauses=clauses, k_curve=curve, seed=seed)
    ordered = taken(placed, by_size(placed.weights))
    return named(replace(ordered, stability=_stability(ordered)))


def _learnt(corpus: Corpus, *, n_topics: int, seed: int) -> tuple[Floats, pl.DataFrame]:
    """How much of each clause is about each topic (n_clauses x k), and the curve k was chosen by."""
    allowed = np.array([labels.can_name(word) for word in corpus.words])
    curve = pl.DataFrame(schema=CURVE) if n_topics else _curve(corpus, allowed, seed=seed)
    learnt, k = slice(_MOST_FITTED), n_topics or best(curve)
    mixture = fit_mixture(corpus.counts[learnt], corpus.vectors[learnt], k, seed=seed)
    clauses = mixture.posterior(corpus.clause_counts, corpus.clause_vectors)
    main = np.unique(pooled(clauses, corpus.owner, weight=corpus.length).argmax(axis=1))
    if len(main) < clauses.shape[1]:  # nobody's main topic is none
        clauses = mixture.only(main).posterior(corpus.clause_counts, corpus.clause_vectors)
    return clauses, curve


def _curve(corpus: Corpus, allowed: NDArray[np.bool_], *, seed: int) -> pl.DataFrame:
    sample = slice(_MOST_SCANNED)
    return scan(corpus.counts[sample], corpus.vectors[sample], allowed=allowed, seed=seed)


def described(placed: Placed) -> TopicModel:
    """The topics as they are counted: by size, with labels, words, quotes and quality."""
    placed = taken(placed, by_size(placed.weights))
    weights = placed.weights
    told = about_topics(weights)
    inside, top = np.asarray(told.any(axis=1)).tolist(), top_words(placed)
    words = placed.corpus.words
    return TopicModel(
        labels=placed.names,
        top_words=tuple(tuple(words[j] for j in of_topic) for of_topic in top),
        weights=weights,
        assignment=np.where(inside, weights.argmax(axis=1), -1),
        noise=tuple("" if is_in else why or REMOVED for is_in, why in zip(inside, placed.noise, strict=True)),
        quotes=_quotes(placed),
        coherence=npmi(placed.corpus.counts, top),
        stability=placed.stability,
        diversity=diversity(top),
        k_curve=placed.k_curve,
    )  # fmt: skip


def _quotes(placed: Placed) -> tuple[tuple[int, ...], ...]:
    """Positions of the texts that stand for each topic: of those it is the main one of, else of all about it."""
    first = {row: at for at, row in reversed(list(enumerate(placed.rows.tolist()))) if row >= 0}
    weights, corpus = placed.different, placed.corpus
    main, is_about = weights.argmax(axis=1), about_topics(weights)
    quoted = []
    for topic in range(len(placed.names)):
        rows = np.flatnonzero(is_about[:, topic] & (main == topic))
        rows = rows if len(rows) else np.flatnonzero(is_about[:, topic])
        texts = [corpus.texts[row] for row in rows]
        vectors = unit(corpus.vectors[rows])
        centre = unit(weights[rows, topic][None, :] @ vectors)[0]
        chosen = labels.quotes(texts, vectors, centre=centre, fit=weights[rows, topic])
        quoted.append(tuple(first[row] for row in rows[chosen].tolist()))
    return tuple(quoted)


def _stability(placed: Placed) -> Floats:
    """Mean overlap of each topic's words with those of refits on parts of the texts (k)."""
    corpus, allowed, top = placed.corpus, placed.is_allowed, top_words(placed)
    n = min(len(corpus.texts), _MOST_SCANNED)
    rng = np.random.default_rng(placed.seed)
    matched = []
    for _ in range(_RESAMPLES):
        part = np.sort(rng.choice(n, size=int(n * _RESAMPLED), replace=False))
        counts, vectors = corpus.counts[part], corpus.vectors[part]
        refit = fit_mixture(counts, vectors, len(top), seed=placed.seed, starts=3)
        matched.append(agreement(top, marks(refit, counts, vectors, allowed=allowed)))
    return np.asarray(np.mean(matched, axis=0))
