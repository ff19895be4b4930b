"""A rule written on one line: 消费>=5000 且 NPS<=6 且 提到 售后; read word by word, nothing is executed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from insight.audiences.naming import BOUGHT, MEASURES, SOURCES, Names, column_label
from insight.audiences.tokens import (
    Fields,
    Token,
    following,
    is_word,
    low,
    taken_apart,
    values,
    window,
)
from insight.errors import BadAudience
from insight.schema.audiences import Rules, rules_of

HOW_TO = """写法（且、或、非 可写 and、or、not；可加括号；有空格或符号的词加引号）：
  消费>=5000  订单数<3  客单价>200  最近购买天数>90  首次购买天数<=30
  消费[2025-01-01..2025-12-31]>=1000         一段日子里的消费、订单数、客单价
  首次购买[2025-06-01..]  最近购买[..2025-06-30]
  买过 品类=咖啡豆|器具 [2025-01-01..]  没买过 渠道=门店  都买过 商品=甲|乙
  性别=女  年龄>=30  入会时间[2024-01-01..]   客户表里的列
  rfm=重要价值客户  消费层级!=低               分层，写键或名称
  Q3=25-34岁|35-44岁  Q7<=6  NPS<=6         问卷的选项或分数
  提到 售后|客服  没提到 物流  提到 售后@评论   @ 后写 开放题、评论、访谈或题号
  答过 问卷  没答过 Q8"""
_JOINS = {"且": "and", "and": "and", "并且": "and", "&&": "and", "或": "or", "or": "or", "或者": "or"}  # fmt: skip
_NOT = frozenset({"非", "不是", "not"})
_SIGNS = {">=": ">=", "≥": ">=", "<=": "<=", "≤": "<=", ">": ">", "<": "<", "=": "=", "==": "=", "!=": "!=", "≠": "!="}  # fmt: skip
_SAID = {"提到": "any", "说过": "any", "都提到": "all", "没提到": "none", "没有提到": "none", "said": "any"}  # fmt: skip
_BOUGHT = {"买过": "any", "都买过": "all", "没买过": "none", "没有买过": "none", "bought": "any"}
_ANSWERED = {"答过": True, "没答过": False, "没有答过": False}
_ORDERED = {"首次购买": "first", "最近购买": "last", "最近一次购买": "last"}
_MEASURES: Mapping[str, str] = MappingProxyType(
    {label: key for key, label in MEASURES.items()}
    | {key: key for key in MEASURES}
    | {"消费金额": "spend", "aov": "average_order_value", "最近购买天数": "days_since_last", "首次购买天数": "days_since_first"}
)  # fmt: skip
_COLUMNS = {column_label(name): name for name in BOUGHT} | {name: name for name in BOUGHT}
_SOURCES = {label: key for key, label in SOURCES.items() if key} | {"开放题": "answers", "问卷": "answers"}  # fmt: skip


def read(text: str, names: Names) -> Rules:
    """The rule that somebody wrote.

    Parameters
    ----------
    names : what the study has; a word that names nothing there is refused

    Raises
    ------
    BadAudience : it cannot be read, with the place where it stops.
    """
    tokens = taken_apart(text)
    part, at = _any_of(tokens, 0, names)
    if at < len(tokens):
        raise BadAudience(f"读到“{tokens[at].text}”时读不下去了，前面少了“且”或“或”")
    return rules_of(part if part["on"] in ("and", "or") else {"on": "and", "parts": [part]})


_Read = tuple[Fields, int]


def _any_of(tokens: list[Token], at: int, names: Names) -> _Read:
    """Parts joined by 或."""
    return _series(tokens, at, names, on="or")


def _series(tokens: list[Token], at: int, names: Names, *, on: str) -> _Read:
    parts = []
    while True:
        part, at = (
            _series(tokens, at, names, on="and") if on == "or" else _single(tokens, at, names)
        )
        parts.append(part)
        if not (at < len(tokens) and is_word(tokens[at], _JOINS) and _JOINS[low(tokens[at])] == on):  # fmt: skip
            break
        at += 1
    return (parts[0] if len(parts) == 1 else {"on": on, "parts": parts}), at


def _single(tokens: list[Token], at: int, names: Names) -> _Read:
    """One condition, one in brackets, or the opposite of one."""
    token = following(tokens, at, "一个条件")
    if is_word(token, _NOT):
        part, at = _single(tokens, at + 1, names)
        return {"on": "and", "parts": [part], "negated": True}, at
    if token.text in "(（" and token.kind == "sign":
        part, at = _any_of(tokens, at + 1, names)
        if following(tokens, at, "右括号").text not in ")）":
            raise BadAudience(f"读到“{tokens[at].text}”时少了右括号")
        return part, at + 1
    if token.kind not in ("word", "quoted"):
        raise BadAudience(f"“{token.text}”前面少了一个名称")
    if is_word(token, _SAID):
        return _said(tokens, at, names)
    if is_word(token, _BOUGHT):
        return _bought(tokens, at)
    if is_word(token, _ANSWERED):
        return _answered(tokens, at, names)
    return _named(tokens, at, names)


def _said(tokens: list[Token], at: int, names: Names) -> _Read:
    how = _SAID[low(tokens[at])]
    listed, at = values(tokens, at + 1)
    where: Fields = {}
    if at < len(tokens) and tokens[at] == Token("sign", "@"):
        place = following(tokens, at + 1, "来源").text
        source = _SOURCES.get(place, place if place in SOURCES else "")
        where = {"source": source} if source else {"question": _question(place, names)}
        at += 2
    return {"on": "said", "values": listed, "how": how, **where}, at


def _bought(tokens: list[Token], at: int) -> _Read:
    how, name = _BOUGHT[low(tokens[at])], following(tokens, at + 1, "品类、商品或渠道").text
    if name not in _COLUMNS:
        raise BadAudience(
            f"“{name}”不是可以查的内容，可写 {'、'.join(column_label(c) for c in BOUGHT)}"
        )
    if following(tokens, at + 2, "等号").text not in ("=", "=="):
        raise BadAudience(f"“{name}”后面应写等号和值")
    listed, at = values(tokens, at + 3)
    span, at = window(tokens, at)
    return {"on": "bought", "column": _COLUMNS[name], "values": listed, "how": how, **span}, at


def _answered(tokens: list[Token], at: int, names: Names) -> _Read:
    name = following(tokens, at + 1, "题号").text
    question = "" if name == "问卷" else _question(name, names)
    return {"on": "responded", "question": question, "has": _ANSWERED[low(tokens[at])]}, at + 2


def _question(name: str, names: Names) -> str:
    """The id of a question by its id, or "NPS" where there is one such question."""
    by_id = {id_.lower(): id_ for id_ in names.questions}
    if name.lower() in by_id:
        return by_id[name.lower()]
    scores = [id_ for id_, asked in names.questions.items() if asked.is_nps]
    if name.lower() == "nps" and len(scores) == 1:
        return scores[0]
    if name.lower() == "nps" and scores:
        raise BadAudience(f"有几道 NPS 题（{'、'.join(scores)}），请写题号")
    known = "、".join(list(names.questions)[:12]) or "问卷里没有题目"
    raise BadAudience(f"没有叫“{name}”的题目（{known}）")


def _named(tokens: list[Token], at: int, names: Names) -> _Read:
    """A name, its days where it has any, and what it is compared with."""
    name = tokens[at].text
    span, at = window(tokens, at + 1)
    if name in _ORDERED:
        return {"on": "ordered", "which": _ORDERED[name], **span}, at
    trait = next((key for key, t in names.traits.items() if name in (key, t.label)), "")
    if trait and names.traits[trait].kind == "date":
        return {"on": "trait_date", "name": trait, **span}, at
    sign = following(tokens, at, f"“{name}”的比较符号").text
    if sign not in _SIGNS:
        raise BadAudience(f"“{name}”后面应写 >=、<=、>、<、= 或 !=")
    listed, at = values(tokens, at + 1)
    is_number = _is_number(listed) or _SIGNS[sign] not in ("=", "!=")
    subject = {**_subject(name, names, trait, is_number=is_number), **span}
    if subject["on"] in ("buying", "trait_number", "score"):
        return _bounded(subject, _SIGNS[sign], name, listed), at
    if _SIGNS[sign] not in ("=", "!="):
        raise BadAudience(f"“{name}”不是数字，只能用 = 或 !=")
    return {**subject, "values": listed, "how": "none" if _SIGNS[sign] == "!=" else "any"}, at


def _bounded(subject: Fields, sign: str, name: str, listed: list[str]) -> Fields:
    """A comparison with a number; "!=" is the opposite of "="."""
    if not _is_number(listed):
        raise BadAudience(f"“{name}”要和一个数字比较，“{'、'.join(listed)}”不是")
    value = float(listed[0])
    if sign == "!=":
        same = {**subject, "comparison": "=", "value": value}
        return {"on": "and", "parts": [same], "negated": True}
    return {**subject, "comparison": sign, "value": value}


def _is_number(listed: list[str]) -> bool:
    return len(listed) == 1 and re.fullmatch(r"-?\d+(\.\d+)?", listed[0]) is not None


def _subject(name: str, names: Names, trait: str, *, is_number: bool) -> Fields:
    """What a name means: a measure of buying, an attribute, a question, a break."""
    if name.lower() in _MEASURES:
        return {"on": "buying", "measure": _MEASURES[name.lower()]}
    if trait:
        kind = "trait_number" if names.traits[trait].kind == "number" else "trait"
        return {"on": kind, "name": trait}
    if name.lower() == "nps" or name.lower() in {id_.lower() for id_ in names.questions}:
        question = _question(name, names)
        is_score = names.questions[question].is_score and is_number
        return {"on": "score" if is_score else "answer", "question": question}
    breaks = [key for key, label in names.breaks.items() if name in (key, label)]
    if breaks:
        return {"on": "group", "by": breaks[0]}
    raise BadAudience(f"不认识“{name}”：不是消费指标、客户属性、分层或题号")
