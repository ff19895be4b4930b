"""What a result column measures, told from its name, and how one of its values is written."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum

from insight.schema import LABELS, TABLES
from insight.wording import NOTHING, count, day, decimal, money, percent, points


class Unit(StrEnum):
    """The unit of a column's values; decides how they are written and drawn."""

    SHARE = "share"  # 0 to 1, written as a percentage
    POINTS = "points"  # difference of two shares, -1 to 1, written in percentage points
    MONEY = "money"  # CNY
    COUNT = "count"
    DAYS = "days"
    NUMBER = "number"  # two decimals
    P_VALUE = "p_value"
    TIME = "time"  # seconds since 1970-01-01 00:00 of the shop's local clock
    TEXT = "text"


_SHARES = frozenset(
    {"share", "rate", "coverage", "support", "confidence", "top2", "bottom2", "gini"}
)
_SHARE_ENDS = ("_rate", "_share", "_percent", "_coverage")
_SHARE_STARTS = ("share_", "change_on_")
_MONEY = ("spend", "revenue", "amount", "average_order_value", "profit", "cost", "discount")
_COUNTS = frozenset(
    {
        "n",
        "base",
        "r",
        "f",
        "m",
        "rank",
        "line",
        "document_frequency",
        "quantity",
        "tgi",
        "effective_base",
    }
)
_TABLE_LABELS = {
    "segments": "各层汇总", "customers": "客户明细", "profile": "各层画像", "months": "每月明细", "overview": "总计",
    "summary": "各题一览", "table": "交叉表", "columns": "各列基数", "rest": "与其余人群比较", "matrix": "需求矩阵",
    "needs": "需求排序", "topics": "主题", "quotes": "原话", "words": "词频", "keyness": "特征词", "texts": "每段话的主题",
    "coverage": "覆盖", "bias": "匹配与未匹配的差别", "checks": "各项检查", "cases": "可疑的答卷", "sides": "匹配情况", "quality": "主题质量", "candidates": "主题数的选择", "issues": "清洗问题", "steps": "清洗步骤", "files": "各个文件", "amount": "金额", "n_lines": "行数",
    "people": "名单", "lines": "订单明细", "said": "他们的原话",
    "groups": "各组概况", "curve": "划线位置与占比", "definitions": "不同定义的比较", "numbers": "数值的差异", "shares": "构成的差异", "rest_numbers": "各组与其余客户（数值）", "rest_shares": "各组与其余客户（构成）",
}  # fmt: skip
_INTERVAL = frozenset({"ci_low", "ci_high"})


def unit_of(column: str, *, beside: Collection[str] = ()) -> Unit:
    """The unit of the column called ``column``.

    Parameters
    ----------
    column : English identifier of a result column
    beside : the other columns of its table: bounds of an interval have the unit of what they bound

    >>> unit_of("share_of_spend"), unit_of("spend_per_customer"), unit_of("ci_low", beside={"mean"})
    (<Unit.SHARE: 'share'>, <Unit.MONEY: 'money'>, <Unit.NUMBER: 'number'>)
    """
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
        (column in {"p", "p_value", "p_adjusted", "q_value"}, Unit.P_VALUE),
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
    return LABELS.get(column, column)


def table_label(name: str) -> str:
    """The Chinese name of a result table; one that carries a question's id keeps it."""
    return _TABLE_LABELS.get(name, name)


def title_of(column: str) -> str:
    """The heading of a column whose values are written with their unit: no second （元）.

    >>> title_of("spend_per_customer"), title_of("n")
    ('人均消费', '人数')
    """
    return label_of(column).removesuffix("（元）")


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
