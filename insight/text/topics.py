"""What do the texts talk about: topics with names, weights per text, quotes and quality numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from insight.errors import BadParameter, TooFewRows
from insight.text import labels
from insight.text.clusters import fit_mixture
from insight.text.coherence import agreement, diversity, npmi
from insight.text.corpus import Corpus, by_content, make_corpus
from insight.text.k_choice import CURVE, best, marks, scan
from insight.text.noise import noise
from insight.text.tokenize import Tagger, plain_form
from insight.text.vectors import Floats, pooled

LEAST_TEXTS = 15
MOST_TOPICS = 30
_TEXTS_PER_TOPIC = 3
_MOST_FITTED, _MOST_SCANNED = 8_000, 2_000  # the first in the order of content: a fair sample
_RESAMPLES, _RESAMPLED = 10, 0.8
MENTIONED = 0.2  # from this weight on a text is about a topic


@dataclass(frozen=True, slots=True)
class TopicModel:
    """Topics of n texts, the one most texts are about first.

    Attributes
    ----------
    labels : (k)
    top_words : (k) up to ten words each
    weights : (n x k) how much of each text is about each topic; rows sum to 1, or to 0 for noise
    assignment : (n) main topic, 0-based; -1 for noise
    noise : (n) why a text is in no topic; "" where it is in one
    quotes : (k) positions of up to five texts each, the most typical first
    coherence : (k) NPMI of the top words, -1..1
    stability : (k) overlap of the top words with those of refits on 80 % of the texts, 0..1
    diversity : share of different words among all top words
    k_curve : k, silhouette, coherence, diversity, score; empty where the number was given
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


def about(model: TopicModel) -> NDArray[np.bool_]:
    """Which topics each text is about: its main one and those of at least 20 % (n x k)."""
    return _about(model.weights) & (model.assignment >= 0)[:, None]


def _about(weights: Floats) -> NDArray[np.bool_]:
    main = weights.argmax(axis=1)[:, None] == np.arange(weights.shape[1])
    return np.asarray(main | (weights >= MENTIONED))


