"""What a value rests on, in a Chinese phrase."""

from __future__ import annotations

from insight.lifetime.definition import VARIANT_LABELS, Definition
from insight.lifetime.valuing import Margin, Valued
from insight.wording import percent


def basis(known: Valued, definition: Definition) -> str:
    """How the value was made: "按模型预测的收入计算"."""
    source = (
        f" {VARIANT_LABELS[definition.model]} 与 Gamma–Gamma 模型预测"
        if known.check.is_better
        else f"最近 {definition.months} 个月的实际消费"
    )
    return f"按{source}，{margin_words(known.margin)}"


def margin_words(margin: Margin) -> str:
    """What a yuan of sales was multiplied with."""
    match margin.source:
        case "given":
            return f"毛利率取 {percent(margin.rate)}"
        case "data":
            return f"毛利率 {percent(margin.rate)} 由订单的利润或成本列算出（覆盖 {percent(margin.covered)} 的金额）"
    return "没有利润数据，按收入计算，未扣成本"
