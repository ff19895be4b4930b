"""Values of SPSS variables as text: labels, numbers without ``.0``, dates and times in ISO."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import polars as pl

from insight.readers.cell_text import number_text
from insight.readers.raw import issue_table
from insight.readers.sav_codebook import Code, Described

_EPOCH = 12_219_379_200  # seconds from 1582-10-14, from which SPSS counts, to 1970-01-01
_LAST = 265_621_852_800  # 10000-01-01
_FEW = 1_000  # different numbers that are written once each

Names = Mapping[Code, str]


def names_of(values: pl.DataFrame, columns: Sequence[Described]) -> dict[str, Names]:
    """Variable -> what its cells say for each code that has a label or occurs.

    Parameters
    ----------
    values : (n) the variables as stored: Float64, texts trimmed, null where there is nothing
    columns : the same variables; texts that are neither labelled nor ever missing are left out,
        as are dates and times
    """
    coded = [one for one in columns if one.is_number or (one.is_text and (one.options or one.missing))]  # fmt: skip
    if not coded:
        return {}
    found = values.select(
        pl.col(one.name).unique().drop_nulls().sort().implode() for one in coded
    ).row(0)
    return {
        one.name: _names(one, codes)
        for one, codes in zip(coded, found, strict=True)
        if one.options or one.missing or len(codes) <= _FEW
    }


def _names(one: Described, codes: Sequence[Code]) -> Names:
    return {code: _plain(code) for code in codes} | dict(one.labels())


def _plain(code: Code) -> str:
    """A number as ``number_text`` writes it."""
    if isinstance(code, str):
        return code
    return (
        f"{code:.0f}" if code == int(code) and abs(code) < 1e15 else f"{Decimal(f'{code:.15g}'):f}"
    )


def written(
    values: pl.DataFrame, columns: Sequence[Described], names: Mapping[str, Names]
) -> pl.DataFrame:
    """The texts of all variables under their headers (n); impossible dates become null."""
    return values.select(_text(one, names.get(one.name)).alias(one.header) for one in columns)


def _text(one: Described, names: Names | None) -> pl.Expr:
    value = pl.col(one.name)
    if names:
        return _named(value, names)
    if one.is_date:
        since_1970 = pl.when((value >= 0) & (value < _LAST)).then(value).round() - _EPOCH
        return pl.from_epoch(since_1970.cast(pl.Int64), "s").dt.strftime("%Y-%m-%d %H:%M:%S")
    if one.is_clock:
        return _clock(value)
    if one.is_text:
        return value
    return value.cast(pl.String).map_batches(number_text, return_dtype=pl.String)


def _named(value: pl.Expr, names: Names) -> pl.Expr:
    """The text of each code; small whole numbers are looked up by their place."""
    codes = list(names)
    if isinstance(codes[0], str) or any(c != int(c) or abs(c) > _FEW for c in codes):
        return value.replace_strict(codes, list(names.values()), default=None, return_dtype=pl.String)  # fmt: skip
    low, high = int(min(codes)), int(max(codes))
    places = pl.Series([names.get(float(c)) for c in range(low, high + 1)], dtype=pl.String)
    return pl.lit(places).gather((value - low).cast(pl.UInt32))


def _clock(value: pl.Expr) -> pl.Expr:
    """``HH:MM:SS``, with more than 24 hours for long durations."""
    seconds = pl.when((value >= 0) & (value < 1e9)).then(value).round().cast(pl.Int64)
    parts = (seconds // 3600, seconds // 60 % 60, seconds % 60)
    return pl.format("{}:{}:{}", *(part.cast(pl.String).str.zfill(2) for part in parts))


def lost_moments(
    values: pl.DataFrame, texts: pl.DataFrame, columns: Sequence[Described]
) -> pl.DataFrame:
    """Issues for the values that are no date or time and became null."""
    rows = []
    for one in columns:
        if one.is_date or one.is_clock:
            lost = values[one.name].is_not_null() & texts[one.header].is_null()
            rows += [
                (row + 2, one.header, f"{values[one.name][row]:g}", "不存在的日期或时间", "已置空")
                for row in lost.arg_true()
            ]
    return issue_table(sorted(rows, key=lambda row: row[0]))
