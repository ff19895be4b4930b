"""The words of a rule on one line: names, signs, numbers, quotes, days in square brackets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from insight.errors import BadAudience

Fields = dict[str, object]
_TOKEN = re.compile(
    r"\s*(?:(?P<quoted>“[^”]*”|「[^」]*」|\"[^\"]*\"|'[^']*')"
    r"|\[(?P<window>[^\]]*)\]"
    r"|(?P<sign>>=|<=|!=|==|[≥≤≠><=()（）|、@])"
    r"|(?P<number>-?\d+(?:\.\d+)?(?=[\s且或)）]|$))"
    r"|(?P<word>且|或|[^\s>=<!≥≤≠()（）|、@\[\]“”「」\"']+))"
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word: ``kind`` is "quoted", "window", "sign", "number" or "word"."""

    kind: str
    text: str


_BETWEEN = (Token("sign", "|"), Token("sign", "、"))


def taken_apart(text: str) -> list[Token]:
    """A line taken apart (BadAudience)."""
    found, at = [], 0
    text = text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise BadAudience(f"读不懂“{text[at : at + 10].strip()}”")
        told = match[match.lastgroup]
        found.append(Token(match.lastgroup, told[1:-1] if match.lastgroup == "quoted" else told))
        at = match.end()
    if not found:
        raise BadAudience("还没有写条件")
    return found


def low(token: Token) -> str:
    """The word in small letters."""
    return token.text.lower()


def is_word(token: Token, known: Mapping[str, object] | frozenset[str]) -> bool:
    """Whether it is one of these words, not in quotes."""
    return token.kind == "word" and token.text.lower() in known


def following(tokens: list[Token], at: int, what: str) -> Token:
    """The word at ``at`` (BadAudience where the line ends)."""
    if at >= len(tokens):
        raise BadAudience(f"最后少了{what}")
    return tokens[at]


def values(tokens: list[Token], at: int) -> tuple[list[str], int]:
    """Values parted by | or 、."""
    values: list[str] = []
    while True:
        token = following(tokens, at, "一个值")
        if token.kind not in ("word", "quoted", "number"):
            raise BadAudience(f"“{token.text}”前面少了一个值")
        values.append(token.text)
        at += 1
        if at >= len(tokens) or tokens[at] not in _BETWEEN:
            return values, at
        at += 1


def window(tokens: list[Token], at: int) -> tuple[Fields, int]:
    """The days in square brackets, where there are any, and the place behind them."""
    if at >= len(tokens) or tokens[at].kind != "window":
        return {}, at
    since, dots, until = tokens[at].text.partition("..")
    if not dots:
        raise BadAudience(
            f"日期范围“{tokens[at].text}”应写成 [2025-01-01..2025-12-31]，可以只写一头"
        )
    days = {"since": _day(since), "until": _day(until)}
    return {name: day for name, day in days.items() if day}, at + 1


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError as error:
        raise BadAudience(f"“{text.strip()}”不是日期，应写成 2025-01-31") from error
