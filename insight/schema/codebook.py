"""What the answers to open questions are coded into: needs with their rules; plain data for the recipe."""

from __future__ import annotations

from hashlib import sha256
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

LONGEST_CODE, MOST_CODES, MOST_RULES = 30, 200, 50


class Code(BaseModel):
    """One need of a codebook.

    Attributes
    ----------
    key : what the codes of people refer to; it outlives another name. "" = made of the name
    rules : expressions (see ``insight.coding.rules``); a clause that meets any of them raises the need
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = ""
    name: str = Field(min_length=1, max_length=LONGEST_CODE)
    description: str = ""
    rules: tuple[str, ...] = Field(default=(), max_length=MOST_RULES)

    @field_validator("name", mode="before")
    @classmethod
    def _on_one_line(cls, name: object) -> object:
        return " ".join(str(name).split())

    @field_validator("rules", mode="before")
    @classmethod
    def _filled(cls, rules: object) -> object:
        listed = [rules] if isinstance(rules, str) else list(rules)  # type: ignore[call-overload]
        return tuple(told for rule in listed if (told := str(rule).strip()))

    @model_validator(mode="after")
    def _named(self) -> Self:
        if not self.key:
            object.__setattr__(self, "key", key_of(self.name))
        return self


class Codebook(BaseModel):
    """The needs of a study, in the order they are shown, and the words of its trade that judge.

    Attributes
    ----------
    positive, negative : words that praise or blame in this trade (垫底, 回购), over the general ones
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    codes: tuple[Code, ...] = Field(default=(), max_length=MOST_CODES)
    positive: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        for what in ("name", "key"):
            seen: set[str] = set()
            for code in self.codes:
                if (value := getattr(code, what)) in seen:
                    raise ValueError(f"有两个需求都叫“{code.name}”")
                seen.add(value)
        return self

    def named(self, name: str) -> Code | None:
        """The need of that name or key."""
        return next((c for c in self.codes if name in (c.name, c.key)), None)

    def __bool__(self) -> bool:
        return bool(self.codes)


def key_of(name: str) -> str:
    """The key a need gets by its first name; the same name always gets the same."""
    return sha256(name.encode()).hexdigest()[:8]
