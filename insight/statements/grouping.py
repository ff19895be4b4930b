"""Statements of many texts, and how many people make each: grouped by the noun they are about."""

from __future__ import annotations

import polars as pl

from insight.schema.lexicon import Lexicon as Words
from insight.sentiment.scoring import Lexicon
from insight.statements.patterns import statements
from insight.statements.ways import ADVICE, IF_ONLY, PATTERNS, WISH
from insight.text.plain import plain_each
from insight.text.stopwords import stop_words
from insight.text.tokenize import Tagger, tagger

WANTED, COMPLAINED = "期望", "不满"
SIDES = {name: WANTED if name in (WISH, ADVICE, IF_ONLY) else COMPLAINED for name in PATTERNS}
FOUND = dict.fromkeys(("text_id", "person", "text", "pattern", "verb", "object", "statement"), pl.String)  # fmt: skip
_N_EXAMPLES, _SEPARATOR = 3, "、"
_HANDY = (12, 60)  # characters of a quote


def whole_tagger(words: Words) -> Tagger:
    """A tagger with the words of a study that leaves no word out but those the study itself stops."""
    return tagger(words.model_copy(update={"kept_words": (*words.kept_words, *stop_words())}))


def statements_of(said: pl.DataFrame, *, tag: Tagger, lexicon: Lexicon) -> pl.DataFrame:
    """The needs that people state.

    Parameters
    ----------
    said : (n_texts) text_id, text, person

    Returns
    -------
    (n_statements) text_id, person, text, pattern, verb, object, statement: in the order of the texts,
        each statement of a text once
    """
    plain = plain_each(said["text"])
    rows = [
        (*who, one.pattern, one.verb, one.object, one.statement)
        for who, text in zip(said.select("text_id", "person", "text").iter_rows(), plain, strict=True)
        for one in statements(text, tag=tag, lexicon=lexicon)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=FOUND, orient="row")


def needs_of(found: pl.DataFrame, *, least: int) -> pl.DataFrame:
    """What at least ``least`` people state, the objects that most people speak of first.

    Returns
    -------
    (n_needs) object, statement [as it is said most often], aim, patterns, verb, n_people, n_mentions,
        quote, example_ids; one row for each object and what shall be done with it, or is wrong with it
    """
    grouped = found.with_columns(
        aim=pl.col("pattern").replace_strict(SIDES, return_dtype=pl.String)
    ).group_by("object", "verb", "aim")
    counted = grouped.agg(
        pl.col("statement").sort_by(pl.col("statement").str.len_chars(), "statement").mode(maintain_order=True).first(),
        pl.col("pattern").unique().sort().str.join(_SEPARATOR).alias("patterns"),
        pl.col("person").n_unique().cast(pl.Int64).alias("n_people"),
        pl.len().cast(pl.Int64).alias("n_mentions"),
        _quote().alias("quote"),
        pl.col("text_id").unique().sort().head(_N_EXAMPLES).str.join(_SEPARATOR).alias("example_ids"),
    ).filter(pl.col("n_people") >= least)  # fmt: skip
    of_object = found.group_by("object").agg(pl.col("person").n_unique().alias("of_object"))
    ranked = counted.join(of_object, on="object").sort(
        "of_object", "object", "n_people", "verb", "aim", descending=[True, False, True, False, False]
    )  # fmt: skip
    return ranked.select("object", "statement", "aim", "patterns", "verb", "n_people", "n_mentions", "quote", "example_ids")  # fmt: skip


def objects_of(found: pl.DataFrame, needs: pl.DataFrame, *, n_people: int) -> pl.DataFrame:
    """How many people want something of each object, or find something wrong with it.

    Parameters
    ----------
    needs : see ``needs_of``; objects without one are left out
    n_people : who said anything

    Returns
    -------
    (n_objects) object, n_people, base, share, n_wanted, n_complained [people], statements [the first three]
    """
    wants = pl.col("pattern").replace_strict(SIDES, return_dtype=pl.String) == WANTED
    person = pl.col("person")
    told = needs.group_by("object", maintain_order=True).agg(
        pl.col("statement").unique(maintain_order=True).head(_N_EXAMPLES).str.join(_SEPARATOR).alias("statements")
    )  # fmt: skip
    counted = found.group_by("object").agg(
        person.n_unique().cast(pl.Int64).alias("n_people"),
        person.filter(wants).n_unique().cast(pl.Int64).alias("n_wanted"),
        person.filter(~wants).n_unique().cast(pl.Int64).alias("n_complained"),
    )
    joined = told.join(counted, on="object", how="left", maintain_order="left")
    return joined.with_columns(
        base=pl.lit(n_people, dtype=pl.Int64), share=pl.col("n_people") / n_people
    ).select("object", "n_people", "base", "share", "n_wanted", "n_complained", "statements")


def _quote() -> pl.Expr:
    """The first text of a handy length in the order of its ids; else the shortest."""
    size = pl.col("text").str.len_chars()
    is_handy = size.is_between(*_HANDY)
    return pl.col("text").sort_by(~is_handy, pl.when(~is_handy).then(size), "text_id").first()
