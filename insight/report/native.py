"""A chart of the report as numbers that a presentation can draw and its reader can edit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import altair as alt

from insight.units import Unit, title_of, unit_of

Kind = Literal["bars", "stacked", "floating", "lines", "curves", "points"]
MOST_CATEGORIES, MOST_SERIES = 20, 8
_LARGE = 1_000  # written without decimals
_FORMATS = {Unit.SHARE: "0.0%", Unit.MONEY: "#,##0", Unit.COUNT: "#,##0", Unit.DAYS: "#,##0.0"}
_WRITTEN = ("written", "words")  # columns in which charts keep a value as it is printed
BASE = "起点"
_SHARES = "[>=0.04]0%;;"  # a smaller part of a bar has no room for its figure
_DOTS = ("circle", "point", "square")


@dataclass(frozen=True, slots=True)
class Native:
    """What is drawn.

    Attributes
    ----------
    kind : bars [lying], stacked [lying bars], floating [lying bars that begin where the series ``BASE`` ends],
        lines, curves [lines over numbers], points
    categories : (n) what each value belongs to; of points their names
    series : name -> (n) values, None where there is none; of points and curves pairs (x, y)
    number_format : of the values, as a spreadsheet writes it
    axes : titles of the axes of points and curves
    """

    kind: Kind
    categories: tuple[str, ...]
    series: Mapping[str, tuple[Any, ...]]
    number_format: str = "General"
    axes: tuple[str, str] = ("", "")


def native(chart: alt.TopLevelMixin) -> Native | None:
    """The numbers of a chart; None where no editable chart can show them (heat maps, flows, clouds, networks)."""
    spec = chart.to_dict(validate=False)
    units = list(_units(spec, {}, spec.get("datasets", {})))
    said = [_field(encoding, "text") for mark, encoding, _ in units if mark == "text"]
    found = (_drawn(unit, said) for unit in units)
    return next((one for one in found if one is not None), None)


def _units(
    spec: Mapping[str, Any], above: Mapping[str, Any], data: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any], Sequence[Mapping[str, Any]]]]:
    """Mark, encoding and rows of every layer, the first first."""
    encoding = {**above.get("encoding", {}), **spec.get("encoding", {})}
    own = {"data": spec.get("data", above.get("data", {})), "encoding": encoding}
    if "layer" in spec:
        for layer in spec["layer"]:
            yield from _units(layer, own, data)
    elif "mark" in spec and not spec.get("transform"):
        mark = spec["mark"]
        rows = own["data"].get("values") or data.get(own["data"].get("name", ""), [])
        yield (mark if isinstance(mark, str) else mark["type"]), encoding, rows


def _drawn(
    unit: tuple[str, Mapping[str, Any], Sequence[Mapping[str, Any]]], said: Sequence[str]
) -> Native | None:
    mark, encoding, rows = unit
    x, y = (encoding.get(axis, {}) for axis in ("x", "y"))
    if not rows or not x.get("field") or not y.get("field"):
        return None
    types = (x.get("type"), y.get("type"))
    if types == ("quantitative", "nominal") and mark in ("bar", *_DOTS):
        return _bars(encoding, rows)
    if mark == "line" and types[1] == "quantitative":
        return _curves(encoding, rows) if types[0] == "quantitative" else _lines(encoding, rows)
    if (
        mark in _DOTS
        and types == ("quantitative", "quantitative")
        and x.get("axis", "") is not None
    ):
        return _points(encoding, rows, said)
    return None


def _bars(encoding: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Native | None:
    value, name, group = encoding["x"]["field"], encoding["y"]["field"], _field(encoding, "color")
    end = _field(encoding, "x2")
    order, form = _order(encoding["y"]), _format(encoding["x"], rows)
    if end and len({r[name] for r in rows}) == len(rows):
        return _floating(rows, (name, value, end), order=order, form=form)
    told = [(str(r[name]), _told(r, group, value), _length(r, value, end)) for r in rows]
    if (
        end
        and max(sum(n or 0 for one, _, n in told if one == own) for own, _, _ in told) < 1 + 1e-6
    ):
        form = _SHARES
    return _table("stacked" if end else "bars", told, order=order, form=form)


def _floating(
    rows: Sequence[Mapping[str, Any]],
    fields: tuple[str, str, str],
    *,
    order: Sequence[str],
    form: str,
) -> Native | None:
    """Bars that begin where others end: a cascade, a range."""
    name, value, end = fields
    lows = [
        (str(r[name]), BASE, min(r[value], r[end]))
        for r in rows
        if _length(r, value, end) is not None
    ]
    told = [(str(r[name]), "值", _length(r, value, end)) for r in rows]
    return _table("floating", [*lows, *told], order=order, form=form)


def _length(row: Mapping[str, Any], value: str, end: str) -> float | None:
    first, last = row.get(value), row.get(end) if end else 0
    return None if first is None or last is None else (abs(last - first) if end else float(first))


def _lines(encoding: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Native | None:
    at, value, group = encoding["x"]["field"], encoding["y"]["field"], _field(encoding, "color")
    is_time = encoding["x"].get("type") == "temporal"
    stops = sorted({r[at] for r in rows if r.get(at) is not None})
    names = {stop: _moment(stop) if is_time else f"{stop:g}" if isinstance(stop, float) else str(stop) for stop in stops}  # fmt: skip
    told = [(names[r[at]], _told(r, group, value), r.get(value)) for r in rows if r.get(at) is not None]  # fmt: skip
    return _table("lines", told, order=list(names.values()), form=_format(encoding["y"], rows))


def _curves(encoding: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Native | None:
    at, value, group = encoding["x"]["field"], encoding["y"]["field"], _field(encoding, "color")
    held: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        if row.get(at) is not None and row.get(value) is not None:
            held.setdefault(_told(row, group, value), []).append((row[at], row[value]))
    if not held or len(held) > MOST_SERIES:
        return None
    axes = (_title(encoding["x"]), _title(encoding["y"]))
    return Native("curves", (), {g: tuple(sorted(own, key=lambda pair: pair[0])) for g, own in held.items()}, _format(encoding["y"], rows), axes)  # fmt: skip


def _table(
    kind: Kind, told: Sequence[tuple[str, str, Any]], *, order: Sequence[str], form: str
) -> Native | None:
    held: dict[str, dict[str, Any]] = {}
    for name, group, value in told:
        held.setdefault(group, {}).setdefault(name, value)
    there = dict.fromkeys(name for name, _, _ in told)
    names = [*(n for n in order if n in there), *(n for n in there if n not in set(order))]
    most = MOST_CATEGORIES if kind != "lines" else len(names)
    if len(held) > MOST_SERIES or not any(
        v is not None for own in held.values() for v in own.values()
    ):
        return None
    names = names[:most]
    return Native(kind, tuple(names), {g: tuple(own.get(n) for n in names) for g, own in held.items()}, form)  # fmt: skip


def _points(
    encoding: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], said: Sequence[str]
) -> Native | None:
    x, y, group = encoding["x"]["field"], encoding["y"]["field"], _field(encoding, "color")
    kept = [r for r in rows if r.get(x) is not None and r.get(y) is not None]
    there = [k for k, v in kept[0].items() if isinstance(v, str) and k != group] if kept else []
    words = [*(k for k in said if k in there), *there]
    if not kept or not words or len({r.get(group) for r in kept}) > MOST_SERIES:
        return None
    held: dict[str, list[tuple[float, float, str]]] = {}
    for row in kept:
        held.setdefault(_told(row, group, y), []).append((row[x], row[y], str(row[words[0]])))
    axes = (_title(encoding["x"]), _title(encoding["y"]))
    names = tuple(name for own in held.values() for _, _, name in own)
    return Native("points", names, {g: tuple((a, b) for a, b, _ in own) for g, own in held.items()}, axes=axes)  # fmt: skip


def _field(encoding: Mapping[str, Any], channel: str) -> str:
    found = encoding.get(channel)
    return str(found.get("field", "")) if isinstance(found, dict) else ""


def _told(row: Mapping[str, Any], group: str, value: str) -> str:
    """The name of the series a row belongs to."""
    told = row.get(group) if group else None
    return title_of(value) if told is None else str(told)


def _order(channel: Mapping[str, Any]) -> Sequence[str]:
    sort = channel.get("sort")
    return [str(one) for one in sort] if isinstance(sort, list) else []


def _title(channel: Mapping[str, Any]) -> str:
    told = channel.get("title")
    return told if isinstance(told, str) else title_of(channel["field"])


def _format(channel: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
    """How the values are written: as the axis says, else as the chart itself writes them."""
    axis = channel.get("axis")
    written = str(axis.get("format", "")) if isinstance(axis, dict) else ""
    said = [str(row[name]) for row in rows for name in _WRITTEN if row.get(name)][:1]
    if "%" in written or (said and said[0].endswith("%")):
        return "0.0%"
    return _FORMATS.get(unit_of(channel["field"]), "") or _plain(channel["field"], rows)


def _plain(field: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Whole numbers and large ones without decimals, the others with two."""
    values = [row[field] for row in rows if row.get(field) is not None]
    is_whole = all(value == round(value) for value in values)
    return "#,##0" if is_whole or max(map(abs, values)) >= _LARGE else "#,##0.00"


def _moment(stop: object) -> str:
    """A month or day as the axis would write it."""
    if isinstance(stop, int | float):
        return datetime.fromtimestamp(stop / 1000, UTC).strftime("%Y-%m-%d")
    day = str(stop)[:10]
    return day[:7] if day.endswith("-01") else day
