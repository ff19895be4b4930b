"""Cells of a worksheet, straight from its XML, in blocks of whole rows: no dense grid, no trust in declared sizes."""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from insight.errors import FileTooLarge
from insight.readers import gate
from insight.readers.raw import Merge

BLOCK = 2**23  # characters of XML that are taken apart at once
_LONGEST_ROW = 2**27
_SPARSE_AREA = 5_000_000
_ATTRIBUTES = (
    r"""^(?:\s+(?:r=["'](?<letters>[A-Z]{1,3})\d*["']|s=["'](?<style>\d{1,6})["']"""
    r"""|t=["'](?<kind>[A-Za-z]+)["']|[\w:]+=["'][^"'>]*["']))*\s*/?>"""
)
_VALUE = r"<v(?:\s[^>]*)?>([^<]*)"
_TEXT = r"<t(?:\s[^>]*)?>([^<]*)"
_MERGE = re.compile(r"""<(?:\w+:)?mergeCell\s[^>]*?ref=["']([A-Z]+)(\d+):([A-Z]+)(\d+)["']""")

# One row a cell that holds something. ``style`` is the number of its cell format, ``kind`` the
# ``t`` attribute of ECMA-376 18.18.11 (b, d, e, inlineStr, n, s, str), or "u": a formula without a result.
CELLS = {
    "line": pl.UInt32,
    "column": pl.UInt32,
    "kind": pl.String,
    "style": pl.UInt32,
    "value": pl.String,
}


@dataclass(frozen=True, slots=True)
class SheetContent:
    """What a worksheet holds: CELLS, merged ranges, and how many rows a filter hides."""

    cells: pl.DataFrame
    merged: tuple[Merge, ...]
    n_hidden: int


def column_number(letters: str) -> int:
    """Position of a column from 0: A -> 0, Z -> 25, AA -> 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def read_sheet(archive: zipfile.ZipFile, part: str, name: str) -> SheetContent:
    """Read one worksheet; shared strings stay numbers.

    Raises
    ------
    FileTooLarge : the cells spread over more area or columns than the settings allow
    UnreadableFile : damaged
    """
    pieces: list[pl.DataFrame] = []
    merged: list[Merge] = []
    n_hidden, line = 0, 0
    for block in _blocks(gate.part_text(archive, part, name), "row", name):
        rows = _rows(block, after=line)
        if not rows.is_empty():
            line = max(line, int(rows["line"][-1]))
            n_hidden += int(rows["row"].str.contains(r"""^[^>]*\shidden=["'](?:1|true)""").sum())
            pieces.append(_cells(rows))
            _refuse_spread(pieces[-1], name)
        merged += [_merge(m) for m in _MERGE.finditer(block.partition("</sheetData>")[2])]
    cells = pl.concat(pieces) if pieces else _cells(_rows("", after=0))
    _refuse_spread(cells, name)
    _refuse_sparse(cells, name)
    return SheetContent(cells, tuple(merged), n_hidden)


def shared_strings(archive: zipfile.ZipFile, part: str, name: str) -> pl.Series:
    """The strings that cells point to, in order; declared counts are ignored (n) String."""
    pieces = []
    for block in _blocks(gate.part_text(archive, part, name), "si", name):
        items = pl.Series("text", [re.sub(r"<si\s*/>", "<si></si>", block)]).str.split("</si>")
        pieces.append(_said(items.explode()[:-1]))
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


def _rows(block: str, *, after: int) -> pl.DataFrame:
    """(n_rows) line and the XML of each row, up to the next."""
    data = block.partition("</sheetData>")[0]
    pieces = pl.Series("row", [data]).str.split("<row").explode()[1:]
    rows = pieces.to_frame().filter(pl.col("row").str.contains(r"^[\s/>]"))
    stated = pl.col("row").str.extract(r"""^[^>]*?\sr=["'](\d{1,7})["']""").cast(pl.UInt32)
    counted = pl.int_range(after + 1, pl.len() + after + 1, dtype=pl.UInt32)
    return rows.select(pl.coalesce(stated, counted).alias("line"), "row")


def _cells(rows: pl.DataFrame) -> pl.DataFrame:
    """CELLS of some rows; those that hold nothing are left out."""
    split = pl.col("row").str.split(r"<c\b", literal=False).list.slice(1)
    cells = rows.select("line", split.alias("cell")).explode("cell").drop_nulls("cell")
    cell, kind = pl.col("cell"), pl.col("kind")
    facts = cells.select(
        "line", "cell", cell.str.extract_groups(_ATTRIBUTES).alias("attributes")
    ).unnest("attributes")
    facts = facts.select(
        "line",
        _positions(facts["letters"]).alias("column"),
        kind.fill_null("n"),
        pl.col("style").cast(pl.UInt32),
        _values(facts["cell"]).alias("value"),
        cell.str.contains("<f", literal=True).alias("formula"),
    )
    unsolved = pl.col("formula") & (kind != "str") & (pl.col("value") == "")
    return facts.select(
        "line",
        "column",
        pl.when(unsolved).then(pl.lit("u")).otherwise(kind).alias("kind"),
        "style",
        "value",
    ).filter((pl.col("value") != "") | (kind == "u"))


def _positions(letters: pl.Series) -> pl.Expr:
    """Column positions; a row without references counts its cells from the left."""
    known = letters.drop_nulls().unique().sort().to_list()
    position = pl.col("letters").replace_strict(
        known, [column_number(text) for text in known], default=None, return_dtype=pl.UInt32
    )
    if letters.has_nulls():
        return pl.coalesce(position, pl.int_range(pl.len(), dtype=pl.UInt32).over("line"))
    return position


def _values(cells: pl.Series) -> pl.Series:
    """The text of each cell: its ``<v>``, or the ``<is>`` of a cell that carries its own string."""
    values = unescaped(cells.str.extract(_VALUE).fill_null(""))
    own = cells.str.contains("<is", literal=True)
    return values.scatter(own.arg_true(), _said(cells.filter(own))) if own.any() else values


def _said(items: pl.Series) -> pl.Series:
    """The text of strings with runs, without their phonetic hints; null stays null."""
    runs = items.str.replace_all(r"(?s)<rPh\b.*?</rPh>", "").str.extract_all(_TEXT)
    texts = runs.list.eval(pl.element().str.replace(r"(?s)^<[^>]*>", "")).list.join("")
    return unescaped(texts)


def unescaped(values: pl.Series) -> pl.Series:
    """Undo XML entities and the ``_xHHHH_`` of ECMA-376 22.9.2.19; control characters go."""
    odd = values.str.contains(r"&|_x[0-9A-Fa-f]{4}_|\r").fill_null(False)
    if not odd.any():
        return values
    known = values.filter(odd).unique().sort()
    plain = [_unescape(text) for text in known]
    return values.replace(known, pl.Series(plain, dtype=pl.String))


def _unescape(text: str) -> str:
    text = re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), html.unescape(text))
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return re.sub(
        r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text.replace("\r\n", "\n").replace("\r", "\n")
    )


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
