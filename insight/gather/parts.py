"""One cleaned source of a study on its way into the joined tables."""

from __future__ import annotations

from dataclasses import dataclass

from insight.clean import Cleaned


@dataclass(frozen=True, slots=True)
class Part:
    """One cleaned source: its file, and the canonical table it belongs to.

    ``order_header`` is its raw header of the order's number, for what is said about its lines.
    """

    table: str
    cleaned: Cleaned
    name: str = ""
    order_header: str = "订单号"
