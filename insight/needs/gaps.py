"""What customers say against what they do: the places of the same attributes in both orders, segment by segment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from insight.needs.stake import FEW, Index
from insight.segmentation.breaks import Break
from insight.settings import settings
from insight.stats.agreement import of_orders, of_people, rho
from insight.stats.banner import TOTAL
from insight.stats.multiple import Correction, adjusted
from insight.stats.proportions import Floats

Deed = Literal["spend", "buying", "overall"]
LEAST_ATTRIBUTES, N_DRAWS = 3, 300  # draws of people behind the interval of a gap
_ATTRIBUTES = {
    "segment": pl.String, "attribute": pl.String, "n": pl.Int64, "stated_score": pl.Float64, "stated_rank": pl.Int64,
    "revealed_score": pl.Float64, "revealed_rank": pl.Int64, "rank_gap": pl.Int64, "gap_low": pl.Float64, "gap_high": pl.Float64, "people_rho": pl.Float64, "p_value": pl.Float64,
    "tagged_by": pl.String,
}  # fmt: skip
_WHOLE = (3, 5, 6)  # the places among the figures of a row, behind the segment
_AGREEMENT = {"segment": pl.String, "n": pl.Int64, "n_attributes": pl.Int64, "rho": pl.Float64, "p_value": pl.Float64, "flag": pl.String}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Both:
    """What the same n customers say and do about k attributes.

    Attributes
    ----------
    labels, told : (k) the attributes, and by what each is found in the deeds
    customers : (n) customer_id, outcome [CNY spent; "overall": the rating of everything], weight [positive]
    says, does : (n, k) NaN = not told; "spend": ``does`` is the share of the money that goes to the attribute, else
        how satisfied they are with it, which is compared with the outcome
    """

    labels: Sequence[str]
    told: Sequence[str]
    customers: pl.DataFrame
    says: Floats
    does: Floats
    deed: Deed


def scores(both: Both, here: Index) -> tuple[Floats, Floats]:
    """(k) how much each attribute matters to these customers by what they say, and by what they do."""
    weight = both.customers["weight"].to_numpy()[here]
    outcome = both.customers["outcome"].to_numpy()[here]
    says, does = both.says[here], both.does[here]
    if both.deed == "spend":
        return _means(says, weight), _means(does, weight * outcome)
    known = [~np.isnan(column) for column in does.T]
    linked = [rho(column[there], outcome[there]) if there.sum() > 1 else np.nan for column, there in zip(does.T, known, strict=True)]  # fmt: skip
    return _means(says, weight), np.array(linked)


def gap_tables(both: Both, banner: Break, *, n_draws: int, seed: int, correction: Correction) -> tuple[pl.DataFrame, pl.DataFrame]:  # fmt: skip
    """Compare both orders for all customers and in every segment.

    Returns
    -------
    attributes (n_segments + 1) x k : segment, attribute, n, stated_score, stated_rank, revealed_score,
        revealed_rank [1 = most], rank_gap [revealed_rank - stated_rank; above 0: said more than done], gap_low, gap_high
        [95 % interval: people are drawn],
        people_rho [over customers: who says more also does more], p_value, p_adjusted, tagged_by
    agreement (n_segments + 1) : segment, n, n_attributes, rho [of both orders], p_value, p_adjusted, flag
    """
    groups = both.customers.join(banner.members, on="customer_id", how="left", maintain_order="left")["group"]  # fmt: skip
    places: dict[str, Index] = {TOTAL: np.arange(len(groups))}
    places |= {
        name: np.flatnonzero((groups == name).fill_null(value=False).to_numpy())
        for name in banner.groups
    }
    made = [_segment(both, name, here, n_draws=n_draws, seed=seed) for name, here in places.items()]
    rows = pl.DataFrame([row for own, _ in made for row in own], schema=_ATTRIBUTES, orient="row")
    whole = pl.DataFrame([one for _, one in made], schema=_AGREEMENT, orient="row")
    tables = (rows.fill_nan(None), whole.fill_nan(None))
    attributes, agreement = (_corrected(table, correction) for table in tables)
    return attributes, agreement


def _segment(
    both: Both, name: str, here: Index, *, n_draws: int, seed: int
) -> tuple[list[tuple[object, ...]], tuple[object, ...]]:
    """The rows of one segment, and how far its two orders agree."""
    says, does = both.says[here], both.does[here]
    n = (~(np.isnan(says) | np.isnan(does))).sum(axis=0)
    if len(here) < max(settings().tiny_base, 2):
        empty: list[tuple[object, ...]] = [(name, label, int(k), *[None] * 9, told) for label, k, told in zip(both.labels, n, both.told, strict=True)]  # fmt: skip
        return empty, (name, len(here), len(both.labels), None, None, FEW)
    stated, revealed = scores(both, here)
    there = ~(np.isnan(stated) | np.isnan(revealed))
    places = _places(np.array([stated, revealed]))
    low, high = _interval(both, here, seed=seed)
    own, p = _by_people(both, says, does, n_draws=n_draws, seed=seed)
    columns = (both.labels, n.tolist(), stated, places[0], revealed, places[1], places[1] - places[0], low, high, own, p, both.told)  # fmt: skip
    rows = [(name, *_whole(row)) for row in zip(*columns, strict=True)]
    found = (np.nan, np.nan) if there.sum() < LEAST_ATTRIBUTES else of_orders(stated[there], revealed[there], n_draws=n_draws, seed=seed)  # fmt: skip
    flag = "小样本" if len(here) < settings().small_base else ""
    return rows, (name, len(here), int(there.sum()), *found, flag)


def _places(values: Floats) -> Floats:
    """1 for the highest figure of the last axis; equal ones share the better place; NaN where a side is not known."""
    from scipy.stats import rankdata

    known = ~np.isnan(values).any(axis=0)
    places: Floats = np.full_like(values, np.nan)
    places[:, known] = rankdata(-values[:, known].round(9), method="min", axis=1)
    return places


def _interval(both: Both, here: Index, *, seed: int) -> Floats:
    """(2, k) between which the gaps lie when the people of the segment are drawn again; NaN where it is not known."""
    rng = np.random.default_rng(seed)
    drawn = [here[rng.integers(0, len(here), len(here))] for _ in range(N_DRAWS)]
    placed = np.array([_places(np.array(scores(both, people))) for people in drawn])
    gaps = placed[:, 1] - placed[:, 0]
    ends: Floats = np.full((2, gaps.shape[1]), np.nan)
    known = ~np.isnan(gaps).all(axis=0)
    ends[:, known] = np.nanpercentile(gaps[:, known], (2.5, 97.5), axis=0)
    return ends


def _whole(row: tuple[object, ...]) -> list[object]:
    """Figures as the table holds them: places are whole numbers, what is not known is null."""
    known = [None if isinstance(one, float) and np.isnan(one) else one for one in row]
    return [int(one) if at in _WHOLE and one is not None else one for at, one in enumerate(known)]  # type: ignore[call-overload]


def _by_people(
    both: Both, says: Floats, does: Floats, *, n_draws: int, seed: int
) -> tuple[Floats, Floats]:
    """Whether those who say more do more; a satisfaction is no deed of one person."""
    if both.deed == "spend":
        return of_people(says, does, n_draws=n_draws, seed=seed)
    return np.full(says.shape[1], np.nan), np.full(says.shape[1], np.nan)


def _corrected(table: pl.DataFrame, correction: Correction) -> pl.DataFrame:
    p = table["p_value"].fill_null(np.nan).to_numpy()
    made = pl.Series("p_adjusted", adjusted(p, correction)).fill_nan(None)
    at = table.columns.index("p_value") + 1
    return table.insert_column(at, made)


def _means(values: Floats, weight: Floats) -> Floats:
    """(k) weighted means of the values that are told; NaN where none is."""
    there = ~np.isnan(values)
    heavy = weight @ there
    total = weight @ np.where(there, values, 0.0)
    found: Floats = np.divide(total, heavy, out=np.full(len(heavy), np.nan), where=heavy > 0)
    return found
