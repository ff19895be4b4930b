"""Rankings: A→B→C in one cell, a place per item, or an item per place."""

from __future__ import annotations

import math
from collections.abc import Iterable

import polars as pl

from insight.clean.built import ANSWERED, Built, built, counted, options
from insight.clean.choices import ordered
from insight.clean.questions import Block
from insight.clean.reading import Answers, why_of
from insight.clean.splitting import SEPARATORS
from insight.clean.values import numbers
from insight.schema import Question, QuestionKind

ARROW = "→"
_MARKS = ("->", "＞", ">", *SEPARATORS)  # where the question says that it is a ranking
_LEAST_ROWS, _NEARLY_ALL = 5, 0.95
_BY_CHANCE = 0.05


def rank_mark(answers: pl.Series, *, is_told: bool = False) -> str | None:
    """What stands between the items of a ranking in one cell (A→B→C), None where nothing does.

    Parameters
    ----------
    answers : (n) non-null text
    is_told : whether the question says that it is a ranking; without, only arrows, and cells that
        all hold the same three or more items in different orders, are one
    """
    if answers.str.contains(ARROW, literal=True).mean() > 0.5:  # type: ignore[operator]
        return ARROW
    if is_told:
        return next((m for m in _MARKS if _lists(answers, m)), None)
    return next((m for m in _MARKS if m != "/" and _permutes(answers, m)), None)  # 3/5 may be a day


def _lists(answers: pl.Series, mark: str) -> bool:
    """Whether most cells list items with the mark between them, and nobody lists one twice."""
    if answers.str.contains(mark, literal=True).mean() <= 0.5:  # type: ignore[operator]
        return False
    items = _between(answers, mark)
    return bool((items.list.n_unique() == items.list.len()).mean() >= _NEARLY_ALL)  # type: ignore[operator]


def _permutes(answers: pl.Series, mark: str) -> bool:
    """Whether all cells hold the same items, in different orders: several choices come in one order."""
    if answers.n_unique() < 2 or not answers.str.contains(mark, literal=True).all():
        return False
    items = _between(answers, mark)
    least = items.list.len().min() or 0
    return bool(least >= 3 and items.list.sort().n_unique() == 1)  # type: ignore[operator]


def _between(answers: pl.Series, mark: str) -> pl.Series:
    items = answers.str.split(mark).list.eval(pl.element().str.strip_chars())
    return items.list.eval(pl.element().filter(pl.element() != ""))


def joined_ranking(given: Answers, block: Block, *, mark: str) -> Built:
    """``A→B→C``: the place of each item, null where it was not ranked."""
    return _by_place(_between(given.values, mark), block, why=given.why)


def is_places(columns: list[Answers], *, is_told: bool = False) -> bool:
    """Whether the numbers of each respondent are 1, 2, … m, each once.

    One respondent is enough where the question says that it is a ranking (``is_told``); without,
    there must be five, or so many that ratings would hardly look like that by chance.
    """
    if not all(a.values.drop_nulls().str.contains(r"^\d{1,2}(\.0+)?$").all() for a in columns):
        return False
    table = pl.DataFrame({str(i): numbers(a.values) for i, a in enumerate(columns)})
    places = table.select(pl.concat_list(pl.all()).list.drop_nulls().alias("p"))
    several = places.filter(pl.col("p").list.len() >= 2)
    is_order = pl.col("p").list.sort() == pl.int_ranges(1, pl.col("p").list.len() + 1).cast(pl.List(pl.Float64))  # fmt: skip
    enough = bool(len(several)) if is_told else _is_no_chance(several["p"].list.len())
    return enough and bool(several.select(is_order.mean()).item() >= _NEARLY_ALL)


def _is_no_chance(lengths: pl.Series) -> bool:
    """Whether so many lists (n lengths) of the numbers 1 … m, each once, are hardly chance: k!/kᵏ each."""
    if len(lengths) >= _LEAST_ROWS:
        return True
    return bool(math.prod(math.factorial(k) / k**k for k in lengths) < _BY_CHANCE)


def place_columns(block: Block, columns: list[Answers]) -> Built:
    """One column per item, with its place."""
    places = [numbers(a.values).cast(pl.Int64) for a in columns]
    return ranked(block, block.parts, places=places, why=why_of(columns))


def is_items(columns: list[Answers], *, is_told: bool = False) -> bool:
    """Whether columns are places and hold items: of three and more, nobody names one item twice."""
    named = _items(columns).list.drop_nulls()
    several = named.filter(named.list.len() >= 2)
    if len(columns) < (2 if is_told else 3) or len(several) < (1 if is_told else _LEAST_ROWS):
        return False
    repeats = (several.list.n_unique() == several.list.len()).mean()
    full = float(several.list.len().mean())  # type: ignore[arg-type]
    return bool(repeats >= _NEARLY_ALL) and (is_told or full >= 2.5)  # type: ignore[operator]


def item_columns(block: Block, columns: list[Answers]) -> Built:
    """One column per place, with the item that stands there."""
    return _by_place(_items(columns), block, why=why_of(columns))


def _items(columns: list[Answers]) -> pl.Series:
    """The items of each respondent by place (n lists, null where a place is empty)."""
    frame = pl.DataFrame({str(i): a.values for i, a in enumerate(columns)})
    return frame.select(items=pl.concat_list(pl.all())).to_series()


def _by_place(items: pl.Series, block: Block, *, why: pl.Series) -> Built:
    order = ordered(counted(items.explode(empty_as_null=True)))
    frame = items.to_frame("items")
    place = (
        pl.when(pl.col("items").list.contains(label))
        .then(pl.col("items").list.eval(pl.element().eq_missing(pl.lit(label))).list.arg_max() + 1)
        .cast(pl.Int64)
        for label in order
    )
    return ranked(block, order, places=(frame.select(p).to_series() for p in place), why=why)


def ranked(
    block: Block, labels: tuple[str, ...], *, places: Iterable[pl.Series], why: pl.Series
) -> Built:
    """A ranking question from its items and their columns of places (in the same order)."""
    names = tuple(f"{block.id}[{label}]" for label in labels)
    question = Question(
        id=block.id, wording=block.wording, kind=QuestionKind.RANK, columns=names,
        options=options(labels, columns=names), base=ANSWERED,
    )  # fmt: skip
    return built(question, (p.alias(n) for p, n in zip(places, names, strict=True)), why=[why])
