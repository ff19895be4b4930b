"""What sets each group apart from everybody else: every look is tested, all of them are corrected together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import polars as pl

from insight.settings import settings
from insight.stats.differences import (
    RANK_STEPS,
    SHARE_STEPS,
    cohens_h,
    ranks_against_rest,
    size_of_rank,
    size_of_share,
)
from insight.stats.multiple import adjusted
from insight.stats.proportions import Floats
from insight.text.keyness import fisher_mid_p

PURCHASE, ANSWER, WORD = KINDS = ("购买", "回答", "原话词")
SHARE, MEAN, MEDIAN = "占比", "均值", "中位数"
LEVEL = 0.05  # of the false discovery rate
LEAST_HOLDERS = 5  # what fewer people have says nothing of any group
_MIDDLES: Mapping[str, Callable[[Floats], float]] = MappingProxyType(
    {MEAN: lambda values: float(np.mean(values)), MEDIAN: lambda values: float(np.median(values))}
)
_LOOKS = {
    "segment": pl.String, "kind": pl.String, "item": pl.String, "statistic": pl.String, "unit": pl.String,
    "value": pl.Float64, "rest_value": pl.Float64, "n": pl.Int64, "base": pl.Int64, "base_rest": pl.Int64,
    "effect": pl.Float64, "effect_size": pl.String, "p_value": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of people, to be looked at group by group.

    Attributes
    ----------
    held : (n) kind, measure, item, customer_id [unique together]: who has what
    asked : (n) measure, customer_id [unique together]: of whom it is known whether they have it
    scored : (n) kind, item [with its unit in ``unit``], statistic [MEAN | MEDIAN], unit, customer_id,
        value [one of a person and item]
    """

    held: pl.DataFrame
    asked: pl.DataFrame
    scored: pl.DataFrame


def looks(known: Known, members: pl.DataFrame) -> pl.DataFrame:
    """Compare every group with all the others in everything that is known of them.

    Parameters
    ----------
    members : (n_customers) customer_id [unique], group

    Returns
    -------
    (n_looks) segment, kind, item, statistic, unit, value and rest_value [shares 0..1, or the mean or
        median in ``unit``], n [people of the group who have it, or whose number is known], base,
        base_rest, effect [Cohen's h of shares, Cliff's delta of numbers], effect_size, p_value,
        p_adjusted [Benjamini-Hochberg over all of them]; sorted. Groups, or rests, below the smallest
        base that is shown are not looked at; of two items that are each other's opposite only the one
        that the group has more often

    Notes
    -----
    Shares by Fisher's mid-p, because a z test of a rare item in a small group finds what is not
    there; numbers by Mann-Whitney.
    """
    made = [_share_looks(known, members), *_number_looks(known.scored, members)]
    found = pl.concat(made).filter(pl.col("p_value").is_not_null())
    tested = found.with_columns(p_adjusted=adjusted(found["p_value"].to_numpy(), "bh"))
    return tested.sort("segment", "kind", "item")


def standing_out(tested: pl.DataFrame, order: Sequence[str]) -> pl.DataFrame:
    """The looks that pass, group by group in ``order``; of a group the strongest of each kind come first.

    Words are told where the group says them more often: what it does not talk about is no voice.
    """
    silent = (pl.col("kind") == WORD) & (pl.col("effect") < 0)
    large = pl.when(pl.col("unit") == SHARE).then(SHARE_STEPS[-1]).otherwise(RANK_STEPS[-1])
    passed = tested.filter(pl.col("p_adjusted") <= LEVEL, ~silent)
    strength = (pl.col("effect").abs() / large).round(9).alias("strength")
    places = [_place("segment", order), _place("kind", KINDS)]
    by = [*places, strength, pl.col("item")]
    return passed.with_columns(strength).sort(by, descending=[False, False, True, False])


