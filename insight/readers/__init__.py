"""Files as bytes -> raw tables of text: what kind a file is decides which reader takes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from insight.errors import EmptyFile, HeaderOnly, SheetNotFound, UnreadableFile
from insight.readers import gate, layouts, markup, text_tables, transcripts
from insight.readers.archives import read_members
from insight.readers.biff import read_ole
from insight.readers.columnar import read_parquet
from insight.readers.documents import read_paragraphs
from insight.readers.encoding_evidence import Candidate
from insight.readers.encoding_evidence import candidates as candidates_of
from insight.readers.encodings import Decoded, decode
from insight.readers.headers import clean_name, to_table
from insight.readers.json_lines import is_json, read_json
from insight.readers.kinds import REFUSALS, archive_kind, kind_of, text_kind
from insight.readers.markdown import unmarked
from insight.readers.pared import read_pared
from insight.readers.pdf import read_pdf
from insight.readers.raw import BLOCK, ISSUE_SCHEMA, LINE, Grid, RawTable, Source
from insight.readers.sav import read_sav
from insight.readers.sheets import read_xlsx
from insight.settings import settings

__all__ = ["ISSUE_SCHEMA", "LINE", "Candidate", "RawTable", "candidates", "read"]

_LARGE = 50 * 2**20  # bytes from which on a file tells what it takes
_MEMORY = 4  # times its size, at most: what reading, cleaning and writing a text need (benchmarks/reading.py)
_PROSE = frozenset({"txt", "md", "text", "srt", "vtt", "doc", "docx", "log"})


def read(
    content: bytes | Path, name: str, *, sheet: str | None = None, encoding: str | None = None
) -> tuple[RawTable, ...]:
    """Read a file as text, one RawTable a sheet, or more for the members of a zip.

    Parameters
    ----------
    content : the file, or where it lies, which takes less memory for large ones; its first
        bytes say what it is (xlsx, xls, csv and other delimited text,
        HTML or XML saved as .xls, parquet, sav, JSON lines, docx, pdf, txt, srt, vtt, a zip of them)
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
    source = Source(content, _shown(name), sheet, encoding)
    gate.refuse_oversize(source.size, source.name)
    if _is_blank(source):
        raise EmptyFile(source.name)
    tables = _read(source)
    if sheet is not None and sheet not in [table.name for table in tables]:
        raise SheetNotFound(source.name, sheet, [table.name for table in tables])
    asked = tuple(table for table in tables if sheet in (None, table.name))
    return _sized(asked, source) if source.size > _LARGE else asked


def _sized(tables: Sequence[RawTable], source: Source) -> tuple[RawTable, ...]:
    """The tables of a large file, which tell how large it is, what may be and what it takes."""
    limits, size = settings(), source.size / 2**20
    n_rows = sum(table.frame.height for table in tables)
    note = (
        f"文件较大：{size:.0f} MB、{n_rows:,} 行，导入约需 {_MEMORY * size / 1024:.1f} GB 内存"
        f"（上限 {limits.max_upload_mb} MB、{limits.max_cells // 10_000:,} 万格）。"
    )
    return tuple(replace(table, notes=(note, *table.notes)) for table in tables)


def candidates(content: bytes | Path) -> tuple[Candidate, ...]:
    """The encodings a text file may be in, the likeliest first, each with its first three lines."""
    return candidates_of(Source(content, ""))


def _is_blank(source: Source) -> bool:
    return all(not block.strip(b"\x00\r\n\t ") for block, _ in source.blocks(BLOCK))


def _marked(tables: Sequence[RawTable], form: str, *, encoding: str = "") -> tuple[RawTable, ...]:
    """The tables with what their file is."""
    return tuple(replace(table, format=form, encoding=encoding) for table in tables)


def _shown(name: str) -> str:
    """The last part of a name without invisible characters, for messages."""
    return clean_name(name.replace("\\", "/").rpartition("/")[2])[:120] or "未命名文件"


def _read(source: Source) -> tuple[RawTable, ...]:
    kind = kind_of(source.head(16), size=source.size)
    if kind == "zip":
        return _read_archive(source)
    if kind == "ole":
        return _marked(_tables(read_ole(source), source.name), "xls")
    if kind == "parquet":
        kept = read_pared(source)
        return _marked([read_parquet(source)], "parquet") if kept is None else (kept,)
    if kind == "sav":
        return _marked([read_sav(source)], "sav")
    if kind == "pdf":
        paragraphs, notes = read_pdf(source)
        told = transcripts.to_transcript(paragraphs, source.stem, source.name, notes=notes)
        return _marked([told], "pdf")
    if kind == "text":
        return _read_text(source)
    raise _refusal(source, kind)


def _refusal(source: Source, kind: str) -> UnreadableFile:
    reason, hint = REFUSALS[kind]
    return UnreadableFile(source.name, reason, hint)


def _read_archive(source: Source) -> tuple[RawTable, ...]:
    with gate.open_archive(source.content, source.name) as archive:
        kind = archive_kind(archive)
        if kind == "xlsx":
            return _marked(_tables(read_xlsx(source, archive), source.name), "xlsx")
        if kind == "docx":
            paragraphs, notes = read_paragraphs(source, archive)
            told = transcripts.to_transcript(paragraphs, source.stem, source.name, notes=notes)
            return _marked([told], "docx")
        if kind == "archive":
            return read_members(source, archive, read=_read_member)
        raise _refusal(source, kind)


def _read_member(source: Source) -> tuple[RawTable, ...]:
    return read(source.data, source.name, encoding=source.encoding)


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
    decoded = decode(source)
    kind = text_kind(decoded.head, decoded.tail)
    if kind == "html":
        return _marked(_read_html(source, decoded.text), "html", encoding=decoded.encoding)
    if kind == "sheet_xml":
        grids = markup.spreadsheet_xml_grids(source, decoded.text)
        return _marked(_tables(grids, source.name), "xml", encoding=decoded.encoding)
    if kind != "plain":
        raise _refusal(source, kind)
    if is_json(decoded.head) and (one := read_json(source, decoded.text, notes=decoded.notes)):
        return _marked([one], "json", encoding=decoded.encoding)
    found = _layout(decoded, source)
    if found is None:
        lines = transcripts.lines_of(decoded.text)
        said = unmarked(lines, suffix=source.suffix)
        notes = (*decoded.notes, *said.notes)
        told = transcripts.to_transcript(said.paragraphs, source.stem, source.name, notes=notes)
        return _marked([told], source.suffix or "txt", encoding=decoded.encoding)
    grid = text_tables.to_grid(decoded, found, stem=source.stem, file=source.name)
    return _marked(_tables([grid], source.name), "csv", encoding=decoded.encoding)


def _layout(decoded: Decoded, source: Source) -> layouts.Layout | None:
    """The layout of a table, or None for a conversation.

    Even separators below short names make a table; so does a file of single cells whose name
    does not promise prose.
    """
    head = decoded.head
    if transcripts.is_subtitle(head):
        return None
    prose = source.suffix in _PROSE
    found = layouts.layout(head)
    if found and (not prose or (found.share >= 0.9 and layouts.has_header(head, found.separator))):
        return found
    if prose or transcripts.speaks(head):
        return None
    return layouts.ONE_COLUMN


def _read_html(source: Source, text: str) -> tuple[RawTable, ...]:
    root = markup.parse_html(text, source.name)
    if grids := markup.html_grids(root, source.name, stem=source.stem):
        return _tables(grids, source.name)
    lines = transcripts.lines_of("\n".join(markup.html_lines(root)))
    return (transcripts.to_transcript(lines, source.stem, source.name),)
