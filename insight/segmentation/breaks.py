"""Which group each customer, respondent or text belongs to, whatever the groups are made from."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import polars as pl

from insight import ledger
from insight.answers import NPS_GROUPS
from insight.audiences import Judged, judged, told
from insight.dataset import Dataset
from insight.errors import MissingColumns, UnknownName
from insight.schema import CUSTOMERS, Question, QuestionKind
from insight.schema.audiences import OUTSIDE, UNCLEAR, Rules
from insight.schema.conditions import AUDIENCE
from insight.segmentation import purchases
from insight.segmentation.calendar import spans
from insight.segmentation.carrying import carried

Unit = Literal["customer_id", "respondent_id", "text_id"]
MOST_GROUPS = 20  # more values than this make no readable table
AGE_EDGES = (18, 25, 35, 45, 55)


@dataclass(frozen=True, slots=True)
class Break:
    """A break variable: the groups in display order and the unit's group.

    Attributes
    ----------
    members : (n_units) the unit's id [unique], group; units without a group are absent
    note : what the label does not say, to stand behind it; may be empty
    """

    key: str
    label: str
    groups: tuple[str, ...]
    members: pl.DataFrame
    note: str = ""


_PLACES = ("region", "city", "channel", "category")


def available(dataset: Dataset) -> dict[str, str]:
    """Break key -> Chinese label of every break the data can give.

    Purchase breaks ("rfm", "value_tier" ...), "orders.region" (where most was spent),
    "customers.gender", and the ids of questions with one answer; dates by month or year;
    "audience.NAME" of every named audience.
    """
    found: dict[str, str] = {}
    if "customer_id" in dataset.columns("orders"):
        found |= purchases.labels(dataset.definitions)
        had = dataset.columns("orders")
        found |= {f"orders.{p}": _ORDER_LABELS[p] for p in _PLACES if p in had}
    found |= {f"customers.{name}": label for name, label in _attributes(dataset).items()}
    found |= {q.id: f"{q.id} {q.wording}" for q in _questions(dataset)}
    found |= {id_: label for id_, (label, _) in _dated(dataset).items()}
    return found | {one.key: f"人群：{one.name}" for one in dataset.definitions.audiences}


_ORDER_LABELS = {
    "region": "主要购买地区",
    "city": "主要购买城市",
    "channel": "主要购买渠道",
    "category": "主要购买品类",
}


def _attributes(dataset: Dataset) -> dict[str, str]:
    if dataset.customers is None:
        return {}
    frame = dataset.customers
    labels = {name: (c.label if (c := CUSTOMERS.column(name)) else name) for name in frame.columns}
    return {name: label for name, label in labels.items() if _divides(frame[name])}


def _divides(values: pl.Series) -> bool:
    """Whether an attribute makes groups: ages, or a few different words."""
    known = values.drop_nulls()
    if values.name == "age":
        return not known.is_empty()
    is_word = values.dtype == pl.String and values.name != "customer_id"
    return is_word and 2 <= known.n_unique() <= MOST_GROUPS


def _questions(dataset: Dataset) -> tuple[Question, ...]:
    closed = (QuestionKind.SINGLE, QuestionKind.SCALE, QuestionKind.NPS)
    return tuple(
        q
        for q in dataset.questionnaire.of_kind(*closed)
        if q.columns[0] in dataset.columns("responses") and len(q.options) <= MOST_GROUPS
    )


def _dated(dataset: Dataset) -> dict[str, tuple[str, pl.Series]]:
    """Question id -> its label and the span of time of each respondent, for dates that make groups."""
    found: dict[str, tuple[str, pl.Series]] = {}
    for question in dataset.questionnaire.of_kind(QuestionKind.DATE):
        column = question.columns[0]
        if dataset.responses is None or column not in dataset.responses.columns:
            continue
        if made := spans(dataset.responses[column], most=MOST_GROUPS):
            found[question.id] = (f"{question.id} {question.wording}（按{made[0]}）", made[1])
    return found


def break_of(dataset: Dataset, by: str, *, unit: Unit) -> Break:
    """The groups of ``by`` and the group of every unit.

    Parameters
    ----------
    by : a key of ``available``
    unit : what is counted: customers, respondents or texts. Purchase groups reach respondents and
        texts through their customer; answers reach texts through the respondent, customers through
        their questionnaire. A unit that stands in several groups gets the first of them.

    Raises
    ------
    UnknownName : there is no such break.
    MissingColumns : the data lacks what the break is made from.
    BadParameter : the study's definition of the groups cannot be used.
    """
    known = available(dataset)
    if by not in known:
        if by in purchases.KEYS or by.startswith("orders."):
            label = purchases.labels(dataset.definitions).get(by, by)
            raise MissingColumns(label, ("订单：客户编号",))
        raise UnknownName("分组变量", by, tuple(known))
    if by.startswith(AUDIENCE):
        return _audience(dataset, by, unit=unit)
    own_unit, members, order, note = _own_members(dataset, by)
    members = carried(dataset, members, own=own_unit, unit=unit)
    present = set(members["group"])
    groups = tuple(g for g in order if g in present)
    return Break(by, known[by], groups, members, note)


def _audience(dataset: Dataset, by: str, *, unit: Unit) -> Break:
    """Who is in, who is not, and who cannot be judged."""
    chosen = next(one for one in dataset.definitions.audiences if one.key == by)
    made = judge(dataset, chosen.rule, unit=unit)
    met = pl.col("met")
    outside = pl.when(met.is_null()).then(pl.lit(UNCLEAR)).otherwise(pl.lit(OUTSIDE))
    members = made.members.select(unit, group=pl.when(met).then(pl.lit(chosen.name)).otherwise(outside))  # fmt: skip
    present = set(members["group"])
    groups = tuple(g for g in (chosen.name, OUTSIDE, UNCLEAR) if g in present)
    return Break(by, f"人群：{chosen.name}", groups, members, f"（{told(chosen.rule)}）")


def judge(
    dataset: Dataset, rule: Rules, *, unit: Unit, bought: pl.DataFrame | None = None
) -> Judged:
    """Who meets a rule, its groups being the breaks of this data; ``bought`` as in ``judged``."""
    return judged(dataset, rule, unit=unit, groups=_groups, bought=bought)


def _groups(dataset: Dataset, by: str, unit: Unit) -> Break:
    return break_of(dataset, by, unit=unit)


def _own_members(dataset: Dataset, by: str) -> tuple[Unit, pl.DataFrame, tuple[str, ...], str]:
    """The unit a break belongs to, that unit's groups, the order of the groups, and a note."""
    if by in purchases.KEYS:
        assert dataset.orders is not None
        made = purchases.grouped(dataset.orders, by, definitions=dataset.definitions)
        return "customer_id", made.members, made.groups, made.note
    if by.startswith("orders."):
        members = _favourite(dataset, by.removeprefix("orders."))
        return "customer_id", members, _by_size(members), ""
    if by.startswith("customers."):
        members = _attribute(dataset, by.removeprefix("customers."))
        order = _age_bands() if by.endswith(".age") else _by_size(members)
        return "customer_id", members, order, ""
    return (*_answer(dataset, by), "")


