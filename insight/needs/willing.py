"""Who answered the four questions about prices, and what was paid for what they ask about, segment by segment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from insight import ledger
from insight.answers import Sample, sample
from insight.dataset import Dataset
from insight.errors import UnknownName
from insight.needs.paying import Paid, Said, named_category, own_places, paid_by
from insight.ratings import each_group
from insight.schema import Question
from insight.segmentation.breaks import break_of
from insight.stats.banner import TOTAL
from insight.stats.price_points import usable
from insight.tasks import meter_answers

_PRICE = "price:"


@dataclass(frozen=True, slots=True)
class Willing:
    """What people would pay, and what was paid.

    Attributes
    ----------
    people : who named four prices in order; their answers and "price:0" ... "price:3" [CNY]
    questions : the four, from too cheap to too expensive
    category : whose prices are looked at; "" = of everything
    prices : (n) customer_id, price [cents], n [thousandths of pieces], of everybody who bought it
    """

    people: Sample
    questions: tuple[Question, ...]
    category: str
    prices: pl.DataFrame


def willing(dataset: Dataset, *, ids: Sequence[str], category: str, use_weight: bool) -> Willing:
    """The answers, and the prices paid for what the questions are about.

    Parameters
    ----------
    ids : as ``meter_answers``
    category : "" = the one the questions name, else everything

    Raises
    ------
    QuestionsMissing : as ``meter_answers``.
    UnknownName : nobody bought in that category.
    """
    assert dataset.orders is not None
    assert dataset.responses is not None
    people = sample(dataset.responses, use_weight=use_weight)
    answered = meter_answers(dataset, people.responses, ids=ids)
    kept = pl.Series(usable(answered.prices)[1])
    named = [pl.Series(f"{_PRICE}{at}", answered.prices[:, at]) for at in range(4)]
    told = people.responses.with_columns(named).filter(kept)
    known = ledger.values_of(dataset.orders, "category") if "category" in dataset.columns("orders") else ()  # fmt: skip
    if category and category not in known:
        raise UnknownName("品类", category, known)
    about = category or named_category([q.wording for q in answered.questions], known)
    orders = ledger.among(dataset.orders, "category", [about]) if about else dataset.orders
    prices = ledger.prices_by(orders, "piece", by="customer_id")
    return Willing(replace(people, responses=told, weight=people.weight.filter(kept)), answered.questions, about, prices)  # fmt: skip


def segments(
    dataset: Dataset, found: Willing, *, by: str
) -> Iterator[tuple[str, tuple[Said, Paid]]]:
    """Everybody, then each group of ``by``: what those who answered said, and what all its customers paid."""
    yield TOTAL, (_said(found.people), paid_by(found.prices))
    buyers = break_of(dataset, by, unit="customer_id")
    answered = dict(each_group(found.people, break_of(dataset, by, unit="respondent_id")))
    for name in buyers.groups:
        members = buyers.members.filter(pl.col("group") == name)["customer_id"]
        said = _said(answered[name]) if name in answered else Said(np.empty((0, 4)), np.empty(0))
        yield name, (said, paid_by(found.prices, members))


def _said(people: Sample) -> Said:
    answers = people.responses.select(f"^{_PRICE}.*$").to_numpy()
    return Said(answers, people.weight.to_numpy().astype(np.float64))


def matched(found: Willing) -> pl.DataFrame:
    """(n_matched) as ``own_places``; of several answer sheets of a customer the first by its number."""
    sheets = found.people.responses.drop_nulls("customer_id").sort("respondent_id")
    first = sheets.unique("customer_id", keep="first", maintain_order=True)
    names = {"cheap": f"{_PRICE}1", "expensive": f"{_PRICE}2", "too_expensive": f"{_PRICE}3"}
    return own_places(first.select("customer_id", **{k: pl.col(v) for k, v in names.items()}), found.prices)  # fmt: skip
