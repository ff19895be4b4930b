"""In which currency an order file is, and which of its lines are in another: these cannot be added up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from insight.clean.headers import fold
from insight.clean.proposal import Proposal
from insight.clean.values import by_distinct, nothing, plain, plain_numbers
from insight.clean.waterfall import Meets
from insight.currency import CURRENCIES, YUAN, currency_of

_HEADERS = frozenset({"币种", "货币", "币别", "货币单位", "货币类型", "币种代码", "结算币种", "交易币种", "支付币种", "currency", "currencycode"})  # fmt: skip
_WRITTEN = {
    "CNY": r"^(cny|cnh|rmb|人民币|元|￥|¥)$", "USD": r"^(usd|us\$|美元|美金|\$)$", "EUR": r"^(eur|欧元|€)$", "GBP": r"^(gbp|英镑|£)$",
    "HKD": r"^(hkd|hk\$|港币|港元)$", "JPY": r"^(jpy|日元|日圆|jp[¥￥])$", "KRW": r"^(krw|韩元|韩币|₩)$", "TWD": r"^(twd|nt\$|新台币|台币)$",
}  # fmt: skip
_BESIDE_AMOUNT = (
    r"(?i)(rmb|cny|cnh|人民币|usd|eur|gbp|hkd|jpy|krw|twd|hk\$|nt\$|us\$|jp[¥￥]|[￥¥元$€£₩])"
)
_IN_HEADER = re.compile(r"[(（\[【_\s]\s*([A-Za-z]{3}|[\u4e00-\u9fff]{1,5}|(?:us|hk|nt)?\$|[￥¥€£₩])\s*[)）\]】]?\s*$", re.IGNORECASE)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Paid:
    """In which currency orders were paid.

    Attributes
    ----------
    column : raw column that says it, "" where only the heading of the amounts does or nothing
    codes : (n) code of each line, null where it does not tell
    most : code of most lines, else of the heading of the amounts; None = nothing tells
    """

    column: str
    codes: pl.Series
    most: str | None


def currency_columns(columns: Sequence[str]) -> list[str]:
    """Raw columns that say in which currency an order was paid."""
    return [c for c in columns if fold(c) in _HEADERS]


def paid_in(frame: pl.DataFrame, proposal: Proposal) -> Paid:
    """In which currency the lines were paid.

    Parameters
    ----------
    frame : (n) ``__line__`` and raw columns; the currency stands in a column of its own, or as a
        sign beside the amount, or in the heading of the amounts
    """
    column = next(iter(currency_columns(frame.columns)), "")
    money = proposal.column_of("amount") or proposal.column_of("unit_price") or ""
    codes = nothing(frame["__line__"])
    if column:
        codes = by_distinct(frame[column], _coded)
    elif money and plain_numbers(frame[money]) is None:
        column, codes = money, by_distinct(frame[money], lambda v: _coded(_sign(v)))
    return Paid(column, codes, _of_most(codes) or _of_heading(money))


def in_another_currency(paid: Paid) -> Meets:
    """The lines in another currency than most lines; those that do not tell are taken to be in that of most."""
    usual, remark = pl.Series([paid.most], dtype=pl.String), _foreign(paid.most)
    if not (others := paid.codes != usual).any():
        return Meets("currency", others, paid.column, "", remark=remark)
    reason = pl.format(
        "币种是 {}，多数行是 {}，金额不能直接相加", pl.lit(paid.codes), pl.lit(usual)
    )
    reasons = pl.select(reason.alias("reason")).to_series()
    return Meets("currency", others, paid.column, reasons, remark=remark)


def _foreign(code: str | None) -> str:
    """What to say where most lines are in a foreign currency: nothing is converted."""
    known = currency_of(code or "")
    if known is None or known is YUAN:
        return ""
    told = f"{known.code}（{known.name}）" if known.code in CURRENCIES else known.code
    return (
        f"金额的币种是 {told}，没有换算：各页和报告里的金额都是这个币种，写作“{known.sign.strip()}”"
    )


def _of_heading(header: str) -> str | None:
    """The currency that the heading of a column of amounts names at its end: "Total (USD)", "实付金额（美元）"."""
    found = _IN_HEADER.search(header)
    if found is None:
        return None
    code = _coded(pl.Series([found[1]]))[0]
    return code if code in CURRENCIES else None


def _coded(values: pl.Series) -> pl.Series:
    """Currencies by their three letters, however they were written; null where nothing is."""
    written = plain(values).str.strip_chars()
    code = written.str.to_uppercase()
    for known, pattern in _WRITTEN.items():
        code = code.set(written.str.contains(f"(?i){pattern}").fill_null(value=False), known)
    return code.set(code == "", None)


def _sign(amounts: pl.Series) -> pl.Series:
    return plain(amounts).str.extract(_BESIDE_AMOUNT)


def _of_most(told: pl.Series) -> str | None:
    """The currency of most lines; of two with as many, CNY, else the first by letter."""
    counts = pl.DataFrame([told.drop_nulls().alias("code")]).group_by("code").len()
    ranked = counts.sort("len", pl.col("code") == "CNY", "code", descending=[True, True, False])
    return ranked["code"][0] if ranked.height else None