def _by_size(members: pl.DataFrame) -> tuple[str, ...]:
    counts = members.group_by("group").len().sort(["len", "group"], descending=[True, False])
    return tuple(counts["group"])


def _favourite(dataset: Dataset, column: str) -> pl.DataFrame:
    """Where each customer spent most; the rarer values beyond the twenty largest become 其他."""
    assert dataset.orders is not None
    bought = pl.col("n_orders").sum().over("customer_id") > 0  # who never paid is no customer
    spent = ledger.spend_by(dataset.orders, column).filter(bought)
    best = spent.sort(["spend", column], descending=[True, False]).unique(
        "customer_id", keep="first", maintain_order=True
    )
    members = best.select("customer_id", group=column).sort("customer_id")
    largest = _by_size(members)[: MOST_GROUPS - 1]
    group = pl.when(pl.col("group").is_in(largest)).then("group").otherwise(pl.lit("其他"))
    return members.with_columns(group=group)


def _age_bands() -> tuple[str, ...]:
    inner = (f"{a}–{b - 1} 岁" for a, b in pairwise(AGE_EDGES))
    return (f"{AGE_EDGES[0] - 1} 岁及以下", *inner, f"{AGE_EDGES[-1]} 岁及以上")


def _attribute(dataset: Dataset, name: str) -> pl.DataFrame:
    assert dataset.customers is not None
    values = pl.col(name)
    if name == "age":
        bands = values.cast(pl.Float64).bin_intervals(
            [float(e) for e in AGE_EDGES], labels=_age_bands()
        )
        values = bands.cast(pl.String)
    return dataset.customers.select("customer_id", group=values).drop_nulls().sort("customer_id")


def _answer(dataset: Dataset, by: str) -> tuple[Unit, pl.DataFrame, tuple[str, ...]]:
    question = dataset.questionnaire.find(by)
    assert question is not None
    assert dataset.responses is not None
    value: pl.Expr = pl.col(question.columns[0])
    order = tuple(option.label for option in question.options)
    if question.kind is QuestionKind.DATE:
        _, when = _dated(dataset)[by]
        value, order = pl.lit(when), tuple(when.drop_nulls().unique().sort())
    elif question.kind is QuestionKind.NPS:
        order = tuple(name for name, _, _ in NPS_GROUPS)
        value = pl.coalesce(
            pl.when(value.is_between(low, high)).then(pl.lit(name))
            for name, low, high in NPS_GROUPS
        )
    elif question.kind is QuestionKind.SCALE:
        value = pl.format("{} 分", value.cast(pl.Int64))
        scores = dataset.responses[question.columns[0]].drop_nulls().cast(pl.Int64).unique().sort()
        order = tuple(f"{s} 分" for s in scores)
    members = dataset.responses.select("respondent_id", group=value).drop_nulls()
    return "respondent_id", members.sort("respondent_id"), order or _by_size(members)
