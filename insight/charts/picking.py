"""Charts whose marks can be clicked: a mark knows the row of the table it draws."""

from __future__ import annotations

from typing import Any

import altair as alt

from insight.charts.tidy import AT

PICKED = "picked"  # the name of the selection
_MARKS = "marks"  # the layer that can be clicked
_FADED = 0.35  # opacity of what is not picked
_FINGER = 90  # area of a point that can be hit [px²]


def pickable(chart: alt.TopLevelMixin) -> dict[str, Any] | None:
    """The chart with a click on one mark as its selection; the others fade.

    Returns
    -------
    the Vega-Lite specification; None where the marks do not know their rows. A click gives
        ``{"picked": [{"at": row}]}``, the row of the table that the chart was drawn from.
    """
    spec: dict[str, Any] = chart.to_dict(validate=False)
    layer = _first_with_rows(spec)
    if layer is None:
        return None
    point = {"type": "point", "fields": [AT], "toggle": False}
    spec["params"] = [{"name": PICKED, "select": point, "views": [_MARKS]}]
    layer |= {"name": _MARKS, "mark": {**layer["mark"], "cursor": "pointer"}}
    if layer["mark"]["type"] == "circle":
        layer["mark"]["size"] = _FINGER
    faded = {"condition": {"param": PICKED, "empty": True, "value": 1}, "value": _FADED}
    for marks in (one for one in spec["layer"] if one["mark"]["type"] != "line"):
        marks["encoding"]["opacity"] = faded
    return spec


def _first_with_rows(spec: dict[str, Any]) -> dict[str, Any] | None:
    """The first layer of marks (no line: it draws all rows at once) whose data know their rows."""
    for layer in spec.get("layer", []):
        data = layer.get("data", spec.get("data", {})).get("name", "")
        rows = spec.get("datasets", {}).get(data) or [{}]
        if AT in rows[0] and layer["mark"]["type"] != "line":
            found: dict[str, Any] = layer
            return found
    return None
