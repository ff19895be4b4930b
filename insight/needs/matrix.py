"""Needs against segments: who raises what, how satisfied they are, what they spend and what is at stake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from insight.needs.evidence import badges
from insight.needs.placing import Known, Wanted
from insight.needs.raised import Raised
from insight.needs.stake import Voices, absences_of, at_stake
from insight.segmentation.breaks import Break
from insight.stats.banner import (
    SUPPRESSED,
    TOTAL,
    Compared,
    codes_of,
    compare,
    long_table,
    ticks_of,
)
from insight.stats.cells import Columns
from insight.stats.counting import count
from insight.stats.pairs import letters_of, smallest_p
from insight.stats.proportions import Floats, Rule
from insight.stats.selective import selective

NO_DIFFERENCE, UNTESTED = "无显著差异", "未能检验"
MATRIX = (
    "need", "segment", "n", "base", "effective_base", "share", "letters", "p_adjusted", "satisfaction", "revenue",
    "revenue_at_stake", "ras_low", "ras_high", "sources", "stake_note", "source", "flag", "rest_share", "share_difference",
    "p_value", "dissatisfied_share", "churn_share", "churn_rest_share", "churn_difference",
    "churn_low_difference", "churn_high_difference",
)  # fmt: skip
RANKING = (
    "n", "base", "share", "satisfaction", "revenue", "revenue_at_stake", "ras_low", "ras_high", "stake_note", "sources",
)  # fmt: skip
PEOPLE = ("need", "source", "segment", "customer_id", "weight", "satisfaction", "is_dissatisfied", "spend", "expected_amount")  # fmt: skip


def need_matrix(
    raised: Raised, people: pl.DataFrame, *, known: Known, banner: Break, wanted: Wanted
) -> pl.DataFrame:
    """Cross needs with segments.

    Parameters
    ----------
    people : as ``placed`` gives them

    Returns
    -------
    (n_needs x (1 + n_segments)) columns of MATRIX, the total first within each need:
        n [customers who raise it], base [customers who were asked or said anything], share [weighted],
        letters, p_adjusted [smallest of the cell's comparisons], satisfaction [0..100, weighted, of the n],
        revenue [CNY, all spend of the n distinct customers; null where suppressed], sources [badge],
        source, flag, rest_share, share_difference, p_value [against the other segments], and those of
        ``at_stake``
    """
    keys = [str(at) for at in range(len(raised.needs))]
    cells = tabulated(people, keys, banner.groups, rule=wanted.rule)
    voices = _voices(people, keys, known.happy, groups=banner.groups)
    away = absences_of(known.away, people["customer_id"], days=wanted.churn_days)
    values = _values(known.worth, banner)
    stakes = at_stake(voices, away, values=values, n_draws=wanted.n_draws, seed=wanted.seed)
    labels = pl.DataFrame(
        {"row": keys, "need": [n.label for n in raised.needs], "source": [n.source for n in raised.needs]},
        schema={"row": pl.String, "need": pl.String, "source": pl.String},
    )  # fmt: skip
    shown = pl.col("flag") != SUPPRESSED
    return (
        pl.concat([cells, stakes], how="horizontal")
        .join(_sums(people, keys, known.happy), on=("row", "column"), how="left", maintain_order="left")
        .with_columns(
            revenue=pl.when(shown).then(pl.col("revenue").fill_null(0.0)),
            satisfaction=pl.when(shown).then("satisfaction"),
            dissatisfied_share=pl.when(shown).then("dissatisfied_share"),
        )
        .join(badges(raised, people), on=("row", "column"), how="left", maintain_order="left")
        .join(labels, on="row", how="left", maintain_order="left")
        .rename({"column": "segment"})
        .pipe(_badged)
        .select(MATRIX)
    )  # fmt: skip


def tabulated(people: pl.DataFrame, keys: Sequence[str], groups: Sequence[str], *, rule: Rule) -> pl.DataFrame:  # fmt: skip
    """Shares with letters; a false discovery rate is kept need by need (see ``selective``)."""
    order = people[
        "weight"
    ].arg_sort()  # sums of fractions must not depend on the order of the rows
    weight = people["weight"].gather(order).to_numpy()
    columns = Columns(codes_of(people["group"].gather(order), groups), len(groups))
    counted = count(ticks_of(people.select(keys), order), columns, weight=None if (weight == 1).all() else weight)  # fmt: skip
    compared = compare(counted, rule)
    if rule.correction == "bh":
        compared = _selected(compared, rule)
    return long_table(counted, compared, rows=keys, columns=groups, rule=rule)


def _selected(compared: Compared, rule: Rule) -> Compared:
    n_columns = compared.rest_p.shape[1]
    p = selective(compared.pairs.p_value, level=max(rule.levels))
    pairs = replace(compared.pairs, p_adjusted=p)
    letters = letters_of(pairs, n_columns=n_columns, rule=rule)
    return replace(compared, pairs=pairs, letters=letters, p_adjusted=smallest_p(pairs, n_columns=n_columns))  # fmt: skip


def _voices(people: pl.DataFrame, keys: Sequence[str], happy: pl.DataFrame, *, groups: Sequence[str]) -> Voices:  # fmt: skip
    ticks = people.select(keys)
    rows = people.select("customer_id").with_row_index("row")
    told = happy.drop_nulls("is_dissatisfied").join(rows, on="customer_id")
    dissatisfied: Floats = np.full((len(people), len(keys)), np.nan)
    dissatisfied[told["row"].to_numpy(), told["at"].cast(pl.Int64).to_numpy()] = told["is_dissatisfied"].cast(pl.Float64).to_numpy()  # fmt: skip
    return Voices(
        asked=ticks.select(pl.all().is_not_null()).to_numpy(),
        raised=ticks.select(pl.all().fill_null(value=False)).to_numpy(),
        dissatisfied=dissatisfied,
        column=codes_of(people["group"], groups),
        weight=people["weight"].to_numpy(),
    )


def _values(worth: pl.DataFrame, banner: Break) -> Floats:
    """(1 + n_segments) what all customers of the break, and those of each group, are expected to spend."""
    of = banner.members.unique("customer_id", keep="first").join(worth, on="customer_id")
    spent = dict(of.sort("customer_id").group_by("group").agg(pl.col("expected_amount").sum()).iter_rows())  # fmt: skip
    each = [float(spent.get(group, 0.0)) for group in banner.groups]
    return np.array([sum(each), *each])


def _sums(people: pl.DataFrame, keys: list[str], happy: pl.DataFrame) -> pl.DataFrame:
    """(n_cells) row, column, revenue [of the distinct customers who raise it], satisfaction [their weighted mean]."""
    own = people.select("customer_id", "group", "spend", "weight", *keys)
    told = own.unpivot(keys, index=("customer_id", "group", "spend", "weight"), variable_name="row").filter("value")  # fmt: skip
    rates = happy.select("customer_id", "satisfaction", row="at")
    told = told.join(rates, on=("row", "customer_id"), how="left").sort("customer_id")
    both = pl.concat([told.with_columns(group=pl.lit(TOTAL)), told])
    is_known = pl.col("satisfaction").is_not_null()
    weight = pl.col("weight").filter(is_known)
    mean = (pl.col("satisfaction").filter(is_known) * weight).sum() / weight.sum()
    return both.group_by("row", column="group").agg(
        revenue=pl.col("spend").sum().round(2), satisfaction=pl.when(weight.sum() > 0).then(mean)
    )


def _badged(cells: pl.DataFrame) -> pl.DataFrame:
    """The orders speak for a need, too, where those who raise it stay away more."""
    stays_away = (pl.col("stake_note") == "") & (pl.col("churn_difference") > 0)
    by_orders = pl.col("in_orders").fill_null(value=False) | stays_away
    told = [(by_orders, "订单"), (pl.col("in_survey"), "问卷"), (pl.col("in_interview"), "访谈")]
    flags = [flag.fill_null(value=False) for flag, _ in told]
    names = pl.concat_str([pl.when(f).then(pl.lit(n)) for f, (_, n) in zip(flags, told, strict=True)], separator="、", ignore_nulls=True)  # fmt: skip
    n = pl.sum_horizontal(f.cast(pl.Int8) for f in flags)
    return cells.with_columns(sources=pl.when(n > 0).then(pl.format("{}/3 {}", n, names)).otherwise(pl.lit("")))  # fmt: skip


def people_of(raised: Raised, people: pl.DataFrame, happy: pl.DataFrame) -> pl.DataFrame:
    """(n) columns of PEOPLE: every customer of the table under every need they raise."""
    known = ["customer_id", "group", "weight", "spend", "expected_amount"]
    told = people.unpivot(
        [str(at) for at in range(len(raised.needs))], index=known, variable_name="at"
    ).filter("value")
    names = pl.DataFrame(
        [(str(at), n.label, n.source, at) for at, n in enumerate(raised.needs)],
        schema={"at": pl.String, "need": pl.String, "source": pl.String, "place": pl.Int64}, orient="row",
    )  # fmt: skip
    joined = told.join(happy, on=("at", "customer_id"), how="left").join(names, on="at")
    return joined.sort("place", "customer_id").rename({"group": "segment"}).select(PEOPLE)


def need_ranking(matrix: pl.DataFrame) -> pl.DataFrame:
    """Rank needs by what is at stake, then by what the customers who raise them spend.

    Returns
    -------
    (n_needs) need, source, columns of RANKING of the total, top_segment: the highest share among
        segments with a letter; "无显著差异" where none has one, "未能检验" where fewer than two segments have
        a share that is shown and neither 0 nor 1. Customers raise several needs, so money must not be
        added up.
    """
    inner = pl.col("segment") != TOTAL
    testable = (inner & (pl.col("share") > 0) & (pl.col("share") < 1)).sum() >= 2
    lettered = inner & ~pl.col("letters").is_in(["", SUPPRESSED])
    highest = pl.col("segment").filter(lettered).sort_by(pl.col("share").filter(lettered), descending=True, maintain_order=True).first()  # fmt: skip
    none = pl.when(testable).then(pl.lit(NO_DIFFERENCE)).otherwise(pl.lit(UNTESTED))
    return (
        matrix.group_by("need", "source", maintain_order=True)
        .agg(pl.col(RANKING).filter(~inner).first(), top_segment=highest.fill_null(none))
        .sort(
            pl.col("revenue_at_stake").fill_null(0.0),
            "revenue",
            descending=True,
            nulls_last=True,
            maintain_order=True,
        )
    )
