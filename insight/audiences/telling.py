"""A rule as one Chinese sentence: 消费≥5,000 元 且 Q7“…”≤6 且 提到“售后”."""

from __future__ import annotations

from decimal import Decimal

from insight.audiences.naming import MEASURES, SOURCES, Names, column_label
from insight.currency import used
from insight.schema.audiences import Rules
from insight.schema.conditions import (
    Answer,
    Bought,
    Buying,
    Condition,
    InGroup,
    Ordered,
    Responded,
    Said,
    Score,
    Trait,
    TraitDate,
    TraitNumber,
)

_SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "=": "="}
_UNITS = {"n_orders": " 单", "days_since_last": " 天", "days_since_first": " 天"}  # fmt: skip
_JOINS = {"and": " 且 ", "or": " 或 "}
_LONG = 16  # characters of a question that are told
NO_NAMES = Names()


def told(rule: Rules, names: Names = NO_NAMES) -> str:
    """The rule in words; what the study no longer has is told by its id."""
    each = [
        f"（{told_part(part, names)}）" if _needs_brackets(part, rule) else told_part(part, names)
        for part in rule.parts
    ]
    joined = _JOINS[rule.on].join(each)
    return f"不是（{joined}）" if rule.negated else joined


def _needs_brackets(part: Condition | Rules, rule: Rules) -> bool:
    is_group = isinstance(part, Rules) and not part.negated and len(part.parts) > 1
    return is_group and len(rule.parts) > 1


def told_part(part: Condition | Rules, names: Names = NO_NAMES) -> str:
    """One condition, or a group of them, in words."""
    match part:
        case Rules():
            return told(part, names)
        case Buying() | Ordered() | Bought():
            return _purchases(part)
        case Trait() | TraitNumber() | TraitDate():
            return f"{_trait(part.name, names)}{_of_trait(part)}"
        case InGroup():
            verb = "不属于" if part.how == "none" else "为"
            return f"{names.breaks.get(part.by, part.by)}{verb}{_listed(part)}"
    return _voices(part, names)


def _purchases(part: Buying | Ordered | Bought) -> str:
    if isinstance(part, Ordered):
        return f"{'首次' if part.which == 'first' else '最近一次'}购买在 {_span(part)}"
    if isinstance(part, Buying):
        return f"{_during(part)}{MEASURES[part.measure]}{_compared(part, _unit(part.measure))}"
    verb = _some("买过", "没有买过", part)
    return f"{_during(part)}{verb}{column_label(part.column)}{_listed(part)}"


def _of_trait(part: Trait | TraitNumber | TraitDate) -> str:
    if isinstance(part, Trait):
        return f"{'不是' if part.how == 'none' else '是'}{_listed(part)}"
    return f"在 {_span(part)}" if isinstance(part, TraitDate) else _compared(part, "")


def _voices(part: Answer | Score | Said | Responded, names: Names) -> str:
    match part:
        case Answer():
            verb = _some("选了", "没有选", part)
            return f"{_question(part.question, names)}{verb}{_listed(part)}"
        case Score():
            return f"{_question(part.question, names)}{_compared(part, ' 分')}"
        case Said():
            return f"{_where(part, names)}{_some('提到', '没有提到', part)}{_listed(part)}"
    return _responded(part, names)


def _responded(part: Responded, names: Names) -> str:
    what = _question(part.question, names) if part.question else "问卷"
    return f"{'答过' if part.has else '没有答过'}{what}"


def _trait(name: str, names: Names) -> str:
    return names.traits[name].label if name in names.traits else name


def _question(id_: str, names: Names) -> str:
    asked = names.questions.get(id_)
    if asked is None:
        return id_
    wording = asked.wording
    return f"{id_}“{wording[:_LONG]}{'…' if len(wording) > _LONG else ''}”"


def _where(part: Said, names: Names) -> str:
    if part.question:
        return f"回答{_question(part.question, names)}时"
    return f"在{SOURCES[part.source]}里" if part.source else ""


def _some(yes: str, no: str, part: Bought | Answer | Said) -> str:
    return {"any": yes, "all": f"{yes}全部的", "none": no}[part.how]


def _listed(part: Bought | Trait | InGroup | Answer | Said) -> str:
    joint = "和" if part.how == "all" else "或"
    return joint.join(f"“{value}”" for value in part.values)


def _compared(part: Buying | Score | TraitNumber, unit: str) -> str:
    if part.to is not None:
        return f"在 {_plain(part.value)}–{_plain(part.to)}{unit}之间"
    return f"{_SIGNS[part.comparison]}{_plain(part.value)}{unit}"


def _plain(value: float) -> str:
    """Every digit of a number.

    >>> _plain(5000.0), _plain(0.5), _plain(1234567.25)
    ('5,000', '0.5', '1,234,567.25')
    """
    return f"{Decimal(repr(value)):,f}".removesuffix(".0")


def _during(part: Buying | Bought) -> str:
    return f"{_span(part)} " if part.since or part.until else ""


def _span(part: Buying | Bought | Ordered | TraitDate) -> str:
    if part.since and part.until:
        return f"{part.since} 至 {part.until}"
    return f"{part.since} 起" if part.since else f"{part.until} 及以前"


def _unit(measure: str) -> str:
    """The unit of a measure; all but those that count times or days are money."""
    return _UNITS.get(measure, f" {used().name}")
