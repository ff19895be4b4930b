"""Tables and text inside HTML and XML Spreadsheet 2003, which many systems save as .xls or .doc."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lxml import etree, html  # type: ignore[import-untyped]

from insight.errors import UnreadableFile
from insight.readers import gate
from insight.readers.raw import Grid, Merge, Source, grid_frame

_SHEET = "{urn:schemas-microsoft-com:office:spreadsheet}"
_DROPPED = ("script", "style", "template", "noscript", "head")
_BLOCKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th"})


def parse_html(text: str, name: str) -> html.HtmlElement:
    """The tree of an HTML text without scripts and styles; nothing is fetched or run.

    Raises
    ------
    UnreadableFile : no element in it
    """
    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = html.document_fromstring(text.encode(), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        raise UnreadableFile(name, "网页内容已损坏") from None
    for element in root.xpath("|".join(f"//{tag}" for tag in _DROPPED)):
        element.drop_tree()
    return root


def html_grids(root: html.HtmlElement, name: str, *, stem: str) -> tuple[Grid, ...]:
    """Every outermost table of a page that has at least two rows; an only one is called ``stem``."""
    tables = [t for t in root.iter("table") if not any(True for _ in t.iterancestors("table"))]
    grids = []
    for number, table in enumerate(tables, 1):
        label = " ".join("".join(c.itertext()) for c in table.findall("caption")).strip()
        grid = _html_grid(table, label or f"表{number}", name)
        if grid.frame.height > 1:
            grids.append(grid)
    return tuple(replace(grid, name=stem) for grid in grids) if len(grids) == 1 else tuple(grids)


def _html_grid(table: html.HtmlElement, label: str, name: str) -> Grid:
    rows: list[tuple[int, list[str | None]]] = []
    merged: list[Merge] = []
    open_cells: dict[int, int] = {}  # column -> rows that a cell above still covers
    for line, row in enumerate(table.iter("tr"), 1):
        cells: list[str | None] = []
        for cell in row.iterchildren("td", "th"):
            _skip_covered(cells, open_cells)
            width, height = _span(cell, "colspan"), _span(cell, "rowspan")
            gate.refuse_area(line, len(cells) + width, name)
            if width > 1 or height > 1:
                merged.append(Merge(line, line + height - 1, len(cells), len(cells) + width - 1))
            open_cells |= {len(cells) + i: height - 1 for i in range(width) if height > 1}
            cells += [_words(cell), *[None] * (width - 1)]
        _skip_covered(cells, open_cells)
        rows.append((line, cells))
    return Grid(label, grid_frame(rows), merged=tuple(merged))


def _skip_covered(cells: list[str | None], open_cells: dict[int, int]) -> None:
    while open_cells.get(len(cells), 0) > 0:
        open_cells[len(cells)] -= 1
        cells.append(None)


def _span(cell: html.HtmlElement, kind: str) -> int:
    stated = (cell.get(kind) or "1").strip()
    return max(int(stated), 1) if stated.isdigit() and len(stated) < 6 else 1


def _words(element: html.HtmlElement) -> str:
    return " ".join("".join(element.itertext()).replace("\xa0", " ").split())


def html_lines(root: html.HtmlElement) -> list[str]:
    """The text of a page, one line a block element."""
    for element in root.iter():
        if element.tag in _BLOCKS:
            element.tail = "\n" + (element.tail or "")
    return [" ".join(line.split()) for line in "".join(root.itertext()).split("\n")]


def spreadsheet_xml_grids(source: Source, text: str) -> tuple[Grid, ...]:
    """The sheets of an XML Spreadsheet 2003 file.

    Raises
    ------
    UnreadableFile : not well-formed, or it declares a DOCTYPE
    """
    if "<!DOCTYPE" in text:
        raise UnreadableFile(source.name, "文件里有不允许的 XML 声明")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, encoding="utf-8")
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError:
        raise gate.damaged(source.name) from None
    return tuple(
        Grid(sheet.get(f"{_SHEET}Name", "工作表"), grid_frame(_rows(sheet, source.name)))
        for sheet in root.iter(f"{_SHEET}Worksheet")
    )


def _rows(sheet: etree._Element, name: str) -> Iterator[tuple[int, list[str | None]]]:
    line = 0
    for row in sheet.iter(f"{_SHEET}Row"):
        line = _index(row, line + 1)
        cells: list[str | None] = []
        for cell in row.iterchildren(f"{_SHEET}Cell"):
            at = _index(cell, len(cells) + 1)
            gate.refuse_area(line, at, name)
            cells += [None] * (at - 1 - len(cells))
            cells.append("".join(cell.itertext()))
        yield line, cells


def _index(element: etree._Element, expected: int) -> int:
    stated = element.get(f"{_SHEET}Index", "")
    return max(int(stated), expected) if stated.isdigit() and len(stated) < 8 else expected
