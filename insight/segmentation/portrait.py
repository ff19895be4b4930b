"""Everything that is known of each customer, laid out to be looked at segment by segment."""

from __future__ import annotations

import polars as pl

from insight.currency import used
from insight.dataset import Dataset
from insight.segmentation.answered import options_of, scores_of
from insight.segmentation.breaks import Break
from insight.segmentation.distinctive import ANSWER, MEAN, MEDIAN, PURCHASE, WORD, Known
from insight.segmentation.traits import (
    NUMBERS,
    TIMES_BOUGHT,
    has_one_value,
    made_of,
    numbers,
    traits,
)
from insight.units import title_of

_UNITS = {"n_orders": "次", "days_since_last": "天"}  # of all others money
_HELD = ("kind", "measure", "item", "customer_id")
_SCORED = ("kind", "item", "statistic", "unit", "customer_id", "value")


def known_of(dataset: Dataset, segments: Break, said: pl.DataFrame) -> Known:
    """What customers buy, answer and say, but for what makes the segments.

    Parameters
    ----------
    said : (n_texts) customer_id, words [list of the content words of the text]
    """
    made = made_of(segments.key, segments.label)
    parts = (_bought(dataset, made), _answered(dataset, segments.key), _spoken(said))
    held, asked = (pl.concat(one) for one in zip(*parts, strict=True))
    return Known(held, asked, pl.concat([_numbers(dataset, made), _scores(dataset, segments.key)]))


def _bought(dataset: Dataset, made: frozenset[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Who has which trait; whoever bought could have bought of any category."""
    left_out = made | {TIMES_BOUGHT}  # the number of orders says it
    own = traits(dataset).filter(~pl.col("measure").is_in(left_out)).unique()
    item = pl.format("{}：{}", "measure", "feature").alias("item")
    known = own.select("measure", "customer_id").unique()
    open_ = [m for m in known["measure"].unique().sort() if not has_one_value(m)]
    buyers = numbers(dataset).select("customer_id")
    everybody = [buyers.select(pl.lit(m).alias("measure"), "customer_id") for m in open_]
    asked = pl.concat([known.filter(~pl.col("measure").is_in(open_)), *everybody])
    return own.with_columns(item, _kind(PURCHASE)).select(_HELD), asked


def _answered(dataset: Dataset, besides: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    chosen, asked = options_of(dataset, besides=besides)
    return chosen.with_columns(_kind(ANSWER)).select(_HELD), asked


def _spoken(said: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Who used which word; whoever said anything could have."""
    measure = pl.lit(WORD).alias("measure")
    words = said.select("customer_id", item="words").explode("item", empty_as_null=False).unique()
    asked = said.select(measure, "customer_id").unique()
    return words.with_columns(measure, _kind(WORD)).select(_HELD), asked


def _numbers(dataset: Dataset, made: frozenset[str]) -> pl.DataFrame:
    known = numbers(dataset)
    names = [name for name in NUMBERS if name not in made]
    told = {
        name: (title_of(name).removesuffix("（天）"), _UNITS.get(name, used().name))
        for name in names
    }
    parts = [
        known.select("customer_id", value=pl.col(name).cast(pl.Float64), item=pl.lit(item), unit=pl.lit(unit))
        for name, (item, unit) in told.items()
    ]  # fmt: skip
    empty = pl.DataFrame(schema={"customer_id": pl.String, "value": pl.Float64, "item": pl.String, "unit": pl.String})  # fmt: skip
    return _scored(pl.concat([empty, *parts]), PURCHASE, MEDIAN)


def _scores(dataset: Dataset, besides: str) -> pl.DataFrame:
    return _scored(scores_of(dataset, besides=besides), ANSWER, MEAN)


def _scored(numbers: pl.DataFrame, kind: str, statistic: str) -> pl.DataFrame:
    return numbers.with_columns(_kind(kind), statistic=pl.lit(statistic)).select(_SCORED)


def _kind(kind: str) -> pl.Expr:
    return pl.lit(kind).alias("kind")
