"""Which clauses meet which rules: a rule becomes one column expression, so millions of clauses are one pass."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce
from operator import and_, or_

import polars as pl

from insight.coding.rules import Both, Either, Near, Negated, Rule, Word, parsed
from insight.schema.codebook import Codebook
from insight.text.normalize import clauses
from insight.text.plain import plain_each

CLAUSES = {"at": pl.UInt32, "clause": pl.String}
_LEAST = 4  # characters of a clause: 但是 and what follows it stand alone


def clauses_of(texts: pl.Series) -> pl.DataFrame:
    """The clauses of many texts as they are searched.

    Returns
    -------
    (n_clauses) at [row of the text], clause
    """
    cut = [clauses(text, least=_LEAST) for text in plain_each(texts)]
    told = pl.DataFrame({"clause": cut}, schema={"clause": pl.List(pl.String)})
    return told.with_row_index("at").explode("clause").select(*CLAUSES)


def met(rule: Rule) -> pl.Expr:
    """Whether the column ``clause`` meets a rule."""
    match rule:
        case Word(text):
            return pl.col("clause").str.contains(text, literal=True)
        case Near(left, right, within):
            return pl.col("clause").str.contains(near_pattern(left, right, within=within))
        case Negated(part):
            return ~met(part)
        case Both(parts):
            return reduce(and_, map(met, parts))
        case Either(parts):
            return _any(parts)


def _any(parts: Sequence[Rule]) -> pl.Expr:
    """All words of an alternative are looked for in one pass."""
    words = [part.text for part in parts if isinstance(part, Word)]
    said = [pl.col("clause").str.contains_any(words)] if words else []
    return reduce(or_, [*said, *(met(part) for part in parts if not isinstance(part, Word))])


def near_pattern(left: Sequence[str], right: Sequence[str], *, within: int) -> str:
    """A pattern: a word of each side, at most ``within`` characters between them, in any order."""
    one, other = ("|".join(re.escape(word) for word in side) for side in (left, right))
    gap = f".{{0,{within}}}"
    return f"(?s)(?:{one}){gap}(?:{other})|(?:{other}){gap}(?:{one})"


def rule_of_code(rules: Sequence[str]) -> Rule | None:
    """All rules of a need as one; None where it has none (BadRule)."""
    read = [parsed(rule) for rule in rules]
    if len(read) < 2:
        return read[0] if read else None
    flat = [part for one in read for part in (one.parts if isinstance(one, Either) else (one,))]
    return Either(tuple(flat))


def trees_of(codebook: Codebook) -> dict[str, Rule]:
    """Key of a need -> its rule, for the needs that have any (BadRule)."""
    read = {code.key: rule_of_code(code.rules) for code in codebook.codes}
    return {key: rule for key, rule in read.items() if rule is not None}


def raised(clauses: pl.DataFrame, rules: dict[str, Rule], *, n_texts: int) -> pl.DataFrame:
    """Which text raises which need by the rules.

    Parameters
    ----------
    clauses : (n_clauses) at, clause, see ``clauses_of``
    rules : key -> rule
    n_texts : how many texts there are

    Returns
    -------
    (n_texts) one Boolean column per need
    """
    everybody = pl.DataFrame({"at": range(n_texts)}, schema={"at": pl.UInt32})
    if not rules:
        return everybody.drop("at")
    found = clauses.group_by("at").agg(met(rule).any().alias(key) for key, rule in rules.items())
    return everybody.join(found, on="at", how="left").sort("at").drop("at").fill_null(value=False)


def hits(clauses: pl.DataFrame, rules: dict[str, Rule]) -> pl.DataFrame:
    """The clauses in which each need is raised: (n) at, need [key], clause."""
    parts = [
        clauses.filter(met(rule)).select("at", pl.lit(key).alias("need"), "clause")
        for key, rule in rules.items()
    ]
    empty = pl.DataFrame(schema={"at": pl.UInt32, "need": pl.String, "clause": pl.String})
    return pl.concat([empty, *parts])
