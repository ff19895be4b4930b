"""Why nobody can be judged by a condition: the data lack what it asks, or its question changed."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from insight.answers import chosen
from insight.audiences.naming import column_label, is_chosen, is_scored
from insight.audiences.purchases import sold_nothing
from insight.audiences.telling import told_part
from insight.audiences.voicing import question_called
from insight.dataset import Dataset
from insight.schema.audiences import Rules, conditions
from insight.schema.conditions import (
    Answer,
    Bought,
    Buying,
    Condition,
    Ordered,
    Responded,
    Said,
    Score,
    Trait,
    TraitDate,
    TraitNumber,
)


def obstacle(dataset: Dataset, condition: Condition) -> str:
    """Why nobody can be judged, in a few words; "" where somebody may be."""
    match condition:
        case Buying() | Ordered() | Bought():
            return _no_orders(dataset, condition)
        case Trait() | TraitNumber() | TraitDate():
            return _no_trait(dataset, condition)
        case Answer() | Score() | Responded():
            return _no_answers(dataset, condition)
        case Said():
            return _no_texts(dataset, condition)
    return ""


def unknown_values(dataset: Dataset, rule: Rules) -> tuple[str, ...]:
    """What the conditions name that nothing in the data has, each as a sentence."""
    return tuple(
        f"“{told_part(condition)}”里的“{value}”在数据里没有"
        for condition in dict.fromkeys(conditions(rule))
        if not obstacle(dataset, condition)
        for value in _absent(dataset, condition)
    )


def _absent(dataset: Dataset, condition: Condition) -> tuple[str, ...]:
    if isinstance(condition, Bought):
        return sold_nothing(dataset, condition)
    if isinstance(condition, Trait) and dataset.customers is not None:
        there = dataset.customers[condition.name].cast(pl.String)
        return _without(condition.values, there.drop_nulls().unique().to_list())
    return ()


def _without(values: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    return tuple(value for value in values if value not in set(known))


def _no_orders(dataset: Dataset, condition: Buying | Ordered | Bought) -> str:
    had = dataset.columns("orders")
    if "customer_id" not in had:
        return "订单里没有客户编号" if had else "没有订单"
    if isinstance(condition, Bought) and condition.column not in had:
        return f"订单里没有“{column_label(condition.column)}”"
    return ""


def _no_trait(dataset: Dataset, condition: Trait | TraitNumber | TraitDate) -> str:
    if condition.name not in dataset.columns("customers"):
        return f"客户表里没有“{condition.name}”"
    assert dataset.customers is not None
    is_number = dataset.customers[condition.name].dtype.is_numeric()
    return "" if isinstance(condition, Trait) or is_number else f"“{condition.name}”不是数字或日期"


def _no_answers(dataset: Dataset, condition: Answer | Score | Responded) -> str:
    if dataset.responses is None:
        return "没有问卷"
    if isinstance(condition, Responded) and not condition.question:
        return ""
    question = question_called(dataset, condition.question)
    if question is None:
        return f"问卷里没有题目 {condition.question}"
    if isinstance(condition, Score) and not is_scored(question):
        return f"题目 {condition.question} 的答案不是分数"
    if not isinstance(condition, Answer):
        return ""
    if not is_chosen(question):
        return f"题目 {condition.question} 没有选项"
    absent = _without(condition.values, chosen(dataset.responses, question).columns)
    return f"题目 {condition.question} 没有选项“{'”、“'.join(absent)}”" if absent else ""


def _no_texts(dataset: Dataset, condition: Said) -> str:
    if dataset.texts is None or dataset.texts.is_empty():
        return "没有开放题、评论或访谈"
    if not condition.question:
        return ""
    asked = question_called(dataset, condition.question)
    wordings = dataset.texts["question"] if "question" in dataset.texts.columns else ()
    is_there = (asked.wording if asked else condition.question) in set(wordings)
    return "" if is_there else f"没有人回答过“{condition.question}”"


def told_obstacle(condition: Condition, why: str) -> str:
    """The sentence that says which condition judges nobody."""
    return f"条件“{told_part(condition)}”无法判断：{why}"
