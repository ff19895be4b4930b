"""Coding rules tried on the texts of a study while they are written, as expressions or as rows of words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from insight.coding.building import HOW_LABELS, How, Row, expression, listed, rows_of
from insight.coding.matching import clauses_of, hits
from insight.coding.rules import parsed, wanted
from insight.errors import BadRule
from insight.pipeline.apart import apart
from insight.pipeline.joined import load
from insight.study import Study
from insight.voices import voices

RULE_ROWS, RuleRow = HOW_LABELS, Row


@dataclass(frozen=True, slots=True)
class Searchable:
    """The texts of a study, ready for rules to be tried on.

    Attributes
    ----------
    texts : (n) text_id, text [masked], person
    clauses : (n_clauses) at [row of the text], clause
    """

    texts: pl.DataFrame
    clauses: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Hits:
    """What a rule finds.

    Attributes
    ----------
    n, base : texts that meet it, of how many
    n_people : who say so
    words : what the rule looks for; to be marked in the examples
    examples : some of the texts
    """

    n: int
    base: int
    n_people: int
    words: tuple[str, ...]
    examples: tuple[str, ...]


@apart("读取文本")
def searchable(study: Study) -> Searchable:
    """The texts of the newest revision (MissingColumns)."""
    said = voices(load(study))
    return Searchable(said, clauses_of(said["text"]))


def try_rule(rule: str, within: Searchable, *, most: int = 8) -> Hits:
    """What a rule finds in the texts; nothing is changed (BadRule)."""
    tree = parsed(rule)
    rows = hits(within.clauses, {"": tree})["at"].unique().sort()
    found = within.texts[rows.to_list()]
    examples = tuple(found["text"].unique(maintain_order=True).head(most))
    return Hits(
        len(found), len(within.texts), found["person"].n_unique(), tuple(wanted(tree)), examples
    )


def rule_rows(rule: str) -> tuple[Row, ...] | None:
    """A rule as rows of words, to be edited line by line; none for an empty one.

    Returns
    -------
    None where only an expression can say it, or where it cannot be read.
    """
    if not rule.strip():
        return ()
    try:
        return rows_of(parsed(rule))
    except BadRule:
        return None


def rule_of_rows(rows: Sequence[tuple[How, str, str, int]]) -> str:
    """The expression of rows as people fill them in; rows that still lack a word are left out.

    Parameters
    ----------
    rows : how, words [as people list them], words of the other side and characters between [of "near"]
    """
    made = [Row(how, listed(words), listed(other), within) for how, words, other, within in rows]  # fmt: skip
    return expression([row for row in made if row.words and (row.how != "near" or row.other)])
