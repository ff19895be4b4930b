"""Workbooks (.xlsx, .xls): which sheets there are, and each of them as a grid."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from insight.errors import SheetNotFound, UnreadableFile
from insight.readers import gate
from insight.readers.cell_text import TYPED, to_grid
from insight.readers.number_formats import meaning
from insight.readers.raw import Grid, Source
from insight.readers.sheet_xml import SheetContent, read_sheet, shared_strings

MAX_SHEETS = 30  # more are read only by name
_DAMAGED_BOOK = "不是有效的 Excel 文件"


@dataclass(frozen=True, slots=True)
class Tab:
    """A worksheet in a workbook: its name, the member that holds it, and whether Excel hides it."""

    name: str
    part: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class Book:
    """What all sheets of a workbook share."""

    archive: zipfile.ZipFile
    file: str
    tabs: tuple[Tab, ...]
    strings: str | None
    formats: tuple[str, ...]
    since_1904: bool


def read_xlsx(source: Source, archive: zipfile.ZipFile) -> tuple[Grid, ...]:
    """The sheets of an .xlsx file (ECMA-376, transitional or strict), in order.

    Raises
    ------
    UnreadableFile : damaged
    FileTooLarge : a sheet spreads over more cells or columns than the settings allow
    SheetNotFound : ``source.sheet`` is not there
    """
    book = _book(archive, source.name)
    chosen = choose([tab.name for tab in book.tabs], source)
    tabs = [tab for tab in book.tabs if tab.name in chosen]
    needs_strings = book.strings is not None and bool(tabs)
    strings = shared_strings(archive, book.strings or "", source.name) if needs_strings else None
    grids = tuple(_grid(book, tab, strings) for tab in tabs)
    grids = told_of_hidden(grids, [tab.name for tab in tabs if tab.hidden])
    return limited(grids, [tab.name for tab in book.tabs])


def choose(names: list[str], source: Source) -> list[str]:
    """The sheets to read: the one asked for, or the first MAX_SHEETS.

    Raises
    ------
    SheetNotFound : the one asked for is not there
    """
    if source.sheet is None:
        return names[:MAX_SHEETS]
    if source.sheet not in names:
        raise SheetNotFound(source.name, source.sheet, names)
    return [source.sheet]


def told_of_hidden(grids: tuple[Grid, ...], hidden: Sequence[str]) -> tuple[Grid, ...]:
    """The grids, which tell where a sheet is hidden: it does so itself, or the first one if it is empty."""
    notes = [
        f"隐藏的工作表“{g.name}”里没有内容。" for g in grids if g.name in hidden and g.is_empty
    ]
    said = [
        replace(g, notes=(f"工作表“{g.name}”在 Excel 里是隐藏的，请确认是否要用。", *g.notes))
        if g.name in hidden
        else g
        for g in grids
    ]
    at = next((i for i, g in enumerate(said) if not g.is_empty), None)
    if notes and at is not None:
        said[at] = replace(said[at], notes=(*notes, *said[at].notes))
    return tuple(said)


def limited(grids: tuple[Grid, ...], names: list[str]) -> tuple[Grid, ...]:
    """The grids, which tell where sheets were left out."""
    if len(grids) == len(names) or len(grids) < MAX_SHEETS:
        return grids
    note = f"共有 {len(names)} 个工作表，只读入前 {MAX_SHEETS} 个；其余请按名称指定。"
    return tuple(replace(grid, notes=(note, *grid.notes)) for grid in grids)


def _book(archive: zipfile.ZipFile, file: str) -> Book:
    workbook = _workbook_part(archive, file)
    root = gate.part_tree(archive, workbook, file)
    targets = _relations(archive, workbook, file)
    tabs = tuple(
        Tab(tab.get("name", ""), part, tab.get("state", "visible") != "visible")
        for tab in root.iter("{*}sheet")
        for kind, part in [targets.get(_relation_id(dict(tab.attrib)), ("", ""))]
        if kind == "worksheet"
    )
    if not tabs:
        raise UnreadableFile(file, _DAMAGED_BOOK)
    parts = {kind: part for kind, part in targets.values()}
    properties = root.find("{*}workbookPr")
    since = "0" if properties is None else properties.get("date1904", "0")
    formats = _formats(archive, parts.get("styles"), file)
    return Book(
        archive, file, tabs, parts.get("sharedStrings"), formats, since.lower() in ("1", "true")
    )


def _workbook_part(archive: zipfile.ZipFile, file: str) -> str:
    roots = _relations(archive, "", file).values() if "_rels/.rels" in archive.namelist() else ()
    stated = [part for kind, part in roots if kind == "officeDocument"]
    return stated[0] if stated and stated[0] in archive.namelist() else "xl/workbook.xml"


def _relation_id(attributes: dict[str, str]) -> str:
    return next((v for k, v in attributes.items() if k.endswith("}id")), "")


def _relations(archive: zipfile.ZipFile, part: str, file: str) -> dict[str, tuple[str, str]]:
    """Id -> (last word of the type, member) of the relations of a part."""
    folder, leaf = posixpath.split(part)
    root = gate.part_tree(archive, posixpath.join(folder, "_rels", f"{leaf}.rels"), file)
    return {
        link.get("Id", ""): (
            link.get("Type", "").rpartition("/")[2],
            posixpath.normpath(posixpath.join("/", folder, link.get("Target", ""))).lstrip("/"),
        )
        for link in root.iter("{*}Relationship")
    }


def _formats(archive: zipfile.ZipFile, part: str | None, file: str) -> tuple[str, ...]:
    """What each cell format makes of a number; a workbook may come without styles."""
    if part is None or part not in archive.namelist():
        return ()
    root = gate.part_tree(archive, part, file)
    codes = {f.get("numFmtId", ""): f.get("formatCode", "") for f in root.iter("{*}numFmt")}
    cell_formats = root.find("{*}cellXfs")
    ids = [] if cell_formats is None else [xf.get("numFmtId", "0") for xf in cell_formats]
    return tuple(meaning(int(i) if i.isdigit() else 0, codes.get(i)) for i in ids)


def _grid(book: Book, tab: Tab, strings: pl.Series | None) -> Grid:
    if tab.part not in book.archive.namelist():
        raise gate.damaged(book.file)
    content = read_sheet(book.archive, tab.part, book.file)
    cells = _typed(content.cells, strings, book.formats)
    grid = to_grid(cells, tab.name, merged=content.merged, since_1904=book.since_1904)
    return replace(grid, notes=(*_notes(content), *grid.notes))


def _typed(
    cells: pl.DataFrame, strings: pl.Series | None, formats: tuple[str, ...]
) -> pl.DataFrame:
    """CELLS with their own strings and formats -> TYPED."""
    shared = cells["kind"] == "s"
    values = cells["value"]
    if shared.any():
        texts = strings if strings is not None else pl.Series([], dtype=pl.String)
        at = values.filter(shared).cast(pl.UInt32, strict=False)
        known = at.set((at >= len(texts)).fill_null(True), None)
        values = values.scatter(shared.arg_true(), texts.gather(known))
    numbers = list(range(len(formats)))
    shown = pl.col("style").replace_strict(
        numbers, list(formats), default="", return_dtype=pl.String
    )
    kinds = pl.col("kind").replace({"inlineStr": "s", "str": "s"})
    typed = cells.with_columns(values.alias("value"), shown.alias("format"), kinds.alias("kind"))
    return typed.filter((pl.col("value") != "") | (pl.col("kind") == "u")).select(*TYPED)


def _notes(content: SheetContent) -> tuple[str, ...]:
    notes = []
    if content.n_hidden:
        notes.append(f"有 {content.n_hidden} 行在 Excel 里被筛选或隐藏，已一并读入。")
    if n := content.cells.filter(kind="u").height:
        notes.append(f"有 {n} 个公式没有计算结果，请用 Excel 打开并保存后再上传。")
    return tuple(notes)
