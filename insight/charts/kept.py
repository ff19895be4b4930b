"""A chart that was kept: its specification, which nobody turns into Altair's objects again."""

from __future__ import annotations

import json
from typing import Any

import altair as alt


class Kept(alt.TopLevelMixin):
    """What everybody who shows a chart asks of it; building the objects again takes a hundred times as long.

    Attributes
    ----------
    text : the Vega-Lite specification as JSON, valid when it was written
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def to_dict(self, *_: Any, **__: Any) -> dict[str, Any]:  # noqa: ANN401 (Altair's options)
        """A specification of one's own."""
        spec: dict[str, Any] = json.loads(self.text)
        return spec


def kept(spec: dict[str, Any]) -> Kept:
    """A chart from its specification."""
    return Kept(json.dumps(spec, ensure_ascii=False, sort_keys=True))
