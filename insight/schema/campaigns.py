"""Campaigns that were started and actions that were promised; plain data for the recipe."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field, field_validator

LONGEST_TITLE = 60


class _Record(BaseModel):
    """Frozen; a field that is not known is refused. ``people``: sha256 of their Parquet table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    people: str

    @field_validator("name", "title", mode="before", check_fields=False)
    @classmethod
    def _on_one_line(cls, told: object) -> object:
        return " ".join(str(told).split())


class Campaign(_Record):
    """A list of people as it was handed out; later orders are compared between its arms.

    Attributes
    ----------
    people : of the table customer_id, arm
    hold_out : percent that is left alone
    started : first day of contact; the read-out counts orders from it
    """

    name: str = Field(min_length=1, max_length=LONGEST_TITLE)
    target: str
    started: date
    n_touched: int
    n_held_out: int
    hold_out: int
    seed: int


class Promise(_Record):
    """An action that was promised to whoever reads the report, and on whom it is measured.

    Attributes
    ----------
    rule : key of the rule in the rule book; "" for an action of the user's own
    people : of the table customer_id
    promised : the day it counts from: later orders are its effect
    due : until when it shall be done
    campaign : name of the campaign that carries it out; its hold-out group then tells the effect
    """

    title: str = Field(min_length=1, max_length=LONGEST_TITLE)
    target: str
    promised: date
    n_customers: int
    rule: str = ""
    owner: str = ""
    kpi: str = ""
    due: date | None = None
    campaign: str = ""
    is_done: bool = False
