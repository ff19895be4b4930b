"""How good the coding is: precision and recall on a random sample that people checked, and how they agree."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import polars as pl

from insight.schema.codebook import Codebook
from insight.stats.proportions import wilson

ALL = "全部需求"
AUDIT = {
    "need": pl.String, "n": pl.Int64, "n_given": pl.Int64, "n_right": pl.Int64, "precision": pl.Float64,
    "precision_low": pl.Float64, "precision_high": pl.Float64, "n_true": pl.Int64, "recall": pl.Float64,
    "recall_low": pl.Float64, "recall_high": pl.Float64, "kappa": pl.Float64, "n_twice": pl.Int64,
}  # fmt: skip


def audited(
    given: Mapping[str, frozenset[str]],
    checked: Mapping[str, frozenset[str]],
    book: Codebook,
    *,
    codes: pl.DataFrame | None,
) -> pl.DataFrame:
    """Compare what the tool says with what people say of the same random texts.

    Parameters
    ----------
    given : text_id -> keys, by the tool, of every checked text
    checked : text_id -> keys, by people who did not see them
    codes : all codes of people, for their agreement

    Returns
    -------
    (1 + n_needs) columns of AUDIT, all needs together first: n [texts checked], n_given [codes of the
        tool], n_right, precision and recall with their 95 % Wilson interval (null where nothing was given,
        or nothing was there), n_true [codes of people], kappa [two people, chance taken off; null where
        nobody coded the same text], n_twice [pairs of people and texts behind it]
    """
    pairs = _pairs(codes)
    rows = []
    for name, keys in [(ALL, [c.key for c in book.codes])] + [
        (c.name, [c.key]) for c in book.codes
    ]:
        tool = np.array([k in given.get(t, ()) for t in sorted(checked) for k in keys], dtype=bool)
        person = np.array([k in checked[t] for t in sorted(checked) for k in keys], dtype=bool)
        right = int((tool & person).sum())
        rows.append((name, len(checked), int(tool.sum()), right, *_rate(right, int(tool.sum())), int(person.sum()), *_rate(right, int(person.sum())), _kappa(pairs, keys), len(pairs)))  # fmt: skip
    return pl.DataFrame(rows, schema=AUDIT, orient="row")


def _rate(n: int, base: int) -> tuple[float | None, float | None, float | None]:
    if base == 0:
        return None, None, None
    low, high = wilson(np.array([n / base]), np.array([float(base)]))
    return n / base, float(low[0]), float(high[0])


def _pairs(codes: pl.DataFrame | None) -> list[tuple[frozenset[str], frozenset[str]]]:
    """What two people say of one text, for every two of them."""
    if codes is None:
        return []
    newest = codes.sort("text_id", "coder", "purpose").unique(("text_id", "coder"), keep="first", maintain_order=True)  # fmt: skip
    told = newest.group_by("text_id", maintain_order=True).agg("needs")["needs"].to_list()
    return [(frozenset(a), frozenset(b)) for said in told for a, b in combinations(said, 2)]


def _kappa(pairs: list[tuple[frozenset[str], frozenset[str]]], keys: list[str]) -> float | None:
    """Cohen's kappa over all decisions yes or no; null where everybody says the same of everything."""
    if not pairs:
        return None
    one = np.array([k in a for a, _ in pairs for k in keys], dtype=float)
    other = np.array([k in b for _, b in pairs for k in keys], dtype=float)
    by_chance = one.mean() * other.mean() + (1 - one.mean()) * (1 - other.mean())
    return None if by_chance == 1 else float(((one == other).mean() - by_chance) / (1 - by_chance))
