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
    {"share", "rate", "coverage", "support", "confidence", "top2", "bottom2", "survival"}
)
_SHARE_ENDS = ("_rate", "_share", "_percent", "_coverage")
_SHARE_STARTS = ("share_", "change_on_", "p_alive")
_MONEY = ("spend", "revenue", "amount", "average_order_value", "profit", "cost", "discount", "clv")
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
    "segments": "各层汇总", "customers": "客户明细", "profile": "各层画像", "overview": "总计",
    "summary": "一览", "table": "交叉表", "columns": "各列基数", "rest": "与其余人群比较", "matrix": "矩阵",
    "needs": "需求排序", "topics": "主题", "quotes": "原话", "words": "词频", "keyness": "特征词", "texts": "每段话的主题",
    "coverage": "覆盖", "bias": "匹配与未匹配的差别", "checks": "各项检查", "cases": "可疑的答卷", "sides": "匹配情况", "quality": "主题质量", "candidates": "组数的选择", "issues": "清洗问题", "steps": "清洗步骤", "files": "各个文件", "amount": "金额", "n_lines": "行数",
    "monthly": "每月", "weekly": "每周", "daily": "每天", "spring": "1、2 月合计（春节）", "hours": "星期 × 小时", "weekdays": "星期几", "yearly": "各月指数", "components": "趋势与季节", "cycles": "周期", "festivals": "节日", "categories": "各品类", "curves": "逐日曲线", "parts": "各部分", "periods": "两段时期", "forecast": "预测", "scores": "各方法的回测", "backtest": "回测明细", "looks": "全部指标",
    "stages": "各阶段", "previews": "不同界线", "paces": "各品类的周期", "cohorts": "各批留存", "average": "各批平均", "recommended": "流失天数", "limits": "不同天数", "rates": "四种定义", "risk": "风险表", "test": "整体检验", "hazards": "风险比",
    "model": "模型参数", "check": "预测检验", "tracking": "累计复购：实际与模型", "expectation": "各组的复购：实际与模型", "tiers": "价值分组", "totals": "总计", "value": "各组的价值", "arms": "触达与对照", "reach": "先联系多少人",
    "people": "名单", "lines": "订单明细", "said": "他们的原话",
    "groups": "各组概况", "curve": "划线位置与占比", "definitions": "不同定义的比较", "numbers": "数值的差异", "shares": "构成的差异", "rest_numbers": "各组与其余客户（数值）", "rest_shares": "各组与其余客户（构成）",
    "profiles": "各群画像", "traits": "各群特征", "deciles": "十分组", "classes": "ABC 分类", "trend": "各期变化", "lorenz": "洛伦兹曲线", "kept": "各组留存", "directions": "去向汇总", "fallen": "掉下来的客户", "cross": "交叉表", "pairs": "各对变量的关联", "flows": "去向图", "share": "占比", "spend_per_customer": "人均消费",
    "rules": "关联规则",
    "bands": "各价格带", "segment_bands": "各层的价格带", "ladder": "品类阶梯", "moves": "升降汇总", "paths": "首次到最近",
    "mix": "各渠道", "buyers": "用几个渠道", "crossing": "跨渠道购买", "online_offline": "线上与线下",
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
