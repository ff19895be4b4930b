"""One stub against one banner: who chose what in which column, and where that is significant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from insight.stats.cells import Cells, Coded, Columns, Counted
from insight.stats.counting import count
from insight.stats.letters import columns_below, letter
from insight.stats.pairs import Pairs, compare_shares, in_families, letters_of, smallest_p
from insight.stats.proportions import Floats, Rule, pooled_z, two_sided
from insight.wording import percent

TOTAL = "总计"
SUPPRESSED, SMALL = "—", "*"
UP, DOWN = "↑", "↓"


@dataclass(frozen=True, slots=True)
class Compared:
    """What the tests say of the cells of one break; arrays of (n_rows, n_columns), NaN = not tested.

    Attributes
    ----------
    pairs : every two columns
    letters : (n_rows, n_columns) the columns below
    p_adjusted : the smallest of the cell's comparisons with the other columns
    rest_share, rest_p, rest_adjusted : against everybody of the break who is not in the column
    """

    pairs: Pairs
    letters: list[list[str]]
    p_adjusted: Floats
    rest_share: Floats
    rest_p: Floats
    rest_adjusted: Floats


def compare(counted: Counted, rule: Rule, *, tables: Sequence[int] = ()) -> Compared:
    """Test every two columns, and every cell against the rest, in all rows at once.

    Parameters
    ----------
    tables : where rows of several tables are given, the number of rows of each
    """
    cells, rest = counted.columns, counted.rest
    shown, others = cells.base >= rule.tiny_base, rest.base >= rule.tiny_base
    shares, bases = basis_of(cells, rule)
    overlap = counted.overlap if rule.mode == "default" else None
    pairs = compare_shares(shares, bases, tested=shown, rule=rule, overlap=overlap, tables=tables)
    z = pooled_z(shares, bases, against=basis_of(rest, rule))
    rest_p = two_sided(np.where(shown & others, z, np.nan))
    n_columns = cells.n.shape[1]
    return Compared(
        pairs,
        letters_of(pairs, n_columns=n_columns, rule=rule),
        smallest_p(pairs, n_columns=n_columns),
        np.where(shown & others, rest.share, np.nan),
        rest_p,
        in_families(rest_p, rule=rule, tables=tables),
    )


def basis_of(cells: Cells, rule: Rule) -> tuple[Floats, Floats]:
    """The shares and the bases that a test uses: effective bases, or SPSS's rounded weighted counts."""
    if rule.mode == "default":
        return cells.share, cells.effective_base
    n, base = (np.floor(a + 0.5) for a in (cells.weighted_n, cells.weighted_base))
    return np.divide(n, base, out=np.full(base.shape, np.nan), where=base > 0), base


def long_table(
    counted: Counted, compared: Compared, *, rows: Sequence[str], columns: Sequence[str], rule: Rule
) -> pl.DataFrame:
    """The cells of one break one below the other, the total of each row first.

    Returns
    -------
    (n_rows x (1 + n_columns)) row, column, n, base [unweighted counts], weighted_base, effective_base,
        share [weighted, 0..1; null where suppressed], letters, p_adjusted [smallest of the cell's comparisons],
        flag ["" | "*" | "—"], rest_share, share_difference, p_value, rest_p_adjusted [against the rest],
        tgi [100 x share / total], arrow ["↑" | "↑↑" | "↓" | "↓↓" | ""]
    """
    heads = [TOTAL, *columns]
    parts = [counted.total, counted.columns]
    joined = {name: np.hstack([getattr(p, name) for p in parts]).ravel() for name in _COUNTED}
    total = np.where(counted.total.share > 0, counted.total.share, np.nan)
    tests = {
        "p_adjusted": compared.p_adjusted,
        "rest_share": compared.rest_share,
        "share_difference": counted.columns.share - compared.rest_share,
        "p_value": compared.rest_p,
        "rest_p_adjusted": compared.rest_adjusted,
        "tgi": 100 * counted.columns.share / total,
    }
    blank = np.full((len(rows), 1), np.nan)
    return (
        pl.DataFrame({
            "row": np.repeat(np.array(rows, dtype=object), len(heads)), "column": heads * len(rows),
            **joined, **{name: np.hstack([blank, values]).ravel() for name, values in tests.items()},
            "letters": [mark for line in compared.letters for mark in ("", *line)],
        }, schema=_LONG)
        .with_columns(pl.col(pl.Float64).fill_nan(None), arrow=arrow("share_difference", "rest_p_adjusted", rule=rule))
        .pipe(flagged, rule=rule, hidden=("share", "tgi"))
    )  # fmt: skip


_COUNTED = ("n", "base", "weighted_base", "effective_base", "share")
_LONG = {
    "row": pl.String, "column": pl.String, "n": pl.Int64, "base": pl.Int64, "weighted_base": pl.Float64,
    "effective_base": pl.Float64, "share": pl.Float64, "p_adjusted": pl.Float64, "rest_share": pl.Float64,
    "share_difference": pl.Float64, "p_value": pl.Float64, "rest_p_adjusted": pl.Float64, "tgi": pl.Float64, "letters": pl.String,
}  # fmt: skip


def arrow(difference: str, p_value: str, *, rule: Rule) -> pl.Expr:
    """Which way a cell differs from the rest: one arrow at the first level, two at the second."""
    p, up = pl.col(p_value), pl.col(difference) > 0
    mark = pl.when(up).then(pl.lit(UP)).otherwise(pl.lit(DOWN))
    found = pl.when(p <= min(rule.levels)).then(mark + mark).when(p <= max(rule.levels)).then(mark)
    return found.otherwise(pl.lit(""))


