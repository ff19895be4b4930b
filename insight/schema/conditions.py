"""Single conditions on a customer, a respondent or a text; plain data for the recipe."""

from __future__ import annotations

from datetime import date
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

AUDIENCE = "audience."  # what the key of a break begins with where an audience makes it
Comparison = Literal[">=", "<=", ">", "<", "=", "between"]
How = Literal["any", "all", "none"]
Measure = Literal["spend", "n_orders", "average_order_value", "days_since_last", "days_since_first"]
TextSource = Literal["", "answers", "reviews", "interviews"]
_AT_A_TIME = ("days_since_last", "days_since_first")


class Part(BaseModel):
    """Frozen; a field that is not known is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class _Compared(Part):
    """A number against a bound; "between" includes both ends."""

    comparison: Comparison = ">="
    value: float = Field(allow_inf_nan=False)
    to: float | None = Field(default=None, allow_inf_nan=False)

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if (self.comparison == "between") != (self.to is not None):
            raise ValueError("“介于”要写两个数，其他比较只写一个")
        if self.to is not None and self.to < self.value:
            raise ValueError("“介于”的第二个数不能小于第一个")
        return self


class _Window(Part):
    """Days, both included; None = open."""

    since: date | None = None
    until: date | None = None

    @model_validator(mode="after")
    def _order(self) -> Self:
        if self.since and self.until and self.until < self.since:
            raise ValueError("结束日期早于开始日期")
        return self


class _Among(Part):
    """Some of several values, all of them, or none."""

    values: tuple[str, ...] = Field(min_length=1)
    how: How = "any"

    @field_validator("values")
    @classmethod
    def _written(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        told = tuple(dict.fromkeys(value.strip() for value in values))
        if not all(told):
            raise ValueError("有一个值是空的")
        return told


class Buying(_Compared, _Window):
    """How much, how often or how long ago a customer bought; a window only for sums of a time."""

    on: Literal["buying"] = "buying"
    measure: Measure = "spend"

    @model_validator(mode="after")
    def _is_a_sum(self) -> Self:
        if self.measure in _AT_A_TIME and (self.since or self.until):
            raise ValueError("距今多少天从最后一天的订单往回数，不能再加日期范围")
        return self


class Ordered(_Window):
    """When the first or the last order was paid."""

    on: Literal["ordered"] = "ordered"
    which: Literal["first", "last"] = "first"

    @model_validator(mode="after")
    def _has_a_day(self) -> Self:
        if not (self.since or self.until):
            raise ValueError("首次、最近购买要写开始或结束日期")
        return self


class _OneOf(_Among):
    """Some of several values of which everybody has one at most."""

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        if self.how == "all":
            raise ValueError("每个人只有一个值，不能同时是几个；请用“其中之一”")
        return self


class Bought(_Among, _Window):
    """Whether something was bought: ``column`` of the order lines has one of ``values``."""

    on: Literal["bought"] = "bought"
    column: Literal["category", "product", "channel", "region", "city", "promotion"] = "category"


class Trait(_OneOf):
    """An attribute of the customer in words."""

    on: Literal["trait"] = "trait"
    name: str


class TraitNumber(_Compared):
    """An attribute of the customer in numbers."""

    on: Literal["trait_number"] = "trait_number"
    name: str


class TraitDate(_Window):
    """An attribute of the customer that is a day."""

    on: Literal["trait_date"] = "trait_date"
    name: str


class InGroup(_OneOf):
    """The group of a break variable: RFM, value tiers, stages ...; never another audience."""

    on: Literal["group"] = "group"
    by: str

    @field_validator("by")
    @classmethod
    def _no_audience(cls, by: str) -> str:
        if by.startswith(AUDIENCE):
            raise ValueError("人群的条件里不能再用人群，请把它的条件写进来")
        return by


class Answer(_Among):
    """What was chosen in a question, by the labels of its options; ``question`` may be a row, "Q4_2"."""

    on: Literal["answer"] = "answer"
    question: str


class Score(_Compared):
    """The number given to a question: scale, NPS, number."""

    on: Literal["score"] = "score"
    question: str


class Said(_Among):
    """Words or phrases in what somebody said, letter for letter; case and width do not matter.

    ``source`` : "" = everything; ``question`` : only answers to it, by id or wording
    """

    on: Literal["said"] = "said"
    source: TextSource = ""
    question: str = ""


class Responded(Part):
    """Whether somebody answered the questionnaire, or one question of it."""

    on: Literal["responded"] = "responded"
    question: str = ""
    has: bool = True


Condition = (
    Buying | Ordered | Bought | Trait | TraitNumber | TraitDate | InGroup | Answer | Score | Said | Responded
)  # fmt: skip
