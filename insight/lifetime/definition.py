"""What the future value of a customer is in an analysis: its model, its horizon, its money."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from insight import ledger
from insight.errors import BadParameter, TooFewRows
from insight.ledger.histories import Counting
from insight.parameters import picked
from insight.stats.bgnbd import Variant

DAYS_OF_MONTH = 365.25 / 12
UNITS: Mapping[str, float] = MappingProxyType({"day": 1.0, "week": 7.0, "month": DAYS_OF_MONTH})
UNIT_LABELS = {"day": "天", "week": "周", "month": "月"}
VARIANT_LABELS = {"bg": "BG/NBD", "mbg": "MBG/NBD"}
_EPOCH = date(1970, 1, 1)


class Definition(BaseModel):
    """Parameters that every analysis of future value shares."""

    model_config = ConfigDict(frozen=True)

    months: int = Field(default=12, ge=1, le=60, title="预测多少个月")
    discount: float = Field(
        default=10.0, ge=0, le=100, title="年折现率（%）", description="按月折现，0 表示不折现"
    )
    margin: float = Field(
        default=0.0,
        ge=0,
        le=100,
        title="毛利率（%）",
        description="0 表示由数据决定：订单有利润列或成本列时用实际毛利率，否则按收入计算",
    )
    as_of: str = Field(
        default="", title="统计日", description="如 2025-12-31，留空表示最后一单的日期；之后的订单不用"
    )  # fmt: skip
    time_unit: Literal["day", "week", "month"] = picked(
        "week",
        UNIT_LABELS,
        title="时间单位",
        description="只影响模型参数 alpha 和表中的时间，不影响预测",
    )
    model: Variant = picked(
        "bg",
        VARIANT_LABELS,
        title="购买模型",
        description="MBG/NBD 允许客户买一次就离开，只买过一次的客户多时更合适",
    )
    counting: Counting = picked(
        "all",
        {"all": "算一次购买", "paid": "不算"},
        title="零金额订单",
        description="全额优惠或兑换的订单算不算一次购买；纯退货从来不算",
    )
    calibration: int = Field(
        default=67,
        ge=30,
        le=90,
        title="检验用的前段（%）",
        description="用这一段时间拟合，其余时间检验预测",
    )
    penalty: float = Field(
        default=0.0,
        ge=0,
        le=1000,
        title="先验强度",
        description="0 为最大似然；大于 0 时向平均水平收缩，用于客户很少、参数不稳时",
    )

    @property
    def unit(self) -> float:
        """Days of one time unit."""
        return UNITS[self.time_unit]

    @property
    def monthly_discount(self) -> float:
        """What a yuan loses in a month [share]."""
        return float((1 + self.discount / 100) ** (1 / 12) - 1)

    @property
    def horizon(self) -> str:
        """The time that is predicted, as a Chinese phrase."""
        return f"未来 {self.months} 个月"


def last_day(orders: ledger.Orders, definition: Definition) -> int:
    """The last day that counts [days since 1970].

    Raises
    ------
    BadParameter : the snapshot is no date.
    TooFewRows : nothing was paid.
    """
    if not definition.as_of:
        first, last = ledger.span(orders)
        if (first, last) == (0, 0):
            raise TooFewRows("已付款的订单", 0, 1)
        return last // ledger.DAY
    try:
        return (date.fromisoformat(definition.as_of) - _EPOCH).days
    except ValueError as error:
        raise BadParameter("统计日（as_of）", "应为 2025-12-31 这样的日期") from error
