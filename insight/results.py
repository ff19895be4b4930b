"""A Result as bytes and back, so that it can be kept under the digest of its inputs."""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import polars as pl

from insight.analysis import Cell, Finding, Result
from insight.archive import packed, unpacked

if TYPE_CHECKING:
    import altair as alt


def _parquet(table: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    table.write_parquet(buffer)
    return buffer.getvalue()


def pack(result: Result) -> bytes:
    """Write a result into one archive; equal results give equal bytes."""
    sentences = {"findings": [asdict(f) for f in result.findings], "notes": list(result.notes)}
    parts = {f"tables/{name}": _parquet(t) for name, t in result.tables.items()}
    parts |= {
        f"charts/{name}": chart.to_json(indent=None).encode()
        for name, chart in result.charts.items()
    }
    parts |= {"sentences": json.dumps(sentences, ensure_ascii=False).encode()}
    return packed(parts)


def _finding(stored: dict[str, object]) -> Finding:
    evidence = tuple(Cell(**cell) for cell in stored.pop("evidence"))  # type: ignore[attr-defined]
    return Finding(evidence=evidence, **stored)  # type: ignore[arg-type]


_COMPOUND = {
    "layer": "LayerChart", "hconcat": "HConcatChart", "vconcat": "VConcatChart", "facet": "FacetChart",
}  # fmt: skip


def _chart(spec: dict[str, object]) -> alt.TopLevelMixin:
    """A chart from its own JSON, not validated again: that takes ten times as long as reading it."""
    import altair as alt

    kind = next((kind for name, kind in _COMPOUND.items() if name in spec), "Chart")
    chart: alt.TopLevelMixin = getattr(alt, kind).from_dict(spec, validate=False)
    return chart


def unpack(data: bytes) -> Result:
    """Read back what ``pack`` wrote; its charts were valid when they were written."""
    parts = unpacked(data)
    sentences = json.loads(parts.pop("sentences"))
    by_room: dict[str, dict[str, bytes]] = {"tables": {}, "charts": {}}
    for path, part in parts.items():
        room, name = path.split("/", 1)
        by_room[room][name] = part
    return Result(
        {name: pl.read_parquet(io.BytesIO(part)) for name, part in by_room["tables"].items()},
        {name: _chart(json.loads(part)) for name, part in by_room["charts"].items()},
        tuple(_finding(f) for f in sentences["findings"]),
        tuple(sentences["notes"]),
    )
