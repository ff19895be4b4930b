"""One condition of an audience on the screen: what it asks, and the widgets that fill it in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any

import streamlit as st

from insight import pipeline
from insight.currency import with_unit
from insight.schema import ORDERS
from pages.ui import entry
from pages.ui.drafts import kept
from pages.ui.gate import Context

Fields = dict[str, object]
KINDS: Mapping[str, str] = MappingProxyType({
    "buying": "消费和次数", "bought": "买过什么", "ordered": "首次或最近购买", "trait": "客户属性", "group": "所属分层",
    "answer": "问卷选项", "score": "问卷打分", "said": "提到的话", "responded": "答没答过",
})  # fmt: skip
_TRAITS = ("trait", "trait_number", "trait_date")
_MEASURES = {"spend": "消费（元）", "n_orders": "订单数", "average_order_value": "客单价（元）", "days_since_last": "距最近一次购买（天）", "days_since_first": "距首次购买（天）"}  # fmt: skip
_SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "=": "=", "between": "介于"}
_SOURCES = {"": "任何来源", "answers": "问卷开放题", "reviews": "评论", "interviews": "访谈"}
_SUMS = ("spend", "n_orders", "average_order_value")
_NARROW, _MIDDLE, _WIDE = 130, 200, 320


@dataclass(frozen=True, slots=True)
class Row:
    """A condition while it is built.

    Attributes
    ----------
    key : what the keys of its widgets begin with
    start : the condition it begins with, as plain data
    """

    context: Context
    names: Any  # what the study has (pipeline.audience_names)
    key: str
    start: Mapping[str, Any]

    def one(self, name: str, label: str, options: Mapping[str, str], *, width: int = _MIDDLE) -> str:  # fmt: skip
        """One of a few things."""
        known = list(options)
        begun = self.start.get(name)
        at = known.index(begun) if begun in options else 0
        return str(entry.selectbox(label, known, at, options.__getitem__, key=kept(f"{self.key}:{name}"), width=width))  # fmt: skip

    def several(self, name: str, label: str, options: Sequence[str]) -> list[str]:
        """Some of many; others may be written."""
        begun = list(self.start.get(name, ()))
        known = list(dict.fromkeys([*options, *begun]))
        return list(entry.multiselect(label, known, begun, key=kept(f"{self.key}:{name}:{len(options)}"), accept_new_options=not options, placeholder="选一个或几个", width=_WIDE))  # fmt: skip

    def number(self, name: str, label: str, begun: float) -> float:
        """A number."""
        value = float(self.start.get(name) or begun)
        return float(entry.number_input(label, value=value, step=1.0, format="%g", key=kept(f"{self.key}:{name}"), width=_NARROW))  # fmt: skip

    def day(self, name: str, label: str) -> date | None:
        """A day, or none."""
        begun = self.start.get(name)
        value = date.fromisoformat(str(begun)) if begun else None
        return entry.date_input(label, value, key=kept(f"{self.key}:{name}"), format="YYYY-MM-DD", width=_NARROW + 20)  # fmt: skip


def offered(names: Any) -> dict[str, str]:  # noqa: ANN401 (what the study has)
    """The kinds of condition that this study can judge."""
    asked = names.questions.values()
    there = {
        **dict.fromkeys(("buying", "ordered"), names.has_customers),
        "bought": bool(names.bought),
        "trait": bool(names.traits),
        "group": bool(names.breaks),
        "answer": any(q.options for q in asked),
        "score": any(q.is_score for q in asked),
        "said": bool(names.sources),
        "responded": bool(names.questions),
    }
    return {kind: label for kind, label in KINDS.items() if there[kind]}


def kind_of(start: Mapping[str, Any]) -> str:
    """The kind that a condition in plain data is shown as."""
    on = str(start.get("on", "buying"))
    return "trait" if on in _TRAITS else on


def filled(row: Row, kind: str) -> Fields | None:
    """Draw the widgets of one condition; what they say, or None while something is still empty."""
    return _DRAWN[kind](row)


def _compared(row: Row, *, begun: float) -> Fields:
    sign = row.one("comparison", "比较", _SIGNS, width=_NARROW)
    fields: Fields = {"comparison": sign, "value": row.number("value", "数值", begun)}
    return {**fields, "to": row.number("to", "到", begun)} if sign == "between" else fields


def _window(row: Row, *, label: str = "日期范围") -> Fields:
    """Days in a popover: most conditions have none."""
    has_days = bool(row.start.get("since") or row.start.get("until"))
    with st.popover("日期已限定" if has_days else label, icon=":material/date_range:", key=f"{row.key}:days"):  # fmt: skip
        return _days(row)


def _days(row: Row) -> Fields:
    days = {"since": row.day("since", "从"), "until": row.day("until", "到（含）")}
    return {name: day.isoformat() for name, day in days.items() if day}


def _buying(row: Row) -> Fields:
    measure = row.one(
        "measure", "指标", {name: with_unit(label) for name, label in _MEASURES.items()}
    )
    fields = {"on": "buying", "measure": measure, **_compared(row, begun=1.0)}
    return {**fields, **_window(row)} if measure in _SUMS else fields


def _ordered(row: Row) -> Fields | None:
    which = row.one("which", "哪一次", {"first": "首次购买", "last": "最近一次购买"})
    days = _days(row)
    return {"on": "ordered", "which": which, **days} if days else None


def _bought(row: Row) -> Fields | None:
    how = row.one("how", "怎样", {"any": "买过其中之一", "all": "全部都买过", "none": "都没买过"}, width=_MIDDLE - 40)  # fmt: skip
    labels = {c: (o.label if (o := ORDERS.column(c)) else c) for c in row.names.bought}
    column = row.one("column", "看什么", labels, width=_NARROW)
    values = row.several("values", "哪些", row.names.bought[column])
    days = _window(row)
    return {"on": "bought", "how": how, "column": column, "values": values, **days} if values else None  # fmt: skip


def _trait(row: Row) -> Fields | None:
    traits = row.names.traits
    name = row.one("name", "属性", {key: one.label for key, one in traits.items()})
    if traits[name].kind == "number":
        return {"on": "trait_number", "name": name, **_compared(row, begun=1.0)}
    if traits[name].kind == "date":
        days = _days(row)
        return {"on": "trait_date", "name": name, **days} if days else None
    how = row.one("how", "怎样", {"any": "是", "none": "不是"}, width=_NARROW)
    values = row.several("values", "哪些", traits[name].values)
    return {"on": "trait", "name": name, "how": how, "values": values} if values else None


def _group(row: Row) -> Fields | None:
    by = row.one("by", "分层", row.names.breaks)
    how = row.one("how", "怎样", {"any": "属于", "none": "不属于"}, width=_NARROW)
    values = row.several("values", "哪几组", pipeline.groups_of(row.context.study, by))
    return {"on": "group", "by": by, "how": how, "values": values} if values else None


def _questions(row: Row, wanted: Callable[[Any], bool]) -> dict[str, str]:
    return {id_: f"{id_} {q.wording}" for id_, q in row.names.questions.items() if wanted(q)}


def _answer(row: Row) -> Fields | None:
    question = row.one("question", "题目", _questions(row, lambda q: bool(q.options)), width=_WIDE)
    how = row.one("how", "怎样", {"any": "选了其中之一", "all": "全部都选了", "none": "都没选"}, width=_MIDDLE - 40)  # fmt: skip
    values = row.several("values", "哪些选项", row.names.questions[question].options)
    return {"on": "answer", "question": question, "how": how, "values": values} if values else None


def _score(row: Row) -> Fields:
    question = row.one("question", "题目", _questions(row, lambda q: q.is_score), width=_WIDE)
    return {"on": "score", "question": question, **_compared(row, begun=6.0)}


def _said(row: Row) -> Fields | None:
    how = row.one("how", "怎样", {"any": "提到其中之一", "all": "全部都提到", "none": "都没提到"}, width=_MIDDLE - 40)  # fmt: skip
    begun = "、".join(row.start.get("values", ()))
    written = entry.text_input("词或短语", begun, placeholder="售后、客服", key=kept(f"{row.key}:words"), width=_MIDDLE, max_chars=200)  # fmt: skip
    known = {key: label for key, label in _SOURCES.items() if not key or key in row.names.sources}
    source = row.one("source", "在哪里", known, width=_NARROW + 20)
    words = [word.strip() for word in written.replace("，", "、").replace(",", "、").split("、")]
    told = [word for word in words if word]
    asked = {"question": q} if (q := row.start.get("question")) else {}
    return {"on": "said", "how": how, "values": told, "source": source, **asked} if told else None


def _responded(row: Row) -> Fields:
    begun = "none" if row.start.get("has") is False else "any"
    told = replace(row, start={**row.start, "has": begun})
    has = told.one("has", "怎样", {"any": "答过", "none": "没有答过"}, width=_NARROW)
    every = {"": "整份问卷"} | _questions(row, lambda _: True)
    question = row.one("question", "题目", every, width=_WIDE)
    return {"on": "responded", "question": question, "has": has == "any"}


_DRAWN: Mapping[str, Callable[[Row], Fields | None]] = MappingProxyType({
    "buying": _buying, "bought": _bought, "ordered": _ordered, "trait": _trait, "group": _group,
    "answer": _answer, "score": _score, "said": _said, "responded": _responded,
})  # fmt: skip
