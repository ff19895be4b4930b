"""The workbook of tables: numbers stay numbers, letters stand in a column of their own, words never become formulas."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import count, groupby
from typing import Any

import polars as pl

from insight import exports
from insight.masking import mask
from insight.tablebook.contents import CONTENTS, Cover, Places, numbered, write_contents
from insight.tablebook.lines import Head, Line, Sheet
from insight.tablebook.styles import ASIDE, FONT, Styles, figure, styles_of

_TOP = 5  # lines above the first table: title, link, breaks, columns, letters
_LONGEST_NAME = 31


def book(cover: Cover, sheets: Sequence[Sheet], extras: Mapping[str, pl.DataFrame]) -> bytes:
    """The workbook; the same tables give the same bytes.

    Parameters
    ----------
    extras : name of a sheet -> a table that is written as it is
    """
    import xlsxwriter

    buffer = io.BytesIO()
    options = {
        "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "nan_inf_to_errors": True,
        "default_format_properties": {"font_name": FONT, "font_size": 10},
    }  # fmt: skip
    names = sheet_names([*(s.title for s in sheets), *extras])
    with xlsxwriter.Workbook(buffer, options) as workbook:
        workbook.set_properties({"title": f"{cover.study} 交叉表册", "created": cover.made_at.replace(tzinfo=None)})  # fmt: skip
        styles, first = styles_of(workbook), workbook.add_worksheet(CONTENTS)
        numbers, made = numbered(sheets), {}
        for name, sheet in zip(names, sheets, strict=False):
            page = workbook.add_worksheet(name)
            made[name] = (sheet, _filled(page, sheet, numbers=numbers, styles=styles))
            _printed(page, cover.study)
        fill = exports.filler(workbook)
        for name, table in zip(names[len(sheets) :], extras.values(), strict=True):
            fill(workbook.add_worksheet(name), table)
        write_contents(first, cover, made, extras=names[len(sheets) :], styles=styles)
        _printed(first, cover.study)
    return buffer.getvalue()


def sheet_names(titles: Iterable[str]) -> list[str]:
    """Names that Excel takes: short, different whatever the case, without its signs.

    >>> sheet_names(["收入/支出", "收入:支出", "目录"])
    ['收入_支出', '收入_支出（2）', '目录（2）']
    """
    taken, names = {CONTENTS.casefold()}, []
    for title in titles:
        clean = re.sub(r"[\[\]:*?/\\'\x00-\x1f]", "_", title).strip() or "表"
        name, times = clean[:_LONGEST_NAME], 1
        while name.casefold() in taken:
            times += 1
            end = f"（{times}）"
            name = clean[: _LONGEST_NAME - len(end)] + end
        taken.add(name.casefold())
        names.append(name)
    return names


def _filled(
    page: Any,  # noqa: ANN401 (a worksheet)
    sheet: Sheet,
    *,
    numbers: Mapping[str, tuple[int, str]],
    styles: Styles,
) -> Places:
    """Write all tables of a sheet; returns the line at which each begins."""
    _topped(page, sheet, styles=styles)
    width = 1 + 2 * len(sheet.heads)
    line, begins = _TOP, {}
    for block in sheet.blocks:
        begins[block.id] = line
        for at in range(1, width):
            page.write_blank(line, at, None, styles["heading"])
        page.write_string(line, 0, f"表 {numbers[block.id][0]}　{mask(block.heading)}", styles["heading"])  # fmt: skip
        for one in block.lines:
            line += 1
            _write(page, line, one, styles=styles)
        line += 2
    for note in ("口径说明", *sheet.notes):
        page.merge_range(line, 0, line, min(width, 13) - 1, mask(note), styles["note"])  # fmt: skip
        page.set_row(line, 16 * (1 + len(note) // 75))
        line += 1
    return begins


def _topped(page: Any, sheet: Sheet, *, styles: Styles) -> None:  # noqa: ANN401
    """Title, link back, and the head of the columns, which stays in sight and on every printed page."""
    page.write_string(0, 0, mask(sheet.title), styles["title"])
    page.write_url(1, 0, f"internal:'{CONTENTS}'!A1", styles["link"], "返回目录")
    page.set_column(0, 0, 44)
    first = 1
    for group, own in groupby(sheet.heads, key=lambda head: head.group):
        heads = list(own)
        page.merge_range(2, first, 2, first + 2 * len(heads) - 1, mask(group), styles["group"])
        for at, head in enumerate(heads):
            _head(page, first + 2 * at, head, styles=styles)
        first += 2 * len(heads)
    page.set_row(2, 30)
    page.set_row(3, 44)
    page.freeze_panes(_TOP, 3)  # the first total stays beside the answers
    page.repeat_rows(2, 4)
    page.repeat_columns(0, 0)


def _head(page: Any, column: int, head: Head, *, styles: Styles) -> None:  # noqa: ANN401
    """The name and the letter of a column, over its figures and their letters."""
    page.set_column(column, column, 9)
    page.set_column(column + 1, column + 1, 5)
    page.merge_range(3, column, 3, column + 1, mask(head.name), styles["head"])
    page.merge_range(4, column, 4, column + 1, head.letter, styles["letter"])


def _write(page: Any, line: int, one: Line, *, styles: Styles) -> None:  # noqa: ANN401
    page.write_string(line, 0, mask(one.label), styles["aside" if one.kind in ASIDE else "label"])
    told = zip(one.values, one.marks, one.arrows, strict=True)
    for column, (value, mark, arrow) in zip(count(1, 2), told, strict=False):
        style = styles[figure(one.kind, arrow)]
        if isinstance(value, str):
            page.write_string(line, column, value, style)
        elif value is not None:
            page.write_number(line, column, value, style)
        if mark:
            page.write_string(line, column + 1, mark, styles["mark"])


def _printed(page: Any, study: str) -> None:  # noqa: ANN401
    """A4, across, as wide as the page, with the name of the sheet and page numbers below."""
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.set_footer(f"&L{study.replace('&', '&&')[:80]}&C&A&R第 &P / &N 页")
    page.hide_gridlines(2)
