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


def _spec(chart: alt.TopLevelMixin) -> bytes:
    """Its specification; that it is valid is a matter of the tests, not of every run."""
    spec = chart.to_dict(validate=False)
    return json.dumps(spec, ensure_ascii=False, sort_keys=True).encode()


def pack(result: Result) -> bytes:
    """Write a result into one archive; equal results give equal bytes."""
    sentences = {"findings": [asdict(f) for f in result.findings], "notes": list(result.notes)}
    parts = {f"tables/{name}": _parquet(t) for name, t in result.tables.items()}
    parts |= {f"charts/{name}": _spec(chart) for name, chart in result.charts.items()}
    parts |= {"sentences": json.dumps(sentences, ensure_ascii=False).encode()}
    return packed(parts)


def _finding(stored: dict[str, object]) -> Finding:
    evidence = tuple(Cell(**cell) for cell in stored.pop("evidence"))  # type: ignore[attr-defined]
    return Finding(evidence=evidence, **stored)  # type: ignore[arg-type]


def unpack(data: bytes) -> Result:
    """Read back what ``pack`` wrote; its charts were valid when they were written."""
    from insight.charts import Kept  # Altair is loaded by whoever reads a chart

    parts = unpacked(data)
    sentences = json.loads(parts.pop("sentences"))
    by_room: dict[str, dict[str, bytes]] = {"tables": {}, "charts": {}}
    for path, part in parts.items():
        room, name = path.split("/", 1)
        by_room[room][name] = part
    return Result(
        {name: pl.read_parquet(io.BytesIO(part)) for name, part in by_room["tables"].items()},
        {name: Kept(part.decode()) for name, part in by_room["charts"].items()},
        tuple(_finding(f) for f in sentences["findings"]),
        tuple(sentences["notes"]),
    )
