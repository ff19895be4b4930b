"""JSON lines and JSON arrays of objects as tables of text, nested objects flattened with dots."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import polars as pl

from insight.errors import HeaderOnly, UnreadableFile
from insight.masking import mask_series
from insight.readers import gate
from insight.readers.headers import clean_name, unique_name
from insight.readers.raw import LINE, RawTable, Source, issue_table

_CHOICES = "┋"  # joins a list of plain values; no option holds it
_WRAPS = frozenset({"data", "rows", "records", "list", "result", "results"})
_DEEPEST = 12
_HINT = "请导出为每行一个对象的 JSON Lines，或另存为 csv。"

Row = tuple[int, dict[str, Any]]


@dataclass(slots=True)
class _Laid:
    """Cells by column while the rows are read, and the columns that hold tables of their own."""

    columns: dict[str, list[str | None]] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)
    nested: dict[str, None] = field(default_factory=dict)


def is_json(text: str) -> bool:
    """Whether a text is an object, objects line by line, or an array of objects."""
    start = text[:200].lstrip("\ufeff \t\r\n")
    return start[:1] == "{" or (start[:1] == "[" and start[1:].lstrip()[:1] in ("{", "]"))


def read_json(source: Source, text: str, *, notes: tuple[str, ...] = ()) -> RawTable | None:
    """Read JSON; None where no line of the text is JSON after all.

    Returns
    -------
    RawTable; ``__line__`` is the line of a JSON Lines file, else the place in the array from 1.
        Numbers stay as they are written; a list of plain values is joined by ``┋``

    Raises
    ------
    UnreadableFile : damaged, or no list of objects
    HeaderOnly : no objects
    FileTooLarge : more cells or columns than the settings allow
    """
    whole = _parsed(text)
    bad: list[tuple[int, str]] = []
    if whole is _BROKEN:
        rows = [row for row in _by_line(text, bad)]
        if not rows:
            return None
    else:
        rows = _objects(whole, source)
    if len(bad) > len(rows):
        raise UnreadableFile(source.name, "JSON 不完整或格式有误", _HINT)
    if not rows:
        raise HeaderOnly(source.name)
    return _table(source, rows, bad=bad, notes=notes)


class _Broken:
    """What a text gives that is no JSON as a whole."""


_BROKEN = _Broken()


def _parsed(text: str) -> Any:  # noqa: ANN401 (any JSON)
    """JSON with its numbers as they are written; ``_BROKEN`` where it is none."""
    try:
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return _BROKEN


def _by_line(text: str, bad: list[tuple[int, str]]) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        found = _parsed(line)
        if isinstance(found, dict):
            yield number, found
        else:
            bad.append((number, line[:60]))


def _objects(whole: Any, source: Source) -> list[Row]:  # noqa: ANN401
    """The objects of an array, or of the only array of objects within an object."""
    if isinstance(whole, dict):
        tables = [v for k, v in whole.items() if _is_table(v) and (k in _WRAPS or len(v) > 1)]
        whole = tables[0] if len(tables) == 1 else [whole]
    if not isinstance(whole, list) or not all(isinstance(one, dict) for one in whole):
        raise UnreadableFile(source.name, "JSON 里不是由对象组成的表", _HINT)
    return list(enumerate(whole, 1))


def _is_table(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _table(
    source: Source, rows: list[Row], *, bad: list[tuple[int, str]], notes: tuple[str, ...]
) -> RawTable:
    laid = _Laid()
    for at, (number, one) in enumerate(rows):
        laid.lines.append(number)
        _lay(laid, one, at=at, prefix="")
        if at % 10_000 == 0:
            gate.refuse_area(at + 1, len(laid.columns), source.name)
    gate.refuse_area(len(rows), len(laid.columns), source.name)
    taken = {LINE}
    series = [pl.Series(LINE, laid.lines, dtype=pl.UInt32)]
    for place, (name, cells) in enumerate(laid.columns.items(), 1):
        unique = unique_name(clean_name(name) or f"列{place}", taken)
        taken.add(unique)
        padded = cells + [None] * (len(rows) - len(cells))
        series.append(pl.Series(unique, padded, dtype=pl.String))
    values = mask_series(pl.Series([line for _, line in bad], dtype=pl.String))
    issues = issue_table(
        (number, "", value, "这一行不是完整的 JSON 对象", "未导入")
        for (number, _), value in zip(bad, values, strict=True)
    )
    return RawTable(
        source.stem, "table", pl.DataFrame(series), (*notes, *_notes(laid, bad)), issues
    )


def _lay(laid: _Laid, one: Mapping[str, Any], *, at: int, prefix: str, depth: int = 0) -> None:
    """Write the values of an object into the row ``at``."""
    for key, value in one.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and depth < _DEEPEST:
            _lay(laid, value, at=at, prefix=f"{name}.", depth=depth + 1)
        elif isinstance(value, dict) or (
            isinstance(value, list) and not all(map(_is_plain, value))
        ):
            laid.nested[name] = None
        else:
            cells = laid.columns.setdefault(name, [])
            cells += [None] * (at + 1 - len(cells))
            cells[at] = _text(value)


def _is_plain(value: Any) -> bool:  # noqa: ANN401
    return not isinstance(value, (dict, list))


def _text(value: Any) -> str | None:  # noqa: ANN401
    if isinstance(value, list):
        return _CHOICES.join(text for one in value if (text := _text(one))) or None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return None if value is None or not str(value).strip() else str(value)


def _notes(laid: _Laid, bad: list[tuple[int, str]]) -> list[str]:
    said = []
    if laid.nested:
        names = "、".join(islice(laid.nested, 5))
        said.append(f"“{names}”里还有表格（对象的列表），没有读入。")
    if bad:
        said.append(f"有 {len(bad)} 行不是完整的 JSON 对象，没有导入。")
    return said
