"""The reductions of order lines to small tables, written once and run lazily on any engine.

A reduction is a public function of ``Orders`` that gives a small, sorted table: counts as Int64, money
summed in whole units (``by_order``, ``priced``) and turned into CNY by ``yuan``, so that every engine
gives the same cent. It never touches ``Orders`` itself, which may be order lines or a ``Ledger`` that
also holds them folded to whole orders: whole orders come from ``by_order``, parts from ``known``,
``within`` and ``timed``, single lines from ``all_lines``; all of ``insight.ledger.lines``. One theme,
one file; a new reduction is named here and gets a case in tests/test_ledger_engines.py.
"""

from __future__ import annotations

from insight.ledger.absences import absences
from insight.ledger.baskets import Basket, basket_items, basket_sizes, holdings
from insight.ledger.clientele import alone, events_of, of_customers
from insight.ledger.cohorts import CohortGrain, cohort_buyers, cohorts
from insight.ledger.crosses import cross
from insight.ledger.customers import customer_table, order_sizes, spend_by
from insight.ledger.discounts import (
    Meaning,
    Tells,
    discount_buyers,
    discount_depths,
    discount_values,
    discounts,
)
from insight.ledger.events import (
    event_counts,
    event_customers,
    event_span,
    reached_at_all,
    reached_in_order,
    ways,
)
from insight.ledger.histories import buying_days, profits, repeat_days
from insight.ledger.hours import hourly, own_hours
from insight.ledger.intervals import Start, buyers_by, intervals
from insight.ledger.items import item_days
from insight.ledger.layout import fold, keep, laid_out
from insight.ledger.lines import (
    ALONE,
    DAY,
    Kept,
    Ledger,
    Orders,
    all_lines,
    among,
    columns,
    everybody,
    within,
    without_refunded,
)
from insight.ledger.periods import (
    Grain,
    monthly,
    next_start,
    orders_of_periods,
    periods,
    selling_days,
)
from insight.ledger.pieces import largest, pieces, takings
from insight.ledger.prices import (
    Of,
    first_and_last_prices,
    price_bands,
    price_counts,
    prices_by,
)
from insight.ledger.quarters import spend_by_quarter
from insight.ledger.refunds import refund_counts, refund_reasons, refund_waits, refunders
from insight.ledger.repurchases import repurchases, repurchases_since
from insight.ledger.returns import second_days, silences, usual_gaps
from insight.ledger.steps import beginnings, first_held, last_held, transition_buyers, transitions
from insight.ledger.whole import lines_of, span, totals, values_of

__all__ = [
    "ALONE",
    "DAY",
    "Basket",
    "CohortGrain",
    "Grain",
    "Kept",
    "Ledger",
    "Meaning",
    "Of",
    "Orders",
    "Start",
    "Tells",
    "absences",
    "all_lines",
    "alone",
    "among",
    "basket_items",
    "basket_sizes",
    "beginnings",
    "buyers_by",
    "buying_days",
    "cohort_buyers",
    "cohorts",
    "columns",
    "cross",
    "customer_table",
    "discount_buyers",
    "discount_depths",
    "discount_values",
    "discounts",
    "event_counts",
    "event_customers",
    "event_span",
    "events_of",
    "everybody",
    "first_and_last_prices",
    "first_held",
    "fold",
    "holdings",
    "hourly",
    "intervals",
    "item_days",
    "keep",
    "laid_out",
    "largest",
    "last_held",
    "lines_of",
    "monthly",
    "next_start",
    "of_customers",
    "order_sizes",
    "orders_of_periods",
    "own_hours",
    "periods",
    "pieces",
    "price_bands",
    "price_counts",
    "prices_by",
    "profits",
    "reached_at_all",
    "reached_in_order",
    "refund_counts",
    "refund_reasons",
    "refund_waits",
    "refunders",
    "repeat_days",
    "repurchases",
    "repurchases_since",
    "second_days",
    "selling_days",
    "silences",
    "span",
    "spend_by",
    "spend_by_quarter",
    "takings",
    "totals",
    "transition_buyers",
    "transitions",
    "usual_gaps",
    "values_of",
    "ways",
    "within",
    "without_refunded",
]  # fmt: skip
