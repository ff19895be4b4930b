"""Order lists and detail files belong together: which detail files of a study still wait for their list."""

from __future__ import annotations

from collections.abc import Sequence

from insight import study as store
from insight.errors import OrderListMissing
from insight.schema import ORDER_LINES, ORDERS
from insight.study import Source, Study


def waiting(sources: Sequence[Source]) -> tuple[str, ...]:
    """The files of details without any list of orders beside them; none where there is a list."""
    tables = {source.table for source in sources}
    if ORDERS.name in tables or ORDER_LINES.name not in tables:
        return ()
    return tuple(dict.fromkeys(s.name for s in sources if s.table == ORDER_LINES.name))


def check_listed(study: Study) -> None:
    """Refuse to speak of orders where only their details are there (OrderListMissing)."""
    if names := waiting(store.head(study).recipe.sources):
        raise OrderListMissing(names)
