"""What may leave the tool: figures of a handful of people are hidden, and with them what would give them away."""

from insight.disclosure.describing import describes, describing
from insight.disclosure.lists import QUASI_LABELS, Rare, alone, rare
from insight.disclosure.results import Shared, shared, shared_table

__all__ = ["QUASI_LABELS", "Rare", "Shared", "alone", "describes", "describing", "rare", "shared", "shared_table"]  # fmt: skip
