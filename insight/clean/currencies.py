"""Which order lines are in another currency than most: their amounts cannot be added up."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from insight.clean.headers import fold
from insight.clean.proposal import Proposal
from insight.clean.values import by_distinct, nothing, plain, plain_numbers
from insight.clean.waterfall import Meets

_HEADERS = frozenset({"币种", "货币", "币别", "货币单位", "货币类型", "币种代码", "结算币种", "交易币种", "支付币种", "currency", "currencycode"})  # fmt: skip
_WRITTEN = {
    "CNY": r"^(cny|cnh|rmb|人民币|元|¥)$", "USD": r"^(usd|us\$|美元|\$)$", "EUR": r"^(eur|欧元|€)$", "GBP": r"^(gbp|英镑|£)$",
    "HKD": r"^(hkd|hk\$|港币|港元)$", "JPY": r"^(jpy|日元|日圆)$",
}  # fmt: skip
_BESIDE_AMOUNT = r"(?i)(rmb|cny|人民币|[¥元$€£])"


def currency_columns(columns: Sequence[str]) -> list[str]:
    """Raw columns that say in which currency an order was paid."""
    return [c for c in columns if fold(c) in _HEADERS]


def in_another_currency(frame: pl.DataFrame, proposal: Proposal) -> Meets:
    """The lines in another currency than most lines.

    Parameters
    ----------
    frame : (n) ``__line__`` and raw columns; the currency stands in a column of its own, or as a
        sign beside the amount. Lines that do not tell are taken to be in that of most.
    """
    column = next(iter(currency_columns(frame.columns)), "")
    money = proposal.column_of("amount") or proposal.column_of("unit_price") or ""
    if column:
        told = by_distinct(frame[column], _coded)
    elif money and plain_numbers(frame[money]) is None:
        column, told = money, by_distinct(frame[money], lambda v: _coded(_sign(v)))
    else:
        told = nothing(frame["__line__"])
    most = _of_most(told)
    usual, remark = pl.Series([most], dtype=pl.String), _foreign(most)
    if not (others := told != usual).any():
        return Meets("currency", others, column, "", remark=remark)
    reason = pl.format("币种是 {}，多数行是 {}，金额不能直接相加", pl.lit(told), pl.lit(usual))
    reasons = pl.select(reason.alias("reason")).to_series()
    return Meets("currency", others, column, reasons, remark=remark)


def _foreign(code: str | None) -> str:
    """What to say where most lines are in a foreign currency: nothing is converted."""
    if code in (None, "CNY"):
        return ""
    return f"金额的币种是 {code}，没有换算：各页和报告里写作 ¥ 的金额都是 {code}"


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
