"""Which rows of a result table tell of a handful of people, read off its counts, its names and its sums."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from insight.disclosure.cells import Cells, Sum, protected

PEOPLE = (
    "n", "n_customers", "n_people", "n_respondents", "n_active", "n_new", "n_returning", "n_only", "n_repeat_customers",
    "n_mature", "n_again", "n_again_full", "n_fallen", "n_flagged", "n_doubtful", "n_unclear", "n_so_far", "n_shared",
    "n_observed", "n_wanted", "n_complained", "n_raised", "n_silent", "n_at_risk", "n_away", "n_back", "n_buyers", "n_survey", "n_rated_low", "n_rated_high", "n_touched", "n_held_out", "n_both", "n_reverse",
    "n_lost", "n_hits", "n_adopters", "n_first", "n_second", "n_counted", "base_rest",
)  # fmt: skip
"""Columns that count people; what happens from one day of a curve to the next is a step of the curve, no cell."""
KANO = ("m", "o", "a", "i", "r", "q")
PARTS = (
    "top2_share", "bottom2_share", "promoter_share", "passive_share", "detractor_share", "any_share", "kept_rate", "up_rate",
    "down_rate", "gone_rate", "only_share", "doubtful_share",
)  # fmt: skip
"""Shares of a base, which with it tell how many people these are; hidden together, the row stays."""
PERSONS = frozenset({"customer_id", "respondent_id", "text_id"})  # tables with these list people
TOTALS = frozenset({"总计", "全部", "合计", "全体"})
BASES = ("base", "effective_base", "weighted_base")
_PLACES = frozenset({  # of a course, whose people are not added up
    "period", "step", "size", "rank", "topic", "community", "decile", "days_after", "days", "line",
})  # fmt: skip
_KEPT = (
    "question",
    "break",
    "source",
    "grid",
    "measure",
    "kind",
)  # blocks of a table, never summed over
_TOLD = frozenset({
    "letters", "mean_letters", "arrow", "reading", "flag", "effect_size", "verdict", "letter", "sources", "stake_note",
    "category_name", "runner_up", "lead", "doubtful_share", "wording", "statements", "example_ids", "quote",
})  # fmt: skip
"""Words that are worked out from the figures of their row."""


class Hidden(NamedTuple):
    """What is to be hidden of a table.

    Attributes
    ----------
    rows, bases, parts : (n_rows) whether a row, its base, or how it divides into parts is hidden
    names : the columns that name a row
    """

    rows: Cells
    bases: Cells
    parts: Cells
    names: tuple[str, ...]

    @property
    def n(self) -> int:
        """How many rows lose figures."""
        return int((self.rows | self.parts).sum())


def hidden(table: pl.DataFrame, *, fewest: int, tiny: int) -> Hidden:
    """The rows that tell of 1 to ``fewest`` - 1 people, those that would give them away, and those on a tiny base.

    A table that lists people has none: it leaves by another right.
    """
    names, none = names_of(table), np.zeros(table.height, dtype=bool)
    if PERSONS & set(table.columns) or table.is_empty():
        return Hidden(none, none, none, names)
    ids, bases = _bases(table, names)
    sums = [*_sums(table.select(names), names, _whole(table, names)), *_sums_of_bases(table, names, ids)]  # fmt: skip

    def spread(counted: Iterable[list[int]], mask: Cells) -> Cells:
        for people in counted:
            counts = [*people, *bases]
            true = [one for one in sums if _is_true(one, counts)]
            true += _of_bases(table, names, ids, people)
            mask = protected(counts, true, fewest=fewest, hidden=mask)
            mask[: table.height] |= mask[table.height :][ids] if bases else none
        return mask

    mask = spread(_counts(table), np.zeros(table.height + len(bases), dtype=bool))
    parts = spread(_parts(table), mask)
    small = _below(table, tiny) if bases else none
    lost = mask[table.height :][ids] if bases else none
    return Hidden(mask[: table.height] | small, lost, parts[: table.height], names)


def _below(table: pl.DataFrame, tiny: int) -> Cells:
    base = table["base"].fill_null(0)
    found: Cells = ((base > 0) & (base < tiny)).to_numpy()
    return found


def blanked(table: pl.DataFrame, what: Hidden) -> pl.DataFrame:
    """The table without the figures of hidden rows, and the words that were worked out from them."""
    if not what.n:
        return table
    rows, bases, parts = (pl.lit(pl.Series(one)) for one in (what.rows, what.bases, what.parts))
    whole = [c for c, kind in table.schema.items() if c not in (*what.names, *BASES, "flag") and (kind.is_numeric() or kind == pl.Boolean or c in _TOLD)]  # fmt: skip
    split = [c for c in whole if c in (*PARTS, *KANO)]
    flag = [pl.when(rows).then(pl.lit("—")).otherwise("flag").alias("flag")] if "flag" in table.columns else []  # fmt: skip
    return table.with_columns(
        *(pl.when(~rows).then(pl.col(c)).alias(c) for c in whole if c not in split),
        *(pl.when(~(rows | parts)).then(pl.col(c)).alias(c) for c in split),
        *(pl.when(~bases).then(pl.col(c)).alias(c) for c in BASES if c in table.columns),
        *flag,
    )


def names_of(table: pl.DataFrame) -> tuple[str, ...]:
    """The fewest of the first columns of words, days and places that tell every row from the others."""
    names = [c for c, kind in table.schema.items() if c not in _TOLD and (kind == pl.String or kind.is_temporal() or c in _PLACES)]  # fmt: skip
    for name in reversed(names):
        others = [one for one in names if one != name]
        if name not in _KEPT and others and not table.select(others).is_duplicated().any():
            names = others
    return tuple(names)


def _counts(table: pl.DataFrame) -> list[list[int]]:
    """Every column that counts people; without any the base alone does."""
    found = [c for c in PEOPLE if c in table.columns] or [
        c for c in ("base",) if c in table.columns
    ]
    return [_people(table[c]) for c in found]


def _parts(table: pl.DataFrame) -> list[list[int]]:
    """The people in each part that a row divides into."""
    base = next((table[c] for c in ("base", "n_customers", "n") if c in table.columns), None)
    shares = [] if base is None else [table[c] * base for c in PARTS if c in table.columns]
    kano = [table[c] for c in KANO if set(KANO) <= set(table.columns)]
    return [_people(one) for one in (*kano, *shares)]


def _people(column: pl.Series) -> list[int]:
    return [round(n) for n in column.cast(pl.Float64).fill_nan(None).fill_null(0)]


def _bases(table: pl.DataFrame, names: Sequence[str]) -> tuple[list[int], list[int]]:
    """Which base each row stands on, and the bases: one for all rows that differ in a single name only."""
    if "base" not in table.columns:
        return [0] * table.height, []
    around = _whole(table, names)
    context = [name for name in names if name != around]
    keys = _keys(table, context) if around else [(at,) for at in range(table.height)]
    place = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    ids = [place[key] for key in keys]
    found = dict(zip(ids, table["base"].fill_null(0), strict=True))
    return ids, [found[i] for i in range(len(place))]


def _keys(table: pl.DataFrame, names: Sequence[str]) -> list[tuple[object, ...]]:
    return table.select(names).rows() if names else [()] * table.height


def _whole(table: pl.DataFrame, names: Sequence[str]) -> str:
    """The name along which the base stays the same: answers to one question, say; "" where there is none."""
    if "base" not in table.columns:
        return ""
    for name in names:
        others = [one for one in names if one != name]
        of = table.group_by(others) if others else table.group_by(pl.lit(value=True))
        sizes = of.agg(n=pl.col("base").n_unique(), rows=pl.len())
        if name not in _KEPT and (sizes["n"] == 1).all() and (sizes["rows"] > 1).any():
            return name
    return ""


def _sums(keys: pl.DataFrame, names: Sequence[str], whole: str, *, first: int = 0) -> Iterator[Sum]:
    """Along every name: the rows that share all others add up to their total, else to what everybody knows."""
    at = keys.with_row_index("at", offset=first)
    for name in names:
        if name in (*_KEPT, *_PLACES, whole):
            continue
        others = [pl.col(one) for one in names if one != name] or [pl.lit(value=True)]
        is_total = pl.col(name).cast(pl.String).is_in(list(TOTALS))
        found = at.group_by(others, maintain_order=True).agg(parts=pl.col("at").filter(~is_total), totals=pl.col("at").filter(is_total))  # fmt: skip
        for parts, totals in found.select("parts", "totals").iter_rows():
            if len(parts) > 1 or (parts and totals):
                yield Sum(tuple(parts), totals[0] if len(totals) == 1 else None)


def _sums_of_bases(table: pl.DataFrame, names: Sequence[str], ids: Sequence[int]) -> Iterator[Sum]:
    """The same of the bases, each of which stands once."""
    around = _whole(table, names)
    context = [name for name in names if name != around]
    if around and context:
        once = table.select(context).with_columns(id=pl.Series(ids)).unique("id").sort("id")
        yield from _sums(once.drop("id"), context, "", first=table.height)


def _of_bases(table: pl.DataFrame, names: Sequence[str], ids: Sequence[int], people: Sequence[int]) -> list[Sum]:  # fmt: skip
    """Where the rows on one base add up to it."""
    if not _whole(table, names):
        return []
    frame = pl.DataFrame(
        {"id": ids, "n": people, "base": table["base"].fill_null(0)}
    ).with_row_index("at")
    found = frame.group_by("id", maintain_order=True).agg(
        "at", pl.col("n").sum(), pl.col("base").first()
    )
    return [Sum(tuple(at), table.height + i) for i, at, n, base in found.iter_rows() if n == base and len(at) > 1]  # fmt: skip


def _is_true(one: Sum, counts: Sequence[int]) -> bool:
    """Whether the counts add up as they may; what has no total of its own is taken to do so."""
    return one.total is None or sum(counts[at] for at in one.parts) == counts[one.total]
