"""What a header says: a role known by its name, or the number, stem and part of a question."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType

from insight.schema import Column
from insight.simplified import simplified

_UNIT = re.compile(r"[(\[【][^()\[\]【】]*[)\]】]\s*$")
_LEVELLED = re.compile(r"(.*[\u4e00-\u9fff?？ ].*)[_｜]([^_｜]+)")  # 基本信息_手机号, not order_id
_SELECTED = re.compile(r" - Selected Choice$")  # Qualtrics
_ONLY_ANSWER = re.compile(r"(open-ended )?response", re.IGNORECASE)  # SurveyMonkey's second level


def fold(header: str) -> str:
    """A header without what people write differently: case, width, spaces, marks, a unit at its end,
    traditional characters.

    >>> fold("用户实付金额（元）"), fold("Customer ID"), fold("聯繫電話 ")
    ('用户实付金额', 'customerid', '联系电话')
    """
    text = simplified(unicodedata.normalize("NFKC", header).casefold())
    return re.sub(r"[\W_]+", "", _UNIT.sub("", text)) or re.sub(r"[\W_]+", "", text)


@lru_cache(maxsize=4096)
def names(header: str) -> frozenset[str]:
    """The folded names a header may be known by: whole, a level of it, its stem without a number."""
    levels = _LEVELLED.fullmatch(header)
    last_level = levels[2] if levels else header
    rows = header.split("｜")  # of a header of several rows, or name and label of a variable
    stem = question_header(header).stem
    return frozenset(fold(text) for text in (header, last_level, stem, *rows) if text)


def known_as(header: str) -> frozenset[str]:
    """``names`` and the folded first level of a header of several rows (StartDate｜Start Date)."""
    return names(header) | {fold(header.partition("｜")[0])}


@cache
def _ranks(column: Column) -> Mapping[str, int]:
    ranks = {fold(alias): rank for rank, alias in reversed(list(enumerate(column.aliases)))}
    return MappingProxyType(ranks)


def alias_rank(header: str, column: Column) -> int | None:
    """Place of ``header`` among the aliases of ``column`` (0 = best), or None."""
    ranks = _ranks(column)
    return min((ranks[name] for name in names(header) if name in ranks), default=None)


_VAGUE = frozenset({  # aliases that may mean something else
    "customer", "externalreference", "customdata1", "sojumpparm", "name",
    "text", "review", "comment", "content", "评论", "评价", "意见", "建议", "意见建议", "反馈", "留言", "内容", "文本", "feedback",
})  # fmt: skip


def is_exact(header: str, column: Column) -> bool:
    """Whether the whole header is an alias of ``column``."""
    return fold(header) in _ranks(column)


def is_unmistakable(header: str, column: Column) -> bool:
    """Whether the whole header is an alias of ``column`` that means nothing else."""
    return is_exact(header, column) and fold(header) not in _VAGUE


@dataclass(frozen=True, slots=True)
class QuestionHeader:
    """A question's number ("6", "2b"; None where it has none), wording, and part (option or row)."""

    number: str | None
    stem: str
    part: str | None = None


_PLATFORM_PART = re.compile(r"第\s*(\d+)\s*[题題]\s*[(（](.+)[)）]")
_NUMBERED_PART = re.compile(r"(\d{1,3})\s*[、.:：]\s*[(（](.+)[)）]")
_NTH = re.compile(r"第\s*(\d+)\s*[题題][\s、.:：]*(.*)")
_NUMBERED = re.compile(r"(\d{1,3})\s*(?:[、:：]|\.(?!\d))\s*(.+)")
_Q = re.compile(r"[Qq](\d{1,3}+[A-Ea-e]?+)(?![a-zA-Z]{2})(.*)")
_Q_PART = re.compile(
    r"(?:[_.\[]|(?=r\d))((?:\d+|sq\w*|r\d+(?:c\d+)?|other|text|其他)(?:_(?:text|other|\d+))*)\]?\.?(?:$|[\s:：、｜-]+(.*))",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"(.*\S)\s*\[([^\[\]]+)\]")


def tidy(header: str) -> str:
    """A header as people read it: HTML entities resolved, one space between words."""
    text = " ".join(html.unescape(header).replace("．", ".").split())
    return _SELECTED.sub("", text)


def question_header(header: str) -> QuestionHeader:
    """Take a header apart.

    >>> question_header("6、兴趣爱好")
    QuestionHeader(number='6', stem='兴趣爱好', part=None)
    >>> question_header("第6题(运动)")
    QuestionHeader(number='6', stem='', part='运动')
    >>> question_header("Q3_1")
    QuestionHeader(number='3', stem='', part='1')
    """
    text = tidy(header)
    for pattern in (_PLATFORM_PART, _NUMBERED_PART):
        if match := pattern.fullmatch(text):
            return QuestionHeader(str(int(match[1])), "", match[2])
    for pattern in (_NTH, _NUMBERED):
        if match := pattern.fullmatch(text):
            return QuestionHeader(str(int(match[1])), match[2])
    if match := _Q.fullmatch(text):
        return _after_q(match[1].lower(), match[2])
    for pattern in (_BRACKETED, _LEVELLED):
        if match := pattern.fullmatch(text):
            part = None if _ONLY_ANSWER.fullmatch(match[2]) else match[2]
            return QuestionHeader(None, match[1], part)
    return QuestionHeader(None, text)


def _after_q(number: str, rest: str) -> QuestionHeader:
    if match := _Q_PART.fullmatch(rest):
        is_text = bool(match[2]) and match[1].lower().endswith("text")  # Qualtrics: Q3_6_TEXT
        return QuestionHeader(number, "", f"{match[2]}_TEXT" if is_text else match[2] or match[1])
    return QuestionHeader(number, rest.lstrip(" 、._:：-｜"))


def is_numbered(header: str) -> bool:
    """Whether the header carries a question number."""
    return question_header(header).number is not None
