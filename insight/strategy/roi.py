"""What a campaign earns under assumptions: profit, what matters most, and where it breaks even."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Plan:
    """The assumptions of a campaign.

    Attributes
    ----------
    reach : people who are contacted
    base : share who would buy anyway
    uplift : share who buy only because of it
    order_amount : what a buyer pays [CNY]
    margin : kept of a yuan of sales [share]
    discount : given to every buyer [CNY]
    cost : of one contact [CNY]
    fixed : of the whole campaign [CNY]
    """

    reach: float
    base: float
    uplift: float
    order_amount: float
    margin: float
    discount: float = 0.0
    cost: float = 0.0
    fixed: float = 0.0

    @property
    def spent(self) -> float:
        """Contacts, the fixed cost, and the discount that goes to every buyer, those who would buy anyway too."""
        return self.reach * self.cost + self.fixed + self.reach * (self.base + self.uplift) * self.discount  # fmt: skip

    @property
    def gained(self) -> float:
        """The margin of the purchases that would not have been made [CNY]."""
        return self.reach * self.uplift * self.order_amount * self.margin

    @property
    def profit(self) -> float:
        """What is left [CNY]."""
        return self.gained - self.spent

    @property
    def roi(self) -> float | None:
        """Profit of a yuan that is spent; None where nothing is."""
        return self.profit / self.spent if self.spent else None

    @property
    def break_even(self) -> float | None:
        """The share who must buy because of it for a profit of 0; None where no share is enough.

        reach · u · amount · margin = reach · cost + fixed + reach · (base + u) · discount, solved for u.
        """
        kept = self.order_amount * self.margin - self.discount
        if kept <= 0 or not self.reach:
            return None
        needed = (self.cost + self.fixed / self.reach + self.base * self.discount) / kept
        return needed if needed <= 1 - self.base else None


def swings(
    plan: Plan, ends: dict[str, tuple[float, float]]
) -> list[tuple[str, float, float, float, float]]:
    """Each assumption alone at its low and high end: name, low, high, both profits; the widest swing first."""
    told = [
        (name, low, high, replace(plan, **{name: low}).profit, replace(plan, **{name: high}).profit)
        for name, (low, high) in ends.items()
    ]
    return sorted(told, key=lambda row: (-abs(row[4] - row[3]), row[0]))
