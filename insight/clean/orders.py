"""Raw order export to typed order lines: net amounts, real payments only, one key per customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from insight.clean.cleaned import DROPPED, KEPT, Cleaned, flag, note, together
from insight.clean.columns import attributes
from insight.clean.currencies import paid_in
from insight.clean.exclusions import met_by
from insight.clean.grain import exported_twice
from insight.clean.money import paid_of
from insight.clean.order_lines import Lines, lines_of, presented
from insight.clean.proposal import Proposal
from insight.clean.records import HEADER, TOTAL, is_total, repeats, repeats_header
from insight.clean.rules import decided
from insight.clean.times import UNCLEAR
from insight.clean.values import numbers, quantities
from insight.clean.waterfall import Level, Meets, level, sieved, table, told
from insight.errors import UnclearDates
from insight.presets import facts
from insight.readers import RawTable
from insight.threads import both

Switches = Mapping[str, bool | None]


def clean_orders(raw: RawTable, proposal: Proposal, *, secret: bytes) -> Cleaned:
    """Make typed order lines.

    Parameters
    ----------
    raw : order export, one line per item or per order
    proposal : roles of its columns; its decisions may switch rules and say how dates are written
    secret : key of the identity tokens

    Returns
    -------
    Cleaned : frame (n_lines) key_*, order_id, ordered_at [s; when it was paid, else placed], amount
        [CNY, net of refunds, returns negative] and the other roles present; waterfall: rows and
        money after each step; every line that was left out is in the issues

    Raises
    ------
    NoUsableColumn : no column for the time, or neither amount nor quantity and price.
    UnknownName, BadParameter : a decision names no rule, or one that cannot be switched off.
    """
    switches = decided(proposal.decisions.rules)
    if proposal.column_of("amount") is None and (whole := proposal.column_of("order_paid")):
        proposal = replace(proposal, roles={**proposal.roles, whole: "amount"})
        switches["order_money"] = True
    rows = _rows(raw.frame, proposal, switches)
    kept = raw.frame if rows.kept.all() else raw.frame.filter(rows.kept)
    lines = lines_of(kept, proposal, secret=secret, whole=switches["order_money"])
    _check_dates(raw.name, lines, proposal)
    state = _on_lines(rows, kept, lines, switches)
    seen = lines.typed.with_columns(lines.money.frame.select("gross", "refund"))
    paid = paid_in(lines.raw, proposal)
    for met in met_by(lines.raw, seen, proposal=proposal, paid=paid, why_no_time=lines.why_no_time):  # fmt: skip
        state = sieved(state, lines.raw, met, applies=bool(switches[met.step]))
    state = _netted(state, lines, column=_money(proposal), net=bool(switches["net"]))
    cleaned = _cleaned(lines, state, proposal, net=bool(switches["net"]))
    return replace(cleaned, currency=paid.most or "")


def _check_dates(name: str, lines: Lines, proposal: Proposal) -> None:
    """Refuse a file most of whose lines have a time that could be two days: that is for the user to say."""
    if lines.why_no_time is None:
        return
    unclear = lines.typed["ordered_at"].is_null() & (lines.why_no_time == UNCLEAR).fill_null(value=False)  # fmt: skip
    if 2 * int(unclear.sum()) <= len(unclear):
        return
    header = proposal.column_of("ordered_at") or ""
    raise UnclearDates(name, header, str(lines.raw.filter(unclear)[header].min()))


def _money(proposal: Proposal) -> str:
    return proposal.column_of("amount") or proposal.column_of("quantity") or ""


def _written(frame: pl.DataFrame, proposal: Proposal) -> pl.Series:
    """The money of each raw row as a sum over the sheet would take it (n), null where there is none."""
    parse = {"amount": numbers, "quantity": quantities, "unit_price": numbers}
    known = {r: c for r in parse if (c := proposal.column_of(r)) is not None}
    if "amount" in known:
        known = {"amount": known["amount"]}
    return paid_of(pl.DataFrame([parse[r](frame[c]).alias(r) for r, c in known.items()]))


def _rows(frame: pl.DataFrame, proposal: Proposal, switches: Switches) -> Level:
    """The raw rows that are records: no headers, no totals, and none that was exported twice."""
    order_id = proposal.column_of("order_id")
    written, again = both(lambda: _written(frame, proposal), lambda: repeats(frame))
    state = told(level(written, frame[order_id] if order_id else None), "raw")
    roles = ("ordered_at", "paid_at", "order_id", *proposal.identities())
    facts = [column for role in roles if (column := proposal.column_of(role))]
    found = (
        Meets("header", repeats_header(frame, facts), facts[0], HEADER),
        Meets("total", is_total(frame, facts), frame.columns[1], TOTAL),
    )
    for met in found:
        state = sieved(state, frame, met, applies=bool(switches[met.step]))
    return _once(state, frame, proposal, again=again, wanted=switches["duplicate"])


def _once(
    state: Level, frame: pl.DataFrame, proposal: Proposal, *, again: pl.Series, wanted: bool | None
) -> Level:
    """The rows without those that repeat another one, if that is ``wanted``; None: as the contents tell."""
    again = again & state.kept
    twice = again & bool(wanted)
    if wanted is None:
        order_id, line_id = proposal.column_of("order_id"), proposal.column_of("line_id")
        declared = facts(proposal.preset, table="orders").grain
        twice = exported_twice(frame, again, order_id=order_id, line_id=line_id, declared=declared)
    applies, left = bool(wanted or twice.any()), int((again & ~twice).sum())
    reason = (
        "与前面某一行完全相同" if wanted else "与前面某一行完全相同，是同一行导出了两次，只计一次"
    )
    met = Meets("duplicate", twice if applies else again, "", reason, listed=False)
    state = sieved(state, frame, met, applies=applies)
    if not left:
        return state
    said = note(f"有 {left:,} 行与前面的行内容完全相同，已全部保留，请确认不是重复导出")
    return replace(state, issues=(*state.issues, said))


def _on_lines(rows: Level, kept: pl.DataFrame, lines: Lines, switches: Switches) -> Level:
    """From raw rows to lines: items of one cell apart, then the money of whole orders once."""
    line, ids = lines.raw["__line__"], lines.typed["order_id"]
    written = rows.money.filter(rows.kept)
    apart = pl.repeat(value=False, n=len(line), eager=True)
    if lines.raw.height != kept.height:
        first = line.is_first_distinct()
        at_line = line.replace_strict(kept["__line__"], written, default=0.0)
        written = at_line.zip_with(first, pl.Series([0.0]))
        apart = line.is_duplicated() & first
    state = replace(level(written, ids), steps=rows.steps, issues=rows.issues)
    state = told(state, "items", met=apart)
    once = replace(state, money=lines.money.frame["stated"].fill_null(0.0))
    applies = switches["order_money"] is not False
    over = float(state.money.sum()) - float(once.money.sum())
    return told(once, "order_money", met=lines.money.repeated, worth=over, applies=applies)


def _netted(state: Level, lines: Lines, *, column: str, net: bool) -> Level:
    """Refunds taken off and returns negative; or, gross, neither: then returns do not count at all."""
    money = lines.money.frame
    met = ((money["net"] - money["stated"]).abs() > 0.005) | (money["net"] < 0) | (money["refund"] > 0)  # fmt: skip
    met = met.fill_null(value=False) & state.kept
    back = float((state.money - money["net"].fill_null(0.0)).filter(met).sum())
    if net:
        return told(replace(state, money=money["net"].fill_null(0.0)), "net", met=met, worth=back)
    returned = (money["gross"] < 0) & state.kept
    said = flag(lines.raw, returned, column=column, reason="退货行，按毛额统计时不计入", action=DROPPED)  # fmt: skip
    gross = replace(state, money=money["gross"].fill_null(0.0), kept=state.kept & ~returned)
    gross = replace(gross, issues=(*state.issues, said))
    return told(gross, "net", met=met, worth=back, applies=False)


def _cleaned(lines: Lines, state: Level, proposal: Proposal, *, net: bool) -> Cleaned:
    frame = presented(lines, net=net)
    extras = attributes(lines.raw, proposal, taken=frozenset(frame.columns), numeric=False)
    result = pl.concat([lines.keys.frame, frame, extras.frame], how="horizontal")
    shown = [c for c in ("__line__", _money(proposal)) if c]
    result, raw = result.filter(state.kept), lines.raw.select(shown).filter(state.kept)
    remarks = _remarks(raw, result, column=_money(proposal))
    unknown = _without_customer(raw, lines.keys.best.filter(state.kept))
    issues = together([*state.issues, lines.issues, remarks, unknown])
    out = lines.typed["order_id"].filter(~state.kept).unique().sort()
    return Cleaned(result, issues, waterfall=table(state.steps), left_out=out)


def _remarks(raw: pl.DataFrame, lines: pl.DataFrame, *, column: str) -> pl.DataFrame:
    """Issues of lines that are kept, but worth a look: returns and lines without money."""
    quantity = lines["quantity"] if "quantity" in lines.columns else pl.Series([0.0])
    returned = (lines["amount"] < 0) | ((quantity < 0) & (lines["amount"] != 0))
    refund = lines["refund"] if "refund" in lines.columns else pl.Series([0.0])
    nothing, given_back = lines["amount"] == 0, (refund > 0).fill_null(value=False)
    return together([
        flag(raw, returned, column=column, reason="退货/取消，按负金额计入", action=KEPT),
        flag(raw, nothing & given_back, column=column, reason="扣除退款后为 0", action=KEPT),
        flag(raw, nothing & ~given_back, column=column, reason="金额为 0", action=KEPT),
    ])  # fmt: skip


def _without_customer(raw: pl.DataFrame, key: pl.Series) -> pl.DataFrame:
    if key.is_null().all():
        return note("没有可用的客户标识，这些订单不计入客户分析")
    reason = "没有客户标识，不计入客户分析"
    return flag(raw, key.is_null(), column="", reason=reason, action=KEPT)
