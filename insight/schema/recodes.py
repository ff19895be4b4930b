"""Recodes: new questions, or other options, made from the answers to a question; plain data for the recipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from insight.errors import BadParameter


class _Recode(BaseModel):
    """What all recodes share.

    Attributes
    ----------
    question : id of the question, or of a row of it ("Q4_2")
    into : id of the question that is made; "" = the question itself is changed
    wording : of the question that is made; "" = the old one, with what was done
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str
    into: str = ""
    wording: str = ""


class Relabel(_Recode):
    """Other names for options: old -> new; no two may become one."""

    do: Literal["label"] = "label"
    labels: dict[str, str]


class Reorder(_Recode):
    """Another order of options; those that are not named follow in the old order."""

    do: Literal["order"] = "order"
    order: tuple[str, ...]


class Merge(_Recode):
    """Several options become one: new -> old ones; the others stay."""

    do: Literal["merge"] = "merge"
    groups: dict[str, tuple[str, ...]]


class Reverse(_Recode):
    """A scale the other way round: x becomes lowest + highest − x, k + 1 − x on 1 to k.

    ``points`` : highest score k; 0 = the highest of the options or, without any, of the answers
    """

    do: Literal["reverse"] = "reverse"
    points: int = Field(default=0, ge=0)


class Midpoints(_Recode):
    """Bands become numbers: label -> value; a band without a value gets the middle of its amounts."""

    do: Literal["midpoints"] = "midpoints"
    values: dict[str, float] = {}


class Boxes(_Recode):
    """The highest or lowest scores against all others (top-2-box)."""

    do: Literal["boxes"] = "boxes"
    end: Literal["top", "bottom"] = "top"
    boxes: int = Field(default=2, ge=1)


class Bands(_Recode):
    """Numbers become bands; an edge belongs to the band above it: edges 18, 30 make <18, 18 to <30, ≥30."""

    do: Literal["bands"] = "bands"
    edges: tuple[float, ...] = Field(min_length=1)
    labels: tuple[str, ...] = ()


Recode = Annotated[
    Relabel | Reorder | Merge | Reverse | Midpoints | Boxes | Bands, Field(discriminator="do")
]
_ANY: TypeAdapter[Recode] = TypeAdapter(Recode)


def recode_of(fields: Mapping[str, object]) -> Recode:
    """A recode from plain data, as the recipe writes it.

    Raises
    ------
    BadParameter : a field is missing, unknown or out of its range.
    """
    try:
        return _ANY.validate_python(fields)
    except ValidationError as error:
        raise BadParameter("重编码", "还有没填或不合适的值") from error
