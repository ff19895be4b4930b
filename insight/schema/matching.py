"""How people of different tables are taken for the same: which ties count, and whom respondents stand for."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict

Tier = Literal["exact", "masked", "weak"]
CROSSED = " × "
_CROSS = re.compile(r"\s*[×*]\s*")
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


class Target(BaseModel):
    """The shares that the groups of one margin shall have.

    Attributes
    ----------
    margin : a break of the respondents; "Q2 × Q3" for the cells of two
    shares : group -> percent; they add up to 100
    """

    model_config = ConfigDict(frozen=True)

    margin: str
    shares: dict[str, float]

    def renamed(self, old: str, new: str) -> Target:
        """The same with another name of one break."""
        parts = (new if part == old else part for part in crossed_parts(self.margin))
        return self.model_copy(update={"margin": CROSSED.join(parts)})


WeightingMethod = Literal["rake", "cell"]
WEIGHTING_METHODS = {"rake": "逐个边际迭代", "cell": "单元格加权"}


class Weighting(BaseModel):
    """Weights that make the respondents look like all customers, or like shares the user typed.

    Attributes
    ----------
    margins : breaks of the customers whose shares the matched respondents shall have
    targets : breaks of the respondents with typed shares
    method : "rake" meets one margin after the other; "cell" the cells of all margins of the customers,
        or of the one target
    smallest, largest : caps of a weight, as multiples of the mean
    """

    model_config = ConfigDict(frozen=True)

    margins: tuple[str, ...] = ()
    targets: tuple[Target, ...] = ()
    method: WeightingMethod = "rake"
    smallest: float = 0.2
    largest: float = 5.0

    @property
    def is_on(self) -> bool:
        """Whether there is anything to weight to."""
        return bool(self.margins or self.targets)

    @property
    def keys(self) -> frozenset[str]:
        """The breaks that any margin is made of."""
        return frozenset(
            (*self.margins, *(p for t in self.targets for p in crossed_parts(t.margin)))
        )

    def renamed(self, old: str, new: str) -> Weighting:
        """The same with another name of one break."""
        margins = tuple(new if key == old else key for key in self.margins)
        targets = tuple(target.renamed(old, new) for target in self.targets)
        return self.model_copy(update={"margins": margins, "targets": targets})


def crossed_parts(key: str) -> tuple[str, ...]:
    """The breaks that are crossed with each other: "Q2 × Q3" -> ("Q2", "Q3")."""
    return tuple(part for part in _CROSS.split(key.strip()) if part)
