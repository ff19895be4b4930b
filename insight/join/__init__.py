"""Who is who: identity tokens of orders, customers, answers and texts become one customer_id."""

from insight.join.people import Joined, join

__all__ = ["Joined", "join"]
