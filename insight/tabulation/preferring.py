"""The items of a ranking in the columns of all breaks: places, first choices, points, and how far people agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from insight.answers import Sample, chosen
from insight.schema import Question, QuestionKind
from insight.stats.banner import SUPPRESSED, flagged, ticks_of
from insight.stats.proportions import Flags, Floats, Rule
from insight.stats.ranking import kendall_w, last_place, points
from insight.tabulation.banners import Family
from insight.tabulation.book import crossed
from insight.tabulation.everybody import inside, once
from insight.tabulation.scoring import averaged
from insight.tabulation.stubs import Stub

ITEM = (
    "item", "column", "n", "base", "effective_base", "mean_rank", "share_first", "first_letters", "share_top",
    "top_letters", "borda", "borda_rank", "letters", "p_adjusted", "question", "break", "flag",
)  # fmt: skip
AGREEMENT = ("question", "column", "break", "n_complete", "n_ranked_items", "kendall_w", "chi2", "df", "p_value", "agreement", "flag")  # fmt: skip
_KEYS = ("question", "item", "break", "column")


@dataclass(frozen=True, slots=True)
class Ranked:
    """One question with the places its items were given.

    Attributes
    ----------
    items : the items by name, each a question of its own on its column of places
    ranks : (n, n_items) as told, NaN = not ranked; filled : with what stands for the items left out
    """

    question: Question
    items: tuple[Question, ...]
    ranks: Floats
    filled: Floats

    @property
    def names(self) -> list[str]:
        """What the items are called."""
        return [item.wording for item in self.items]

    @property
    def n_partial(self) -> int:
        """How many people ranked something, but not everything."""
        told = (~np.isnan(self.ranks)).sum(axis=1)
        return int(((told > 0) & (told < len(self.items))).sum())


def ranked(responses: pl.DataFrame, question: Question, *, fill: bool) -> Ranked:
    """The places of a ranking's items.

    Parameters
    ----------
    fill : items left out share the places that were left; else they have none
    """
    held = [o.column for o in question.options if o.column in responses.columns]
    names = chosen(responses, question).columns
    items = tuple(
        question.model_copy(update={"id": f"{question.id}_{at}", "wording": name, "kind": QuestionKind.NUMBER, "columns": (column,), "options": ()})
        for at, (name, column) in enumerate(zip(names, held, strict=True), 1)
    )  # fmt: skip
    ranks = responses.select(pl.col(c).cast(pl.Float64).fill_null(np.nan) for c in held).to_numpy()
    ranks = np.where(ranks >= 1, ranks, np.nan)
    return Ranked(question, items, ranks, last_place(ranks) if fill else ranks)


def preferred(
    asked: Sequence[Ranked], families: Sequence[Family], *, people: Sample, rule: Rule, top: int
) -> pl.DataFrame:
    """Every item of every ranking in every column.

    Parameters
    ----------
    top : how many places count as the top ones

    Returns
    -------
    (n_items x n_columns, the total of each break first) item, column, n [ranked it], base [ranked anything],
        effective_base, mean_rank, share_first, first_letters, share_top, top_letters [z tests], borda [mean points, highest is best],
        borda_rank, letters, p_adjusted [Welch's t tests of borda], question, break, flag; figures are null where the base is tiny
    """
    return pl.concat([_preferred(one, families, people=people, rule=rule, top=top) for one in asked])  # fmt: skip


def _preferred(
    one: Ranked, families: Sequence[Family], *, people: Sample, rule: Rule, top: int
) -> pl.DataFrame:
    worth = _means(one, points(one.filled), families, people=people, rule=rule)
    places = _means(one, one.filled, families, people=people, rule=rule)
    counts = _means(one, one.ranks, families, people=people, rule=rule)
    told = np.asarray(~np.isnan(one.ranks).all(axis=1))
    first, best = (_shares(one, one.ranks <= most, told, families, people=people, rule=rule) for most in (1, top))  # fmt: skip
    table = (
        worth.select(*_KEYS, "base", "effective_base", "letters", "p_adjusted", "flag", borda="mean")
        .join(places.select(*_KEYS, mean_rank="mean"), on=_KEYS, how="left", maintain_order="left")
        .join(counts.select(*_KEYS, n="base"), on=_KEYS, how="left", maintain_order="left")
        .join(first.select(*_KEYS, share_first="share", first_letters="letters"), on=_KEYS, how="left", maintain_order="left")
        .join(best.select(*_KEYS, share_top="share", top_letters="letters"), on=_KEYS, how="left", maintain_order="left")
    )  # fmt: skip
    place = pl.col("borda").rank("min", descending=True).over("break", "column").cast(pl.Int64)
    return once(table.with_columns(borda_rank=place)).select(ITEM)


def _means(
    one: Ranked, values: Floats, families: Sequence[Family], *, people: Sample, rule: Rule
) -> pl.DataFrame:
    """The means of ``values`` (n, n_items) in every column, under the names of the items."""
    columns = {item.id: f"{item.id}#" for item in one.items}
    told = [pl.Series(columns[item.id], values[:, at]).fill_nan(None) for at, item in enumerate(one.items)]  # fmt: skip
    numbers = tuple(item.model_copy(update={"columns": (columns[item.id],)}) for item in one.items)
    cells, _ = averaged(numbers, _own(one, families), people=replace(people, responses=people.responses.with_columns(told)), rule=rule)  # fmt: skip
    item = pl.col("question").replace_strict({i.id: i.wording for i in one.items}, return_dtype=pl.String)  # fmt: skip
    return cells.with_columns(item=item, question=pl.lit(one.question.id))


def _own(one: Ranked, families: Sequence[Family]) -> list[Family]:
    return [family for family in families if family.key != one.question.id]


def _shares(
    one: Ranked, hit: Flags, told: Flags, families: Sequence[Family], *, people: Sample, rule: Rule
) -> pl.DataFrame:  # fmt: skip
    """How many of those who ranked anything have each item among ``hit`` (n, n_items)."""
    frame = pl.DataFrame({name: pl.Series(hit[:, at]).set(pl.Series(~told), None) for at, name in enumerate(one.names)})  # fmt: skip
    nothing = (False,) * len(one.items)
    stub = Stub(one.question, tuple(one.names), tuple(ticks_of(frame)), nothing, nothing)
    cells, _ = crossed([stub], _own(one, families), people=people, rule=rule)
    return cells.rename({"row": "item"})


def agreed(
    asked: Sequence[Ranked], families: Sequence[Family], *, people: Sample, rule: Rule
) -> pl.DataFrame:
    """How far the people of every column agree on the order.

    Returns
    -------
    (n_questions x n_columns) question, column, break, n_complete [whose order of all items is known],
        n_ranked_items, kendall_w, chi2, df, p_value, agreement [a word], flag; figures are null where the base is tiny
    """
    rows = [
        _agreed(one, family, at, people=people)
        for one in asked for family in _own(one, families) for at in range(-1, len(family.names))
    ]  # fmt: skip
    table = once(pl.DataFrame(rows, schema=_SCHEMA)).with_columns(pl.col(pl.Float64).fill_nan(None))
    hidden = ("kendall_w", "chi2", "p_value", "agreement")
    return table.pipe(flagged, rule=rule, hidden=hidden).rename({"base": "n_complete"}).select(AGREEMENT)  # fmt: skip


_SCHEMA = {
    "question": pl.String, "column": pl.String, "break": pl.String, "base": pl.Int64, "n_ranked_items": pl.Int64,
    "kendall_w": pl.Float64, "chi2": pl.Float64, "df": pl.Int64, "p_value": pl.Float64, "agreement": pl.String,
}  # fmt: skip


def _agreed(one: Ranked, family: Family, at: int, *, people: Sample) -> dict[str, object]:
    complete = inside(family, at) & ~np.isnan(one.filled).any(axis=1)
    found = kendall_w(one.filled[complete], people.weight.to_numpy()[complete])
    return {
        "question": one.question.id, "column": family.names[at] if at >= 0 else family.total, "break": family.label,
        "base": int(complete.sum()), "n_ranked_items": len(one.items), "kendall_w": found.w, "chi2": found.chi2,
        "df": found.df, "p_value": found.p_value, "agreement": found.words or SUPPRESSED,
    }  # fmt: skip
