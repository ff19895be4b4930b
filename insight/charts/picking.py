"""Charts whose marks can be clicked: a mark knows the row of the table it draws."""

from __future__ import annotations

from typing import Any

import altair as alt

from insight.charts.tidy import AT

PICKED = "picked"  # the name of the selection
_FINGER = 90  # area of a point that can be hit [px²]


def can_be_picked(chart: alt.TopLevelMixin) -> bool:
    """Whether the marks carry the number of their row."""
    return _first_with_rows(_spec(chart)) is not None


def pickable(chart: alt.TopLevelMixin) -> alt.LayerChart:
    """The chart with a click on one mark as its selection; the others fade.

    A click gives ``{"picked": [{"at": row}]}``, the row of the table that the chart was drawn from.
    """
    spec = _spec(chart)
    layer = _first_with_rows(spec)
    if layer is not None:
        point = {"name": PICKED, "select": {"type": "point", "fields": [AT], "toggle": False}}
        layer["params"] = [point]
        layer["mark"] = {**layer["mark"], "cursor": "pointer"}
        if layer["mark"]["type"] == "circle":
            layer["mark"]["size"] = _FINGER
        strong = {"param": PICKED, "empty": True, "value": 1}
        layer["encoding"]["opacity"] = {"condition": strong, "value": 0.35}
    found: alt.LayerChart = alt.LayerChart.from_dict(spec, validate=False)
    return found


def _spec(chart: alt.TopLevelMixin) -> dict[str, Any]:
    spec: dict[str, Any] = chart.to_dict(validate=False)
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
