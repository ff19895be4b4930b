"""Words of a codebook that the coded answers prove wrong: found, and left out of the rules."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from insight.coding.rules import Rule, wanted, without

Flags = NDArray[np.bool_]
LEAST_PRECISION, _LEAST_HITS, _PRIOR = 0.4, 2, 1.0  # prior: one hit, right in half of the cases
WORDS = {"need": pl.String, "word": pl.String, "n": pl.Int64, "n_right": pl.Int64, "precision": pl.Float64, "is_kept": pl.Boolean}  # fmt: skip


def word_precision(
    clauses: pl.DataFrame, rules: Mapping[str, Rule], *, truth: Mapping[int, frozenset[str]]
) -> pl.DataFrame:
    """How often each word of the codebook stands in an answer that was coded with its need.

    Parameters
    ----------
    clauses : (n_clauses) at, clause
    rules : key of the need -> rule
    truth : row of a coded text -> the needs it was given

    Returns
    -------
    (n_words) need, word, n [coded texts that say it], n_right [of these, coded with the need],
        precision [(n_right + .5) / (n + 1)], is_kept
    """
    coded = clauses.filter(pl.col("at").is_in(list(truth))).rows()
    rows = []
    for key, rule in rules.items():
        for word in dict.fromkeys(wanted(rule)):
            said = {at for at, clause in coded if word in clause}
            right = sum(key in truth[at] for at in said)
            precision = (right + _PRIOR / 2) / (len(said) + _PRIOR)
            is_kept = len(said) < _LEAST_HITS or precision >= LEAST_PRECISION
            rows.append((key, word, len(said), right, precision, is_kept))
    return pl.DataFrame(rows, schema=WORDS, orient="row")


def pruned(rules: Mapping[str, Rule], words: pl.DataFrame) -> dict[str, Rule]:
    """The rules without the words that are not kept; a rule that would lose all of them stays whole."""
    gone: dict[str, set[str]] = {}
    for need, word in words.filter(~pl.col("is_kept")).select("need", "word").iter_rows():
        gone.setdefault(need, set()).add(word)
    return {key: without(rule, frozenset(gone.get(key, ()))) or rule for key, rule in rules.items()}