def _place(column: str, order: Sequence[str]) -> pl.Expr:
    at = dict(zip(order, range(len(order)), strict=True))
    return pl.col(column).replace_strict(at, return_dtype=pl.Int64)


def _share_looks(known: Known, members: pl.DataFrame) -> pl.DataFrame:
    who = members.rename({"group": "segment"})
    own = known.held.join(who, on="customer_id")
    counted = own.group_by("kind", "measure", "item", "segment").len("n")
    everybody = own.group_by("kind", "measure", "item").len("n_all")
    asked = known.asked.join(who, on="customer_id").group_by("measure", "segment").len("base")
    cells = (
        everybody.join(asked, on="measure")
        .join(counted, on=["kind", "measure", "item", "segment"], how="left")
        .with_columns(pl.col("n").fill_null(0).cast(pl.Int64), pl.col("base").cast(pl.Int64))
        .with_columns(base_all=pl.col("base").sum().over("kind", "item"))
        .with_columns(
            n_rest=pl.col("n_all").cast(pl.Int64) - pl.col("n"),
            base_rest=pl.col("base_all") - pl.col("base"),
        )
    )
    is_some = pl.col("n_all").is_between(LEAST_HOLDERS, pl.col("base_all") - 1)
    solid = pl.min_horizontal("base", "base_rest") >= settings().tiny_base
    return _shares_tested(cells.filter(is_some, solid).sort("segment", "kind", "item"))


def _shares_tested(cells: pl.DataFrame) -> pl.DataFrame:
    n, base, n_rest, base_rest = (
        cells[c].cast(pl.Float64).to_numpy() for c in ("n", "base", "n_rest", "base_rest")
    )
    effect = cohens_h(n / base, n_rest / base_rest)
    tested = cells.with_columns(
        pl.Series("effect", effect),
        pl.Series("effect_size", [size_of_share(e) for e in effect], dtype=pl.String),
        pl.Series("p_value", fisher_mid_p(n, base, n_rest=n_rest, base_rest=base_rest)),
        value=pl.col("n") / pl.col("base"), rest_value=pl.col("n_rest") / pl.col("base_rest"),
        statistic=pl.lit(SHARE), unit=pl.lit(SHARE),
    )  # fmt: skip
    pair = ("segment", "kind", "measure")
    twins = (pl.len().over(pair) == 2) & (pl.col("n").sum().over(pair) == pl.col("base"))
    return tested.filter(~(twins & (pl.col("effect") < 0))).select(*_LOOKS)


def _number_looks(scored: pl.DataFrame, members: pl.DataFrame) -> Iterator[pl.DataFrame]:
    placed = scored.drop_nulls("value").join(members, on="customer_id").sort("item", "customer_id")
    for _, part in placed.group_by("kind", "item", maintain_order=True):
        yield _ranked(part)


def _ranked(part: pl.DataFrame) -> pl.DataFrame:
    """One number of everybody, group by group.

    Parameters
    ----------
    part : (n_customers) kind, item, statistic, unit, value, group; one item
    """
    names = part["group"].unique().sort()
    at = part["group"].replace_strict(names, range(len(names)), return_dtype=pl.Int64).to_numpy()
    values = part["value"].cast(pl.Float64).to_numpy()
    effects, p_values = ranks_against_rest(values, at, n_groups=len(names))
    middle = _MIDDLES[part["statistic"][0]]
    rows = []
    for place, name in enumerate(names):
        own, rest = values[at == place], values[at != place]
        if min(len(own), len(rest)) < settings().tiny_base:
            continue
        effect, p_value = float(effects[place]), float(p_values[place])
        rows.append({
            **part.row(0, named=True), "segment": name, "value": middle(own), "rest_value": middle(rest),
            "n": len(own), "base": len(own), "base_rest": len(rest), "effect": effect,
            "effect_size": size_of_rank(effect), "p_value": None if np.isnan(p_value) else p_value,
        })  # fmt: skip
    return pl.DataFrame(rows, schema=_LOOKS)