def find_topics(
    texts: Sequence[str], *, tag: Tagger, n_topics: int = 0, seed: int = 0
) -> TopicModel:
    """Find topics; the order of the texts never changes them, nor how often one was copied.

    They are learnt from the different texts; each copy then gets the topics of its text.

    Parameters
    ----------
    texts : (n) raw, personal data already masked
    tag : made by ``insight.text.tokenize.tagger``
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
    check_number(n_topics)
    plain = [plain_form(text) for text in texts]
    why = [noise(text, tag(text)) for text in plain]
    different = by_content({text for text, reason in zip(plain, why, strict=True) if not reason})
    _check(len(different), n_topics)
    row = {text: at for at, text in enumerate(different)}
    rows = np.array([-1 if reason else row[text] for text, reason in zip(plain, why, strict=True)])
    with threadpool_limits(1):  # sums must not depend on how many processors share the work
        corpus = make_corpus(different, tag=tag, seed=seed)
        return _model(corpus, rows, why, n_topics=n_topics, seed=seed)


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


def _check(n_different: int, n_topics: int) -> None:
    if n_different < LEAST_TEXTS:
        raise TooFewRows("有实质内容且互不重复的文本", n_different, LEAST_TEXTS)
    most = n_different // _TEXTS_PER_TOPIC
    if n_topics > most:
        raise BadParameter("主题数", f"{n_different} 条互不重复的文本最多分成 {most} 个主题")


def _model(
    corpus: Corpus, rows: NDArray[np.int64], why: Sequence[str], *, n_topics: int, seed: int
) -> TopicModel:
    """Fit ``corpus`` and give each text the topics of its row of it; row -1 is in none."""
    allowed = np.array([labels.can_name(word) for word in corpus.words])
    curve = pl.DataFrame(schema=CURVE) if n_topics else _curve(corpus, allowed, seed=seed)
    learnt = slice(_MOST_FITTED)
    k = n_topics or best(curve)
    mixture = fit_mixture(corpus.counts[learnt], corpus.vectors[learnt], k, seed=seed)
    placed = mixture.posterior(corpus.clause_counts, corpus.clause_vectors)
    weights, order = _by_size(pooled(placed, corpus.owner, weight=corpus.length), rows)
    said = (corpus.clause_counts.T @ placed[:, order]).T
    scores = labels.class_tfidf(said)
    top = labels.top_words(scores, allowed)
    naming = labels.naming_scores(scores, said)
    quoted = _quotes(corpus, weights, centres=mixture.centres[order])
    first = {row: at for at, row in reversed(list(enumerate(rows.tolist())))}
    return TopicModel(
        labels=labels.told_apart([_label(corpus, row, allowed) for row in naming]),
        top_words=tuple(tuple(corpus.words[j] for j in words) for words in top),
        weights=np.vstack([weights, np.zeros(len(order))])[rows],
        assignment=np.append(weights.argmax(axis=1), -1)[rows],
        noise=tuple(why),
        quotes=tuple(tuple(first[row] for row in of_topic) for of_topic in quoted),
        coherence=npmi(corpus.counts, top),
        stability=_stability(corpus, top, allowed=allowed, seed=seed),
        diversity=diversity(top),
        k_curve=curve,
    )


def _curve(corpus: Corpus, allowed: NDArray[np.bool_], *, seed: int) -> pl.DataFrame:
    sample = slice(_MOST_SCANNED)
    return scan(corpus.counts[sample], corpus.vectors[sample], allowed=allowed, seed=seed)


def _by_size(weights: Floats, rows: NDArray[np.int64]) -> tuple[Floats, NDArray[np.int64]]:
    """Columns by the number of texts about them; those that are nobody's main topic are dropped."""
    copies = np.bincount(rows[rows >= 0], minlength=len(weights))
    ranked = np.argsort(-(copies @ _about(weights)), kind="stable")
    n_main = np.bincount(weights.argmax(axis=1), minlength=weights.shape[1])
    order = ranked[n_main[ranked] > 0]
    kept = weights[:, order]
    return kept / kept.sum(axis=1, keepdims=True), order


def _label(corpus: Corpus, naming: Floats, allowed: NDArray[np.bool_]) -> str:
    """The name of a topic; one whose words are all general is named by its best word."""
    best = labels.top_words(naming[None, :], allowed)[0] or [int(naming.argmax())]
    return labels.label([corpus.words[j] for j in best], [float(naming[j]) for j in best])


def _quotes(corpus: Corpus, weights: Floats, *, centres: Floats) -> list[list[int]]:
    """Rows of the texts that stand for each topic."""
    main = weights.argmax(axis=1)
    quoted = []
    for topic, centre in enumerate(centres):
        rows = np.flatnonzero(main == topic)
        texts = [corpus.texts[row] for row in rows]
        chosen = labels.quotes(texts, corpus.vectors[rows], centre=centre, fit=weights[rows, topic])
        quoted.append(rows[chosen].tolist())
    return quoted


def _stability(
    corpus: Corpus, top: Sequence[Sequence[int]], *, allowed: NDArray[np.bool_], seed: int
) -> Floats:
    """Mean overlap of each topic's words with those of refits on parts of the texts (k)."""
    n = min(len(corpus.texts), _MOST_SCANNED)
    rng = np.random.default_rng(seed)
    matched = []
    for _ in range(_RESAMPLES):
        part = np.sort(rng.choice(n, size=int(n * _RESAMPLED), replace=False))
        counts, vectors = corpus.counts[part], corpus.vectors[part]
        refit = fit_mixture(counts, vectors, len(top), seed=seed, starts=3)
        matched.append(agreement(top, marks(refit, counts, vectors, allowed=allowed)))
    return np.asarray(np.mean(matched, axis=0))
