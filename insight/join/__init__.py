"""Who is who: identity tokens of orders, customers, answers and texts become one customer_id."""

from insight.join.people import Joined, join
from insight.join.places import with_places
from insight.join.tiers import OUTCOMES

__all__ = ["OUTCOMES", "Joined", "join", "with_places"]
