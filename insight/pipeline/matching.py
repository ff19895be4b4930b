"""Who is who: which ties count, what they gave, and whom the respondents stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from insight import study as store
from insight.join import OUTCOMES
from insight.pipeline.changing import change, newest
from insight.pipeline.joined import joined_of
from insight.schema import Matching, Tier, Weighting
from insight.study import Revision, Study


@dataclass(frozen=True, slots=True)
class Workbench:
    """How people of different tables were tied together.

    Attributes
    ----------
    matching : which ties count
    weighting : whom the respondents stand for
    keys : table, key, n_rows, n_with_key, n_matched, n_decided; in the order they are tried
    outcomes : table, tier, key, outcome [in words], n: candidates of masked phones and nicknames
    conflicts : table, row, customers [last characters of each]; keys that point to different people
    """

    matching: Matching
    weighting: Weighting
    keys: pl.DataFrame
    outcomes: pl.DataFrame
    conflicts: pl.DataFrame


def workbench(study: Study) -> Workbench:
    """What the newest revision ties, by key and tier."""
    recipe = store.head(study).recipe
    manifest = joined_of(study, recipe)
    outcomes = pl.DataFrame(manifest["outcomes"], schema=_OUTCOMES)
    conflicts = pl.DataFrame(manifest["conflicts"], schema=_CONFLICTS)
    shown = pl.col("customers").list.eval(pl.element().str.tail(6)).list.join("、")
    return Workbench(
        recipe.matching,
        recipe.weighting,
        pl.DataFrame(manifest["keys"], schema=_KEYS),
        outcomes.with_columns(pl.col("outcome").replace(OUTCOMES)),
        conflicts.with_columns(shown),
    )


_Schema = Mapping[str, pl.DataType | type[pl.DataType]]
_KEYS: _Schema = {"table": pl.String, "key": pl.String} | dict.fromkeys(
    ("n_rows", "n_with_key", "n_matched", "n_decided"), pl.Int64
)
_OUTCOMES: _Schema = {"table": pl.String, "tier": pl.String, "key": pl.String, "outcome": pl.String, "n": pl.Int64}  # fmt: skip
_CONFLICTS: _Schema = {"table": pl.String, "row": pl.Int64, "customers": pl.List(pl.String)}


def set_matching(study: Study, tiers: tuple[Tier, ...], *, parent: int | None = None) -> Revision:
    """Let only these ties count from now on (Conflict)."""
    named = "、".join(TIER_LABELS[tier] for tier in tiers)
    before = newest(study, parent)
    return change(study, before, note=f"匹配采用：{named}", matching=Matching(tiers=tiers))


TIER_LABELS = {"exact": "相同的标识", "masked": "打码手机号（有佐证）", "weak": "昵称"}
