"""SPSS files (.sav, .zsav): cells as the texts of their labels, and the codebook beside them.

pyreadstat describes the file and reads its texts and dates; polars-readstat reads the plain numbers,
several times as fast. By itself it would lose the multi-response sets, turn user-missing codes into
nothing, and turn text of a wrongly declared encoding into empty cells without a word.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, replace
from typing import Any

import polars as pl
import polars_readstat
import pyreadstat

from insight.errors import HeaderOnly, UnreadableFile
from insight.readers import gate
from insight.readers.raw import LINE, Codebook, RawTable, Source
from insight.readers.sav_codebook import Described, answer_sets, described, notes, variable
from insight.readers.sav_values import lost_moments, names_of, written

_CHINESE = "GB18030"
_HIGH = re.compile(rb"[\x80-\xff]+")
_GB2312 = re.compile(rb"(?:[\xa1-\xf7][\xa1-\xfe])+")


@dataclass(frozen=True, slots=True)
class _Opened:
    """What pyreadstat says of a file, and the columns it read: texts, dates, and at least one."""

    described: tuple[Described, ...]
    meta: Any
    values: dict[str, list[Any]]
    note: str = ""

    @property
    def n_rows(self) -> int:
        return max((len(values) for values in self.values.values()), default=0)


class _OtherEncoding(Exception):
    """The bytes of a text are none of the encoding they were read with."""


def read_sav(source: Source) -> RawTable:
    """Read an SPSS file; ``__line__`` counts a header as row 1, as if it were a sheet.

    Returns
    -------
    RawTable with a codebook. Columns are called by the name of the variable and, where it says
        more, its label: ``Q1｜总体满意度``. Labelled values stand as their label, others as the
        number, dates as ``2024-03-05 09:03:07``; user-missing values stand like any other value

    Raises
    ------
    UnreadableFile : cut off, damaged, or of an unknown encoding
    HeaderOnly : no rows
    FileTooLarge : more cells or columns than the settings allow
    """
    opened, values = _stored(source)
    names = names_of(values, opened.described)
    texts = written(values, opened.described, names)
    variables = {one.header: variable(one, names.get(one.name, {})) for one in opened.described}
    book = Codebook(variables, answer_sets(opened.meta.mr_sets, variables))
    lines = pl.Series(LINE, range(2, opened.n_rows + 2), dtype=pl.UInt32)
    said = (*([opened.note] if opened.note else []), *notes(book, names))
    lost = lost_moments(values, texts, opened.described)
    return RawTable(source.stem, "table", texts.insert_column(0, lines), said, lost, book)


def stored(source: Source) -> pl.DataFrame:
    """The values of an SPSS file as it holds them (n): numbers, dates in seconds, trimmed texts."""
    return _stored(source)[1]


def _stored(source: Source) -> tuple[_Opened, pl.DataFrame]:
    source = replace(source, content=source.data)  # read once, looked at several times
    opened = _open(source)
    if not opened.n_rows:
        raise HeaderOnly(source.name)
    return opened, pl.DataFrame([*_slow(opened), *_numbers(source, opened)])


def _open(source: Source) -> _Opened:
    """Open with the encoding the user chose or the file declares; as Chinese where its bytes say so."""
    if source.encoding:
        return _chosen(source, source.encoding)
    try:
        opened = _opened(source, None)
    except _OtherEncoding:
        return _chosen(source, _CHINESE, note=_WRONG)
    return _chosen(source, _CHINESE, note=_WRONG) if _is_chinese(opened) else opened


_WRONG = "文件声明的文字编码与内容不符，已按 GB18030（中文）读取，请核对文字。"


def _chosen(source: Source, encoding: str, *, note: str = "") -> _Opened:
    try:
        return _opened(source, encoding, note=note)
    except _OtherEncoding:
        hint = "请在导入时选择另一种文字编码，或在 SPSS 里另存为 Unicode（UTF-8）。"
        raise UnreadableFile(source.name, f"文字不是 {encoding} 编码", hint) from None


def _opened(source: Source, encoding: str | None, *, note: str = "") -> _Opened:
    """Describe the file and read what is no plain number; of numbers alone, the first, for the count."""
    _, meta = _read(source, encoding=encoding, metadataonly=True)
    gate.refuse_area(meta.number_rows or 0, meta.number_columns, source.name)
    columns = described(meta)
    slow = [one.name for one in columns if not one.is_number] or meta.column_names[:1]
    values, _ = _read(source, encoding=encoding, usecols=slow) if slow else ({}, None)
    return _Opened(columns, meta, dict(values), note)


def _read(source: Source, **options: Any) -> tuple[dict[str, list[Any]], Any]:  # noqa: ANN401
    """One call of pyreadstat, its errors in the words of this product."""
    try:
        return pyreadstat.read_sav(
            io.BytesIO(source.data), user_missing=True, output_format="dict",
            disable_datetime_conversion=True, **options,
        )  # fmt: skip
    except UnicodeDecodeError:
        raise _OtherEncoding from None
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError) as error:
        if "convert string" in str(error) or "encoding" in str(error):
            raise _OtherEncoding from None
        raise _damaged(source) from None


def _damaged(source: Source) -> UnreadableFile:
    hint = "请从 SPSS 或问卷平台重新导出后上传。"
    return UnreadableFile(source.name, "SPSS 文件不完整或已损坏", hint)


def _is_chinese(opened: _Opened) -> bool:
    """Whether a file that is read as Western speaks Chinese: its high bytes come in pairs of GB2312."""
    if (opened.meta.file_encoding or "").lower() not in ("windows-1252", "iso-8859-1"):
        return False
    labels = [text for one in opened.described for text in (one.label, *dict(one.options).values())]
    words = "\n".join(labels + [v for values in opened.values.values() for v in values[:200] if isinstance(v, str)])  # fmt: skip
    runs = _HIGH.findall(words.encode("cp1252", "ignore"))
    return bool(runs) and sum(map(bool, map(_GB2312.fullmatch, runs))) >= 0.9 * len(runs)


def _slow(opened: _Opened) -> list[pl.Series]:
    """Texts, trimmed, and dates."""
    texts = [_trimmed(opened, one.name) for one in opened.described if one.is_text]
    moments = [one.name for one in opened.described if one.is_date or one.is_clock]
    return texts + [
        pl.Series(name, opened.values[name], dtype=pl.Float64).fill_nan(None) for name in moments
    ]


def _trimmed(opened: _Opened, name: str) -> pl.Series:
    text = pl.Series(name, opened.values[name], dtype=pl.String).str.strip_chars_end(" \0")
    return text.set(text == "", None)


def _numbers(source: Source, opened: _Opened) -> list[pl.Series]:
    """The plain numbers; columns are told apart by their place, for names depend on the encoding."""
    wanted = [i for i, one in enumerate(opened.described) if one.is_number]
    if not wanted:
        return []
    try:
        names = polars_readstat.scan_readstat("x.sav", data=source.data).collect_schema().names()
        marked = [names[i] for i in wanted if opened.described[i].missing]
        scan = polars_readstat.scan_readstat(
            "x.sav", data=source.data, preserve_order=True, informative_nulls=_marks(marked)
        )
        frame = scan.select(names[i] for i in wanted).collect()
    except (RuntimeError, IndexError, ValueError, pl.exceptions.PolarsError):
        raise _damaged(source) from None
    if frame.height != opened.n_rows:
        raise _damaged(source)
    kinds = frame.schema
    whole = frame.select(_with_missing(names[i], kinds[names[i]]) for i in wanted)
    return [whole[names[i]].alias(opened.described[i].name) for i in wanted]


def _marks(names: list[str]) -> Any:  # noqa: ANN401 (a library without types)
    """Ask for the user-missing code beside the value, as a struct of the two."""
    if not names:
        return None
    return polars_readstat.InformativeNullOpts(names, mode="struct", use_value_labels=False)


def _with_missing(name: str, kind: pl.DataType) -> pl.Expr:
    """A column of numbers with its user-missing codes back in place."""
    column = pl.col(name)
    if not isinstance(kind, pl.Struct):
        return column.cast(pl.Float64)
    number, code = (column.struct.field(field.name) for field in kind.fields)
    return pl.coalesce(number.cast(pl.Float64).fill_nan(None), code.cast(pl.Float64, strict=False)).alias(name)  # fmt: skip
