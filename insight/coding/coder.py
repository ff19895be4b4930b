"""The coder of a study: what people's codes teach, learnt once; it codes a text alike in any company."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import polars as pl

from insight.coding.features import Reader, features, reader_of
from insight.coding.learning import CUT, LEARN_FROM, Flags, Learned, by_model, by_rules
from insight.coding.matching import clauses_of, raised, trees_of
from insight.coding.pruning import WORDS, pruned, word_precision
from insight.coding.rules import Rule
from insight.schema.codebook import Codebook
from insight.schema.lexicon import Lexicon
from insight.text.tokenize import tagger
from insight.text.vectors import Floats

SURE, LEAST_CODED = 0.9, 10  # precision from which nobody needs to check; coded texts to say so
MOST_READ = (
    10_000  # texts beside the coded ones that a model learns its words and its rules' hits from
)
MOST_MEANT = 3_000  # texts up to which sentences are encoded for the model
Truth = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Lesson:
    """The texts a coder learns from.

    Attributes
    ----------
    texts : (n) text_id [sorted], text: those that people coded and, where a model learns, others
    n_all : how many texts it will code
    """

    texts: pl.DataFrame
    n_all: int


@dataclass(frozen=True, slots=True)
class Taught:
    """What takes long to learn; ``reader`` is None where no model learns."""

    learned: Learned
    reader: Reader | None


@dataclass(frozen=True, slots=True)
class Coder:
    """How texts are coded.

    Attributes
    ----------
    book : the needs
    rules : key -> rule, without the words that coded texts prove wrong
    truth : text_id -> the needs (keys) people gave it; such a text has these and no others
    taught : None where nobody coded anything
    words : the words of the codebook with their precision, see ``word_precision``
    sure_from : confidence from which nine of ten are right among texts that were held out; null = none
    precision, recall : of the held-out texts at the cut; null where too few are coded
    """

    book: Codebook
    rules: dict[str, Rule]
    truth: Truth
    taught: Taught | None
    words: pl.DataFrame
    sure_from: float | None = None
    precision: float | None = None
    recall: float | None = None

    @property
    def has_model(self) -> bool:
        """Whether more than the rules judges."""
        return self.taught is not None and self.taught.reader is not None


def lesson_of(parts: Iterable[pl.DataFrame], truth: Truth) -> Lesson:
    """Pick what teaches, part by part: the coded texts and, of the others, the same sample in any order.

    Parameters
    ----------
    parts : of all texts: text_id, text
    """
    most = MOST_READ if len(truth) >= LEARN_FROM else 0
    kept, n_all = pl.DataFrame(schema={"text_id": pl.String, "text": pl.String}), 0
    for part in parts:
        kept = _drawn(pl.concat([kept, part.select("text_id", "text")]), truth.keys(), most=most)
        n_all += part.height
    return Lesson(kept.sort("text_id"), n_all)


def _drawn(texts: pl.DataFrame, coded: Set[str], *, most: int) -> pl.DataFrame:
    is_coded = pl.col("text_id").is_in(list(coded))
    others = texts.filter(~is_coded)
    if others.height > most:
        order = [sha256(one.encode()).digest() for one in others["text_id"]]
        by_lot = others.with_columns(pl.Series("order", order, dtype=pl.Binary)).sort("order")
        others = by_lot.head(most).drop("order")
    return pl.concat([texts.filter(is_coded), others])


def learn(
    lesson: Lesson, book: Codebook, *, truth: Truth, words: Lexicon | None = None, seed: int = 0,
    keep: Callable[[Callable[[], Taught]], Taught] = lambda work: work(),
) -> Coder:  # fmt: skip
    """Learn to code.

    Parameters
    ----------
    truth : text_id -> the needs (keys) people gave it
    words : the words of the study, for the model
    keep : asks for what takes long to learn, or has it from before
    """
    row = {text_id: at for at, text_id in enumerate(lesson.texts["text_id"]) if text_id in truth}
    given, rules = {at: truth[text_id] for text_id, at in row.items()}, trees_of(book)
    if not row:
        return Coder(book, rules, {}, None, pl.DataFrame(schema=WORDS))
    clauses = clauses_of(lesson.texts["text"])
    proven = word_precision(clauses, rules, truth=given)
    rules, keys = pruned(rules, proven), [c.key for c in book.codes]
    flags = np.array([[key in given[at] for key in keys] for at in sorted(given)], dtype=bool)
    order = np.random.default_rng(seed).permutation(len(given))
    coded, is_true = np.array(sorted(given))[order].tolist(), flags.reshape(-1, len(keys))[order]

    def work() -> Taught:
        hits = flags_of(raised(clauses, rules, n_texts=lesson.texts.height), keys)
        if len(coded) < LEARN_FROM:
            return Taught(by_rules(hits, coded=coded, truth=is_true), None)
        texts, tag = lesson.texts["text"].to_list(), tagger(words)
        reader = reader_of(texts, tag=tag, is_encoded=lesson.n_all <= MOST_MEANT)
        read = features(texts, reader, tag=tag)
        return Taught(by_model(hits, read, coded=coded, truth=is_true, seed=seed), reader)

    taught = work() if len(coded) < LEARN_FROM else keep(work)
    held_out = taught.learned.held_out
    sure = sure_from(held_out, is_true) if len(coded) >= LEAST_CODED else None
    mine = {text_id: truth[text_id] for text_id in row}
    return Coder(book, rules, mine, taught, proven, sure, *_quality(held_out >= CUT, is_true))


def flags_of(found: pl.DataFrame, keys: list[str]) -> Flags:
    """(n x n_needs) in the order of the codebook; needs without rules are never hit."""
    made = found.with_columns(pl.lit(value=False).alias(k) for k in keys if k not in found.columns)
    return made.select(keys).to_numpy() if keys else np.zeros((len(found), 0), dtype=bool)


def sure_from(held_out: Floats, truth: Flags) -> float | None:
    """The lowest confidence from which nine of ten held-out codes are right; None where there is none."""
    asked = held_out >= CUT
    order = np.argsort(-held_out[asked], kind="stable")
    scores, right = held_out[asked][order], truth[asked][order]
    share = np.cumsum(right) / np.arange(1, len(right) + 1)
    last_of_equals = np.append(scores[1:] != scores[:-1], True)[: len(scores)]
    good = np.flatnonzero((share >= SURE) & last_of_equals)
    return float(scores[good[-1]]) if len(good) else None


def _quality(held: Flags, truth: Flags) -> tuple[float | None, float | None]:
    if len(truth) < LEAST_CODED or not held.any() or not truth.any():
        return None, None
    right = float((held & truth).sum())
    return right / float(held.sum()), right / float(truth.sum())
