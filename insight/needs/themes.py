"""Every theme against one outcome: how those who raise it differ, as a table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from insight.needs.raised import Raised
from insight.needs.stake import FEW
from insight.settings import settings
from insight.stats.impact import Impacts, impacts
from insight.stats.multiple import Correction, adjusted
from insight.stats.proportions import Flags, Floats

_SMALL = "小样本"


@dataclass(frozen=True, slots=True)
class Comparing:
    """How themes are compared: draws of the bootstrap, their seed, the correction of the p values."""

    n_draws: int
    seed: int
    correction: Correction


def counted(values: pl.DataFrame, weights: pl.DataFrame | None) -> pl.DataFrame:
    """The values with their weight, 1 where nobody gave one; those weighted with nothing are left out."""
    if weights is None:
        return values.with_columns(weight=pl.lit(1.0))
    given = weights.with_columns(is_known=pl.lit(value=True))
    joined = values.join(given, on="customer_id", how="left", maintain_order="left")
    one = pl.when("is_known").then("weight").otherwise(1.0)
    return joined.with_columns(weight=one).filter(pl.col("weight") > 0).drop("is_known")


def compared(raised: Raised, people: pl.DataFrame, *, name: str, how: Comparing) -> pl.DataFrame:
    """All themes on one outcome.

    Parameters
    ----------
    people : (n) customer_id, value, weight [positive]
    name : of the outcome

    Returns
    -------
    (n_needs) outcome, theme, source, n [raise it], base [were asked, and have the outcome], mean_with, mean_without,
        leave_out_gap [mean of all minus that without those who raise it], leave_out_low, leave_out_high, beside_gap
        [between those who do and do not, the other themes of the source equal], beside_low, beside_high, p_adjusted, flag; lowest
        beside_gap first. Themes with too few people on a side have no figures
    """
    keys = [str(at) for at in range(len(raised.needs))]
    known = raised.people.join(people, on="customer_id").sort("customer_id")
    does, asked = _told(known.select(keys))
    n, base = does.sum(axis=0), asked.sum(axis=0)
    fewer = np.minimum(n, base - n)
    found = _found(known, raised, fewer >= max(settings().tiny_base, 1), how)
    columns = {
        "mean_with": found.with_mean, "mean_without": found.rest_mean, "leave_out_gap": found.gone,
        "leave_out_low": found.gone_low, "leave_out_high": found.gone_high, "beside_gap": found.adjusted,
        "beside_low": found.adjusted_low, "beside_high": found.adjusted_high,
        "p_adjusted": adjusted(found.p, how.correction),
    }  # fmt: skip
    named = pl.DataFrame(
        [(name, need.label, need.source) for need in raised.needs],
        schema=dict.fromkeys(("outcome", "theme", "source"), pl.String), orient="row",
    )  # fmt: skip
    sizes = {"n": n.astype(np.int64), "base": base.astype(np.int64)}
    table = named.with_columns(pl.Series(c, v) for c, v in (sizes | columns).items())
    return (
        table.with_columns(pl.col(pl.Float64).fill_nan(None), flag=_flags(fewer))
        .sort("beside_gap", "source", "theme", nulls_last=True)
    )  # fmt: skip


def _found(known: pl.DataFrame, raised: Raised, enough: Flags, how: Comparing) -> Impacts:
    """The figures of the themes with enough people on both sides, those of one source beside each other; NaN for the others."""
    spread: Floats = np.full((len(Impacts.__slots__), len(enough)), np.nan)
    sources = [need.source for need in raised.needs]
    for source in dict.fromkeys(sources):
        own = [at for at, one in enumerate(sources) if one == source and enough[at]]
        if own:
            does, asked = _told(known.select(str(at) for at in own))
            there = asked.any(axis=1)
            value, weight = (known[c].to_numpy()[there] for c in ("value", "weight"))
            found = impacts(value, does[there], asked[there], weight=weight, n_draws=how.n_draws, seed=how.seed)  # fmt: skip
            spread[:, own] = [getattr(found, name) for name in Impacts.__slots__]
    return Impacts(*spread)


def _told(answers: pl.DataFrame) -> tuple[Flags, Flags]:
    """(n, k) who raises each theme, and who was asked."""
    does = answers.select(pl.all().fill_null(value=False)).to_numpy()
    return does, answers.select(pl.all().is_not_null()).to_numpy()


def _flags(fewer: Floats) -> pl.Series:
    small, tiny = settings().small_base, max(settings().tiny_base, 1)
    said = [FEW if least < tiny else _SMALL if least < small else "" for least in fewer]
    return pl.Series(said, dtype=pl.String)
