"""Workbooks of Excel 97-2003 (.xls, BIFF in an OLE file) as grids."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

import polars as pl
import xlrd  # type: ignore[import-untyped]
from xlrd.compdoc import CompDoc, CompDocError  # type: ignore[import-untyped]

from insight.errors import UnreadableFile
from insight.readers import gate
from insight.readers.cell_text import TYPED, to_grid
from insight.readers.number_formats import meaning
from insight.readers.raw import Grid, Merge, Source
from insight.readers.sheets import choose, limited, told_of_hidden

# What xlrd's Python raises on a damaged record; all of it means the same here.
_BROKEN = (
    xlrd.XLRDError, CompDocError, struct.error, ArithmeticError, AssertionError, AttributeError,
    LookupError, NotImplementedError, RecursionError, TypeError, ValueError,
)  # fmt: skip
_CELL_RECORDS = frozenset({0x06, 0xBD, 0xBE, 0xD6, 0xFD, 0x201, 0x203, 0x204, 0x205, 0x27E})
_WORD = "这是旧版 Word（.doc）"


def read_ole(source: Source) -> tuple[Grid, ...]:
    """The sheets of an OLE file, if it holds a workbook.

    Raises
    ------
    UnreadableFile : encrypted, an old Word document, damaged, or no workbook at all
    FileTooLarge : a cell stands outside the 256 columns of the format
    SheetNotFound : ``source.sheet`` is not there
    """
    gate.check_compound(source.data, source.name)
    try:
        stream = _workbook_stream(source)
        _refuse_far_cells(stream, source.name)
        return _sheets(source)
    except xlrd.XLRDError as error:
        if "encrypted" in str(error).lower():
            raise _encrypted(source.name) from None
        raise gate.damaged(source.name) from None
    except _BROKEN:
        raise gate.damaged(source.name) from None


def _encrypted(name: str) -> UnreadableFile:
    return UnreadableFile(name, "文件设有打开密码", "请在 Office 或 WPS 中取消密码后重新上传。")


def _workbook_stream(source: Source) -> bytes:
    folder = CompDoc(source.data, logfile=io.StringIO())
    names = {entry.name for entry in folder.dirlist}
    if names & {"EncryptedPackage", "EncryptionInfo"}:
        raise _encrypted(source.name)
    if any(name.startswith("WordDocu") for name in names):
        raise UnreadableFile(source.name, _WORD, "请另存为 .docx 后上传。")
    stream = next((s for s in ("Workbook", "Book") if s in names), None)
    if stream is None:
        raise UnreadableFile(source.name, "不是表格文件")
    memory, start, length = folder.locate_named_stream(stream)
    return bytes(memory[start : start + length])


def _refuse_far_cells(stream: bytes, name: str) -> None:
    """xlrd pads a row up to its last cell, so a false column costs memory ([MS-XLS] 2.1.4)."""
    at, widest = 0, 0
    while at + 8 <= len(stream):
        record, size, _, column = struct.unpack_from("<4H", stream, at)
        if record in _CELL_RECORDS and size >= 4:
            widest = max(widest, column)
        at += 4 + size
    if widest > 255:
        gate.refuse_area(65_536, widest + 1, name)
        raise gate.damaged(name)


def _sheets(source: Source) -> tuple[Grid, ...]:
    book = xlrd.open_workbook(
        file_contents=source.data,
        formatting_info=True,
        ragged_rows=True,
        on_demand=True,
        logfile=io.StringIO(),
    )
    formats = [_meaning(book, xf.format_key) for xf in book.xf_list]
    names = book.sheet_names()
    read = [_grid(book, name, formats) for name in choose(names, source)]
    hidden = [grid.name for grid, is_hidden in read if is_hidden]
    return limited(told_of_hidden(tuple(grid for grid, _ in read), hidden), names)


def _meaning(book: xlrd.Book, key: int) -> str:
    form = book.format_map.get(key)
    return meaning(key, form.format_str if form is not None else None)


def _grid(book: xlrd.Book, name: str, formats: list[str]) -> tuple[Grid, bool]:
    """A sheet, and whether Excel hides it."""
    sheet = book.sheet_by_name(name)
    cells = pl.DataFrame(list(_cells(sheet, formats)), schema=TYPED, orient="row")
    merged = tuple(Merge(a + 1, b, c, d - 1) for a, b, c, d in sheet.merged_cells)
    grid = to_grid(cells, name, merged=merged, since_1904=book.datemode == 1)
    book.unload_sheet(name)
    return grid, bool(sheet.visibility)


def _cells(sheet: xlrd.sheet.Sheet, formats: list[str]) -> Iterator[tuple[int, int, str, str, str]]:
    """(line, column, kind, format, value) of every cell that holds something."""
    for row in range(sheet.nrows):
        kinds, values = sheet.row_types(row), sheet.row_values(row)
        for column, (kind, value) in enumerate(zip(kinds, values, strict=True)):
            if kind == xlrd.XL_CELL_TEXT and value != "":
                yield row + 1, column, "s", "", value
            elif kind in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
                shown = formats[sheet.cell_xf_index(row, column)]
                yield row + 1, column, "n", shown, _number(value)
            elif kind == xlrd.XL_CELL_BOOLEAN:
                yield row + 1, column, "b", "", str(value)
            elif kind == xlrd.XL_CELL_ERROR:
                yield row + 1, column, "e", "", xlrd.error_text_from_code.get(value, "#ERR")


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
