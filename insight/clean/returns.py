"""Raw list of returned orders to typed rows that wait for their order: who bought and for how much stands elsewhere."""

from __future__ import annotations

import polars as pl

from insight.clean.cleaned import DROPPED, Cleaned, flag, together
from insight.clean.columns import typed
from insight.clean.proposal import Proposal
from insight.clean.records import records
from insight.readers import RawTable

_NOT = r"(?i)^\s*(否|没有|未.*|无|不.*|no|n|false|0)\s*$"


def clean_returns(raw: RawTable, proposal: Proposal, *, secret: bytes) -> Cleaned:  # noqa: ARG001 (nobody is in it)
    """Make typed rows of orders that were given back.

    Parameters
    ----------
    raw : list of returned orders
    proposal : roles of its columns; at least order_id

    Returns
    -------
    Cleaned : frame (n_returns) ``__line__``, order_id and, where known, refund [CNY, >= 0, of this return;
        null: all of the order], refunded_at, refund_reason; rows without an order, and those that say the
        order was not returned, are in the issues
    """
    header, told = (proposal.column_of(role) or "" for role in ("order_id", "returned"))
    frame, dropped = records(raw.frame, facts=(header,))
    columns = typed(frame, proposal)
    result = pl.concat([frame.select("__line__"), columns.frame], how="horizontal")
    lost = result["order_id"].is_null()
    stays = pl.repeat(value=False, n=frame.height, eager=True)
    if told:
        stays = frame[told].str.contains(_NOT).fill_null(value=False)
    issues = [
        flag(frame, lost, column=header, reason="没有订单号，不知道退的是哪个订单", action=DROPPED),
        flag(frame, stays & ~lost, column=told, reason="写明没有退货", action=DROPPED),
    ]
    if "refund" in result.columns:
        result = result.with_columns(pl.col("refund").abs())
    kept = result.filter(~lost & ~stays).drop("returned", strict=False)
    return Cleaned(kept, together([dropped, columns.issues, *issues]))
