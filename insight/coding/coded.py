"""Every text with its needs: as a person coded it, else as rules and, once enough is coded, a model say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from insight.coding.coder import Coder, flags_of
from insight.coding.features import features
from insight.coding.learning import CUT, Flags, likely
from insight.coding.matching import clauses_of, raised
from insight.coding.matching import hits as hits_of
from insight.coding.rules import Rule, wanted
from insight.schema.codebook import Codebook
from insight.sentiment.measures import about, judged_about
from insight.sentiment.scoring import Lexicon
from insight.text.tokenize import Tagger
from insight.text.vectors import Floats

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
    coder : who found them, and how well
    """

    texts: pl.DataFrame
    said: pl.DataFrame
    coder: Coder


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


def code_with(coder: Coder, said: pl.DataFrame, *, lexicon: Lexicon, tag: Tagger | None) -> Coded:
    """Code texts as the coder learnt it: all at once or batch by batch, the rows are the same.

    Parameters
    ----------
    said : (n) text_id, text
    lexicon : what praises and blames
    tag : cuts words, with those of the study; None where no model asks for them
    """
    row = {text_id: at for at, text_id in enumerate(said["text_id"]) if text_id in coder.truth}
    clauses, book = clauses_of(said["text"]), coder.book
    hits = flags_of(raised(clauses, coder.rules, n_texts=len(said)), [c.key for c in book.codes])
    chance = _chance(coder, hits, said["text"].to_list(), tag=tag)
    assigned = hits if chance is None or not coder.has_model else chance >= CUT
    table = _table(book, hits, assigned, chance=chance, sure=coder.sure_from)
    table = _with_people(table, row, truth={t: coder.truth[t] for t in row})
    told = _told(table, said["text_id"], clauses, coder.rules, book=book, lexicon=lexicon)
    return Coded(told.select(TEXTS.keys()), told.select(SAID.keys()), coder)


def _chance(coder: Coder, hits: Flags, texts: list[str], *, tag: Tagger | None) -> Floats | None:
    """How likely each text raises each need; None where nobody coded anything."""
    if coder.taught is None:
        return None
    reader = coder.taught.reader
    given = features(texts, reader, tag=tag) if reader and tag else None
    return likely(coder.taught.learned.judge, hits, given)


def _told(table: pl.DataFrame, ids: pl.Series, clauses: pl.DataFrame, rules: dict[str, Rule], *, book: Codebook, lexicon: Lexicon) -> pl.DataFrame:  # fmt: skip
    """The table with text_id, the names of the needs, their polarity, and what names them."""
    moods, parts = _moods(table, clauses, rules, lexicon=lexicon)
    return table.with_columns(
        ids.gather(table["at"]).alias("text_id"),
        pl.col("need").replace({c.key: c.name for c in book.codes}),
        pl.Series("polarity", moods, dtype=pl.String),
        pl.Series("said", parts, dtype=pl.String),
    )


def _table(book: Codebook, hits: Flags, assigned: Flags, *, chance: Floats | None, sure: float | None) -> pl.DataFrame:  # fmt: skip
    """(n) at, need [key], source, confidence, status."""
    at, need = np.nonzero(assigned)
    confidence = None if chance is None else chance[at, need]
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
