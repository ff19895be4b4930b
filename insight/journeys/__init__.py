"""What customers do before they buy: the stages of shopping, how far they come, and by which ways."""

from insight.journeys.asking import Asked, asked, groups_of, reached, ways
from insight.journeys.funnel import (
    by_group,
    customers_at,
    furthest,
    in_groups,
    measured,
    most_taken,
    stopped,
)
from insight.journeys.stages import proposed

__all__ = [
    "Asked",
    "asked",
    "by_group",
    "customers_at",
    "furthest",
    "groups_of",
    "in_groups",
    "measured",
    "most_taken",
    "proposed",
    "reached",
    "stopped",
    "ways",
]
