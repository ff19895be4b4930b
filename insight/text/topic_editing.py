"""Topics as people edit them: every step a pure function of the texts placed among topics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from insight.errors import BadParameter, InsightError, UnknownName
from insight.schema.topic_edits import Drop, Known, Merge, Move, Rename, Seed, Split, TopicEdit
from insight.text.clusters import estimated, fit_mixture
from insight.text.corpus import content_key
from insight.text.placed import Placed, about_topics, by_size, named, taken, top_words
from insight.text.vectors import Floats

_ALIKE = 0.3  # overlap of top words from which a topic is the one that was edited
_MOST_FITTED, _TEXTS_PER_PART = 8_000, 3
_SEED_STEPS, _SEEDED = 3, 0.5


def edited(placed: Placed, edits: Sequence[TopicEdit]) -> tuple[Placed, tuple[str, ...]]:
    """Apply edits in order.

    Returns
    -------
    what the texts are about then, and for every edit why it could not be applied, "" where it was
    """
    skipped: list[str] = []
    for edit in edits:
        try:
            placed = _filled(after(placed, edit))
            skipped.append("")
        except InsightError as error:
            skipped.append(error.message)
    return placed, tuple(skipped)


def after(placed: Placed, edit: TopicEdit) -> Placed:
    """The topics after one edit.

    Raises
    ------
    UnknownName : a topic or a text it speaks of is not there.
    BadParameter : it cannot be done with these texts.
    """
    match edit:
        case Rename():
            return _renamed(placed, edit)
        case Merge():
            return _merged(placed, edit)
        case Split():
            return _split(placed, edit)
        case Drop():
            gone = _found(placed, edit.topic)
            return taken(placed, np.array([t for t in range(len(placed.names)) if t != gone], int))
        case Seed():
            return _seeded(placed, edit)
        case Move():
            return _moved(placed, edit)


def _filled(placed: Placed) -> Placed:
    """The same, if any topic is left that a text is about (BadParameter)."""
    if not placed.names or not len(by_size(placed.weights)):
        raise BadParameter("主题", "这样一个主题也不剩")
    return placed


def _found(placed: Placed, known: Known) -> int:
    """The topic of that label; else the one whose top words are most like those it had."""
    if known.label in placed.names:
        return placed.names.index(known.label)
    words = placed.corpus.words
    now = [{words[j] for j in of_topic} for of_topic in top_words(placed)]
    then = set(known.words)
    overlap = [len(then & one) / max(len(then | one), 1) for one in now]
    if not overlap or max(overlap) < _ALIKE:
        raise UnknownName("主题", known.label, placed.names)
    return int(np.argmax(overlap))


def _free(placed: Placed, name: str, *, besides: Sequence[int] = ()) -> str:
    """A name for a topic, if no topic besides these has it (BadParameter)."""
    if any(name == other for at, other in enumerate(placed.names) if at not in besides):
        raise BadParameter("主题名称", f"已经有主题叫“{name}”；要把两个主题合成一个，请用合并")
    return name


def _renamed(placed: Placed, edit: Rename) -> Placed:
    at = _found(placed, edit.topic)
    names = list(placed.names)
    names[at] = _free(placed, edit.name, besides=[at])
    return replace(placed, names=tuple(names))


def _merged(placed: Placed, edit: Merge) -> Placed:
    """The topics as one, at the place of the first; it is as stable as they are, by their texts."""
    topics = sorted({_found(placed, one) for one in edit.topics})
    if len(topics) < 2:
        raise BadParameter("合并", "这几个名称现在是同一个主题")
    name = _free(placed, edit.name, besides=topics) if edit.name else ""
    first, others = topics[0], topics[1:]
    sizes = about_topics(placed.weights).sum(axis=0)[topics]
    clauses, strays = placed.clauses.copy(), placed.stray_topics.copy()
    names, stability = list(placed.names), placed.stability.copy()
    clauses[:, first] = clauses[:, topics].sum(axis=1)
    strays[:, first] = strays[:, topics].sum(axis=1)
    stability[first] = np.average(stability[topics], weights=np.maximum(sizes, 1))
    names[first] = name
    whole = replace(placed, clauses=clauses, stray_topics=strays, names=tuple(names), stability=stability)  # fmt: skip
    return named(taken(whole, np.array([t for t in range(len(names)) if t not in others], int)))


def _split(placed: Placed, edit: Split) -> Placed:
    """The topic parted by a mixture of its own texts; the parts lie at its place, the largest first."""
    at, corpus = _found(placed, edit.topic), placed.corpus
    weights = placed.different
    rows = np.flatnonzero(about_topics(weights)[:, at] & (weights.argmax(axis=1) == at))
    if len(rows) < edit.parts * _TEXTS_PER_PART:
        raise BadParameter("拆分", f"“{placed.names[at]}”只有 {len(rows)} 条互不重复的文本，不够拆成 {edit.parts} 个主题")  # fmt: skip
    learnt = rows[:_MOST_FITTED]
    mixture = fit_mixture(
        corpus.counts[learnt], corpus.vectors[learnt], edit.parts, seed=placed.seed
    )
    part = mixture.posterior(corpus.clause_counts, corpus.clause_vectors)
    parts = placed.clauses[:, [at]] * part
    order = by_size(replace(placed, clauses=parts, stray_topics=_blank(placed, edit.parts)).weights)
    if len(order) < 2:
        raise BadParameter("拆分", f"“{placed.names[at]}”的文本说的是同一件事，分不开")
    share = part[:, order] / np.maximum(part[:, order].sum(axis=1, keepdims=True), 1e-12)
    strays = _blank(placed, len(order))
    strays[:, 0] = placed.stray_topics[:, at]
    n = len(order)
    whole = replace(
        placed,
        clauses=_instead(placed.clauses, at, placed.clauses[:, [at]] * share),
        stray_topics=_instead(placed.stray_topics, at, strays),
        names=(*placed.names[:at], *("",) * n, *placed.names[at + 1 :]),
        stability=_instead(placed.stability[None, :], at, np.full((1, n), np.nan))[0],
    )
    return named(whole)


def _blank(placed: Placed, n: int) -> Floats:
    return np.zeros((len(placed.strays), n))


def _instead(columns: Floats, at: int, new: Floats) -> Floats:
    """The columns with others in the place of one."""
    return np.hstack([columns[:, :at], new, columns[:, at + 1 :]])


def _seeded(placed: Placed, edit: Seed) -> Placed:
    """One topic more: at least half of every clause that says a seed word, and what is said like these.

    The other topics keep their words; what the new one takes, each gives by its share.
    """
    name, corpus = _free(placed, edit.name), placed.corpus
    wanted = [word.lower() for word in edit.words]
    says = np.array([any(w in clause.lower() for w in wanted) for clause in corpus.clauses])
    if not says.any():
        raise BadParameter("种子词", f"没有文本说到{'、'.join(f'“{w}”' for w in edit.words)}")
    left, new = placed.clauses.sum(axis=1), says.astype(float)
    for _ in range(_SEED_STEPS):
        member = np.hstack([placed.clauses * (1 - new)[:, None], new[:, None]])
        mixture = estimated(corpus.clause_counts, corpus.clause_vectors, member)
        likely = mixture.posterior(corpus.clause_counts, corpus.clause_vectors)[:, -1]
        new = np.maximum(likely * left, _SEEDED * says)
    return replace(
        placed,
        clauses=np.hstack([placed.clauses * (1 - new)[:, None], new[:, None]]),
        stray_topics=np.hstack([placed.stray_topics, _blank(placed, 1)]),
        names=(*placed.names, name),
        stability=np.append(placed.stability, np.nan),
    )


def _moved(placed: Placed, edit: Move) -> Placed:
    """Every copy of a text in one topic only, or in none."""
    to = None if edit.to is None else _found(placed, edit.to)
    row = next(
        (at for at, t in enumerate(placed.corpus.texts) if content_key(t) == edit.text), None
    )
    if row is None:
        return _stray(placed, edit.text, to)
    clauses = placed.clauses.copy()
    own = placed.corpus.owner == row
    clauses[own] = 0.0
    if to is not None:
        clauses[own, to] = 1.0
    return replace(placed, clauses=clauses)


def _stray(placed: Placed, key: str, to: int | None) -> Placed:
    """A text that says nothing put into a topic, or back into none."""
    quiet = (text for text, row in zip(placed.plain, placed.rows, strict=True) if row < 0)
    text = next((text for text in quiet if content_key(text) == key), None)
    if text is None:
        raise UnknownName("文本", key[:6], ())
    kept = [at for at, other in enumerate(placed.strays) if other != text]
    strays = tuple(placed.strays[at] for at in kept)
    topics = placed.stray_topics[kept]
    if to is None:
        return replace(placed, strays=strays, stray_topics=topics)
    own = np.eye(len(placed.names))[[to]]
    return replace(placed, strays=(*strays, text), stray_topics=np.vstack([topics, own]))
