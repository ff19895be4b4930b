"""Which canonical table a file holds, and which platform exported it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from insight.clean.contents import Profile, few_answers, share
from insight.clean.headers import (
    fold,
    is_numbered,
    is_unmistakable,
    known_as,
    question_header,
    tidy,
)
from insight.clean.mapping import Match
from insight.clean.values import numbers
from insight.errors import BadParameter
from insight.presets import Preset, catalogue, find
from insight.schema import ORDERS, TABLES, Kind
from insight.simplified import simplified

SURE_ENOUGH = 0.6  # confidence below which a file is nobody's export
_ENOUGH_QUESTIONS = 3
_MARKS_SAID = 4
_WHOSE = frozenset(c.name for c in ORDERS.columns if c.kind is Kind.IDENTITY)
_WHEN = frozenset(c.name for c in ORDERS.columns if c.kind is Kind.TIME)
_OPTION_COLUMN = re.compile(r"第\s*\d+\s*[题題]\s*[(（].+[)）]$|\d{1,3}\s*、\s*[(（].+[)）]$")


@dataclass(frozen=True, slots=True)
class Recognised:
    """A preset, how sure it is that its platform wrote the file [0..1], and the headers that say so."""

    preset: Preset
    confidence: float
    marks: tuple[str, ...]

    @property
    def said(self) -> str:
        """ "问卷星·按文本（依据：序号、提交答卷时间、所用时间、来源）"."""
        why = f"依据：{'、'.join(self.marks[:_MARKS_SAID])}" if self.marks else "由用户指定"
        return f"{self.preset.label}（{why}）"


def likeness(preset: Preset, headers: Iterable[str]) -> Recognised:
    """How surely the platform of ``preset`` wrote a file with these headers.

    Notes
    -----
    Every mark that is there fails to prove the platform with probability 1 - weight, independently
    of the others: confidence = 1 - Π(1 - weight), the noisy-or of Pearl (1988), *Probabilistic
    Reasoning in Intelligent Systems*.
    """
    listed = list(headers)
    folded = frozenset().union(*(known_as(h) for h in listed))
    weights = {h: w for h, w in preset.fingerprint.items() if fold(h) in folded}
    for pattern in preset.patterns:
        if any(re.fullmatch(pattern.regex, simplified(tidy(h))) for h in listed):
            weights[pattern.label] = pattern.weight
    doubt = math.prod(1 - weight for weight in weights.values())
    return Recognised(preset, round(1 - doubt, 4), tuple(weights))


def exporter_of(
    frame: pl.DataFrame, seen: Mapping[str, Profile], *, table: str | None, preset: str | None
) -> Recognised | None:
    """The platform the user names, else the one that is recognised.

    Parameters
    ----------
    frame : (n) raw text columns
    seen : raw column -> profile
    table : canonical table, where the user knows
    preset : key or label of the preset the user wants, "" = none, None = recognise it

    Raises
    ------
    UnknownName : there is no such preset.
    BadParameter : it is one of another table.
    """
    if preset is None:
        return recognise(frame, seen)
    if not preset:
        return None
    named = find(preset)
    if table not in {None, named.table}:
        label = TABLES[named.table].label
        raise BadParameter(
            "预设", f"“{named.label}”是{label}的预设，不能用于{TABLES[str(table)].label}"
        )
    return replace(likeness(named, seen), marks=())


def recognise(frame: pl.DataFrame, seen: Mapping[str, Profile]) -> Recognised | None:
    """The export whose fingerprint the headers fit best; None below ``SURE_ENOUGH``.

    Parameters
    ----------
    frame : (n) raw text columns
    seen : raw column -> profile

    Notes
    -----
    The exports of one platform that differ in their contents only (text, numbers or scores) are
    told apart by the answers.
    """
    found = [likeness(preset, seen) for preset in catalogue().values()]
    best = max(found, key=lambda f: (f.confidence, len(f.marks)))
    if best.confidence < SURE_ENOUGH:
        return None
    equal = [f for f in found if (f.confidence, f.marks) == (best.confidence, best.marks)]
    if len(equal) == 1:
        return best
    style = answer_style(frame, seen)
    return next((f for f in equal if f.preset.answers == style), best)


def answer_style(frame: pl.DataFrame, seen: Mapping[str, Profile]) -> str:
    """Whether the questions of a 问卷星 export hold the "text", the "code" or the "score" of answers."""
    asked = tuple(h for h in seen if is_numbered(h))
    if not _is_numeric(seen, asked):
        return "text"
    return "score" if _adds_up(frame, asked) else "code"


def _adds_up(frame: pl.DataFrame, asked: Sequence[str]) -> bool:
    """Whether 总分 is the sum of the questions in every row."""
    total = next((c for c in frame.columns if fold(c) == "总分"), None)
    if total is None or not asked:
        return False
    points = frame.select(numbers(frame[c]).clip(lower_bound=0).alias(c) for c in asked)
    differs = (points.sum_horizontal() - numbers(frame[total])).abs() > 0.005
    return not differs.any() and differs.is_not_null().any()


def table_of(
    seen: Mapping[str, Profile], found: Mapping[str, Match], *, exporter: Recognised | None
) -> str | None:
    """The canonical table a file holds, or None where nothing fits.

    Parameters
    ----------
    seen : raw column -> profile
    found : canonical table -> the roles its columns would play
    exporter : the platform that wrote the file, if it was recognised
    """
    roles = {table: frozenset(match.roles.values()) for table, match in found.items()}
    if exporter and exporter.preset.table == "responses":
        return "responses"
    if {"task", "alternative"} <= roles["designs"] or {"task", "item"} <= roles["designs"]:
        return "designs"
    n_numbered = sum(is_numbered(h) for h in seen)
    others = len(seen) - len(found["responses"].roles)
    if n_numbered and n_numbered >= min(_ENOUGH_QUESTIONS, others):
        return "responses"
    if {"text", "text_id"} <= roles["texts"]:
        return "texts"
    if is_orders(roles["orders"]) and (roles["orders"] & _WHOSE or not exporter):
        return "orders"
    if is_events(roles["events"]):
        return "events"
    if exporter:
        return exporter.preset.table
    if "text" in roles["texts"]:
        return "texts"
    return "orders" if _says_orders(list(seen)) else _by_grain(seen, found)


def is_orders(roles: frozenset[str]) -> bool:
    """Whether there is a time and money, or quantity and price."""
    return "ordered_at" in roles and ("amount" in roles or {"quantity", "unit_price"} <= roles)


def is_events(roles: frozenset[str]) -> bool:
    """Whether it is told what somebody did, and when."""
    return {"event", "event_at"} <= roles and bool(roles & _WHOSE)


def is_detail(roles: frozenset[str]) -> bool:
    """Whether goods of numbered orders are listed, but neither whose they are nor when they were bought."""
    told = roles & {"quantity", "unit_price", "amount"}
    return {"order_id", "product"} <= roles and bool(told) and not roles & (_WHOSE | _WHEN)


def is_returns(roles: frozenset[str]) -> bool:
    """Whether numbered orders are listed with what was given back, and nothing of what was bought."""
    told = roles & {"refund", "refunded_at", "refund_reason"}
    return (
        "order_id" in roles
        and bool(told)
        and not roles & ({*_WHOSE, *_WHEN, "product", "amount"} - {"refunded_at"})
    )


def _says_orders(headers: list[str]) -> bool:
    """Whether time, money and whose they are stand in the header, readable or not."""
    named = {c.name for c in ORDERS.columns if any(is_unmistakable(h, c) for h in headers)}
    return {"ordered_at", "amount"} <= named and bool(named & {"order_id", "customer_id", "phone"})


def _by_grain(seen: Mapping[str, Profile], found: Mapping[str, Match]) -> str | None:
    orders = frozenset(found["orders"].roles.values())
    if is_detail(orders):
        return "order_lines"
    if is_returns(orders):
        return "order_returns"
    if "order_id" in orders and orders & {"ordered_at", "amount", "unit_price", "product"}:
        return "orders"
    people = found["customers"].roles
    keys = {c for c, r in people.items() if _is_identity(r)}
    if any(seen[c].distinct >= 0.9 * seen[c].rows for c in keys) and len(seen) > 1:
        return "customers"
    answered = [c for c, p in seen.items() if few_answers(p) or question_header(c).part]
    few_facts = not keys and len(orders) < 2
    return "responses" if few_facts and 2 * len(answered) >= len(seen) else None


def _is_identity(role: str) -> bool:
    column = TABLES["customers"].column(role)
    return column is not None and column.kind is Kind.IDENTITY


def is_coded(headers: Iterable[str], *, preset: str) -> bool:
    """Whether a file holds option numbers or scores of 问卷星 rather than option texts.

    Its preset says so; without one, option columns (``第6题(运动)``, ``5、(乘车不安全)``) do.
    """
    if preset.startswith("wjx_"):
        return catalogue()[preset].answers != "text"
    return not preset and any(_OPTION_COLUMN.match(tidy(h)) for h in headers)


def _is_numeric(seen: Mapping[str, Profile], headers: tuple[str, ...]) -> bool:
    """Whether the answers that come again and again are numbers, or options have their own columns."""
    if any(_OPTION_COLUMN.match(tidy(h)) for h in headers):
        return True
    filled = [seen[h] for h in headers if seen[h].filled]
    repeated = [p for p in filled if few_answers(p)] or filled
    return bool(repeated) and all(share(p.sample, r"^-?\d+(\.\d+)?$") == 1 for p in repeated)
