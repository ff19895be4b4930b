"""A chart on its way to the browser: its data as the browser reads them, written once and not at every click."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from streamlit.dataframe_util import convert_anything_to_arrow_bytes

from insight import charts

_KEPT = 64  # charts; some hundred kilobytes each with the text that finds them


@dataclass(frozen=True, slots=True)
class Picture:
    """What is kept of a chart.

    Attributes
    ----------
    text : its specification as JSON, without the data
    data : name of the data -> as Arrow IPC
    is_pickable : whether its marks can be picked
    least_width : pixels below which it is scrolled
    """

    text: str
    data: Mapping[str, bytes]
    is_pickable: bool
    least_width: int

    @property
    def spec(self) -> dict[str, Any]:
        """The specification with its data, of one's own."""
        told: dict[str, Any] = json.loads(self.text)
        return told | ({"datasets": dict(self.data)} if self.data else {})


def picture(drawn: charts.Kept, *, pickable: bool) -> Picture:
    """A chart as it is sent; who finds it kept has the whole text of the chart, data and all.

    Parameters
    ----------
    pickable : whether its marks should be, where they know their rows
    """
    return _picture(drawn.text, pickable)


@lru_cache(maxsize=_KEPT)
def _picture(text: str, pickable: bool) -> Picture:
    chart = charts.Kept(text)
    found = charts.pickable(chart) if pickable else None
    told = found or chart.to_dict()
    data = {name: convert_anything_to_arrow_bytes(rows) for name, rows in told.pop("datasets", {}).items()}  # fmt: skip
    width = charts.least_width(chart)
    return Picture(json.dumps(told, ensure_ascii=False), data, found is not None, width)
