"""What is known of one platform's export: how to tell it, and how to read it."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from insight.schema import TABLES, Missing, QuestionKind

Weight = Annotated[float, Field(gt=0, lt=1)]
_BESIDE_ROLES = frozenset({"question", "attribute", ""})


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Pattern(_Facts):
    """A form of header that speaks for a platform; counted once, however many headers have it."""

    regex: str
    label: str  # as the screen says it
    weight: Weight

    @field_validator("regex")
    @classmethod
    def _compiles(cls, regex: str) -> str:
        re.compile(regex)
        return regex


class Grain(_Facts):
    """What one row of an order export is, and where the money of a whole order stands.

    Attributes
    ----------
    money : "line" each row has its own money; "order" one row is one order;
        "repeated" the money of the order stands on each of its lines; "first_line" on the first
        only; "unknown" the contents must tell
    of_order : headers that hold money of the whole order, never to be summed over its lines
    line_id : header that tells the lines of an order apart
    items : header whose cells may list several items
    item : regular expression of one such item, with groups ``name`` and ``pieces``
    """

    money: Literal["line", "order", "repeated", "first_line", "unknown"]
    of_order: tuple[str, ...] = ()
    line_id: str = ""
    items: str = ""
    item: str = ""


class TestRule(_Facts):
    """Which responses are no real ones: those with one of ``values`` in ``column``, and why."""

    __test__ = False  # no test class

    column: str
    values: tuple[str, ...]
    reason: str = "测试答卷"


class Preset(_Facts):
    """One kind of export of one platform.

    Attributes
    ----------
    key : "wjx_text": used by the command line and the recipe
    label : "问卷星·按文本"
    platform : "问卷星"
    table : canonical table
    answers : how a questionnaire writes answers: option texts, option numbers, or scores
    fingerprint : header -> how sure this header alone makes one that the platform wrote the file
    patterns : the same for forms of headers
    roles : header -> canonical role, best first where several headers may play one role
    missing : what stands in a cell -> why there is no answer
    separators : what joins several options in one cell, most usual first
    kinds : regular expression of a header -> the kind of question it says, checked in order
    derived : forms of headers of columns that the platform works out from answers
    other : regular expression of an option with written text, groups ``option`` and ``text``
    header_rows : how many rows the header may have
    trials : which responses are no real ones
    grain : of orders
    identity : headers that tell who the buyer is, most trusted first
    not_the_buyer : header -> why it does not tell who the buyer is
    words : what stands in a cell of the column of events -> what it means, in Chinese
    notes : Chinese sentences for the user
    """

    key: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    label: str
    platform: str
    table: str
    answers: Literal["text", "code", "score"] = "text"
    fingerprint: dict[str, Weight] = {}
    patterns: tuple[Pattern, ...] = ()
    roles: dict[str, str] = {}
    missing: dict[str, Missing] = {}
    separators: tuple[str, ...] = ()
    kinds: dict[str, QuestionKind] = {}
    derived: tuple[str, ...] = ()
    other: str = ""
    header_rows: tuple[int, ...] = (1,)
    trials: tuple[TestRule, ...] = ()
    grain: Grain | None = None
    identity: tuple[str, ...] = ()
    not_the_buyer: dict[str, str] = {}
    words: dict[str, str] = {}
    notes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _speaks_of_its_table(self) -> Preset:
        table = TABLES.get(self.table)
        if table is None:
            raise ValueError(f"no such table: {self.table}")
        known = {c.name for c in table.columns} | _BESIDE_ROLES
        if unknown := set(self.roles.values()) - known:
            raise ValueError(f"no such roles of {self.table}: {unknown}")
        if (self.grain is not None) != (self.table == "orders"):
            raise ValueError("orders, and only orders, have a grain")
        return self
