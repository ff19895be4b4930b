"""Every text with its needs: as a person coded it, else as rules and, once enough is coded, a model say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from insight.coding.features import Features, features
from insight.coding.learning import CUT, LEARN_FROM, Learned, by_model, by_rules
from insight.coding.matching import clauses_of, raised, trees_of
from insight.coding.matching import hits as hits_of
from insight.coding.pruning import WORDS, Flags, pruned, word_precision
from insight.coding.rules import Rule, wanted
from insight.schema.codebook import Codebook
from insight.schema.lexicon import Lexicon as Words
from insight.sentiment.measures import about, judged_about
from insight.sentiment.scoring import Lexicon
from insight.text.tokenize import tagger
from insight.text.vectors import Floats

SURE, LEAST_CODED = 0.9, 10  # precision from which nobody needs to check; coded texts to say so
MOST_MEANT = 3_000  # texts up to which sentences are encoded for the model
TEXTS = {"text_id": pl.String, "need": pl.String, "source": pl.String, "confidence": pl.Float64, "polarity": pl.String, "status": pl.String}  # fmt: skip
SAID = {"text_id": pl.String, "need": pl.String, "said": pl.String}
_STATUS = {True: "自动编码", False: "请核对"}
CODED_BY_HAND = "人工编码"


@dataclass(frozen=True, slots=True)
class Coded:
    """The texts and how their needs were found.

    Attributes
    ----------
    texts : (n) text_id, need [name], source ["rule" | "model" | "person"], confidence [0..1; null where
        no coded answer says anything about it], polarity, status ["人工编码" | "自动编码" | "请核对"]
    said : (n, as ``texts``) text_id, need, said: the parts of the text that speak of the need, in plain
        form; the whole text where a person or the model found it
    words : the words of the codebook with their precision, see ``word_precision``
    n_coded : texts that people coded to teach
    sure_from : confidence from which nine of ten are right among texts that were held out; null = none
    precision, recall : of the held-out texts at the cut; null where too few are coded
    """

    texts: pl.DataFrame
    said: pl.DataFrame
    words: pl.DataFrame
    n_coded: int
    sure_from: float | None
    precision: float | None
    recall: float | None


def by_hand(codes: pl.DataFrame | None, purpose: str) -> dict[str, frozenset[str]]:
    """text_id -> keys, as people coded for one purpose; where several did, what at least half of them say."""
    if codes is None:
        return {}
    mine = codes.filter(pl.col("purpose") == purpose)
    n_coders = dict(mine.group_by("text_id").len().iter_rows())
    told: dict[str, dict[str, int]] = {text_id: {} for text_id in n_coders}
    for text_id, needs in mine.select("text_id", "needs").iter_rows():
        for key in needs:
            told[text_id][key] = told[text_id].get(key, 0) + 1
    return {
        t: frozenset(k for k, n in keys.items() if 2 * n >= n_coders[t]) for t, keys in told.items()
    }


def code_texts(
    said: pl.DataFrame,
    book: Codebook,
    *,
    codes: pl.DataFrame | None,
    lexicon: Lexicon,
    words: Words | None = None,
    seed: int = 0,
) -> Coded:
    """Code all texts.

    Parameters
    ----------
    said : (n) text_id [sorted], text
    codes : what people coded, see ``Dataset.codes``
    lexicon : what praises and blames
    words : the words of the study, for the model that learns from ``codes``
    """
    ids, keys = said["text_id"].to_list(), [c.key for c in book.codes]
    truth = {t: needs for t, needs in by_hand(codes, "code").items() if t in set(ids)}
    row = {text_id: at for at, text_id in enumerate(ids)}
    clauses, rules = clauses_of(said["text"]), trees_of(book)
    proven = word_precision(clauses, rules, truth={row[t]: needs for t, needs in truth.items()}) if truth else pl.DataFrame(schema=WORDS)  # fmt: skip
    rules = pruned(rules, proven)
    hits = _flags(raised(clauses, rules, n_texts=len(ids)), keys)
    flags = {row[t]: [key in needs for key in keys] for t, needs in truth.items()}
    learned, coded = _learned(said["text"].to_list(), hits, flags=flags, words=words, seed=seed)
    is_true = np.array([flags[at] for at in coded]).reshape(-1, len(keys)).astype(bool)
    sure = sure_from(learned.held_out, is_true) if len(coded) >= LEAST_CODED else None
    assigned = learned.probability >= CUT if len(coded) >= LEARN_FROM else hits
    table = _table(book, hits, assigned, learned=learned if coded else None, sure=sure)
    table = _with_people(table, row, truth=truth)
    told = _told(table, said["text_id"], clauses, rules, book=book, lexicon=lexicon)
    names = {c.key: c.name for c in book.codes}
    held = learned.held_out >= CUT
    return Coded(
        told.select(TEXTS.keys()),
        told.select(SAID.keys()),
        proven.with_columns(pl.col("need").replace(names)),
        len(coded),
        sure,
        *_quality(held, is_true),
    )


def _told(table: pl.DataFrame, ids: pl.Series, clauses: pl.DataFrame, rules: dict[str, Rule], *, book: Codebook, lexicon: Lexicon) -> pl.DataFrame:  # fmt: skip
    """The table with text_id, the names of the needs, their polarity, and what names them."""
    moods, parts = _moods(table, clauses, rules, lexicon=lexicon)
    return table.with_columns(
        ids.gather(table["at"]).alias("text_id"),
        pl.col("need").replace({c.key: c.name for c in book.codes}),
        pl.Series("polarity", moods, dtype=pl.String),
        pl.Series("said", parts, dtype=pl.String),
    )


def rules_kept(coded: pl.DataFrame, book: Codebook, truth: Mapping[str, frozenset[str]]) -> dict[str, Rule]:  # fmt: skip
    """The rules without the words that coded texts prove wrong, see ``word_precision``.

    Parameters
    ----------
    coded : (n) text_id, text of those that people coded
    truth : text_id -> the needs (keys) they were given
    """
    rules = trees_of(book)
    given = {at: truth[text_id] for at, text_id in enumerate(coded["text_id"])}
    return pruned(rules, word_precision(clauses_of(coded["text"]), rules, truth=given)) if given else rules  # fmt: skip


def code_by_rules(
    said: pl.DataFrame, book: Codebook, rules: dict[str, Rule], *, truth: Mapping[str, frozenset[str]], lexicon: Lexicon
) -> pl.DataFrame:  # fmt: skip
    """Code some texts by rules and people alone: nothing depends on what the other texts are.

    Parameters
    ----------
    said : (n) text_id, text
    rules : see ``rules_kept``
    truth : text_id -> the needs (keys) people gave it; such a text has these and no others

    Returns
    -------
    text_id, need [name], source ["rule" | "person"], polarity: the rows that ``code_texts`` gives as
        long as no model learns from what people coded
    """
    row = {text_id: at for at, text_id in enumerate(said["text_id"]) if text_id in truth}
    clauses = clauses_of(said["text"])
    hits = _flags(raised(clauses, rules, n_texts=len(said)), [c.key for c in book.codes])
    table = _table(book, hits, hits, learned=None, sure=None)
    table = _with_people(table, row, truth={t: truth[t] for t in row})
    told = _told(table, said["text_id"], clauses, rules, book=book, lexicon=lexicon)
    return told.select("text_id", "need", "source", "polarity")


def _flags(found: pl.DataFrame, keys: Sequence[str]) -> Flags:
    """(n x n_needs) in the order of the codebook; needs without rules are never hit."""
    made = found.with_columns(pl.lit(value=False).alias(k) for k in keys if k not in found.columns)
    return made.select(keys).to_numpy() if keys else np.zeros((len(found), 0), dtype=bool)


def _learned(texts: Sequence[str], hits: Flags, *, flags: Mapping[int, Sequence[bool]], words: Words | None, seed: int) -> tuple[Learned, list[int]]:  # fmt: skip
    """What is likely, and the rows of the coded texts in the order they were given to the folds.

    ``flags`` says of the rows that people coded which needs they raise.
    """
    rows = sorted(flags)
    coded = [rows[at] for at in np.random.default_rng(seed).permutation(len(rows))]
    truth = np.array([flags[at] for at in coded]).reshape(-1, hits.shape[1]).astype(bool)
    if len(coded) < LEARN_FROM:
        return by_rules(hits, coded=coded, truth=truth), coded
    given: Features = features(texts, tag=tagger(words), is_encoded=len(texts) <= MOST_MEANT)
    return by_model(hits, given, coded=coded, truth=truth, seed=seed), coded


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


def _table(book: Codebook, hits: Flags, assigned: Flags, *, learned: Learned | None, sure: float | None) -> pl.DataFrame:  # fmt: skip
    """(n) at, need [key], source, confidence, status."""
    at, need = np.nonzero(assigned)
    confidence = learned.probability[at, need] if learned else None
    told = pl.DataFrame(
        {
            "at": at.astype(np.uint32),
            "need": [book.codes[j].key for j in need],
            "source": np.where(hits[at, need], "rule", "model").tolist(),
            "confidence": confidence,
        },
        schema={"at": pl.UInt32, "need": pl.String, "source": pl.String, "confidence": pl.Float64},
    )
    is_sure = pl.lit(value=False) if sure is None else pl.col("confidence") >= sure
    status = pl.when(is_sure).then(pl.lit(_STATUS[True])).otherwise(pl.lit(_STATUS[False]))
    return told.with_columns(status=status)


def _with_people(table: pl.DataFrame, row: Mapping[str, int], *, truth: Mapping[str, frozenset[str]]) -> pl.DataFrame:  # fmt: skip
    """Texts that people coded have their needs, and no others."""
    told = [
        (row[t], key, "person", 1.0, CODED_BY_HAND) for t, keys in truth.items() for key in keys
    ]
    mine = pl.DataFrame(told, schema=table.schema, orient="row")
    others = table.filter(~pl.col("at").is_in([row[t] for t in truth]))
    return pl.concat([others, mine]).sort("at", "need")


def _moods(table: pl.DataFrame, clauses: pl.DataFrame, rules: dict[str, Rule], *, lexicon: Lexicon) -> tuple[list[str], list[str]]:  # fmt: skip
    """The judgement of what names each need, and those parts; of the whole text where a person or the model found it."""
    found = hits_of(clauses, rules).group_by("at", "need", maintain_order=True).agg("clause")
    own = {(at, need): "\n".join(said) for at, need, said in found.iter_rows()}
    whole = dict(clauses.group_by("at").agg(pl.col("clause").str.join("\n")).iter_rows())
    named = {key: tuple(wanted(rule)) for key, rule in rules.items()}
    moods: list[str] = []
    parts: list[str] = []
    for at, need in table.select("at", "need").iter_rows():
        text, words = own.get((at, need), whole.get(at) or ""), named.get(need, ())
        moods.append(judged_about(text, words, lexicon))
        parts.append(about(text, words))
    return moods, parts
