"""A chart without its own title: in the report the caption says it."""

from __future__ import annotations

from typing import Any

import altair as alt


def titled(chart: alt.TopLevelMixin) -> tuple[alt.TopLevelMixin, str]:
    """The chart without its title, and the title."""
    spec: dict[str, Any] = chart.to_dict()
    title = spec.pop("title", "")
    text = title if isinstance(title, str) else title.get("text", "")
    return alt.Chart.from_dict(spec), text if isinstance(text, str) else "".join(text)
