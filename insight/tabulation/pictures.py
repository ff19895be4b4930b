"""Heat maps of a book of tables: the shares of every question, and the indices of the first."""

from __future__ import annotations

import altair as alt
import polars as pl

from insight import charts
from insight.stats.banner import TOTAL, cell_words

MOST_ROWS, MOST_CHARTS, MOST_CELLS = 40, 12, 600


def heats(cells: pl.DataFrame, columns: pl.DataFrame) -> dict[str, alt.TopLevelMixin]:
    """A heat map of every question, the first of them called as the table is, and its indices."""
    placed = cells.with_row_index("at").join(columns.select("break", "column", "letter"), on=("break", "column"), how="left", maintain_order="left")  # fmt: skip
    names = columns["column"]
    several = pl.col("column").is_in(names.filter(names.is_duplicated()).implode())
    head = pl.concat_str("column", pl.when(pl.col("letter") != "").then(pl.format("（{}）", "letter")).otherwise(pl.lit("")))  # fmt: skip
    named = placed.with_columns(column=pl.when(several).then(pl.format("{}｜{}", "break", head)).otherwise(head))  # fmt: skip
    drawn: dict[str, alt.TopLevelMixin] = {}
    for (question,), part in named.group_by("question", maintain_order=True):
        shown = part["row"].unique(maintain_order=True).head(MOST_ROWS)
        kept = part.filter(pl.col("row").is_in(shown.implode()))
        if len(drawn) < MOST_CHARTS and kept.height <= MOST_CELLS:
            drawn["table" if not drawn else str(question)] = _heat(kept)
            drawn.setdefault("tgi", _indices(kept))
    return drawn


def _heat(cells: pl.DataFrame) -> alt.TopLevelMixin:
    drawn = cells.select("at", "row", "column", "share", "n", "base", cell_words(cells), is_small=pl.col("flag") != "")  # fmt: skip
    return charts.heat(drawn, row="row", column="column", value="share", text="words")


def _indices(cells: pl.DataFrame) -> alt.TopLevelMixin:
    """TGI of every cell; grey where it does not differ from the rest."""
    inner = cells.filter(pl.col("letter") != "")
    words = pl.format("{} {}", pl.col("tgi").round(0).cast(pl.Int64), "arrow").fill_null("—")
    drawn = inner.select("row", "column", "tgi", "n", "base", words.alias("words"), is_small=pl.col("arrow") == "")  # fmt: skip
    return charts.heat(drawn, row="row", column="column", value="tgi", text="words", centre=100.0)


def heads(cells: pl.DataFrame) -> pl.Series:
    """What each column is called in a picture of several breaks and questions: never two alike.

    Parameters
    ----------
    cells : (n) column, break, question; one line a column and question
    """
    several = cells["question"].n_unique() > 1
    total = pl.when(pl.col("column") == TOTAL).then("break").otherwise("column")
    twice = pl.len().over("question", "column") > 1
    total = pl.when(twice & (pl.col("column") != TOTAL)).then(pl.format("{}｜{}", "break", "column")).otherwise(total)  # fmt: skip
    named = pl.format("{} {}", "question", total) if several else total
    return cells.select(named.alias("column")).to_series()
