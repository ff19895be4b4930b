"""Some customers: a purchase group or a saved audience narrows what an analysis of orders counts, and its notes say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import wraps
from typing import Annotated, Any

import polars as pl
from pydantic import AfterValidator, BaseModel, Field, create_model

from insight import ledger
from insight.analysis import Analysis, Result
from insight.dataset import Dataset
from insight.errors import MissingColumns, NoCustomersLeft, UnknownName
from insight.filtering import ONLY, audience_called
from insight.members import Members
from insight.schema.conditions import AUDIENCE
from insight.segmentation import purchases
from insight.segmentation.breaks import break_of, judge
from insight.segmentation.filters import sentence_of
from insight.wording import count

CUSTOMERS = "customers"
EVERYBODY = ""
_IS = "="  # between the key of a break and one of its groups


def _key(value: str) -> str:
    """The key of a group, or of an audience that is called by its name."""
    is_key = not value or value.startswith(AUDIENCE) or _IS in value
    return value if is_key else f"{AUDIENCE}{value}"


Customers = Annotated[
    str,
    AfterValidator(_key),
    Field(
        title="只看",
        description="只数这些客户的订单；数据到哪一天为止仍按全部订单算。命令行写作 high_ticket=高客单 或人群的名字",
        json_schema_extra={"one_of": "customer_groups"},
    ),
]


@dataclass(frozen=True, slots=True)
class Group:
    """Some customers: what they are called, what makes them so, and who they are.

    Attributes
    ----------
    n_unclear : customers who cannot be judged; they are not in
    """

    name: str
    rule: str
    ids: pl.Series
    n_unclear: int = 0


def choices(dataset: Dataset) -> dict[str, str]:
    """Key -> Chinese label of the groups that can be chosen without counting anybody; none without customers."""
    if "customer_id" not in dataset.columns("orders"):
        return {}
    labels = purchases.labels(dataset.definitions)
    groups = purchases.named(dataset.definitions)
    own = {f"{by}{_IS}{group}": f"{labels[by]}：{group}" for by, names in groups.items() for group in names}  # fmt: skip
    saved = {one.key: f"人群：{one.name}" for one in dataset.definitions.audiences}
    return {EVERYBODY: "全部客户"} | saved | own


def among_customers(analysis: Analysis) -> Analysis:
    """``analysis`` with the parameter ``customers``: it counts, and opens, only the orders of that group."""
    own = analysis.run

    @wraps(own)
    def run(dataset: Dataset, params: Any) -> Result:  # noqa: ANN401 (the parameters of any analysis)
        if not (key := chosen(params)):
            return own(dataset, params)
        group = group_of(dataset, key)
        result = own(_left(dataset, group), params)
        return replace(result, notes=(_told(group), *result.notes))

    def members(dataset: Dataset, params: Any, result: Result) -> Mapping[str, Members]:  # noqa: ANN401
        key = chosen(params)
        left = _left(dataset, group_of(dataset, key)) if key else dataset
        return analysis.members(left, params, result)

    extended: type[BaseModel] = create_model(
        analysis.params.__name__,
        __base__=analysis.params,
        __module__=analysis.params.__module__,
        customers=(Customers, EVERYBODY),
    )
    return replace(analysis, run=run, members=members, params=extended)


def chosen(params: BaseModel) -> str:
    """The key of the group that the parameters ask for, "" for all customers."""
    return str(getattr(params, CUSTOMERS, EVERYBODY))


def group_of(dataset: Dataset, key: str) -> Group:
    """The customers of a group.

    Parameters
    ----------
    key : "audience.NAME", or "BREAK=GROUP" of any break of the data

    Raises
    ------
    MissingColumns : the orders know no customers.
    NoAudiences, UnknownName : there is no such group.
    NoCustomersLeft : nobody is in it.
    """
    if "customer_id" not in dataset.columns("orders"):
        raise MissingColumns("只看一部分客户", ("订单：客户编号",))
    group = _saved(dataset, key) if key.startswith(AUDIENCE) else _of_break(dataset, key)
    if group.ids.is_empty():
        raise NoCustomersLeft(group.name, group.rule, group.n_unclear)
    return group


def _saved(dataset: Dataset, key: str) -> Group:
    audience = audience_called(dataset, key)
    met = judge(dataset, audience.rule, unit="customer_id").members
    ids = met.filter("met")["customer_id"]
    return Group(audience.name, sentence_of(dataset, audience), ids, met["met"].null_count())


def _of_break(dataset: Dataset, key: str) -> Group:
    by, _, name = key.partition(_IS)
    made = break_of(dataset, by, unit="customer_id")
    known = purchases.named(dataset.definitions).get(by, made.groups)
    if name not in known:
        raise UnknownName(f"{made.label}的分组", name, known)
    ids = made.members.filter(pl.col("group") == name)["customer_id"]
    return Group(name, f"{made.label}{made.note}", ids)


def _left(dataset: Dataset, group: Group) -> Dataset:
    assert dataset.orders is not None
    return replace(dataset, orders=ledger.of_customers(dataset.orders, group.ids))


def _told(group: Group) -> str:
    lost = f"；另有 {count(group.n_unclear)} 位客户无法判断，没有计入" if group.n_unclear else ""
    return f"{ONLY}“{group.name}”（{group.rule}）的 {count(group.ids.len())} 位客户{lost}。"
