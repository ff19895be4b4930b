"""Rankings: A→B→C in one cell, a place per item, or an item per place."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from insight.clean.built import ANSWERED, Built, built, counted, options
from insight.clean.choices import ordered
from insight.clean.questions import Block
from insight.clean.reading import Answers, why_of
from insight.clean.values import numbers
from insight.schema import Question, QuestionKind

_ARROW = "→"
_LEAST_ROWS, _NEARLY_ALL = 5, 0.95


def is_arrows(answers: pl.Series) -> bool:
    """Whether most non-null cells are ``A→B→C``."""
    return bool(answers.str.contains(_ARROW, literal=True).mean() > 0.5)  # type: ignore[operator]


def arrow_ranking(given: Answers, block: Block) -> Built:
    """``A→B→C``: the place of each item, null where it was not ranked."""
    items = given.values.str.split(_ARROW).list.eval(pl.element().str.strip_chars())
    return _by_place(items, block, why=given.why)


def is_places(columns: list[Answers], *, at_least: int = _LEAST_ROWS) -> bool:
    """Whether the numbers of each respondent are 1, 2, … m, each once, for at least so many of them."""
    if not all(a.values.drop_nulls().str.contains(r"^\d{1,2}(\.0+)?$").all() for a in columns):
        return False
    table = pl.DataFrame({str(i): numbers(a.values) for i, a in enumerate(columns)})
    places = table.select(pl.concat_list(pl.all()).list.drop_nulls().alias("p"))
    several = places.filter(pl.col("p").list.len() >= 2)
    is_order = pl.col("p").list.sort() == pl.int_ranges(1, pl.col("p").list.len() + 1).cast(pl.List(pl.Float64))  # fmt: skip
    return len(several) >= at_least and several.select(is_order.mean()).item() >= _NEARLY_ALL


def place_columns(block: Block, columns: list[Answers]) -> Built:
    """One column per item, with its place."""
    places = [numbers(a.values).cast(pl.Int64) for a in columns]
    return ranked(block, block.parts, places=places, why=why_of(columns))


def is_items(columns: list[Answers]) -> bool:
    """Whether columns are places and hold items: of three and more, nobody names one item twice."""
    named = _items(columns).list.drop_nulls()
    several = named.filter(named.list.len() >= 2)
    if len(columns) < 3 or len(several) < _LEAST_ROWS:
        return False
    repeats = (several.list.n_unique() == several.list.len()).mean()
    full = float(several.list.len().mean())  # type: ignore[arg-type]
    return bool(repeats >= _NEARLY_ALL) and full >= 2.5  # type: ignore[operator]


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
