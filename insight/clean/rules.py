"""The rules that turn raw order rows into paid order lines, as data: what each does, and whether it applies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from insight.errors import BadParameter, UnknownName


@dataclass(frozen=True, slots=True)
class Rule:
    """One step from raw rows to order lines.

    Attributes
    ----------
    key : by which the recipe and the command line call it
    label : what it does, in the words of the screen
    help : which lines it meets and why, in one or two sentences
    applies : unless the user decides otherwise; None = as the contents tell
    fixed : whether no analysis could work without it, so that it cannot be switched off
    """

    key: str
    label: str
    help: str
    applies: bool | None = True
    fixed: bool = False


RULES = (
    Rule("header", "剔除重复的表头行", "几份导出拼接时，表头会夹在数据中间。", fixed=True),
    Rule("total", "剔除合计行", "首列写着合计、总计、小计，又没有时间或订单号的行。"),
    Rule("duplicate", "重复导出的行只计一次", "每一格都与前面某一行相同。默认按内容判断：一单一行或有子订单号时，是同一行导出了两次，只计一次；一单多行的保留，因为一单可以买两件相同的商品。", applies=None),
    Rule("order_money", "整单金额只计一次", "同一订单每行重复写着整单金额时，按各行的单价×数量分摊，每单合计不变。默认按内容判断。", applies=None),
    Rule("currency", "剔除其他币种的行", "币种列或金额里的货币符号与多数行不同：不同币种的金额不能相加。已换算成同一币种时请关闭。"),
    Rule("test", "剔除测试订单", "商品、备注、标签或收货人写明是测试的订单。"),
    Rule("cancelled", "剔除已取消或关闭的订单", "状态是交易关闭、已取消、作废、cancelled 等；部分取消的保留。"),
    Rule("unpaid", "剔除未付款的订单", "状态是等待买家付款、待付款等；没有状态列时，看付款时间是否为空。"),
    Rule("refunded", "剔除已全额退款的订单", "没有退款金额列时，凭状态或售后状态“退款成功”判断。"),
    Rule("no_time", "剔除没有下单时间的行", "时间为空、写法无法识别，或日历上没有这一天。", fixed=True),
    Rule("no_amount", "剔除没有金额的行", "金额为空、无法识别，或超过 100 亿（多半是列对应错了）。", fixed=True),
    Rule("zero", "剔除零金额行", "赠品、未付款等金额为 0 的行。默认保留，不影响金额，也不算一次购买。", applies=False),
    Rule("surcharge", "剔除补差价、补邮费的行", "商品是补差价、补运费的专用链接。默认保留，因为钱是真的。", applies=False),
    Rule("net", "扣除退款（按净额）", "净额 = 实付 − 退款，退货行按负数计。关闭后按毛额：不扣退款，退货行不计入。"),
)  # fmt: skip


def decided(rules: Mapping[str, bool]) -> dict[str, bool | None]:
    """Rule -> whether it applies (None: as the contents tell), in the order they are applied.

    Raises
    ------
    UnknownName : there is no such rule.
    BadParameter : a rule that no analysis can do without is switched off.
    """
    known = {rule.key: rule for rule in RULES}
    for key, applies in rules.items():
        if key not in known:
            raise UnknownName("清洗规则", key, tuple(known))
        if known[key].fixed and not applies:
            raise BadParameter(f"{known[key].label}（{key}）", "这条规则不能关闭")
    return {key: rules.get(key, rule.applies) for key, rule in known.items()}
