"""What the values of a raw column look like: enough of them to confirm or refuse a role."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import polars as pl

from insight.clean.headers import fold
from insight.clean.times import times
from insight.clean.values import durations, numbers, plain, quantities, trimmed
from insight.schema import Column, Kind
from insight.threads import at_once

_SAMPLE = 400
_MANY = 20_000  # distinct values from which on only some are sorted
_MANY_ROWS = 100_000  # of a table from which on only some are looked at
_SOME_ROWS = 20_000  # that are looked at then
MOBILE = r"^['=\"+]*(0086|86|\+86)?[\s-]*1[\d*][\d*\s-]{9,12}(\.0+)?([_转-]\d+)?\"?$|^1\.\d+E\+?10$"
EMAIL = r"^\S*@\S+\.\S+$|^\*+@\*+$"
_CITIZEN = r"^\d{17}[\dXx]$"
_ADDRESS = r"(路|街|巷|弄|道|村|镇|小区|花园|苑|城|大厦|广场|公寓).{0,12}\d+\s*(号|弄|栋|幢|座|单元|室|楼|层)"
_YES_NO = r"(?i)^(是|否|有|无|yes|no|y|n|true|false|男|女)$"
_QUANTITY = re.compile(
    r"多少|金额|消费|元|收入|花费|价格|数量|人数|how much|how many|amount|income|price|spend|sales|revenue",
    re.IGNORECASE,
)
_FRACTION = r"^\d+\.\d*[1-9]\d*$"


@dataclass(frozen=True, slots=True)
class Profile:
    """Rows, non-empty cells and distinct values of a column, and up to 400 of the latter, sorted.

    ``of`` is the number of rows of the whole table where only some of them were looked at.
    """

    rows: int
    filled: int
    distinct: int
    sample: pl.Series
    of: int = 0


def profile(values: pl.Series) -> Profile:
    """Look at a column (n text values); the same whatever the order of its rows."""
    written = values.drop_nulls().unique()
    known = trimmed(written)
    known = written if known.equals(written) else known.drop_nulls().unique()
    some = known if len(known) <= _MANY else known.filter(known.hash() % (len(known) // _MANY) == 0)
    some = some.sort()
    sample = some.gather_every(max(1, -(-len(some) // _SAMPLE)))
    return Profile(len(values), len(values) - values.null_count(), len(known), sample)


def profiles(frame: pl.DataFrame) -> dict[str, Profile]:
    """Look at every raw column; of very long tables at some 20,000 rows, the same whatever their order.

    A column with hardly a value in those rows is looked at as a whole; of one whose values there are
    nearly all different, those of the whole are counted.
    """
    names = [c for c in frame.columns if c != "__line__"]
    if frame.height < _MANY_ROWS:
        return dict(zip(names, at_once(lambda c: profile(frame[c]), names), strict=True))
    step = frame.height // _SOME_ROWS
    some = frame.filter(frame.select(names).hash_rows() % step == 0)
    return dict(zip(names, at_once(lambda c: _of_some(some[c], frame[c]), names), strict=True))


def _of_some(some: pl.Series, values: pl.Series) -> Profile:
    filled = len(values) - values.null_count()
    if len(some) - some.null_count() < min(_SAMPLE, filled):
        return profile(values)
    seen = profile(some)
    if seen.distinct < 0.9 * seen.filled:
        return replace(seen, of=len(values))
    return Profile(len(values), filled, values.drop_nulls().hash().n_unique(), seen.sample)


def share(sample: pl.Series, pattern: str) -> float:
    """Share of the sampled values that match ``pattern``, 0 where there are none."""
    hits = int(plain(sample).str.contains(pattern).sum())
    return hits / len(sample) if len(sample) else 0.0


def looks_personal(seen: Profile) -> str:
    """What kind of personal data most values are ("手机号", "邮箱", "证件号", "详细地址"), or ""."""
    patterns = {"手机号": MOBILE, "邮箱": EMAIL, "证件号": _CITIZEN, "详细地址": _ADDRESS}
    return next((k for k, p in patterns.items() if share(seen.sample, p) >= 0.5), "")


def is_running_number(seen: Profile, *, least: int = 11) -> bool:
    """Whether each of ``least`` rows or more has its own number up to their number, as lines of a list have."""
    if seen.rows < least or seen.distinct != seen.rows or share(seen.sample, r"^\d+$") < 1:
        return False
    return bool((numbers(seen.sample) <= max(seen.rows, seen.of)).all())


def few_answers(seen: Profile) -> bool:
    """Whether few answers are given again and again, as questions with options have them."""
    return 2 <= seen.distinct <= 12 and seen.filled >= 3 * seen.distinct


def is_like_id(values: pl.Series, *, header: str) -> bool:
    """Whether non-null answers are identifiers: 6 to 20 digits, over 90 % of them different.

    A header that asks for a quantity makes them numbers; fewer than five tell nothing.
    """
    if len(values) < 5 or _QUANTITY.search(header) is not None:
        return False
    digits = plain(values).str.contains(r"^\d{6,20}$").fill_null(value=False)
    return bool(digits.all()) and values.n_unique() > 0.9 * len(values)


def number_share(seen: Profile) -> float:
    """Share of the sampled values that are numbers."""
    return 1 - numbers(seen.sample).null_count() / len(seen.sample) if len(seen.sample) else 0.0


def time_share(seen: Profile) -> float:
    """Share of the sampled values that are points in time, be it clear which or not."""
    read = times(seen.sample)
    known = read.seconds.is_not_null() | read.unclear()
    return int(known.sum()) / len(known) if len(known) else 0.0


def fits(seen: Profile, column: Column, *, header: str, sure: bool = False) -> bool:
    """Whether the values of a column can play the role its header promises; empty columns cannot.

    Parameters
    ----------
    seen : values of the column
    column : the role
    header : raw header
    sure : whether the header can mean nothing else, so that the same value again and again is fine
    """
    if not len(seen.sample):
        return False
    if column.kind is Kind.TIME:
        return time_share(seen) >= 0.5
    if column.name == "duration_s":
        return durations(seen.sample).null_count() <= len(seen.sample) / 2
    if column.name == "quantity":
        return quantities(seen.sample).null_count() <= 0.4 * len(seen.sample)
    if column.kind is Kind.NUMBER:
        return number_share(seen) >= 0.6 or column.name == "refund"

    return _fits_by_name(seen, column.name, header=header, sure=sure)


def _fits_by_name(seen: Profile, role: str, *, header: str, sure: bool) -> bool:
    varied = sure or seen.distinct > 2 or seen.rows < 10
    if role == "phone":
        return share(seen.sample, MOBILE) >= 0.5
    if role == "email":
        return share(seen.sample, EMAIL) >= 0.5
    if role == "order_id" and fold(header) == "name":
        return share(seen.sample, r"^#\w*\d+") >= 0.9
    if role in {"customer_id", "nickname"}:
        return varied and share(seen.sample, _FRACTION) < 0.5 and not _only_yes_no(seen)
    if role == "respondent_id":
        return seen.distinct >= 0.9 * seen.filled
    if role == "text":
        return sure or (varied and number_share(seen) < 0.5)
    return role != "order_id" or (varied and not _only_yes_no(seen))


def _only_yes_no(seen: Profile) -> bool:
    return share(seen.sample, _YES_NO) == 1


def described(column: Column) -> str:
    """What ``fits`` has confirmed, in the words of the screen, or ""."""
    by_kind = {Kind.TIME: "内容是日期时间", Kind.NUMBER: "内容是数字"}
    by_name = {"phone": "内容像手机号", "email": "内容像邮箱"}
    return by_name.get(column.name) or by_kind.get(column.kind, "")
