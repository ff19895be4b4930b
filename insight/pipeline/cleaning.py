"""How raw order rows became order lines, and which of the rules apply: looked at, tried, and changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from insight import study as store
from insight.clean.rules import RULES, Rule, decided
from insight.clean.times import UNCLEAR
from insight.errors import BadParameter
from insight.pipeline.changing import change, newest, source_at, source_now, with_source
from insight.pipeline.joined import joined_of
from insight.pipeline.kept import issues_of, steps_in, waterfall_of
from insight.pipeline.mapped_before import redecided
from insight.schema import Decisions
from insight.study import Revision, Source, Study

SAMPLES = 5  # unclear dates that are shown


@dataclass(frozen=True, slots=True)
class Applied:
    """One rule on one file: whether it applies, and the rows it meets with their money [CNY]."""

    rule: Rule
    applies: bool
    n_met: int
    amount_met: float


@dataclass(frozen=True, slots=True)
class Dates:
    """How dates with the year at their end are read in one file.

    Attributes
    ----------
    day_first : what the user decided; None = nothing yet
    unclear : some dates that were not read, because they could be two days
    told : what cleaning said about the order of day and month
    """

    day_first: bool | None
    unclear: tuple[str, ...]
    told: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        """Whether there is anything to decide."""
        return bool(self.unclear or self.told)


def waterfall(study: Study) -> pl.DataFrame | None:
    """From raw order rows to lines: file, step, label, applies, n_met, amount_met, n_rows, n_orders, amount.

    Returns
    -------
    (n_files x n_steps) in the order of the files and steps; None without orders
    """
    return steps_in(joined_of(study, store.head(study).recipe))


def rules_of(study: Study, index: int) -> tuple[Applied, ...]:
    """The rules on one file of orders, in the order they are applied; none of other files."""
    steps = steps_of(study, index)
    if steps is None:
        return ()
    rows = {row["step"]: row for row in steps.iter_rows(named=True)}
    found = ((rule, rows[rule.key]) for rule in RULES)
    return tuple(Applied(r, row["applies"], row["n_met"], row["amount_met"]) for r, row in found)


def dates_of(study: Study, index: int) -> Dates:
    """How dates are read in one file, and what is unclear about them."""
    source = source_now(study, index)
    found = issues_of(study, source)
    open_ones = found.filter(pl.col("reason") == UNCLEAR)["value"].drop_nulls()
    told = found.filter(pl.col("line").is_null(), pl.col("reason").str.contains("日/月/年|月/日/年|分不清月和日"))  # fmt: skip
    some = tuple(open_ones.unique(maintain_order=True).head(SAMPLES))
    return Dates(source.decisions.day_first, some, tuple(told["reason"].unique(maintain_order=True)))  # fmt: skip


def steps_of(study: Study, index: int) -> pl.DataFrame | None:
    """The steps of one file, as ``waterfall`` without the file; None where it holds no orders."""
    return waterfall_of(study, source_now(study, index))


def try_rules(study: Study, index: int, changes: Decisions) -> pl.DataFrame | None:
    """The steps of one file as they would be; nothing is changed in the study.

    Parameters
    ----------
    changes : its ``rules`` and, where it is not None, its ``day_first`` are put over what was decided

    Raises
    ------
    InsightError : no such rule, or no row would be left.
    """
    source = source_now(study, index)
    return waterfall_of(study, _with(source, changes.rules, day_first=changes.day_first))


def set_rules(
    study: Study,
    index: int,
    rules: Mapping[str, bool],
    *,
    day_first: bool | None = None,
    parent: int,
) -> Revision:
    """Clean one file by other rules, as a new revision on top of ``parent``.

    Parameters
    ----------
    rules : rule -> whether it applies; others stay as they are
    day_first : how 3/5/2024 is to be read; None = as before

    Raises
    ------
    UnknownName, BadParameter : no such rule, or one that cannot be switched off.
    NothingLeft : no row would be left.
    Conflict : somebody changed the study since ``parent``.
    """
    before = newest(study, parent)
    source = source_at(study, before, index)
    changed = _with(source, rules, day_first=day_first)
    waterfall_of(study, changed)  # cleans it, or says why that cannot be
    sources = with_source(before, index, changed)
    return change(study, before, note=f"调整清洗规则 {source.name}", sources=sources)


def _with(source: Source, rules: Mapping[str, bool], *, day_first: bool | None) -> Source:
    """A source with these rules and this order of day and month over what was decided before."""
    decided(rules)
    if rules and source.table != "orders":
        raise BadParameter("清洗规则", f"“{source.name}”不是订单，没有这些规则")
    before = source.decisions
    first = before.day_first if day_first is None else day_first
    update = {"rules": {**before.rules, **rules}, "day_first": first}
    return redecided(source, before.model_copy(update=update), contents=source.contents)
