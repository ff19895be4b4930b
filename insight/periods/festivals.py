"""Chinese shopping festivals and holidays by date; those of the lunar calendar move from year to year."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from borax.calendars.lunardate import LunarDate

FIRST_YEAR, LAST_YEAR = 1901, 2099  # what the lunar table of borax covers with room at both ends


@dataclass(frozen=True, slots=True)
class Festival:
    """One festival of one year.

    Attributes
    ----------
    day : the day it is named after
    start, end : the days on which it is usually felt in sales, both included
    is_major : drawn on charts
    """

    name: str
    day: date
    start: date
    end: date
    is_major: bool


@dataclass(frozen=True, slots=True)
class _Rule:
    """When a festival is each year, and how many days before and after it count."""

    name: str
    month: int
    day: int
    before: int = 0
    after: int = 0
    is_lunar: bool = False
    is_major: bool = False


# Days of statutory holidays: 全国年节及纪念日放假办法 (2024 revision). Campaign days are those the big
# platforms announce; the lead of 618 and 双11 is the span of their usual sale, which varies by year.
_RULES = (
    _Rule("元旦", 1, 1, before=1, after=1),
    _Rule("春节", 1, 1, before=1, after=6, is_lunar=True, is_major=True),
    _Rule("情人节", 2, 14, before=3),
    _Rule("38 节", 3, 8, before=3, is_major=True),
    _Rule("五一", 5, 1, after=4),
    _Rule("520", 5, 20, before=3),
    _Rule("端午", 5, 5, after=2, is_lunar=True),
    _Rule("618", 6, 18, before=17, after=2, is_major=True),
    _Rule("七夕", 7, 7, before=3, is_lunar=True),
    _Rule("中秋", 8, 15, before=7, is_lunar=True),
    _Rule("国庆", 10, 1, after=6, is_major=True),
    _Rule("双11", 11, 11, before=10, is_major=True),
    _Rule("双12", 12, 12, before=2, is_major=True),
)


def spring_festival(year: int) -> date | None:
    """The first day of the lunar year that begins in ``year``; None outside 1901-2099.

    >>> spring_festival(2024), spring_festival(2025)
    (datetime.date(2024, 2, 10), datetime.date(2025, 1, 29))
    """
    return _solar(year, 1, 1) if FIRST_YEAR <= year <= LAST_YEAR else None


def festivals(first: date, last: date) -> tuple[Festival, ...]:
    """The festivals whose day lies between two days, both included, in order.

    Outside 1901-2099 the lunar calendar is not known; those years have none.
    """
    years = range(max(first.year, FIRST_YEAR), min(last.year, LAST_YEAR) + 1)
    found = (_of(rule, year) for year in years for rule in _RULES)
    return tuple(sorted((f for f in found if first <= f.day <= last), key=lambda f: f.day))


def named(found: Iterable[Festival]) -> str:
    """The names in order, each once.

    >>> named(festivals(date(2025, 6, 1), date(2025, 6, 30)))
    '618'
    """
    return "、".join(dict.fromkeys(f.name for f in found))


def _of(rule: _Rule, year: int) -> Festival:
    day = _solar(year, rule.month, rule.day) if rule.is_lunar else date(year, rule.month, rule.day)
    start, end = day - timedelta(rule.before), day + timedelta(rule.after)
    return Festival(rule.name, day, start, end, rule.is_major)


def _solar(year: int, month: int, day: int) -> date:
    found: date = LunarDate(year, month, day).to_solar_date()
    return found
