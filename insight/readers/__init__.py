"""Files as bytes -> raw tables of text: what kind a file is decides which reader takes it."""

from __future__ import annotations

from collections.abc import Sequence

from insight.errors import EmptyFile, HeaderOnly, SheetNotFound, UnreadableFile
from insight.readers import gate, layouts, markup, text_tables, transcripts
from insight.readers.biff import read_ole
from insight.readers.columnar import read_parquet
from insight.readers.documents import read_paragraphs
from insight.readers.encodings import decode
from insight.readers.headers import clean_name, to_table
from insight.readers.kinds import REFUSALS, archive_kind, kind_of, text_kind
from insight.readers.raw import ISSUE_SCHEMA, LINE, Grid, RawTable, Source
from insight.readers.sheets import read_xlsx

__all__ = ["ISSUE_SCHEMA", "LINE", "RawTable", "read"]

_PROSE = frozenset({"txt", "md", "text", "srt", "vtt", "doc", "docx", "log"})


def read(
    data: bytes, name: str, *, sheet: str | None = None, encoding: str | None = None
) -> tuple[RawTable, ...]:
    """Read a file as text, one RawTable a sheet.

    Parameters
    ----------
    data : the file; its first bytes say what it is (xlsx, xls, csv and other delimited text,
        HTML or XML saved as .xls, parquet, docx, txt, srt, vtt)
    name : as the user knows it; for messages and table names, never a path
    sheet : read this sheet only
    encoding : the user's choice for text files, instead of finding it out

    Returns
    -------
    At least one RawTable. Empty sheets are left out.

    Raises
    ------
    EmptyFile, HeaderOnly, FileTooLarge, UnreadableFile, UnknownEncoding, SheetNotFound, BadParameter
    """
    source = Source(data, _shown(name), sheet, encoding)
    gate.refuse_oversize(data, source.name)
    if not data.strip(b"\x00\r\n\t "):
        raise EmptyFile(source.name)
    tables = _read(source)
    if sheet is not None and sheet not in [table.name for table in tables]:
        raise SheetNotFound(source.name, sheet, [table.name for table in tables])
    return tuple(table for table in tables if sheet in (None, table.name))


def _shown(name: str) -> str:
    """The last part of a name without invisible characters, for messages."""
    return clean_name(name.replace("\\", "/").rpartition("/")[2])[:120] or "未命名文件"


def _read(source: Source) -> tuple[RawTable, ...]:
    kind = kind_of(source.data)
    if kind == "zip":
        return _read_archive(source)
    if kind == "ole":
        return _tables(read_ole(source), source.name)
    if kind == "parquet":
        return (read_parquet(source),)
    if kind == "text":
        return _read_text(source)
    raise _refusal(source, kind)


def _refusal(source: Source, kind: str) -> UnreadableFile:
    reason, hint = REFUSALS[kind]
    return UnreadableFile(source.name, reason, hint)


def _read_archive(source: Source) -> tuple[RawTable, ...]:
    with gate.open_archive(source.data, source.name) as archive:
        kind = archive_kind(archive)
        if kind == "xlsx":
            return _tables(read_xlsx(source, archive), source.name)
        if kind == "docx":
            paragraphs, notes = read_paragraphs(source, archive)
            return (transcripts.to_transcript(paragraphs, source.stem, source.name, notes=notes),)
        raise _refusal(source, kind)


def _tables(grids: Sequence[Grid], file: str) -> tuple[RawTable, ...]:
    """The tables of all sheets with data; the first reason why there is none."""
    tables: list[RawTable] = []
    empty: list[EmptyFile | HeaderOnly] = []
    for grid in grids:
        try:
            tables.append(to_table(grid, file))
        except (EmptyFile, HeaderOnly) as error:
            empty.append(error)
    if tables:
        return tuple(tables)
    headers = [error for error in empty if isinstance(error, HeaderOnly)]
    raise (headers or empty or [EmptyFile(file)])[0]


def _read_text(source: Source) -> tuple[RawTable, ...]:
    decoded = decode(source.data, source.name, encoding=source.encoding)
    if not decoded.text.strip():
        raise EmptyFile(source.name)
    kind = text_kind(decoded.text)
    if kind == "html":
        return _read_html(source, decoded.text)
    if kind == "sheet_xml":
        grids = markup.spreadsheet_xml_grids(source, decoded.text)
        return _tables(grids, source.name)
    if kind != "plain":
        raise _refusal(source, kind)
    found = _layout(decoded.text, source)
    if found is None:
        lines = transcripts.lines_of(decoded.text)
        told = transcripts.to_transcript(lines, source.stem, source.name, notes=decoded.notes)
        return (told,)
    grid = text_tables.to_grid(found, source.stem, source.name, notes=decoded.notes)
    return _tables([grid], source.name)


def _layout(text: str, source: Source) -> layouts.Layout | None:
    """The layout of a table, or None for a conversation.

    Even separators below short names make a table; so does a file of single cells whose name
    does not promise prose.
    """
    if transcripts.is_subtitle(text):
        return None
    prose = source.suffix in _PROSE
    found = layouts.layout(text)
    if found and (not prose or (found.share >= 0.9 and layouts.has_header(found))):
        return found
    if prose or transcripts.speaks(text):
        return None
    return layouts.one_column(text)


def _read_html(source: Source, text: str) -> tuple[RawTable, ...]:
    root = markup.parse_html(text, source.name)
    if grids := markup.html_grids(root, source.name, stem=source.stem):
        return _tables(grids, source.name)
    lines = transcripts.lines_of("\n".join(markup.html_lines(root)))
    return (transcripts.to_transcript(lines, source.stem, source.name),)
