"""Which order lines are no payments: never paid, undone, tests; and which of them lack what a payment has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import polars as pl

from insight.clean.currencies import Paid, currency_columns, in_another_currency
from insight.clean.headers import fold
from insight.clean.proposal import Proposal
from insight.clean.values import by_distinct, nothing
from insight.clean.waterfall import Meets
from insight.distinct import distinct
from insight.simplified import simplified_each

_UNPAID = r"(?i)待付款|等待买家付款|等待付款|未付款|待支付|未支付|unpaid|awaiting payment|^pending( payment)?$|^authorized$"
_CANCELLED = r"(?i)交易关闭|已关闭|取消|删除|交易失败|作废|cancel|void|unavailable|^closed$|expired"
_REFUNDED = r"(?i)退款成功|已退款|全额退款|^refunded$"
_IN_PART = r"(?i)部分|取消退款|撤销|partial"
_CANCELLED_AT = frozenset({"cancelledat", "canceledat", "取消时间", "订单取消时间"})
_DUE = re.compile(r"应付|应收|总金额|订单金额|amount due", re.IGNORECASE)
_TEST_PRODUCT = r"(?i)^\W*测试(宝贝|款)?[\W\d_]*$|测试(商品|产品|宝贝|订单|链接|专用)|^\W*test[\s_-]+(product|item|order)[\W\d_]*$"
_TEST_REMARK = r"(?i)测试(订单|单|数据|下单)|^\W*测试\W*$|\btest order\b|^test$|^bogus"
_TEST_NAME = r"^测试(员|账号|用户)?\d*$"
_REMARKS = re.compile(r"备注|标签|订单类型|^tags$|^notes?$|^paymentmethod$|^支付方式$|^付款方式$")
_NAMES = re.compile(r"^(收货人|收件人|买家昵称|客户姓名|shippingname|billingname)")
_SURCHARGE = r"补差价|补邮|补运费|(差价|邮费|运费)[^，,；;]{0,4}(链接|专拍|补拍|补差)|差价专用"
_NO_TIME = "下单时间为空或无法识别"
_MOSTLY = 0.5


def order_columns(columns: Sequence[str]) -> list[str]:
    """Raw columns, beside those with a role, that tell of the whole order whether it counts."""
    told = [c for c in columns if fold(c) in _CANCELLED_AT or _REMARKS.search(fold(c))]
    return [*told, *currency_columns(columns)]


def met_by(
    frame: pl.DataFrame, lines: pl.DataFrame, *, proposal: Proposal, paid: Paid, why_no_time: pl.Series | None
) -> Iterator[Meets]:  # fmt: skip
    """The lines each rule meets, rule by rule.

    Parameters
    ----------
    frame : (n) ``__line__`` and raw columns
    lines : (n) ordered_at, gross, refund, and where known status, after_sale, paid_at, product
    proposal : roles of the raw columns
    paid : in which currency the lines are
    why_no_time : (n) why a written time is none, null where it is one or is unlike a time
    """
    status = proposal.column_of("status") or ""
    money = proposal.column_of("amount") or proposal.column_of("unit_price") or ""
    time = proposal.column_of("ordered_at") or proposal.column_of("paid_at") or ""
    told = _told(lines, "status", refunds="refund" not in proposal.roles.values())
    tests, surcharges = _goods_like(lines, _TEST_PRODUCT, _SURCHARGE)
    yield in_another_currency(paid)
    yield _tests(frame, proposal, goods=tests)
    yield Meets("cancelled", (told == "cancelled") | _has_cancelled_at(frame), status, "订单已取消或关闭")  # fmt: skip
    yield Meets("unpaid", (told == "unpaid") | _never_paid(lines, proposal), status or proposal.column_of("paid_at") or "", "订单未付款")  # fmt: skip
    yield Meets("refunded", _refunded(lines, told, proposal), status or proposal.column_of("after_sale") or "", "订单已退款")  # fmt: skip
    untimed = lines["ordered_at"].is_null()
    why: str | pl.Series = _NO_TIME
    if why_no_time is not None and untimed.any():
        why = why_no_time.fill_null(_NO_TIME)
    yield Meets("no_time", untimed, time, why)
    yield Meets("no_amount", lines["gross"].is_null(), money, "金额为空、无法识别或超过 100 亿")
    free = (lines["gross"] == 0) & (lines["refund"] == 0)
    yield Meets("zero", free, money, "金额为 0", listed=False)
    product = proposal.column_of("product") or ""
    yield Meets("surcharge", surcharges, product, "补差价或补邮费，不是商品", listed=False)


def is_closed(status: pl.Series) -> pl.Series:
    """Whether a status says that what was ordered was not sold in the end (n, Boolean)."""
    lines = pl.DataFrame([status.alias("status")])
    return _told(lines, "status", refunds=True).is_not_null()


def _told(lines: pl.DataFrame, column: str, *, refunds: bool) -> pl.Series:
    """Whether a status says "unpaid", "cancelled" or, where that is asked, "refunded" (n); else null."""
    if column not in lines.columns:
        return nothing(lines.to_series())
    return by_distinct(lines[column], lambda known: _classified(known, refunds=refunds))


def _classified(known: pl.Series, *, refunds: bool) -> pl.Series:
    status = simplified_each(known)
    whole = ~status.str.contains(_IN_PART)
    return pl.select(
        pl.when(status.str.contains(_UNPAID))
        .then(pl.lit("unpaid"))
        .when(status.str.contains(_CANCELLED) & whole)
        .then(pl.lit("cancelled"))
        .when(status.str.contains(_REFUNDED) & whole & refunds)
        .then(pl.lit("refunded"))
        .alias(known.name)
    ).to_series()


def _nobody(n: int) -> pl.Series:
    return pl.repeat(value=False, n=n, eager=True)


def _refunded(lines: pl.DataFrame, told: pl.Series, proposal: Proposal) -> pl.Series:
    """Money back in full, where no column says how much."""
    if "refund" in proposal.roles.values():
        return _nobody(lines.height)
    after = _told(lines, "after_sale", refunds=True) == "refunded"
    return (told == "refunded").fill_null(value=False) | after.fill_null(value=False)


def _never_paid(lines: pl.DataFrame, proposal: Proposal) -> pl.Series:
    """Without a time of payment, in a file that mostly has one and has no status; money is none or due."""
    paid_at = lines["paid_at"] if "paid_at" in lines.columns else None
    has_status = "status" in lines.columns
    if paid_at is None or has_status or paid_at.null_count() > _MOSTLY * len(paid_at):
        return _nobody(lines.height)
    is_due = _DUE.search(proposal.column_of("amount") or "") is not None
    owes = (lines["gross"].fill_null(0.0) == 0) | is_due
    return paid_at.is_null() & owes


def _has_cancelled_at(frame: pl.DataFrame) -> pl.Series:
    columns = [c for c in frame.columns if fold(c) in _CANCELLED_AT]
    return frame.select(pl.any_horizontal(pl.lit(value=False), *(pl.col(c).is_not_null() for c in columns))).to_series()  # fmt: skip


def _goods_like(lines: pl.DataFrame, *patterns: str) -> list[pl.Series]:
    """Whether the name of what was bought is like each pattern (n, Boolean)."""
    if "product" not in lines.columns:
        return [_nobody(lines.height) for _ in patterns]
    known, which = distinct(lines["product"])
    return [_with(known.str.contains(p), which) for p in patterns]


def _tests(frame: pl.DataFrame, proposal: Proposal, *, goods: pl.Series) -> Meets:
    told = [(c, _TEST_REMARK) for c in frame.columns if _REMARKS.search(fold(c))]
    told += [(c, _TEST_NAME) for c in frame.columns if _NAMES.search(fold(c))]
    hits = {column: _contains(frame[column], pattern) for column, pattern in told}
    if product := proposal.column_of("product"):
        hits[product] = goods
    if status := proposal.column_of("status"):
        hits[status] = _contains(frame[status], _TEST_REMARK)
    column = next((c for c, hit in hits.items() if hit.any()), "")
    rows = _nobody(frame.height)
    for hit in hits.values():
        rows |= hit
    return Meets("test", rows, column, "测试订单")


def _contains(values: pl.Series, pattern: str) -> pl.Series:
    known, which = distinct(values)
    return _with(known.str.contains(pattern), which)


def _with(met: pl.Series, which: pl.Series) -> pl.Series:
    """Whether each row has one of the values that are ``met`` (n, Boolean; see ``distinct``)."""
    return met.gather(which).fill_null(value=False) if met.any() else _nobody(len(which))
