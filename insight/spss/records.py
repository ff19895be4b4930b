"""The dictionary of a .sav, record by record: multi-response sets, the weight and the date put into it.

The layout is that of the PSPP developers' guide, "System File Format": a header of 176 bytes, records that
begin with their type, 999 at the end of the dictionary. Positions of cases are counted from there, so that
records may be added in an uncompressed or row-compressed file.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from insight.spss.naming import LONGEST_LABEL, cut
from insight.spss.variables import Several

_HEADER, _WEIGHT_AT, _DATE_AT = 176, 76, 92
_VARIABLE, _LABELS, _LABELLED, _DOCUMENTS, _EXTENSION, _END = 2, 3, 4, 6, 7, 999
_SETS, _LONG_NAMES, _BEFORE_SETS = 7, 13, (3, 4)  # subtypes of extensions
_CONTINUED = -1  # type of a variable that only holds more of the text before it
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the dictionary: its type, that of an extension, and where it lies."""

    kind: int
    subtype: int
    begin: int
    end: int


def completed(data: bytes, sets: Sequence[Several], *, weight: str, made_at: datetime) -> bytes:
    """The file with its sets, the variable that weights its cases ("" = none) and a date.

    Parameters
    ----------
    data : little-endian, not zsav
    sets : of variables that are in the file
    """
    found = list(records(data))
    short = _short_names(data, found)
    extra = _sets(sets, short)
    place = next(r.begin for r in found if r.kind == _END or (r.kind == _EXTENSION and r.subtype not in _BEFORE_SETS))  # fmt: skip
    whole = bytearray(data[:place] + extra + data[place:])
    struct.pack_into("<i", whole, _WEIGHT_AT, _index(data, found, short.get(weight, "")))
    month = _MONTHS[made_at.month - 1]
    moment = f"{made_at:%d} {month} {made_at:%y}{made_at:%H:%M:%S}".encode()
    whole[_DATE_AT : _DATE_AT + len(moment)] = moment
    return bytes(whole)


def records(data: bytes) -> Iterator[Record]:
    """Every record of the dictionary, in the order of the file."""
    at, kind = _HEADER, 0
    while kind != _END:
        begin = at
        kind, subtype, _, _ = struct.unpack_from("<4i", data, at)
        at = _after(data, kind, begin)
        yield Record(kind, subtype, begin, at)


def _after(data: bytes, kind: int, at: int) -> int:
    """Where the record of this type that begins at ``at`` ends."""
    if kind == _VARIABLE:
        return _after_variable(data, at)
    if kind == _LABELS:
        return _after_labels(data, at)
    n = struct.unpack_from("<i", data, at + 4)[0]
    if kind == _LABELLED:
        return int(at + 8 + 4 * n)
    if kind == _DOCUMENTS:
        return int(at + 8 + 80 * n)
    if kind == _EXTENSION:
        size, times = struct.unpack_from("<2i", data, at + 8)
        return int(at + 16 + size * times)
    return at + 8


def _after_variable(data: bytes, at: int) -> int:
    _, has_label, n_missing = struct.unpack_from("<3i", data, at + 4)
    end = at + 32
    if has_label:
        length = struct.unpack_from("<i", data, end)[0]
        end += 4 + -(-length // 4) * 4
    return int(end + 8 * abs(n_missing))


def _after_labels(data: bytes, at: int) -> int:
    n = struct.unpack_from("<i", data, at + 4)[0]
    end = at + 8
    for _ in range(n):
        length = data[end + 8]
        end += 8 + -(-(length + 1) // 8) * 8
    return end


def _short_names(data: bytes, found: Sequence[Record]) -> dict[str, str]:
    """Name of a variable -> its short one, of which sets and positions speak."""
    names: dict[str, str] = {}
    for record in found:
        if record.kind == _VARIABLE and _type(data, record) != _CONTINUED:
            name = _name(data, record)
            names[name] = name
    for record in found:
        if (record.kind, record.subtype) == (_EXTENSION, _LONG_NAMES):
            pairs = data[record.begin + 16 : record.end].decode().split("\t")
            names |= {long: short for short, _, long in (pair.partition("=") for pair in pairs)}
    return names


def _type(data: bytes, record: Record) -> int:
    return int(struct.unpack_from("<i", data, record.begin + 4)[0])


def _name(data: bytes, record: Record) -> str:
    return data[record.begin + 24 : record.begin + 32].decode().rstrip()


def _index(data: bytes, found: Sequence[Record], short: str) -> int:
    """The place of a variable in the dictionary, counted from 1; 0 for no variable."""
    variables = [record for record in found if record.kind == _VARIABLE]
    places = {_name(data, r): at for at, r in enumerate(variables, start=1) if _type(data, r) != _CONTINUED}  # fmt: skip
    return places.get(short, 0)


def _sets(sets: Sequence[Several], short: dict[str, str]) -> bytes:
    """The record of the sets: dichotomies that count 1; b"" where there are none."""
    text = b""
    for one in sets:
        label = cut(one.label, LONGEST_LABEL).replace("\n", " ").encode()
        names = " ".join(short[v].lower() for v in one.variables)
        text += f"${one.name}=D1 1 {len(label)} ".encode() + label + f" {names}\n".encode()
    return struct.pack("<4i", _EXTENSION, _SETS, 1, len(text)) + text if text else b""
