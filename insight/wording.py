"""How a number is written in a Chinese sentence: shares, money, counts, points and days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from math import isfinite

from insight.currency import used

NOTHING = "—"
_EXACT = Context(prec=400, rounding=ROUND_HALF_UP)  # any float fits, so a hostile 1e300 is no crash


def decimal(value: float | None, *, digits: int = 1) -> str:
    """Write a number with thousands separators and ``digits`` decimals, halves rounded up.

    Excel rounds halves away from zero as well, so a sentence and a spreadsheet show one number.

    >>> decimal(1234.25), decimal(-0.04), decimal(None)
    ('1,234.3', '0.0', '—')
    """
    if value is None or not isfinite(value):
        return NOTHING
    rounded = _rounded(Decimal(str(value)), digits)
    return f"{rounded:,}"


def count(value: float | None) -> str:
    """Write a count.

    >>> count(1234)
    '1,234'
    """
    return decimal(value, digits=0)


def percent(share: float | None, *, digits: int = 1) -> str:
    """Write a share between 0 and 1 as a percentage.

    >>> percent(0.2941), percent(0.0625), percent(1)
    ('29.4%', '6.3%', '100.0%')
    """
    written = _hundredfold(share, digits)
    return written if written == NOTHING else f"{written}%"


def points(difference: float | None, *, digits: int = 1) -> str:
    """Write a difference between two shares in percentage points; the sign is kept.

    >>> points(0.112), points(-0.05)
    ('11.2 个百分点', '-5.0 个百分点')
    """
    written = _hundredfold(difference, digits)
    return written if written == NOTHING else f"{written} 个百分点"


def money(amount: float | None) -> str:
    """Write an amount in the currency that is used here: whole up to 万, then one decimal in 万 or 亿.

    >>> money(1234), money(123456), money(9999.6), money(-250000000), money(9.9)
    ('¥1,234', '¥12.3 万', '¥1.0 万', '-¥2.5 亿', '¥9.90')
    """
    if amount is None or not isfinite(amount):
        return NOTHING
    exact, sign = Decimal(str(amount)), used().sign
    written = _magnitude(abs(exact))
    return f"-{sign}{written}" if exact < 0 and written != "0" else f"{sign}{written}"


def p_value(p: float) -> str:
    """Write a p value with its sign, never as 0.000.

    >>> p_value(0.0324), p_value(0.0002)
    ('p=0.032', 'p<0.001')
    """
    return "p<0.001" if p < 0.001 else f"p={decimal(p, digits=3)}"


def day(epoch_seconds: float | None) -> str:
    """Write the day of a time in seconds since 1970-01-01 00:00 of the shop's local clock.

    >>> day(1772668800)
    '2026-03-05'
    """
    if epoch_seconds is None or not isfinite(epoch_seconds):
        return NOTHING
    return datetime.fromtimestamp(epoch_seconds, UTC).strftime("%Y-%m-%d")


def listed(names: Sequence[str], *, most: int = 3) -> str:
    """Name a few things in quotes; of many only the first, and how many there are.

    >>> listed(["甲", "乙"]), listed(["甲", "乙", "丙", "丁"])
    ('“甲”、“乙”', '“甲”、“乙”、“丙”等 4 项')
    """
    named = "、".join(f"“{name}”" for name in names[:most])
    return f"{named}等 {count(len(names))} 项" if len(names) > most else named


def _hundredfold(share: float | None, digits: int) -> str:
    if share is None or not isfinite(share):
        return NOTHING
    return f"{_rounded(_shifted(share, 2), digits):,}"


def _magnitude(amount: Decimal) -> str:
    whole, cents = _rounded(amount, 0), _rounded(amount, 2)
    if cents < 100 and cents != _rounded(cents, 0):
        return f"{cents}"
    if whole < 10_000:
        return f"{whole:,}"
    in_wan = _rounded(_shifted(amount, -4), 1)
    return f"{in_wan:,} 万" if in_wan < 10_000 else f"{_rounded(_shifted(amount, -8), 1):,} 亿"


def _shifted(value: float | Decimal, places: int) -> Decimal:
    """Move the decimal point, without the error a float product would bring."""
    return Decimal(str(value)).scaleb(places, _EXACT)


def _rounded(value: Decimal, digits: int) -> Decimal:
    """Round half away from zero; never a negative zero."""
    rounded = value.quantize(Decimal(1).scaleb(-digits), context=_EXACT)
    return rounded if rounded else abs(rounded)
