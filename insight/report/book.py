"""The tables of the report as a workbook: contents first, a sheet each, numbers that stay numbers, where each comes from."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
import xlsxwriter

from insight.exports import filler, harmless
from insight.report.compose import Composed
from insight.report.front import TITLE
from insight.report.selection import Printed
from insight.report.tints import ARROWS, FILLS, LEGEND
from insight.report.tracing import records
from insight.units import table_label

PERSONS = frozenset({"customer_id", "respondent_id", "text_id"})  # tables with these list people
MOST_ROWS = 100_000
_HEADS = ("表号", "工作表", "分析", "结果表", "行数", "口径")
_WIDTHS = (8, 12, 28, 28, 10, 90)
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def written(whole: Composed) -> bytes:
    """A report that is laid out, as the bytes of an .xlsx with every result table that names nobody."""
    tables = list(_tables(whole))
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {**_OPTIONS, "in_memory": True}) as book:
        made_at = whole.facts.made_at.replace(tzinfo=None)
        book.set_properties({"title": TITLE, "subject": whole.facts.study, "created": made_at})
        contents, fill = book.add_worksheet("目录"), filler(book)
        looks = {
            kind: book.add_format({"num_format": f'0.0%"{ARROWS[kind]}"', "bg_color": f"#{tint}"})
            for kind, tint in FILLS.items()
        }
        names = [f"{at} {table_label(name, of=one.chapter.key)}" for at, (one, name) in enumerate(tables, 1)]  # fmt: skip
        sheets = [book.add_worksheet(_sheet_name(name)) for name in names]
        for sheet, (one, name) in zip(sheets, tables, strict=True):
            fill(sheet, _flat(one.chapter.result.tables[name].head(MOST_ROWS)))
            _tint(sheet, one, looks, name=name)
        trace = book.add_worksheet("数字溯源")
        fill(trace, _trace(whole))
        _contents(book, contents, whole, list(zip(sheets, tables, strict=True)))
    return buffer.getvalue()


def _tables(whole: Composed) -> Iterator[tuple[Printed, str]]:
    for one in whole.printed:
        for name, table in one.chapter.result.tables.items():
            if not PERSONS & set(table.columns) and table.columns:
                yield one, name


def _tint(sheet: Any, one: Printed, looks: Mapping[str, Any], *, name: str) -> None:  # noqa: ANN401
    """The shares that changed since the former wave: still numbers, on their tint, with their arrow."""
    table = one.chapter.result.tables[name]
    for (row, column), mark in one.chapter.marks.get(name, {}).items():
        if row < MOST_ROWS:
            sheet.write_number(
                row + 1, table.columns.index(column), table[column][row], looks[mark.kind]
            )


def _flat(table: pl.DataFrame) -> pl.DataFrame:
    """Lists as words in one cell."""
    lists = pl.selectors.list()
    return harmless(table.with_columns(lists.cast(pl.List(pl.String)).list.join("、")))


def _sheet_name(name: str) -> str:
    """At most 31 characters, none that Excel refuses."""
    return "".join("_" if c in "[]:*?/\\'" else c for c in name)[:31]


def _contents(book: Any, sheet: Any, whole: Composed, listed: list[Any]) -> None:  # noqa: ANN401 (xlsxwriter has no types)
    bold = book.add_format({"bold": True, "bottom": 1})
    linked = book.get_default_url_format()
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.write_string(0, 0, f"{TITLE}　{whole.facts.study}", book.add_format({"bold": True, "font_size": 14}))  # fmt: skip
    sheet.write_string(1, 0, f"研究版本 {whole.facts.revision}，配方 {whole.facts.recipe}，{whole.facts.made_at:%Y-%m-%d %H:%M}")  # fmt: skip
    if any(one.chapter.marks for one in whole.printed):
        sheet.write_string(2, 0, LEGEND)
    for at, (head, width) in enumerate(zip(_HEADS, _WIDTHS, strict=True)):
        sheet.write_string(3, at, head, bold)
        sheet.set_column(at, at, width)
    for row, (own, (one, name)) in enumerate(listed, 4):
        table, chapter = one.chapter.result.tables[name], one.chapter
        number = one.sheets[name].number if name in one.sheets else ""
        sheet.write_string(row, 0, number)
        sheet.write_url(row, 1, f"internal:'{own.get_name()}'!A1", linked, own.get_name())
        sheet.write_string(row, 2, chapter.title)
        sheet.write_string(row, 3, table_label(name, of=chapter.key))
        sheet.write_number(row, 4, table.height)
        sheet.write_string(row, 5, "".join(chapter.result.notes), wrapped)
    sheet.freeze_panes(4, 2)


def _trace(whole: Composed) -> pl.DataFrame:
    """Every number of the report: its id, how it is written, and the cell it stands in."""
    rows = [
        {"编号": key, "写作": one["text"], "来由": one["kind"], "分析": one["title"], "结果表": one["table"] or "",
         "行": None if one["row"] is None else int(str(one["row"])) + 1, "列": one["column"] or ""}
        for key, one in records(whole).items()
    ]  # fmt: skip
    schema = {"编号": pl.String, "写作": pl.String, "来由": pl.String, "分析": pl.String, "结果表": pl.String, "行": pl.Int64, "列": pl.String}  # fmt: skip
    return harmless(pl.DataFrame(rows, schema=schema))
