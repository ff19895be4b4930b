"""All questions against all breaks: one long table of cells with letters, arrows and indices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from insight.answers import Sample
from insight.schema import QuestionKind
from insight.stats.banner import compare, long_table
from insight.stats.cells import Counted
from insight.stats.counting import count_each
from insight.stats.letters import letter
from insight.stats.proportions import Rule
from insight.tabulation.banners import Family, parts_of
from insight.tabulation.pairing import comparisons
from insight.tabulation.people import weights_in
from insight.tabulation.stubs import Stub

CELL = (
    "row", "column", "n", "base", "effective_base", "share", "letters", "p_adjusted", "question", "break",
    "arrow", "tgi", "row_share", "share_of_ticks", "flag",
)  # fmt: skip
PAIR = ("question", "row", "break", "column", "other", "share", "other_share", "share_difference", "statistic", "p_value", "p_adjusted")  # fmt: skip
_SHARES = ("share", "other_share", "share_difference")
_KEYS = ("question", "row", "at_question", "at_row")
_ORDER = ("at_question", "at_row", "at_family")


def crossed(
    stubs: Sequence[Stub], families: Sequence[Family], *, people: Sample, rule: Rule
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Cross every question with every break it is not part of.

    Returns
    -------
    cells : (n_cells) as ``stats.banner.long_table``, with question, break, row_share [of those in all columns
        who chose the row], share_of_ticks [of all ticks of the column], is_net, is_box [a net of scores], is_silent, is_total; ordered by question, row, break and column; totals are called 总计 or, of a
        nested group, "金卡 × 总计"
    pairs : (n_comparisons) question, row, break, column [the left one], other, share, other_share,
        share_difference, statistic [z], p_value, p_adjusted
    """
    answers = [coded for stub in stubs for coded in stub.coded]
    counted = count_each(answers, [f.columns for f in families], weight=weights_in(people))
    made = [_family(stubs, f, whole, rule=rule, at=at) for at, (f, whole) in enumerate(zip(families, counted, strict=True))]  # fmt: skip
    cells, pairs = (pl.concat(part) for part in zip(*made, strict=True))
    ordered = cells.sort(*_ORDER, maintain_order=True).drop(_ORDER)
    return ordered.pipe(_with_ticks), pairs.sort(*_ORDER, maintain_order=True).select(PAIR)


def _family(
    stubs: Sequence[Stub], family: Family, whole: Counted, *, rule: Rule, at: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The cells and the comparisons of one family of columns."""
    is_own = [s.question.id not in parts_of(family.key) for s in stubs]
    own = [stub for stub, kept in zip(stubs, is_own, strict=True) if kept]
    counted = whole.kept(np.repeat(is_own, [len(s.rows) for s in stubs]))
    compared = compare(counted, rule, tables=[len(s.rows) for s in own])
    rows, names = _rows(stubs, own), family.names
    cells = long_table(counted, compared, rows=rows["row"].to_list(), columns=names, rule=rule)
    beside = rows.drop("row")[np.repeat(np.arange(len(rows)), len(names) + 1)]
    is_total = pl.Series("is_total", [True, *[False] * len(names)] * len(rows), dtype=pl.Boolean)
    known = {"break": pl.lit(family.label), "at_family": pl.lit(at), "column": pl.when(is_total).then(pl.lit(family.total)).otherwise("column")}  # fmt: skip
    wide = cells.with_columns(*beside, is_total).with_columns(**known, row_share=_of_row())
    told = comparisons(compared.pairs, counted.columns.share, rows=rows.select(_KEYS), names=names, called=_SHARES)  # fmt: skip
    return wide, told.with_columns(at_family=pl.lit(at)).with_columns(pl.lit(family.label).alias("break"))  # fmt: skip


def _rows(stubs: Sequence[Stub], own: Sequence[Stub]) -> pl.DataFrame:
    """What is known of every row of the table."""
    places = {s.question.id: at for at, s in enumerate(stubs)}
    lines = [
        (
            row,
            s.question.id,
            places[s.question.id],
            at,
            n,
            n and s.question.kind is not QuestionKind.MULTI,
            q,
            t,
        )
        for s in own
        for at, (row, n, q, t) in enumerate(zip(s.rows, s.nets, s.silent, s.ticks, strict=True))
    ]
    return pl.DataFrame(lines, schema=_ROW, orient="row")


def _of_row() -> pl.Expr:
    """The part that the people of a cell make of all who chose its row."""
    chosen = pl.col("share") * pl.col("weighted_base")
    whole = chosen.filter("is_total").first().over("question", "row")
    return pl.when(whole > 0).then(chosen / whole)


_ROW = {
    "row": pl.String, "question": pl.String, "at_question": pl.Int64, "at_row": pl.Int64,
    "is_net": pl.Boolean, "is_box": pl.Boolean, "is_silent": pl.Boolean, "is_tick": pl.Boolean,
}  # fmt: skip


def _with_ticks(cells: pl.DataFrame) -> pl.DataFrame:
    """``cells`` with the share of all ticks of the column, where a question has several answers."""
    ticks = pl.when("is_tick").then(pl.col("share") * pl.col("weighted_base"))
    whole = ticks.sum().over("question", "break", "column")
    return cells.with_columns(share_of_ticks=pl.when(whole > 0).then(ticks / whole)).drop("is_tick")


def columns_of(cells: pl.DataFrame, families: Sequence[Family]) -> pl.DataFrame:
    """The columns behind the letters, break by break.

    Returns
    -------
    (n_columns) break, column, letter ["" for totals], base, effective_base, flag: those of the row most people of
    the column were asked
    """
    heads = pl.DataFrame(list(_heads(families)), schema=["break", "column", "letter"], orient="row")
    widest = cells.sort("base", descending=True, maintain_order=True).unique(["break", "column"], keep="first", maintain_order=True)  # fmt: skip
    kept = widest.select("break", "column", "base", "effective_base", "flag")
    return heads.join(kept, on=("break", "column"), how="left", maintain_order="left")


def _heads(families: Sequence[Family]) -> Iterator[tuple[str, str, str]]:
    for family in families:
        yield family.label, family.total, ""
        yield from ((family.label, n, letter(at)) for at, n in enumerate(family.names))
