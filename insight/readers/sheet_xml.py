"""Cells of a worksheet, straight from its XML, in blocks of whole rows: no dense grid, no trust in declared sizes."""

from __future__ import annotations

import html
import re
import zipfile
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import polars as pl

from insight.errors import FileTooLarge
from insight.readers import gate
from insight.readers.cell_xml import cell_table, column_number, row_table, said
from insight.readers.raw import Merge

BLOCK = 2**22  # characters of XML that are taken apart at once
_THREADS = 2  # more would wait for the one that inflates
_LONGEST_ROW = 2**27
_SPARSE_AREA = 5_000_000
_HIDDEN = r"""^[^>]*\shidden=["'](?:1|true)"""
_MERGE = re.compile(r"""<(?:\w+:)?mergeCell\s[^>]*?ref=["']([A-Z]+)(\d+):([A-Z]+)(\d+)["']""")


@dataclass(frozen=True, slots=True)
class SheetContent:
    """What a worksheet holds: CELLS, merged ranges, and how many rows a filter hides."""

    cells: pl.DataFrame
    merged: tuple[Merge, ...]
    n_hidden: int


def read_sheet(archive: zipfile.ZipFile, part: str, name: str) -> SheetContent:
    """Read one worksheet; shared strings stay numbers.

    Raises
    ------
    FileTooLarge : the cells spread over more area or columns than the settings allow
    UnreadableFile : damaged
    """
    pieces = [cell_table(row_table("", after=0))]
    merged: list[Merge] = []
    n_hidden, line = 0, 0
    at_work: deque[Future[pl.DataFrame]] = deque()
    with ThreadPoolExecutor(_THREADS) as pool:
        for block in _blocks(gate.part_text(archive, part, name), "row", name):
            rows = row_table(block, after=line)
            line = max(line, int(rows["line"][-1])) if rows.height else line
            n_hidden += int(rows["row"].str.contains(_HIDDEN).sum())
            merged += [_merge(m) for m in _MERGE.finditer(block.partition("</sheetData>")[2])]
            at_work.append(pool.submit(_near_cells, rows, name))
            if len(at_work) > _THREADS:
                pieces.append(at_work.popleft().result())
        pieces += [work.result() for work in at_work]
    cells = pl.concat(pieces)
    _refuse_spread(cells, name)
    _refuse_sparse(cells, name)
    return SheetContent(cells, tuple(merged), n_hidden)


def _near_cells(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """The cells of some rows (FileTooLarge where they stand too far apart)."""
    cells = cell_table(rows)
    _refuse_spread(cells, name)
    return cells


def shared_strings(archive: zipfile.ZipFile, part: str, name: str) -> pl.Series:
    """The strings that cells point to, in order; declared counts are ignored (n) String."""
    pieces = []
    for block in _blocks(gate.part_text(archive, part, name), "si", name):
        items = pl.Series("text", [re.sub(r"<si\s*/>", "<si></si>", block)]).str.split("</si>")
        pieces.append(said(items.explode()[:-1]))
    return pl.concat(pieces) if pieces else pl.Series("text", [], dtype=pl.String)


def _blocks(texts: Iterator[str], element: str, name: str) -> Iterator[str]:
    """Cut XML into blocks that end with ``</element>``; the last one is what remains."""
    end, carry, prefix = f"</{element}>", "", ""
    waiting: list[str] = []
    for number, text in enumerate(texts):
        prefix = _prefix(text) if number == 0 else prefix
        waiting.append(text)
        if sum(map(len, waiting)) < BLOCK:
            continue
        block = _plain(carry + "".join(waiting), prefix)
        cut = block.rfind(end) + len(end)
        if cut < len(end):
            cut = 0
        if len(block) - cut > _LONGEST_ROW:
            raise FileTooLarge(name, "有一行内容过长", f"{_LONGEST_ROW // 2**20} MB")
        carry, waiting = block[cut:], []
        yield block[:cut]
    yield _plain(carry + "".join(waiting), prefix)


def _prefix(text: str) -> str:
    found = re.search(r"<(\w+):(?:worksheet|sst)\b", text)
    return found[1] if found else ""


def _plain(xml: str, prefix: str) -> str:
    """The same XML without a namespace prefix, comments and CDATA sections."""
    if prefix:
        xml = xml.replace(f"<{prefix}:", "<").replace(f"</{prefix}:", "</")
    if "<!" in xml:
        xml = re.sub(r"(?s)<!--.*?-->", "", xml)
        xml = re.sub(r"(?s)<!\[CDATA\[(.*?)\]\]>", lambda m: html.escape(m[1], quote=False), xml)
    return xml


def _refuse_spread(cells: pl.DataFrame, name: str) -> None:
    if cells.is_empty():
        return
    lines, columns = cells["line"], cells["column"]
    gate.refuse_area(
        int(lines.max()) - int(lines.min()) + 1,  # type: ignore[arg-type]
        int(columns.max()) - int(columns.min()) + 1,  # type: ignore[arg-type]
        name,
    )


def _refuse_sparse(cells: pl.DataFrame, name: str) -> None:
    """Few cells far apart would make a large table of nothing."""
    area = cells["line"].n_unique() * (int(cells["column"].max() or 0) + 1)  # type: ignore[arg-type]
    if area > _SPARSE_AREA and area > 50 * cells.height:
        raise FileTooLarge(
            name, f"只有 {cells.height} 个单元格，却散布在 {area} 格的范围里", "50 倍"
        )


def _merge(match: re.Match[str]) -> Merge:
    left, top, right, bottom = match.groups()
    return Merge(int(top), int(bottom), column_number(left), column_number(right))
