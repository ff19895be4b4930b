"""Tables that leave the tool: csv that Excel opens right, xlsx whose numbers stay numbers, pictures, findings."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from insight.analysis import Result
from insight.units import Unit, label_of, unit_of

_NOT_A_NAME = re.compile(r"[^\w.-]+")
_FORMULA = r"^[\s\x00-\x1f\u200b-\u200f\ufeff]*[=+\-@|%＝＋－＠]"
WIDEST = 48


def file_name(name: str) -> str:
    """A name that is safe as a file name everywhere; letters of any script stay."""
    return _NOT_A_NAME.sub("_", name).strip("._") or "_"


def harmless(table: pl.DataFrame) -> pl.DataFrame:
    """Put an apostrophe before texts that a spreadsheet would run as a formula; numbers are untouched."""
    text = pl.selectors.string()
    return table.with_columns(
        pl.when(text.str.contains(_FORMULA)).then(pl.lit("'") + text).otherwise(text).name.keep()
    )


def csv(table: pl.DataFrame) -> bytes:
    """utf-8-sig, CRLF: opens right in Excel and WPS by double click."""
    return b"\xef\xbb\xbf" + harmless(table).write_csv(line_terminator="\r\n").encode()


def xlsx(tables: Mapping[str, pl.DataFrame]) -> bytes:
    """One sheet a table with Chinese headings, frozen header and numbers that stay numbers."""
    import xlsxwriter

    buffer = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        fill = filler(book)
        for name, table in tables.items():
            fill(book.add_worksheet(_sheet_name(name)), table)
    return buffer.getvalue()


def filler(book: Any) -> Callable[[Any, pl.DataFrame], None]:  # noqa: ANN401 (xlsxwriter has no types)
    """What writes a table on a sheet of this workbook, its formats made once."""
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    formats = {kind: book.add_format({"num_format": code}) for kind, code in _CODES.items()}
    return lambda sheet, table: _sheet(sheet, table, head, formats)


_CODES = {
    "share": "0.0%", "points": "0.0", "p_value": '[<0.001]"<0.001";0.000', "float": "#,##0.00", "int": "#,##0", "date": "yyyy-mm-dd",
}  # fmt: skip
_OWN_CODE = (Unit.SHARE, Unit.POINTS, Unit.P_VALUE)


def _kind(table: pl.DataFrame, name: str) -> str | None:
    """Which format the column's numbers have; None for words."""
    dtype, unit = table.schema[name], unit_of(name, beside=table.columns)
    if dtype.is_float():
        return unit.value if unit in _OWN_CODE else "float"
    if dtype.is_integer():
        return "int"
    return "date" if dtype.is_temporal() else None


def _values(table: pl.DataFrame, name: str) -> pl.Series:
    """The cells as they are written: words as words, differences in points as their heading says."""
    kind, values = _kind(table, name), table[name]
    if kind is None:
        return values.cast(pl.String)
    return values * 100 if kind == "points" else values


def _sheet_name(name: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", "_", name)[:31] or "Sheet"


def _sheet(sheet: Any, table: pl.DataFrame, head: Any, formats: Mapping[str, Any]) -> None:  # noqa: ANN401
    for i, name in enumerate(table.columns):
        label = label_of(name)
        kind = _kind(table, name)
        sheet.write_string(0, i, label, head)
        sheet.set_column(i, i, min(WIDEST, max(10, 2 * len(label))), kind and formats[kind])
        for j, value in enumerate(_values(table, name), start=1):
            if isinstance(value, str):
                sheet.write_string(j, i, value)
            elif value is not None:
                sheet.write(j, i, value)
    sheet.freeze_panes(1, 1)


def write(result: Result, folder: Path) -> None:
    """Write every table (csv and Parquet), the findings (json) and every chart (svg) into ``folder``."""
    from insight.charts import to_svg

    folder.mkdir(parents=True, exist_ok=True)
    for name, table in result.tables.items():
        (folder / f"{file_name(name)}.csv").write_bytes(csv(table))
        table.write_parquet(folder / f"{file_name(name)}.parquet")
    sentences = {"findings": [asdict(f) for f in result.findings], "notes": list(result.notes)}
    text = json.dumps(sentences, ensure_ascii=False, indent=2)
    (folder / "findings.json").write_text(text, encoding="utf-8")
    for name, chart in result.charts.items():
        (folder / f"{file_name(name)}.svg").write_text(to_svg(chart), encoding="utf-8")
