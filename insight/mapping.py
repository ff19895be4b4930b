"""A table of counts on two axes: its points, its axes, and what stands out where."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from insight.contingency import Counts
from insight.stats.correspondence import Map, Side, supplementary


def filled(told: Counts, *, least: int) -> tuple[Counts, tuple[str, ...]]:
    """The table without empty rows and without columns of too few people, and their names."""
    columns = (np.array(told.column_bases) >= least) & (told.counts.sum(axis=0) > 0)
    rows = told.counts[:, columns].sum(axis=1) > 0
    names = [np.array(side, dtype=object) for side in (told.rows, told.columns)]
    left = (*names[0][~rows], *names[1][~columns])
    further, kept = told.further, told.further_columns
    if further is not None:
        there = further[rows].sum(axis=0) > 0
        further, kept = further[rows][:, there], tuple(np.array(kept, dtype=object)[there])
    bases = tuple(np.array(told.column_bases)[columns].tolist())
    return replace(
        told,
        rows=tuple(names[0][rows]),
        columns=tuple(names[1][columns]),
        counts=told.counts[rows][:, columns],
        column_bases=bases,
        further_columns=kept,
        further=further,
    ), left


def points(told: Counts, found: Map) -> pl.DataFrame:
    """(n_points) kind, point, first, second [principal coordinates], mass_share, contributions, quality_share."""
    shown = [
        _side(told.row_side, told.rows, found.rows),
        _side(told.column_side, told.columns, found.columns),
    ]
    if told.further is not None and told.further.size:
        placed = supplementary(told.further.T, found, side=found.rows)
        own = np.maximum((placed**2).sum(axis=1, keepdims=True), 1e-300)
        nothing = np.full(len(placed), np.nan)
        extra = Side(nothing, placed, np.full_like(placed, np.nan), placed**2 / own)
        shown.append(_side("补充的人群", told.further_columns, extra))
    return pl.concat(shown).with_columns(pl.col(pl.Float64).fill_nan(None))


def _side(name: str, named: tuple[str, ...], side: Side) -> pl.DataFrame:
    both = np.column_stack([side.coordinates, np.zeros(len(named))])
    parts = np.column_stack([side.contributions, np.zeros(len(named))])
    return pl.DataFrame({
        "kind": [name] * len(named), "point": named, "first": both[:, 0], "second": both[:, 1], "mass_share": side.mass,
        "first_contribution_share": parts[:, 0], "second_contribution_share": parts[:, 1],
        "quality_share": side.quality[:, :2].sum(axis=1),
    })  # fmt: skip


def axes(found: Map) -> pl.DataFrame:
    """(n_axes) axis, inertia, inertia_share, cumulative_share."""
    share = found.inertia / found.total
    return pl.DataFrame({
        "axis": np.arange(1, len(share) + 1), "inertia": found.inertia, "inertia_share": share,
        "cumulative_inertia_share": share.cumsum().clip(max=1.0),
    })  # fmt: skip


def attractions(told: Counts) -> pl.DataFrame:
    """Of each column the row that stands out most: column_group, row_group, share, share_all, tgi; by residual."""
    counts = told.counts
    total, down, across = counts.sum(), counts.sum(axis=1), counts.sum(axis=0)
    residual = (counts - np.outer(down, across) / total) / np.sqrt(np.outer(down, across) / total)
    best = residual.argmax(axis=0)
    at = np.arange(len(across))
    share, usual = counts[best, at] / across, down[best] / total
    return pl.DataFrame({
        "column_group": told.columns, "row_group": [told.rows[i] for i in best], "share": share, "share_all": usual,
        "tgi": 100 * share / usual, "residual": residual[best, at],
    }).sort("residual", descending=True, maintain_order=True)  # fmt: skip
