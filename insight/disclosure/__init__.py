"""What may leave the tool: figures of a handful of people are hidden, and with them what would give them away."""

from insight.disclosure.lists import QUASI_LABELS, alone
from insight.disclosure.results import Shared, shared, shared_table

__all__ = ["QUASI_LABELS", "Shared", "alone", "shared", "shared_table"]
