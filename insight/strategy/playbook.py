"""The rule book: which groups of customers call for which action, written as YAML and checked in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from insight.errors import BadPlaybook
from insight.strategy.conditions import Condition, dimensions_in, parsed
from insight.strategy.facts import DIMENSIONS, label_of, name_of

MOST_RULES, LONGEST_TEXT = 100, 400
SECTIONS = (
    "精细化运营高价值客户", "中间价值客户提升", "沉睡与流失召回", "年轻客群与新兴区域拓展", "产品与服务改进", "渠道协同",
    "数据与测量",
)  # fmt: skip


def filled(text: str, names: Mapping[str, str]) -> str:
    """A text of the book with the names of the group; other braces stay as they are."""
    for dimension, name in names.items():
        text = text.replace(f"{{{dimension}}}", name)
    return text


class Rule(BaseModel):
    """One entry of the book.

    Attributes
    ----------
    over : dimensions whose groups are judged one by one; none = all customers together
    when : condition on the facts of a group (see ``conditions``)
    brief : what to do in half a sentence; {need} and the other dimensions stand for the group's name
    gain : what the action is assumed to add to the expected spend [percent: low, middle, high]
    effort : 1 = days, 2 = weeks, 3 = months
    most : groups that are told at most, those with the highest expected spend
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")
    section: str
    over: tuple[str, ...] = ()
    when: str
    brief: str = Field(min_length=1, max_length=60)
    action: str = Field(min_length=1, max_length=LONGEST_TEXT)
    offer: str = ""
    channel: str = ""
    timing: str = ""
    owner: str
    kpi: str
    readout: str
    risk: str = ""
    effort: int = Field(default=2, ge=1, le=3)
    gain: tuple[float, float, float] = (1.0, 3.0, 6.0)
    most: int = Field(default=3, ge=1, le=20)

    @field_validator("section")
    @classmethod
    def _is_known(cls, section: str) -> str:
        if section not in SECTIONS:
            raise ValueError(f"“{section}”不是策略的部分，只能是 {'、'.join(SECTIONS)}")
        return section

    @field_validator("over", mode="before")
    @classmethod
    def _named(cls, over: object) -> tuple[str, ...]:
        listed = [over] if isinstance(over, str) else list(over)  # type: ignore[call-overload]
        if unknown := [word for word in listed if name_of(str(word)) not in DIMENSIONS]:
            raise ValueError(f"没有叫“{unknown[0]}”的维度，只能是 {'、'.join(DIMENSIONS.values())}")
        return tuple(d for d in DIMENSIONS if d in {name_of(str(word)) for word in listed})

    @field_validator("gain")
    @classmethod
    def _rises(cls, gain: tuple[float, float, float]) -> tuple[float, float, float]:
        if list(gain) != sorted(gain) or gain[0] < 0:
            raise ValueError("预期提升（gain）要从低到高写三个不小于 0 的数")
        return gain

    @model_validator(mode="after")
    def _judges_its_groups(self) -> Self:
        if absent := sorted(dimensions_in(self.condition) - set(self.over)):
            raise ValueError(f"条件用到“{label_of(absent[0])}”，over 里要有 {absent[0]}")
        return self

    @property
    def condition(self) -> Condition:
        """``when`` as a tree."""
        return parsed(self.when)

    @property
    def in_general(self) -> str:
        """``brief`` before a group is known: 某需求 for {need}."""
        return filled(self.brief, {name: f"某{label}" for name, label in DIMENSIONS.items()})


class Playbook(BaseModel):
    """All rules in the order they are written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: tuple[Rule, ...] = Field(min_length=1, max_length=MOST_RULES)

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        keys = [rule.key for rule in self.rules]
        if twice := [key for key in keys if keys.count(key) > 1]:
            raise ValueError(f"有两条规则的键都是 {twice[0]}")
        return self

    def rule(self, key: str) -> Rule | None:
        """The rule with that key."""
        return next((rule for rule in self.rules if rule.key == key), None)


@cache
def bundled() -> str:
    """The text of the rule book that comes with the product."""
    return Path(__file__).with_name("playbook.yaml").read_text(encoding="utf-8")


@lru_cache(maxsize=64)
def playbook_of(text: str) -> Playbook:
    """The rule book that a text says; "" = the one that comes with the product.

    Raises
    ------
    BadPlaybook : it is no YAML, or a rule lacks something or names what there is not.
    """
    node, fields = _parsed(text or bundled())
    if not isinstance(fields, dict) or not isinstance(fields.get("rules"), list):
        raise BadPlaybook("没有规则列表", "第一行写 rules:，下面每条规则以“- key:”开头。")
    lines = _lines(node)
    rules = tuple(_rule(one, line=lines[at]) for at, one in enumerate(fields["rules"]))
    try:
        return Playbook.model_validate(fields | {"rules": rules})
    except ValidationError as error:
        raise BadPlaybook(_in_chinese(error)) from error


def _parsed(text: str) -> tuple[Any, Any]:
    """The YAML of a text: its nodes, which know their lines, and its values (BadPlaybook)."""
    import yaml  # type: ignore[import-untyped, unused-ignore]

    try:
        return yaml.compose(text, yaml.SafeLoader), yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise BadPlaybook(
            "缩进或标点不符合 YAML 写法", "每条规则以“- key:”开头，各行对齐，内容里有冒号时加引号。", line=mark.line + 1 if mark else 0
        ) from error  # fmt: skip


def _lines(node: Any) -> list[int]:  # noqa: ANN401 (a node of PyYAML)
    """The line on which each rule begins."""
    listed = next(value for key, value in node.value if key.value == "rules")
    return [one.start_mark.line + 1 for one in listed.value]


def _rule(fields: object, *, line: int) -> Rule:
    try:
        return Rule.model_validate(fields)
    except ValidationError as error:
        raise BadPlaybook(_in_chinese(error), line=line) from error
    except BadPlaybook as wrong:
        raise BadPlaybook(wrong.reason, wrong.hint, line=line) from wrong


def _in_chinese(error: ValidationError) -> str:
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "value_error":
        return str(first["ctx"]["error"])
    sentences = {
        "missing": f"规则缺少“{name}”",
        "extra_forbidden": f"没有叫“{name}”的设置",
        "string_pattern_mismatch": f"键“{first['input']}”只能用小写字母、数字和下划线，以字母开头",
        "string_too_long": f"“{name}”太长",
        "string_too_short": f"“{name}”是空的",
        "too_long": f"规则太多，最多 {MOST_RULES} 条",
        "too_short": "一条规则也没有",
    }
    return sentences.get(first["type"], f"“{name}”的值“{first['input']}”不能用")
