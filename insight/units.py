"""What a result column measures, told from its name, and how one of its values is written."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from enum import StrEnum

from insight.currency import used, with_unit
from insight.schema import LABELS, OWN_TABLE_LABELS, TABLE_LABELS, TABLES
from insight.wording import NOTHING, count, day, decimal, money, percent, points


class Unit(StrEnum):
    """The unit of a column's values; decides how they are written and drawn."""

    SHARE = "share"  # 0 to 1, written as a percentage
    POINTS = "points"  # difference of two shares, -1 to 1, written in percentage points
    MONEY = "money"  # in the currency of the study
    COUNT = "count"
    DAYS = "days"
    NUMBER = "number"  # two decimals
    P_VALUE = "p_value"
    TIME = "time"  # seconds since 1970-01-01 00:00 of the shop's local clock
    TEXT = "text"


_NAMED = {
    "占比": Unit.SHARE,
    "天": Unit.DAYS,
    "百分点": Unit.POINTS,
    "人": Unit.COUNT,
    "p 值": Unit.P_VALUE,
}  # as tables write a unit beside a value

_SHARES = frozenset(
    {
        "share",
        "probability",
        "certainty",
        "next_probability",
        "rate",
        "coverage",
        "support",
        "confidence",
        "top2",
        "bottom2",
        "survival",
        "lmg",
        "johnson",
        "precision",
        "precision_low",
        "precision_high",
        "recall",
        "recall_low",
        "recall_high",
        "hit_rate_5",
        "popularity_hit_rate_5",
    }
)
_SHARE_ENDS = ("_rate", "_share", "_percent", "_coverage")
_SHARE_STARTS = ("share_", "change_on_", "p_alive")
_MONEY = (
    "spend",
    "revenue",
    "ras_",
    "amount",
    "average_order_value",
    "profit",
    "cost",
    "discount",
    "clv",
)
_COUNTS = frozenset(
    {
        "n",
        "base",
        "r",
        "f",
        "m",
        "o",
        "a",
        "i",
        "q",
        "rank",
        "line",
        "document_frequency",
        "quantity",
        "tgi",
        "effective_base",
    }
)
_INTERVAL = frozenset({"ci_low", "ci_high"})
VARIED = frozenset({"value", "rest_value"})  # of a table with "unit": each row names its own


def unit_of(column: str, *, beside: Collection[str] = ()) -> Unit:
    """The unit of the column called ``column``.

    Parameters
    ----------
    column : English identifier of a result column
    beside : the other columns of its table, or its row: bounds of an interval have the unit of what
        they bound, and ``value`` that which the row names in ``unit``

    >>> unit_of("share_of_spend"), unit_of("spend_per_customer"), unit_of("ci_low", beside={"mean"})
    (<Unit.SHARE: 'share'>, <Unit.MONEY: 'money'>, <Unit.NUMBER: 'number'>)
    """
    if column in VARIED and isinstance(beside, Mapping):
        named = beside.get("unit")
        return Unit.MONEY if named == used().name else _NAMED.get(str(named), Unit.NUMBER)
    if column in _INTERVAL:
        return Unit.SHARE if any(_is_share(name) for name in beside) else Unit.NUMBER
    rules = (
        (column.endswith("_difference"), Unit.POINTS),
        (_is_share(column), Unit.SHARE),
        (
            column.startswith(_MONEY) or column.endswith(("_spend", "_revenue", "_amount")),
            Unit.MONEY,
        ),
        (column in _COUNTS or column.startswith("n_"), Unit.COUNT),
        (column in {"p", "p_value", "p_adjusted", "rest_p_adjusted", "q_value"}, Unit.P_VALUE),
        (column.endswith("_at"), Unit.TIME),
        ("days" in column.split("_"), Unit.DAYS),
    )
    return next((unit for applies, unit in rules if applies), Unit.NUMBER)


def written(value: object, unit: Unit) -> str:
    """Write one value of a column for a table, a label or a tooltip.

    >>> written(0.294, Unit.SHARE), written(1234, Unit.MONEY), written(None, Unit.COUNT)
    ('29.4%', '¥1,234', '—')
    """
    match value:
        case None:
            return NOTHING
        case bool():
            return "是" if value else "否"
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M")
        case date():
            return value.isoformat()
        case int() | float():
            return _number(value, unit)
        case list() | tuple():
            return "、".join(written(one, unit) for one in value)
    return str(value)


def in_words(value: object, *, column: str, beside: Collection[str] = ()) -> str:
    """Write a value of a result column as tables, labels and tooltips of the report show it.

    Differences of shares are written in points (the heading says so), months without a day, our own
    tables by their Chinese name.

    >>> in_words(0.218, column="share_difference"), in_words(date(2026, 3, 1), column="month")
    ('21.8', '2026-03')
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        told = written(value, unit_of(column, beside=beside))
        return told.removesuffix(" 个百分点")
    if column == "month" and isinstance(value, date):
        return value.strftime("%Y-%m")
    if column == "table" and value in TABLES:
        return TABLES[str(value)].label
    return written(value, Unit.TEXT)


def label_of(column: str) -> str:
    """The Chinese label of a result column; columns that carry a user's word keep it."""
    return with_unit(LABELS[column]) if column in LABELS else column


def table_label(name: str, *, of: str = "") -> str:
    """The Chinese name of a result table, of the analysis with the key ``of``; one that carries a question's id keeps it."""
    return OWN_TABLE_LABELS.get(of, {}).get(name) or TABLE_LABELS.get(name, name)


def title_of(column: str) -> str:
    """The heading of a column whose values are written with their unit: no second （元）.

    >>> title_of("spend_per_customer"), title_of("n")
    ('人均消费', '人数')
    """
    return LABELS.get(column, column).removesuffix("（元）")


def _number(value: float, unit: Unit) -> str:
    """Write a number; whole numbers of no particular unit carry no decimals."""
    match unit:
        case Unit.SHARE:
            return percent(value)
        case Unit.POINTS:
            return points(value)
        case Unit.MONEY:
            return money(value)
        case Unit.TIME:
            return day(value)
        case Unit.DAYS:
            return decimal(value, digits=0 if value == round(value) else 1)
        case Unit.P_VALUE:
            return "<0.001" if value < 0.001 else decimal(value, digits=3)
    if unit is Unit.COUNT or isinstance(value, int):
        return count(value)
    return decimal(value, digits=2)


def _is_share(column: str) -> bool:
    return column in _SHARES or column.startswith(_SHARE_STARTS) or column.endswith(_SHARE_ENDS)
