"""Questions from wave to wave: each figure beside that of the wave before, and whether the change is more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from insight.answers import Sample
from insight.schema import Question, QuestionKind
from insight.stats.multiple import Correction, adjusted
from insight.stats.proportions import Rule
from insight.tabulation.banners import Family
from insight.tabulation.book import crossed
from insight.tabulation.figures import scored
from insight.tabulation.promoting import promoted
from insight.tabulation.scoring import averaged
from insight.tabulation.stubs import stub_of

RISE, FALL, NOISE, UNTESTED = "显著上升", "显著下降", "在误差内", "未检验"
NEW, GONE = "新出现", "不再出现"
CHANCE = 0.01  # that nobody chose an option which was offered
_KEYS = ("question", "row")
_TESTED = ("statistic", "p_value", "p_adjusted", "verdict")


@dataclass(frozen=True, slots=True)
class Tracked:
    """What the waves say, wave after wave.

    Attributes
    ----------
    shares : question, row, wave, n, base, effective_base, share, previous_wave, previous_share, wave_share_difference, statistic, p_value, p_adjusted,
        verdict, remark [NEW, GONE or ""], flag
    means : question, row, wave, base, effective_base, mean, sd, previous_wave, previous_mean, mean_change, statistic, p_value, p_adjusted, verdict, flag
    nets : question, row, wave, n, nps, margin, previous_wave, previous_nps, nps_change, statistic, p_value, p_adjusted, verdict, flag
    """

    shares: pl.DataFrame
    means: pl.DataFrame
    nets: pl.DataFrame


def tracked(
    closed: Sequence[Question], questions: Sequence[Question], waves: Family, *, people: Sample, rule: Rule
) -> Tracked:  # fmt: skip
    """Follow every question through the waves.

    Parameters
    ----------
    closed : the questions whose shares are followed; questions : those whose means are, where they have numbers
    rule : its correction counts all comparisons of one table; every two waves in a row are compared,
        waves in which nobody was asked left out
    """
    alone = Rule("none", rule.levels, rule.small_base, rule.tiny_base)
    order = {name: at for at, name in enumerate(waves.names)}
    stubs = [stub for q in closed if (stub := stub_of(people.responses, q)).rows]
    cells, pairs = crossed(stubs, [waves], people=people, rule=alone)
    shares = _followed(cells.filter(~pl.col("is_total")), pairs, "share", order, rule=rule)
    numbers = scored(questions, people.responses)
    cells, pairs = averaged(numbers, [waves], people=people, rule=alone)
    means = _followed(cells, pairs, "mean", order, rule=rule)
    nets = [q for q in numbers if q.kind is QuestionKind.NPS]
    cells, pairs = promoted(nets, [waves], people=people, rule=alone)
    scores = _followed(cells.with_columns(base="n"), pairs, "nps", order, rule=rule)
    return Tracked(
        _told(_remarked(shares), "share", "wave_share_difference", ("n", "base", "effective_base", "share"), more=("is_net", "remark")),
        _told(means, "mean", "mean_change", ("base", "effective_base", "mean", "sd")),
        _told(scores, "nps", "nps_change", ("n", "nps", "margin")),
    )  # fmt: skip


def _followed(
    cells: pl.DataFrame, pairs: pl.DataFrame, figure: str, order: dict[str, int], *, rule: Rule
) -> pl.DataFrame:
    """Each cell of a wave with that of the last wave in which the question was asked, and the test between them."""
    known = cells.with_row_index("at_cell").with_columns(
        pl.col(figure).cast(pl.Float64), pl.col("base").cast(pl.Int64)
    )
    waves = known.filter(pl.col("column").is_in(list(order)), pl.col("base") > 0)
    placed = waves.with_columns(at_wave=pl.col("column").replace_strict(order, return_dtype=pl.Int64))  # fmt: skip
    before = (pl.col("column", figure).shift(1).over(_KEYS, order_by="at_wave").name.prefix("previous_"),)  # fmt: skip
    tests = pairs.select(*_KEYS, pl.col("column").alias("previous_column"), pl.col("other").alias("column"), -pl.col("statistic").cast(pl.Float64), pl.col("p_value").cast(pl.Float64))  # fmt: skip
    told = placed.drop("p_value", "p_adjusted", "statistic", strict=False).with_columns(before).join(tests, on=[*_KEYS, "previous_column", "column"], how="left", maintain_order="left")  # fmt: skip
    change = pl.col(figure) - pl.col(f"previous_{figure}")
    return told.with_columns(change=change).pipe(judged, rule=rule)


def judged(table: pl.DataFrame, *, rule: Rule) -> pl.DataFrame:
    """Whether each change is more than chance, all tests of the table being one family."""
    p = pl.Series("p_adjusted", _adjusted(table["p_value"], rule.correction)).fill_nan(None)
    sure, up = pl.col("p_adjusted") <= max(rule.levels), pl.col("change") > 0
    verdict = (
        pl.when(pl.col("previous_column").is_null()).then(pl.lit(""))
        .when(pl.col("p_adjusted").is_null()).then(pl.lit(UNTESTED))
        .when(sure & up).then(pl.lit(RISE)).when(sure).then(pl.lit(FALL)).otherwise(pl.lit(NOISE))
    )  # fmt: skip
    return table.with_columns(p).with_columns(verdict=verdict)


def _adjusted(p_values: pl.Series, correction: Correction) -> np.ndarray:
    return adjusted(p_values.fill_null(np.nan).to_numpy(), correction)


def _remarked(shares: pl.DataFrame) -> pl.DataFrame:
    """Options that begin or cease to be chosen from one wave on, where that cannot be chance."""
    ordered = shares.sort("at_wave", maintain_order=True)
    n, base = pl.col("n"), pl.col("base")
    before, asked_before = (c.cum_sum().over(_KEYS) - c for c in (n, base))
    now_on, asked_now_on = (c.sum().over(_KEYS) - past for c, past in ((n, before), (base, asked_before)))  # fmt: skip
    is_new = (before == 0) & (n > 0) & unlikely(n / base, asked_before)
    is_gone = (now_on == 0) & (n.shift(1).over(_KEYS) > 0) & unlikely(before / asked_before, asked_now_on)  # fmt: skip
    remark = pl.when(is_new).then(pl.lit(NEW)).when(is_gone).then(pl.lit(GONE)).otherwise(pl.lit(""))  # fmt: skip
    return ordered.with_columns(remark=remark)


def unlikely(share: pl.Expr, base: pl.Expr) -> pl.Expr:
    """Whether it is no chance that none of ``base`` people chose what ``share`` of others did."""
    return (1 - share) ** base < CHANCE


def _told(
    table: pl.DataFrame, figure: str, change: str, figures: Sequence[str], *, more: Sequence[str] = ()
) -> pl.DataFrame:  # fmt: skip
    """The columns that are shown, each row of a question wave after wave."""
    places = [pl.col("at_cell").min().over(keys).alias(name) for name, keys in (("at_question", "question"), ("at_row", _KEYS))]  # fmt: skip
    ordered = table.with_columns(places).sort("at_question", "at_row", "at_wave")
    names = {"column": "wave", "previous_column": "previous_wave", "change": change}
    kept = (*_KEYS, "wave", *figures, "previous_wave", f"previous_{figure}", change, *_TESTED, *more, "flag")  # fmt: skip
    return ordered.rename(names).select(kept)
