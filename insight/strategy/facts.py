"""The facts that rules may ask about: their names, what they are called, and how their bounds are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from insight.units import Unit, in_words, unit_of

EVERYBODY = "全部"
DIMENSIONS: Mapping[str, str] = MappingProxyType({
    "segment": "客户分层", "stage": "生命周期阶段", "need": "需求", "channel": "主要渠道", "region": "主要地区",
    "age": "年龄",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fact:
    """One number that is known of a group of customers.

    Attributes
    ----------
    name : column of the table of groups
    label : its Chinese name in a rule and in a reason
    meaning : how it is made, one phrase
    """

    name: str
    label: str
    meaning: str

    @property
    def unit(self) -> Unit:
        """How its values are written."""
        return unit_of(self.name)


_LISTED = (
    Fact("n_customers", "客户数", "该组的客户人数"),
    Fact("share_of_customers", "客户占比", "占全部客户"),
    Fact("spend", "消费金额", "全部数据里的净额"),
    Fact("share_of_spend", "金额占比", "占全部客户的净额"),
    Fact("spend_per_customer", "人均消费", "净额 ÷ 人数"),
    Fact("times_average", "人均消费指数", "该组人均消费 ÷ 全部客户人均消费"),
    Fact("average_order_value", "客单价", "净额 ÷ 付款订单数"),
    Fact("orders_per_customer", "人均订单数", "付款订单数 ÷ 人数"),
    Fact("repurchase_rate", "复购率", "买过至少两次的客户占比"),
    Fact("rest_repurchase_rate", "其余客户的复购率", "不在该组的客户里买过至少两次的占比"),
    Fact("repurchase_difference", "复购率之差", "该组减其余客户"),
    Fact("median_days_since_last", "最近一单距今", "中位数，天"),
    Fact("slipping_share", "衰退与流失占比", "处在衰退、流失阶段的客户占比"),
    Fact("new_share", "新客占比", "只买过一次、还没到衰退的客户占比"),
    Fact("refund_rate", "退款率", "退款金额 ÷ 退款前金额"),
    Fact("expected_spend", "预计消费", "未来 12 个月的预计净额，见口径"),
    Fact("share_of_expected", "预计消费占比", "占全部客户的预计净额"),
    Fact("n_asked", "表达过的客户数", "答过需求题或说过话的客户"),
    Fact("spoke_share", "表达过的占比", "答过需求题或说过话的客户 ÷ 该组客户"),
    Fact("n_raised", "提到人数", "提到该需求的客户"),
    Fact("mention_share", "提及率", "提到该需求的客户 ÷ 表达过的客户"),
    Fact("rest_mention_share", "其余人的提及率", "不在该组的客户的提及率"),
    Fact("mention_difference", "提及率之差", "该组减其余人"),
    Fact("raised_spend", "提及者消费", "提到该需求的客户的净额"),
    Fact("n_sources", "来源数", "订单、问卷、原话里支持它的有几种"),
    Fact("p_adjusted", "校正后p值", "与其余客户之差的检验，同一维度内 Benjamini–Hochberg 校正"),
)  # fmt: skip
FACTS: Mapping[str, Fact] = MappingProxyType({one.name: one for one in _LISTED})
_BY_LABEL: Mapping[str, str] = MappingProxyType(
    {one.label: one.name for one in _LISTED} | {label: name for name, label in DIMENSIONS.items()}
)


def name_of(word: str) -> str | None:
    """The fact or dimension that a word of a rule means, by its English or Chinese name; None: there is none."""
    return word if word in FACTS or word in DIMENSIONS else _BY_LABEL.get(word)


def label_of(name: str) -> str:
    """The Chinese name of a fact or a dimension."""
    return FACTS[name].label if name in FACTS else DIMENSIONS[name]


def told(name: str, value: object) -> str:
    """A fact with its value: "金额占比 41.2%"; a difference of shares is in points."""
    unit = FACTS[name].unit
    more = {Unit.POINTS: " 个百分点", Unit.DAYS: " 天"}.get(unit, "")
    return f"{label_of(name)} {in_words(value, column=name)}{more}"
