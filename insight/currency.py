"""In which currency the money of a study is, and how that is written.

Like the precision of ``decimal``, it goes with the context of whoever writes: the sentences, tables, charts
and files that are made inside of ``paid_in`` are in that currency.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType

_CODE = re.compile(r"[A-Z]{3}")
_UNIT = re.compile(r"(?<![\u4e00-\u9fff])元(?=[）/])|(?<=多少)元")


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency: its code (ISO 4217), the sign before an amount, and its Chinese name."""

    code: str
    sign: str
    name: str


YUAN = Currency("CNY", "¥", "元")
CURRENCIES: Mapping[str, Currency] = MappingProxyType({
    one.code: one
    for one in (
        YUAN,
        Currency("USD", "$", "美元"), Currency("EUR", "€", "欧元"), Currency("GBP", "£", "英镑"),
        Currency("HKD", "HK$", "港元"), Currency("TWD", "NT$", "新台币"), Currency("MOP", "MOP$", "澳门元"),
        Currency("JPY", "JP¥", "日元"), Currency("KRW", "₩", "韩元"), Currency("SGD", "S$", "新加坡元"),
        Currency("AUD", "A$", "澳元"), Currency("NZD", "NZ$", "新西兰元"), Currency("CAD", "C$", "加元"),
        Currency("CHF", "CHF ", "瑞士法郎"), Currency("SEK", "SEK ", "瑞典克朗"), Currency("THB", "THB ", "泰铢"),
        Currency("MYR", "RM", "林吉特"), Currency("VND", "VND ", "越南盾"), Currency("IDR", "Rp", "印尼盾"),
        Currency("PHP", "PHP ", "比索"), Currency("INR", "INR ", "卢比"), Currency("BRL", "R$", "雷亚尔"),
        Currency("RUB", "RUB ", "卢布"), Currency("AED", "AED ", "迪拉姆"),
    )
})  # fmt: skip
"""The known currencies, the yuan first; signs that few fonts hold are told by the code."""


def currency_of(code: str) -> Currency | None:
    """The currency of a code; one that is not listed is written by its code, what is no code is None.

    >>> currency_of("usd"), currency_of("PLN").sign, currency_of("美刀")
    (Currency(code='USD', sign='$', name='美元'), 'PLN ', None)
    """
    wanted = code.strip().upper()
    if wanted in CURRENCIES:
        return CURRENCIES[wanted]
    return Currency(wanted, f"{wanted} ", wanted) if _CODE.fullmatch(wanted) else None


_USED: ContextVar[Currency] = ContextVar("currency", default=YUAN)


@contextmanager
def paid_in(currency: Currency) -> Iterator[None]:
    """Inside of it, all money is written in this currency; outside, as before (the yuan by default)."""
    before = _USED.set(currency)
    try:
        yield
    finally:
        _USED.reset(before)


def used() -> Currency:
    """The currency that money is written in here."""
    return _USED.get()


def with_unit(text: str) -> str:
    """A label whose unit, written as 元, is the currency that is used here.

    >>> with paid_in(CURRENCIES["USD"]):
    ...     with_unit("客单价（元）"), with_unit("获客成本（元/人）"), with_unit("1 元订单")
    ('客单价（美元）', '获客成本（美元/人）', '1 元订单')
    """
    return text if used() is YUAN else _UNIT.sub(used().name, text)
