"""When a rule holds: an expression over facts, read into a tree, judged on a group, and told with its numbers.

``share_of_spend >= 10% and not slipping_share > 0.3``, ``金额占比 ≥ 10% 且 分层 属于 ["冠军客户", "忠诚客户"]``.
Nothing is evaluated but comparisons of known facts with numbers, other facts or names.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from insight.errors import BadPlaybook
from insight.strategy.facts import DIMENSIONS, FACTS, label_of, name_of
from insight.units import in_words

if TYPE_CHECKING:
    from lark import Lark, Tree

LONGEST = 1_000
_SIGNS: Mapping[str, Callable[[float, float], bool]] = MappingProxyType({
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq, "≠": operator.ne,
})  # fmt: skip
_WRITTEN = {"≥": ">=", "≤": "<=", "==": "=", "!=": "≠"}
_SCALES = {"%": 0.01, "万": 1e4, "亿": 1e8, None: 1.0}
_KEYBOARD = str.maketrans("（），“”＂＞＜＝！％：", '(),"""><=!%:')
Group = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Compared:
    """A fact against a number or against another fact."""

    fact: str
    sign: str
    bound: float | str

    def holds(self, group: Group) -> bool | None:
        """None where a fact is not known of the group."""
        bound = group.get(self.bound) if isinstance(self.bound, str) else self.bound
        value = group.get(self.fact)
        return None if value is None or bound is None else _SIGNS[self.sign](value, bound)

    @property
    def words(self) -> str:
        """The bound as a reader sees it: "≥ 10.0%"."""
        sign = {">=": "≥", "<=": "≤"}.get(self.sign, self.sign)
        bound = label_of(self.bound) if isinstance(self.bound, str) else in_words(self.bound, column=self.fact)  # fmt: skip
        return f"{sign} {bound}"


@dataclass(frozen=True, slots=True)
class Among:
    """A dimension is one of several names; RFM groups go by their default names, whatever the study calls them."""

    dimension: str
    names: tuple[str, ...]

    def holds(self, group: Group) -> bool | None:
        """None where the group is not made by this dimension."""
        name = group.get(f"{self.dimension}_default", group.get(self.dimension))
        return None if name is None else name in self.names


@dataclass(frozen=True, slots=True)
class Joined:
    """All ("and") or some ("or") of several parts."""

    on: str
    parts: tuple[Condition, ...]

    def holds(self, group: Group) -> bool | None:
        """Kleene: unknown parts decide nothing where the others do."""
        told = [part.holds(group) for part in self.parts]
        decides = self.on == "or"
        return decides if decides in told else None if None in told else not decides


@dataclass(frozen=True, slots=True)
class Negated:
    """The part does not hold."""

    part: Condition

    def holds(self, group: Group) -> bool | None:
        """None where the part can not be judged."""
        told = self.part.holds(group)
        return None if told is None else not told


Condition = Compared | Among | Joined | Negated


@lru_cache(maxsize=1024)
def parsed(text: str) -> Condition:
    """The tree of a condition.

    Raises
    ------
    BadPlaybook : it can not be read, or names a fact that there is not.
    """
    from lark.exceptions import UnexpectedInput

    written = text.translate(_KEYBOARD)
    if not written.strip():
        raise BadPlaybook("条件是空的", "请写至少一个比较，如：金额占比 >= 10%。")
    if len(written) > LONGEST:
        raise BadPlaybook(f"条件超过 {LONGEST:,} 个字符", "请拆成几条规则。")
    try:
        tree = _grammar().parse(written)
    except UnexpectedInput as error:
        raise BadPlaybook(f"条件“{text}”{_where(written, error)}", _HOW) from error
    return _read(tree)


_HOW = "请写成 事实 比较 数字，用 且、或、非 连接，如：金额占比 >= 10% 且 衰退与流失占比 > 0.3。"


def _where(written: str, error: Any) -> str:  # noqa: ANN401 (lark's own record of an error)
    at = int(getattr(error, "pos_in_stream", None) or 0)
    token = getattr(getattr(error, "token", None), "type", "")
    if token == "$END" or at >= len(written.rstrip()):
        return "没有写完"
    return f"从第 {at + 1} 个字“{written[at : at + 8]}”起看不懂"


@cache
def _grammar() -> Lark:
    from lark import Lark

    text = (Path(__file__).parent / "condition.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr")


def _read(tree: Tree[Any]) -> Condition:
    match tree.data:
        case "either" | "both":
            return Joined("or" if tree.data == "either" else "and", tuple(map(_read, tree.children)))  # fmt: skip
        case "negated":
            return Negated(_read(tree.children[0]))
        case "compared":
            name, sign, amount = tree.children
            return _compared(str(name), _WRITTEN.get(str(sign), str(sign)), amount.children)
    name, listed = tree.children
    return _among(str(name), tuple(str(one.children[0]).strip("\"'") for one in listed.children))


def _compared(word: str, sign: str, amount: list[Any]) -> Condition:
    first = amount[0]
    name = name_of(word)
    if name in DIMENSIONS and first.type != "NUMBER" and sign in ("=", "≠"):
        same = Among(str(name), (str(first).strip("\"'"),))
        return same if sign == "=" else Negated(same)
    fact = _fact(word)
    if first.type != "NUMBER":
        return Compared(fact, sign, _fact(str(first)))
    return Compared(fact, sign, float(first) * _SCALES[amount[1] and str(amount[1])])


def _fact(word: str) -> str:
    name = name_of(word)
    if name not in FACTS:
        near = "、".join(f"{one.label}（{one.name}）" for one in list(FACTS.values())[:8])
        raise BadPlaybook(f"没有叫“{word}”的事实", f"可以用 {near} 等，完整的列表见规则库下方。")
    return str(name)


def _among(word: str, names: tuple[str, ...]) -> Among:
    name = name_of(word)
    if name not in DIMENSIONS:
        raise BadPlaybook(
            f"“{word}”不能用“属于”", f"“属于”只用于 {'、'.join(DIMENSIONS.values())}。"
        )
    return Among(str(name), names)


def fired(condition: Condition, group: Group) -> tuple[Compared, ...]:
    """The comparisons that make a condition hold on a group, each once; names that matched tell no number."""
    return tuple(dict.fromkeys(_fired(condition, group)))


def _fired(condition: Condition, group: Group, *, wanted: bool = True) -> Iterator[Compared]:
    if condition.holds(group) is not wanted:
        return
    match condition:
        case Compared():
            yield condition
        case Negated(part):
            yield from _fired(part, group, wanted=not wanted)
        case Joined(_, parts):
            for part in parts:
                yield from _fired(part, group, wanted=wanted)


def dimensions_in(condition: Condition) -> frozenset[str]:
    """The dimensions that a condition asks for by name."""
    match condition:
        case Among(dimension, _):
            return frozenset({dimension})
        case Negated(part):
            return dimensions_in(part)
        case Joined(_, parts):
            return frozenset().union(*map(dimensions_in, parts))
    return frozenset()
