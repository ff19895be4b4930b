"""Spreadsheet cells as the text a reader sees: whole numbers whole, dates in ISO, errors set aside."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from insight.readers.raw import LINE, Grid, Merge, issue_table, without_blanks

# Kinds: n number, s text, b truth (0 or 1), d ISO date, e error, u formula without a result.
# Formats: see ``number_formats.meaning``.
TYPED = {
    "line": pl.UInt32,
    "column": pl.UInt32,
    "kind": pl.String,
    "format": pl.String,
    "value": pl.String,
}
_DAY = 86_400
_EPOCH = 25_569  # days from 1899-12-30 to 1970-01-01
_LAST = 2_958_466  # serial of 10000-01-01
_SHIFT_1904 = 1_462
_LOST = {"e": "公式错误值", "u": "没有计算结果的公式"}
_ROUNDED = "超过 15 位的数字（末尾几位已被 Excel 改成 0，不能当编号用）"


def to_grid(cells: pl.DataFrame, name: str, *, merged: tuple[Merge, ...], since_1904: bool) -> Grid:
    """Lay cells out as text.

    Parameters
    ----------
    cells : (n) TYPED, only cells that hold something; of a cell that comes twice the last counts
    name : of the sheet
    merged : its merged ranges
    since_1904 : day numbers count from 1904-01-01 (ECMA-376 18.17.4.1)

    Returns
    -------
    Grid without the rows that hold no cell; error values and impossible dates are null and
    listed in its issues, as are numbers too long for a spreadsheet
    """
    texts = cells.with_columns(_texts(cells, _SHIFT_1904 if since_1904 else 0))
    lines = texts["line"].unique().sort()
    n_blank = 0 if lines.is_empty() else lines[-1] - lines[0] + 1 - len(lines)
    return Grid(
        name,
        without_blanks(_laid_out(texts)),
        issues=_issues(texts),
        merged=merged,
        n_blank=n_blank,
    )


def _texts(cells: pl.DataFrame, shift: int) -> pl.Series:
    kind, form, value = cells["kind"], cells["format"], cells["value"]
    is_number = kind == "n"
    moment = is_number & form.is_in(["date", "time", "elapsed"])
    zeros = is_number & form.str.contains("^0")
    parts = (
        (is_number & ~moment, number_text),
        (zeros, lambda v: _zero_filled(number_text(v), form.filter(zeros))),
        (kind == "b", lambda v: v.replace({"1": "TRUE", "0": "FALSE"})),
        (kind == "d", lambda v: v.str.replace("T", " ").str.strip_suffix("Z")),
        (moment, lambda v: moment_text(v, form.filter(moment), shift=shift)),
        (kind.is_in(list(_LOST)), lambda v: v.clear(len(v))),
    )
    texts = value
    for chosen, write in parts:
        if chosen.any():
            texts = texts.scatter(chosen.arg_true(), write(value.filter(chosen)))
    return texts.alias("text")


def _zero_filled(values: pl.Series, formats: pl.Series) -> pl.Series:
    width = pl.col("format").str.len_chars()
    frame = pl.DataFrame({"value": values, "format": formats})
    return frame.select(pl.col("value").str.zfill(width))["value"]


def number_text(values: pl.Series) -> pl.Series:
    """Numbers as a sheet shows them: 15 significant digits, no exponent, no ``.0`` (n) -> (n)."""
    whole = values.str.contains(r"^-?\d+$")
    if whole.all():
        return values
    numbers = values.cast(pl.Float64, strict=False)
    texts = numbers.cast(pl.String).str.strip_suffix(".0")
    long = (texts.str.len_bytes() > 16) | texts.str.contains("e", literal=True)
    exact = numbers.filter(long & numbers.is_finite()).unique().sort()
    plain = pl.Series([f"{Decimal(f'{x:.15g}'):f}" for x in exact], dtype=pl.String)
    return pl.select(
        pl.when(whole | ~numbers.is_finite().fill_null(False))
        .then(values)
        .when(long)
        .then(numbers.replace_strict(exact, plain, default=None, return_dtype=pl.String))
        .otherwise(texts)
        .alias("text")
    )["text"]


def moment_text(values: pl.Series, formats: pl.Series, *, shift: int = 0) -> pl.Series:
    """Day numbers as ``YYYY-MM-DD HH:MM:SS``, or ``HH:MM:SS`` for times and durations.

    Parameters
    ----------
    values : (n) numbers as text, days since 1899-12-30 (before 1900-03-01: since 1899-12-31)
    formats : (n) "date", "time" or "elapsed"
    shift : days to add

    Returns
    -------
    (n) text; null for 1900-01-00, the 1900-02-29 that never was, negative days and years past 9999
    """
    serial = pl.col("serial")
    seconds = (serial * _DAY).round().cast(pl.Int64)
    days = pl.when(serial < 60).then(1 - _EPOCH).otherwise(-_EPOCH)  # Lotus: 1900 was a leap year
    since_1970 = seconds + days.cast(pl.Int64) * _DAY
    moment = pl.from_epoch(since_1970, "s").dt.strftime("%Y-%m-%d %H:%M:%S")
    clock = pl.format("{}:{}:{}", *(part.cast(pl.String).str.zfill(2) for part in _clock(seconds)))
    is_clock = (pl.col("format") == "elapsed") | ((serial < 1) & (serial > 0))
    is_clock |= (pl.col("format") == "time") & (serial == 0)
    known = (serial < _LAST) & ~serial.is_between(60, 61, closed="left")
    return (
        pl.DataFrame({"serial": values.cast(pl.Float64, strict=False), "format": formats})
        .with_columns(pl.when(serial >= 1).then(serial + shift).otherwise(serial))
        .with_columns(pl.when(serial >= 0, serial < _LAST).then(serial))
        .select(
            pl.when(is_clock).then(clock).when(known & (serial >= 1)).then(moment).alias("text")
        )
    )["text"]


def _clock(seconds: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    return seconds // 3600, seconds // 60 % 60, seconds % 60


def _laid_out(texts: pl.DataFrame) -> pl.DataFrame:
    """(n_lines) ``__line__`` and one String column a position, also for positions without a value."""
    lines = texts["line"].unique().sort().alias(LINE)
    n_columns = 0 if texts.is_empty() else int(texts["column"].max()) + 1  # type: ignore[arg-type]
    nth = lines.search_sorted(texts["line"]).cast(pl.Int64)
    all_columns = pl.Series([None], dtype=pl.String).new_from_index(0, len(lines) * n_columns)
    filled = all_columns.scatter(texts["column"].cast(pl.Int64) * len(lines) + nth, texts["text"])
    columns = (filled.slice(i * len(lines), len(lines)).alias(str(i)) for i in range(n_columns))
    return pl.DataFrame([lines, *columns])


def _issues(texts: pl.DataFrame) -> pl.DataFrame:
    text, number = pl.col("text"), (pl.col("kind") == "n") & (pl.col("format") == "")
    lost = texts.filter(text.is_null())
    rounded = texts.filter(number & text.str.contains(r"^-?[1-9]\d{14}0+$"))
    rows = lost.select("line", "column", "value", "kind").rows()
    return issue_table(
        [(n, str(c), v or None, _LOST.get(k, "不存在的日期"), "已置空") for n, c, v, k in rows]
        + [
            (n, str(c), v, _ROUNDED, "保留")
            for n, c, v in rounded.select("line", "column", "text").rows()
        ]
    ).sort("line", maintain_order=True)
