"""Named audiences: rules of all or some conditions, and groups of them; plain data for the recipe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from insight.errors import BadAudience
from insight.schema.conditions import AUDIENCE, Condition, Part

LONGEST_NAME, MOST_CONDITIONS, DEEPEST = 30, 60, 4
OUTSIDE, UNCLEAR = "不在其中", "无法判断"


class Rules(Part):
    """All ("and") or some ("or") of several conditions or groups of them; ``negated`` turns it round."""

    on: Literal["and", "or"] = "and"
    parts: tuple[Annotated[Condition | Rules, Field(discriminator="on")], ...] = Field(min_length=1)
    negated: bool = False

    @model_validator(mode="after")
    def _is_readable(self) -> Self:
        if sum(1 for _ in conditions(self)) > MOST_CONDITIONS:
            raise ValueError(f"条件太多，最多 {MOST_CONDITIONS} 条")
        if _depth(self) > DEEPEST:
            raise ValueError(f"条件组套得太深，最多 {DEEPEST} 层")
        return self


class Audience(Part):
    """A rule under a name."""

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    rule: Rules

    @field_validator("name", mode="before")
    @classmethod
    def _told(cls, name: object) -> object:
        told = " ".join(str(name).split())
        if told in (OUTSIDE, UNCLEAR):
            raise ValueError(f"“{told}”已有别的意思，请换一个名称")
        return told

    @property
    def key(self) -> str:
        """The key of the break it makes."""
        return f"{AUDIENCE}{self.name}"


def conditions(rule: Rules) -> Iterator[Condition]:
    """Every single condition, in the order they are written."""
    for part in rule.parts:
        if isinstance(part, Rules):
            yield from conditions(part)
        else:
            yield part


def _depth(rule: Rules) -> int:
    return 1 + max((_depth(part) for part in rule.parts if isinstance(part, Rules)), default=0)


def audience_of(fields: Mapping[str, object]) -> Audience:
    """An audience from plain data, as the recipe writes it (BadAudience)."""
    try:
        return Audience.model_validate(fields)
    except ValidationError as error:
        raise BadAudience(_in_chinese(error)) from error


def rules_of(fields: object) -> Rules:
    """A rule from plain data (BadAudience)."""
    try:
        return Rules.model_validate(fields)
    except ValidationError as error:
        raise BadAudience(_in_chinese(error)) from error


def _in_chinese(error: ValidationError) -> str:
    first = error.errors()[0]
    last = str(first["loc"][-1]) if first["loc"] else ""
    sentences = {
        "missing": f"还有没填的内容（{last}）",
        "extra_forbidden": f"没有叫“{last}”的设置",
        "string_too_long": f"名称最多 {LONGEST_NAME} 个字",
        "string_too_short": "还没有名称",
        "union_tag_invalid": "有一个条件不知道是哪一种",
        "union_tag_not_found": "有一个条件没有写是哪一种（on）",
    }
    if first["type"] == "value_error":
        return str(first["ctx"]["error"])
    if first["type"] == "too_short":
        return "有一个条件组是空的" if last == "parts" else "有一个条件还没有选值"
    return sentences.get(first["type"], f"“{first['input']}”不是可用的值（{last}）")
