"""Coding rules: what can be written, read into a tree, and put into words where it is wrong.

``(价格|贵|性价比) & !(不贵|划算)``, ``near(物流, 慢, 8)``, ``"iPhone 15" & 卡``; AND, OR, NOT work as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insight.coding.mistakes import explained
from insight.errors import BadRule
from insight.text.plain import plain

if TYPE_CHECKING:
    from lark import Lark

NEAR, FARTHEST, LONGEST, DEEPEST = 10, 200, 4_000, 60
_MANY_NOTS = re.compile(r"(?:(?:!|\bnot\b)\s*){9}", re.IGNORECASE)
_SIGNS = str.maketrans("（）｜＆！，“”＂\u3000\n\t", '()|&!,""" 　 '.replace("\u3000", " "))


@dataclass(frozen=True, slots=True)
class Word:
    """The clause says it."""

    text: str


@dataclass(frozen=True, slots=True)
class Either:
    """At least one part holds."""

    parts: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Both:
    """Every part holds."""

    parts: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Negated:
    """The part does not hold."""

    part: Rule


@dataclass(frozen=True, slots=True)
class Near:
    """A word of each side, with at most ``within`` characters between them, in any order."""

    left: tuple[str, ...]
    right: tuple[str, ...]
    within: int


Rule = Word | Either | Both | Negated | Near


@lru_cache(maxsize=4096)
def parsed(text: str) -> Rule:
    """The tree of a rule.

    Raises
    ------
    BadRule : it cannot be read, or everything would meet it.
    """
    from lark.exceptions import UnexpectedInput

    written = text.translate(_SIGNS)
    if not written.strip():
        raise BadRule(text, "还没有写任何词", "请写要找的词，几个词之间用 | 表示“或者”。")
    if len(written) > LONGEST:
        raise BadRule(text[:20] + "…", f"规则超过 {LONGEST:,} 个字符", "请拆成几条规则。")
    if at := _too_deep(written):
        raise BadRule(
            text, f"括号或“不含”套了太多层（最多 {DEEPEST} 层）", "请拆成几条规则。", at=at
        )
    try:
        tree = _grammar().parse(written)
    except UnexpectedInput as error:
        raise explained(text, written, error) from error
    rule = _read(tree, text)
    if not _needs_something(rule):
        raise BadRule(
            text,
            "只写了不能出现的词，几乎所有的话都会符合",
            "请再写上要出现的词，如：价格 & !划算。",
        )
    return rule


@cache
def _grammar() -> Lark:
    from lark import Lark

    return Lark(
        (Path(__file__).parent / "rule.lark").read_text(encoding="utf-8"),
        parser="lalr",
        propagate_positions=True,
    )


def _too_deep(written: str) -> int:
    """Where the brackets, or the signs of not, go deeper than a person can follow; 0 where nowhere."""
    if many := _MANY_NOTS.search(written):
        return many.end() - 1
    depth = 0
    for at, sign in enumerate(written):
        depth += (sign == "(") - (sign == ")")
        if depth > DEEPEST:
            return at
    return 0


def _read(tree: Any, text: str) -> Rule:  # noqa: ANN401 (a tree or a token of the grammar)
    parts = [one for one in tree.children if one is not None]
    match tree.data:
        case "word" | "quoted":
            return Word(_said(parts[0], text))
        case "negated":
            return Negated(_read(parts[0], text))
        case "near":
            return _near(parts, text)
        case joined:
            made = tuple(_read(one, text) for one in parts)
            return Either(made) if joined == "either" else Both(made)


def _said(token: Any, text: str) -> str:  # noqa: ANN401 (a token)
    if word := plain(str(token).strip('"')):
        return word
    raise BadRule(
        text, "这里没有可以查找的文字", "表情和空白不能作为词，请换成文字。", at=token.start_pos
    )


def _near(parts: list[Any], text: str) -> Near:
    within = NEAR
    if len(parts) == 3:
        told = str(parts[2])
        if not (told.isdecimal() and 0 < int(told) <= FARTHEST):
            raise BadRule(
                text, f"near 的第三项应是 1 到 {FARTHEST} 的整数", "请写相隔最多几个字，如：near(物流, 慢, 8)。", at=parts[2].start_pos
            )  # fmt: skip
        within = int(told)
    left, right = (_words(_read(part, text), part, text=text) for part in parts[:2])
    return Near(left, right, within)


def _words(side: Rule, tree: Any, *, text: str) -> tuple[str, ...]:  # noqa: ANN401 (a tree)
    listed = side.parts if isinstance(side, Either) else (side,)
    if all(isinstance(one, Word) for one in listed):
        return tuple(one.text for one in listed if isinstance(one, Word))
    raise BadRule(
        text, "near 里只能写词，或用 | 分开的几个词", "请把“并且”“不含”写到 near 的外面，如：near(物流|快递, 慢, 8) & !客服。", at=tree.meta.start_pos
    )  # fmt: skip


def _needs_something(rule: Rule) -> bool:
    match rule:
        case Either(parts):
            return all(map(_needs_something, parts))
        case Both(parts):
            return any(map(_needs_something, parts))
        case Negated():
            return False
        case _:
            return True


def wanted(rule: Rule) -> Iterator[str]:
    """The words whose presence counts, in the order they are written."""
    match rule:
        case Word(text):
            yield text
        case Near(left, right):
            yield from (*left, *right)
        case Either(parts) | Both(parts):
            for part in parts:
                yield from wanted(part)


def without(rule: Rule, dropped: frozenset[str]) -> Rule | None:
    """The rule without some of the words it looks for; None where nothing is left to look for."""
    match rule:
        case Word(text):
            return None if text in dropped else rule
        case Near(left, right, within):
            one, other = (tuple(w for w in side if w not in dropped) for side in (left, right))
            return Near(one, other, within) if one and other else None
        case Either(parts):
            some = tuple(kept for part in parts if (kept := without(part, dropped)))
            return Either(some) if len(some) > 1 else (some[0] if some else None)
        case Both(parts):
            every = [
                part if isinstance(part, Negated) else without(part, dropped) for part in parts
            ]
            return Both(tuple(p for p in every if p)) if all(every) else None
        case _:
            return rule
