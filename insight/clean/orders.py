"""Raw order export to typed order lines: net amounts, real payments only, one key per customer."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from insight.clean.cleaned import DROPPED, KEPT, Cleaned, flag, note, together
from insight.clean.columns import attributes, typed
from insight.clean.grain import explode_items, filled_from_order
from insight.clean.identities import keys
from insight.clean.money import net_amounts
from insight.clean.proposal import Proposal
from insight.clean.records import duplicates, records
from insight.readers import RawTable

_UNPAID = r"(?i)待付款|等待买家付款|等待付款|未付款|待支付|未支付|unpaid|awaiting payment|^pending( payment)?$"
_CANCELLED = r"(?i)交易关闭|已关闭|取消|删除|交易失败|作废|cancel|void|unavailable|^closed$|expired"
_REFUNDED = r"(?i)退款成功|已退款|全额退款|^refunded$"
_OF_THE_ORDER = ("ordered_at", "status", "channel", "region", "city", "promotion")
_ESSENTIAL = frozenset({"ordered_at", "amount"})
_IN_PART = r"(?i)部分|取消退款|撤销|partial"


def clean_orders(raw: RawTable, proposal: Proposal, *, secret: bytes) -> Cleaned:
    """Make typed order lines.

    Parameters
    ----------
    raw : order export, one line per item or per order
    proposal : roles of its columns
    secret : key of the identity tokens

    Returns
    -------
    Cleaned : frame (n_lines) key_*, order_id, ordered_at [s], amount [CNY, net of refunds,
        returns negative] and the other roles present; lines without time or amount, cancelled
        and unpaid ones are in the issues

    Raises
    ------
    NoUsableColumn : no column for the time, or neither amount nor quantity and price.
    """
    roles = ("ordered_at", "order_id", *proposal.identities())
    facts = [column for role in roles if (column := proposal.column_of(role))]
    frame, dropped = records(raw.frame, facts=facts)
    repeated = duplicates(frame)
    frame = _by_line(frame, proposal)
    columns = typed(frame, proposal, essential=_ESSENTIAL)
    hashed = keys(frame, proposal.identities(), secret=secret)
    amount, money = net_amounts(
        columns.frame, header=proposal.column_of("amount"), headers=frame.columns
    )
    lines = columns.frame.with_columns(amount.get_columns())
    kept, excluded = _paid_lines(frame, lines, proposal=proposal)
    remarks = _remarks(frame.filter(kept), lines.filter(kept), proposal=proposal)
    unknown = _without_customer(frame.filter(kept), hashed.best.filter(kept))
    extras = attributes(frame, proposal, taken=frozenset(lines.columns), numeric=False)
    result = pl.concat(
        [hashed.frame, _with_order_ids(lines, hashed.best, line=frame["__line__"]), extras.frame],
        how="horizontal",
    )
    issues = (dropped, repeated, columns.issues, hashed.issues, money, excluded, remarks, unknown)
    return Cleaned(result.filter(kept), together(issues))


def _by_line(frame: pl.DataFrame, proposal: Proposal) -> pl.DataFrame:
    """One row per item, facts about the order on every one of them."""
    if product := proposal.column_of("product"):
        frame = explode_items(frame, product=product, quantity=proposal.column_of("quantity"))
    if order_id := proposal.column_of("order_id"):
        known = [proposal.column_of(role) for role in _OF_THE_ORDER]
        columns = [c for c in (*known, *proposal.identities().values()) if c]
        frame = filled_from_order(frame, order_id=order_id, columns=columns)
    return frame


def _paid_lines(
    frame: pl.DataFrame, lines: pl.DataFrame, *, proposal: Proposal
) -> tuple[pl.Series, pl.DataFrame]:
    """Which lines are real payments (n, Boolean), and the issues of those that are not."""
    kept = pl.repeat(value=True, n=frame.height, eager=True)
    issues = []
    for role, where, reason in _exclusions(lines):
        hit = kept & lines.select(where.fill_null(value=False)).to_series()
        column = proposal.column_of(role) or proposal.column_of("unit_price") or ""
        issues.append(flag(frame, hit, column=column, reason=reason, action=DROPPED))
        kept &= ~hit
    return kept, together(issues)


def _exclusions(lines: pl.DataFrame) -> Iterator[tuple[str, pl.Expr, str]]:
    """Role, lines and reason of what is no payment, the first reason counts."""
    if "status" in lines.columns:
        status = pl.col("status")
        whole = ~status.str.contains(_IN_PART)
        yield "status", status.str.contains(_UNPAID), "订单未付款"
        yield "status", status.str.contains(_CANCELLED) & whole, "订单已取消或关闭"
        if "refund" not in lines.columns:
            yield "status", status.str.contains(_REFUNDED) & whole, "订单已退款"
    yield "ordered_at", pl.col("ordered_at").is_null(), "下单时间为空或无法识别"
    yield "amount", pl.col("amount").is_null(), "金额为空或无法识别"


def _remarks(frame: pl.DataFrame, lines: pl.DataFrame, *, proposal: Proposal) -> pl.DataFrame:
    """Issues of lines that are kept, but worth a look: returns and lines without money."""
    money = proposal.column_of("amount") or proposal.column_of("quantity") or ""
    quantity = lines["quantity"] if "quantity" in lines.columns else pl.Series([0.0])
    returned = (lines["amount"] < 0) | ((quantity < 0) & (lines["amount"] != 0))
    returned_reason = "退货/取消，按负金额计入"
    return together([
        flag(frame, returned, column=money, reason=returned_reason, action=KEPT),
        flag(frame, lines["amount"] == 0, column=money, reason="金额为 0", action=KEPT),
    ])  # fmt: skip


def _without_customer(frame: pl.DataFrame, key: pl.Series) -> pl.DataFrame:
    if key.is_null().all():
        return note("没有可用的客户标识，这些订单不计入客户分析")
    reason = "没有客户标识，不计入客户分析"
    return flag(frame, key.is_null(), column="", reason=reason, action=KEPT)


def _with_order_ids(lines: pl.DataFrame, key: pl.Series, *, line: pl.Series) -> pl.DataFrame:
    """Lines with an order id each: as given, else customer and time, else the line itself."""
    given = pl.col("order_id") if "order_id" in lines.columns else pl.lit(None, pl.String)
    made = pl.coalesce(
        pl.format("{}-{}", key.rename("key").str.head(12), "ordered_at"), pl.format("L{}", line)
    )
    lost = given.str.contains(r"^\d(\.\d+)?[eE]\+?\d+$")
    order_id = pl.coalesce(pl.when(~lost).then(given), made)
    first = ("order_id", "ordered_at", "amount")
    return lines.with_columns(order_id=order_id).select(*first, pl.exclude(first))
