"""One cleaned source of a study on its way into the joined tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from insight.clean import Cleaned
from insight.readers import ISSUE_SCHEMA


@dataclass(frozen=True, slots=True)
class Part:
    """One cleaned source: its file, and the canonical table it belongs to.

    ``order_header`` is its raw header of the order's number, for what is said about its lines.
    """

    table: str
    cleaned: Cleaned
    name: str = ""
    order_header: str = "订单号"


def said(told: Sequence[tuple[Part, pl.DataFrame]]) -> pl.DataFrame:
    """What is said of each file as one table: file, table, and the columns of ``ISSUE_SCHEMA``."""
    frames = [
        frame.select(pl.lit(p.name).alias("file"), pl.lit(p.table).alias("table"), pl.all())
        for p, frame in told
    ]
    schema = {"file": pl.String, "table": pl.String, **ISSUE_SCHEMA}
    return pl.concat([pl.DataFrame(schema=schema), *frames])


def stacked(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The rows of all frames, with every column that any of them has."""
    return pl.concat(frames, how="diagonal_relaxed")
