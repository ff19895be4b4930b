"""How people of different tables are taken for the same: which ties count, and whom respondents stand for."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Tier = Literal["exact", "masked", "weak"]
TIERS: tuple[Tier, ...] = ("exact", "masked", "weak")


class Matching(BaseModel):
    """Which ties between people count in a study.

    Attributes
    ----------
    tiers : "exact" (the same member number, phone or mail), "masked" (a masked phone that fits one
        person on either side, confirmed by a second field), "weak" (a nickname that one person has
        on either side)
    """

    model_config = ConfigDict(frozen=True)

    tiers: tuple[Tier, ...] = ("exact", "masked")

    @property
    def is_exact(self) -> bool:
        """Whether nothing but the same identity counts."""
        return set(self.tiers) == {"exact"}


EXACT_ONLY = Matching(tiers=("exact",))


class Weighting(BaseModel):
    """Weights that make the matched respondents look like all customers.

    Attributes
    ----------
    margins : breaks of the customers whose shares the respondents shall have; none = no weights
    smallest, largest : caps of a weight, as multiples of the mean
    """

    model_config = ConfigDict(frozen=True)

    margins: tuple[str, ...] = ()
    smallest: float = 0.2
    largest: float = 5.0