def tabulate(
    chosen: pl.DataFrame, *, column: pl.Series, columns: Sequence[str], weight: pl.Series, rule: Rule
) -> pl.DataFrame:  # fmt: skip
    """Cross what every unit chose with the column it belongs to.

    Parameters
    ----------
    chosen : (n_units x n_rows) Boolean, one column per row of the table; null = not asked
    column : (n_units) the banner column of each unit; null = outside the table
    columns : the banner's columns in display order, also those that hold nobody
    weight : (n_units) positive numbers; all 1 where the data are not weighted
    rule : how columns are compared and which bases are too small

    Returns
    -------
    as ``long_table``
    """
    order = weight.arg_sort()  # sums of fractions must not depend on the order of the rows
    places = codes_of(column.gather(order), columns)
    counted = count(
        ticks_of(chosen, order), Columns(places, len(columns)), weight=_plain(weight, order)
    )
    return long_table(counted, compare(counted, rule), rows=chosen.columns, columns=columns, rule=rule)  # fmt: skip


def count_choices(chosen: pl.DataFrame, *, weight: pl.Series) -> pl.DataFrame:
    """Count who was asked and who chose, for every row.

    Returns
    -------
    (n_rows) row, n, base [unweighted], weighted_base, effective_base, share [weighted; null where nobody
        was asked]
    """
    order = weight.arg_sort()
    everybody = Columns(np.zeros(len(order), dtype=np.intp), 1)
    cells = count(ticks_of(chosen, order), everybody, weight=_plain(weight, order)).columns
    counted = {name: getattr(cells, name).ravel() for name in _COUNTED}
    schema = {name: _LONG[name] for name in ("row", *_COUNTED)}
    return pl.DataFrame({"row": chosen.columns, **counted}, schema=schema).with_columns(pl.col("share").fill_nan(None))  # fmt: skip


def ticks_of(chosen: pl.DataFrame, order: pl.Series | None = None) -> list[Coded]:
    """Boolean columns as codes, each a row of its own: 0 = not, 1 = chosen, 2 = outside the base."""
    row = np.array([[False, True]])
    columns = chosen.get_columns() if order is None else [s.gather(order) for s in chosen]
    return [Coded(s.cast(pl.Int64).fill_null(2).to_numpy(), row) for s in columns]


def codes_of(words: pl.Series, known: Sequence[str]) -> NDArray[np.intp]:
    """The place of each word in ``known`` (all different); their number where it is none of them."""
    if not known:
        return np.zeros(len(words), dtype=np.intp)
    found = words.cast(pl.String).cast(pl.Enum(known), strict=False).to_physical()
    return found.cast(pl.Int64).fill_null(len(known)).to_numpy()


def _plain(weight: pl.Series, order: pl.Series) -> Floats | None:
    """The weights in order; None where all are 1, which is counted faster."""
    return None if (weight == 1).all() else weight.gather(order).to_numpy()


def flagged(cells: pl.DataFrame, *, rule: Rule, hidden: Sequence[str] = ("share",)) -> pl.DataFrame:
    """Mark small bases and hide the figures of tiny ones.

    Parameters
    ----------
    cells : base, the columns to hide, letters where there are any, and any other columns

    Returns
    -------
    the same with flag ["" | "*" | "—"]; where the flag is "—" the hidden columns are null and the letters "—".
    """
    tiny, small = pl.col("base") < rule.tiny_base, pl.col("base") < rule.small_base
    mark = pl.when(small).then(pl.lit(SMALL)).otherwise(pl.lit(""))
    struck = pl.when(tiny).then(pl.lit(SUPPRESSED)).otherwise("letters").alias("letters")
    return cells.with_columns(
        *(pl.when(~tiny).then(name).alias(name) for name in hidden),
        *((struck,) if "letters" in cells.columns else ()),
        flag=pl.when(tiny).then(pl.lit(SUPPRESSED)).otherwise(mark),
    )


def column_table(cells: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The columns behind the letters: what each is called and how many people it holds.

    Returns
    -------
    (1 + n_columns) column, letter ["" for TOTAL], base, effective_base, flag: those of the row most
    people of the column were asked
    """
    letters = {TOTAL: "", **{name: letter(at) for at, name in enumerate(columns)}}
    names = pl.DataFrame({"column": list(letters), "letter": list(letters.values())})
    widest = cells.sort("base", descending=True, maintain_order=True).unique("column", keep="first", maintain_order=True)  # fmt: skip
    kept = widest.select("column", "base", "effective_base", "flag")
    return names.join(kept, on="column", how="left", maintain_order="left")


def headings(columns: Sequence[str]) -> dict[str, str]:
    """Each column's name with its letter behind it, for the head of a picture: 金卡（A）."""
    return {name: f"{name}（{letter(at)}）" for at, name in enumerate(columns)}


def higher_pairs(letters: pl.Series, *, n_columns: int) -> Iterator[tuple[int, int]]:
    """Row numbers (higher cell, lower cell) behind every letter of a table made by ``tabulate``."""
    for at, named in enumerate(letters):
        first = at - at % (n_columns + 1)  # the total of the same row
        yield from ((at, first + 1 + lower) for lower in columns_below(named, n_columns))


def cell_words(cells: pl.DataFrame) -> pl.Series:
    """What a cell of a picture says: "29.4% bC", "—" where it is suppressed."""
    told = cells.select("share", "letters", "^arrow$").iter_rows(named=True)
    words = [cell_word(row) for row in told]
    return pl.Series("words", words, dtype=pl.String)


def cell_word(cell: Mapping[str, object]) -> str:
    """Share, letters and arrow of one cell, as far as they are there: "29.4% bC ↑"."""
    share = cell["share"]
    if not isinstance(share, float):
        return SUPPRESSED
    return " ".join(filter(None, (percent(share), str(cell["letters"]), str(cell.get("arrow") or ""))))  # fmt: skip
