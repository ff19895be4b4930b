"""Raw detail export to typed lines that wait for their order: who bought them and when stands elsewhere."""

from __future__ import annotations

import polars as pl

from insight.clean.cleaned import DROPPED, Cleaned, flag, together
from insight.clean.columns import attributes, typed
from insight.clean.proposal import Proposal
from insight.clean.records import records, repeats
from insight.readers import RawTable


def clean_detail_lines(raw: RawTable, proposal: Proposal, *, secret: bytes) -> Cleaned:  # noqa: ARG001 (nobody is in it)
    """Make typed lines of orders that another file lists.

    Parameters
    ----------
    raw : detail export, one line per item, no buyer
    proposal : roles of its columns

    Returns
    -------
    Cleaned : frame (n_lines) ``__line__``, order_id and the other roles present, attribute columns
        under their own names; lines without an order and sub-orders that stand there again are in
        the issues. Whether an order counts is for the list of orders to say: no status drops a line
    """
    header = proposal.column_of("order_id") or ""
    frame, dropped = records(raw.frame, facts=(header,))
    columns = typed(frame, proposal)
    extras = attributes(frame, proposal, taken=frozenset(columns.frame.columns), numeric=False)
    result = pl.concat([frame.select("__line__"), columns.frame, extras.frame], how="horizontal")
    again = repeats(frame) if "line_id" in columns.frame.columns else pl.repeat(value=False, n=frame.height, eager=True)  # fmt: skip
    lost = result["order_id"].is_null()
    issues = [
        flag(frame, lost, column=header, reason="没有订单号，不知道属于哪个订单", action=DROPPED),
        flag(frame, again & ~lost, column=proposal.column_of("line_id") or "", reason="同一个子订单重复出现", action=DROPPED),
    ]  # fmt: skip
    return Cleaned(result.filter(~lost & ~again), together([dropped, columns.issues, extras.issues, *issues]))  # fmt: skip
