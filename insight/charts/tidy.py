"""What a table goes through before it is drawn: a size limit, written numbers, real dates."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from insight.charts.look import MAX_ROWS
from insight.units import in_words, title_of

WRITTEN = "__written"  # suffix of the column that holds a number as the reader sees it
AT = "at"  # the row of the table that a mark draws, so that a click leads to it
SAID = "__said"  # the whole row in words: read aloud, and shown on hover where there is no script


def prepared(table: pl.DataFrame) -> pl.DataFrame:
    """Add ``is_small`` where it is missing, every value as the reader sees it, and the row in words."""
    small = pl.lit(value=False) if "is_small" not in table.columns else pl.col("is_small")
    shown = dict.fromkeys([*told(table), *measures(table)])
    texts = [_as_written(table[c], table.columns).alias(c + WRITTEN) for c in shown]
    parts = [pl.format("{}：{}", pl.lit(title_of(c)), c + WRITTEN) for c in told(table)]
    said = pl.concat_str(parts, separator="；") if parts else pl.lit("")
    with_texts = checked(table).with_columns(small.fill_null(value=False).alias("is_small"), *texts)
    return with_texts.with_columns(said.alias(SAID))


def told(table: pl.DataFrame) -> list[str]:
    """The columns with a Chinese name; marks and texts made for drawing have none."""
    return [name for name in table.columns if title_of(name) != name or not name.isascii()]


def checked(table: pl.DataFrame) -> pl.DataFrame:
    if table.height > MAX_ROWS:
        raise ValueError(f"a chart of {table.height} rows: aggregate first, at most {MAX_ROWS}")
    return table


def measures(table: pl.DataFrame) -> list[str]:
    return [name for name, dtype in table.schema.items() if dtype.is_numeric() and name != AT]


def _as_written(values: pl.Series, beside: Sequence[str] = ()) -> pl.Series:
    texts = [in_words(v, column=values.name, beside=beside) for v in values.to_list()]
    return pl.Series(values.name, texts, dtype=pl.String)


def long(table: pl.DataFrame, label: str, *, values: tuple[str, str]) -> pl.DataFrame:
    """(n_rows) → (2 n_rows) label, measure, value, written, and the row in words."""
    parts = [
        table.select(
            label,
            *([AT] if AT in table.columns else []),
            pl.lit(title_of(name)).alias("measure"),
            pl.col(name).cast(pl.Float64).alias("value"),
            _as_written(table[name], table.columns).alias("written"),
        )
        for name in values
    ]
    said = pl.format("{}；{}：{}", label, "measure", "written").alias(SAID)
    return checked(pl.concat(parts)).with_columns(said)


def days(values: pl.Series) -> pl.Series:
    """Months and days in words become dates; dates stay."""
    if values.dtype != pl.String:
        return values
    whole = pl.when(values.str.len_chars() == 7).then(values + "-01").otherwise(values)
    return pl.select(whole.str.to_date("%Y-%m-%d").alias(values.name)).to_series()


def as_met(values: pl.Series) -> list[str]:
    """The names in the order of their Enum, where they have one; else as the table first tells them."""
    if isinstance(values.dtype, pl.Enum):
        return values.dtype.categories.to_list()
    return values.unique(maintain_order=True).to_list()
