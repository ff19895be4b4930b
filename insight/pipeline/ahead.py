"""Orders dated after the study was last changed: most often a year or a day-month order gone wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime

from insight import ledger
from insight.wording import count

_SLACK = 2  # days: the shop's clock may be ahead of this computer's


def ahead(orders: ledger.Orders, changed_at: str) -> str:
    """One sentence on the paid orders that lie in the future; empty where there are none.

    Parameters
    ----------
    changed_at : ISO moment of the newest revision
    """
    today = date.fromisoformat(changed_at[:10])
    limit = (today - date(1970, 1, 1)).days + _SLACK
    last = ledger.span(orders)[1]
    if last < limit * ledger.DAY:
        return ""
    later = ledger.within(orders, start=limit * ledger.DAY, end=last + 1)
    n, newest = int(ledger.totals(later)["n_orders"]), datetime.fromtimestamp(last, UTC).date()
    return (
        f"{count(n)} 个付款订单的时间晚于 {today}（这个研究最近一次修改的日期），最晚到 {newest}；"
        "“最后一单”会取到那一天，请核对年份和日期写法"
    )
