"""Raw order rows to typed lines: one per item, with its order's facts, its share of the money and its customer."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from insight.clean.cleaned import MENDED, note, together
from insight.clean.columns import typed
from insight.clean.exclusions import order_columns
from insight.clean.grain import PIECES, explode_items, filled_from_order
from insight.clean.identities import Keys, keys
from insight.clean.money import Money, Written, net_amounts
from insight.clean.proposal import Proposal
from insight.clean.values import numbers
from insight.presets import facts
from insight.schema import ORDERS
from insight.threads import both

_OF_THE_ORDER = ("ordered_at", "paid_at", "created_at", "status", "after_sale", "channel", "region", "city", "promotion")  # fmt: skip
_TIMES = ("paid_at", "ordered_at", "created_at")  # the first that is known is the time used
_ESSENTIAL = frozenset({"ordered_at", "amount"})


@dataclass(frozen=True, slots=True)
class Lines:
    """What is known of n order lines.

    Attributes
    ----------
    raw : (n) ``__line__`` and raw columns
    typed : (n) order_id [every line has one], ordered_at and the other roles present
    why_no_time : (n) why a written time is none, null where it is one or is unlike a time
    keys : (n) of the customer
    money : (n)
    issues : what was changed
    """

    raw: pl.DataFrame
    typed: pl.DataFrame
    why_no_time: pl.Series | None
    keys: Keys
    money: Money
    issues: pl.DataFrame


def lines_of(rows: pl.DataFrame, proposal: Proposal, *, secret: bytes, whole: bool | None) -> Lines:
    """Type the lines of an order export.

    Parameters
    ----------
    rows : (n_rows) ``__line__`` and raw columns
    proposal : their roles
    secret : key of the identity tokens
    whole : whether amounts are those of whole orders; None = as the contents tell
    """
    raw = _by_line(rows, proposal)
    columns, hashed = both(
        lambda: typed(raw, proposal, essential=_ESSENTIAL),
        lambda: keys(raw, proposal.identities(), secret=secret),
    )
    named = proposal.column_of("amount")
    frame, said = _timed(columns.frame, proposal)
    if PIECES in raw.columns:
        frame = frame.with_columns(numbers(raw[PIECES]).alias("quantity"))
    written = Written(named, rows.columns, facts(proposal.preset, table="orders").grain, whole)
    money = net_amounts(frame, line=raw["__line__"], written=written)
    frame = frame.with_columns(_order_ids(frame, hashed.best, line=raw["__line__"]))
    issues = (columns.issues, hashed.issues, said, _exploded(rows, raw, proposal), money.issues)
    return Lines(raw, frame, columns.why.get("ordered_at"), hashed, money, together(issues))


def _by_line(frame: pl.DataFrame, proposal: Proposal) -> pl.DataFrame:
    """One row per item, facts about the order on every one of them."""
    if order_id := proposal.column_of("order_id"):
        known = [proposal.column_of(role) for role in _OF_THE_ORDER]
        columns = [c for c in (*known, *proposal.identities().values()) if c]
        columns += order_columns(frame.columns)
        frame = filled_from_order(frame, order_id=order_id, columns=columns)
    if product := proposal.column_of("product"):
        frame = explode_items(frame, product=product, quantity=proposal.column_of("quantity"))
    return frame


def _exploded(rows: pl.DataFrame, lines: pl.DataFrame, proposal: Proposal) -> pl.DataFrame:
    if rows.height == lines.height:
        return together([])
    reason = f"一格里有多件商品，已拆成多行：{rows.height:,} 行变为 {lines.height:,} 行"
    return note(reason, column=proposal.column_of("product") or "", action=MENDED)


def _timed(frame: pl.DataFrame, proposal: Proposal) -> tuple[pl.DataFrame, pl.DataFrame]:
    """``ordered_at`` as the time used: when it was paid, else when it was placed; and a note on it."""
    known = [role for role in _TIMES if role in frame.columns]
    if len(known) == 1:
        return frame.rename({known[0]: "ordered_at"}), together([])
    used = pl.coalesce(known).alias("ordered_at")
    placed = [pl.coalesce(known[1:]).alias("created_at")] if known[0] == "paid_at" else []
    headers = [proposal.column_of(role) or "" for role in known]
    others = "、".join(f"“{h}”" for h in headers[1:])
    said = f"下单时间取“{headers[0]}”，为空时取{others}"
    return frame.with_columns(used, *placed), note(said, column=headers[0])


def _order_ids(lines: pl.DataFrame, key: pl.Series, *, line: pl.Series) -> pl.Series:
    """An order id for each line: as given, else customer and time, else the line itself."""
    if "order_id" in lines.columns and not lines["order_id"].has_nulls():
        return lines["order_id"]
    frame = lines.select("ordered_at", key.alias("key").str.head(12), line.alias("line"))
    made = pl.coalesce(pl.format("{}-{}", "key", "ordered_at"), pl.format("L{}", "line"))
    given = [lines["order_id"]] if "order_id" in lines.columns else []
    return frame.select(pl.coalesce(*map(pl.lit, given), made).alias("order_id")).to_series()


def presented(lines: Lines, *, net: bool) -> pl.DataFrame:
    """The canonical columns of the lines (n): what is kept of an order line.

    Parameters
    ----------
    net : whether refunds are taken off
    """
    money = lines.money.frame
    amount = money["net" if net else "gross"].alias("amount")
    given = [c for c in ("discount", "order_paid") if c in money.columns]
    frame = lines.typed.with_columns(amount, *(money[c] for c in given))
    if "refund" in frame.columns:
        frame = frame.with_columns(money["refund"]) if net else frame.drop("refund")
    first = ("order_id", "ordered_at", "amount")
    rest = [c.name for c in ORDERS.columns if c.name in frame.columns and c.name not in first]
    return frame.select(*first, *rest)
