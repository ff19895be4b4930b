"""Which events of a log are the stages of shopping, from being shown a product to paying for it."""

from __future__ import annotations

import re

import polars as pl

_STAGES = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"曝光|展示|impression|exposure",
        r"^pv$|浏览|访问|查看|详情|view|browse|visit",
        r"加购|购物车|cart",
        r"下单|提交订单|结算|创建订单|checkout|place.?order|^order",
        r"支付|付款|购买|成交|^buy$|^pay|paid|purchase|transaction",
    )
)
_NOT_A_STEP = re.compile(r"删|移除|移出|取消|退|失败|放弃|remove|delete|cancel|refund|fail|abandon", re.IGNORECASE)  # fmt: skip
_MOST = 5


def proposed(counts: pl.DataFrame) -> tuple[list[str], bool]:
    """The steps to start from, and whether their names tell their order.

    Parameters
    ----------
    counts : event, n_customers; most customers first

    Returns
    -------
    Of every stage that the log knows its event with most customers, in the order of the stages; where
    fewer than two are known, the events most customers have, most first. 收藏, 关注 and 点击 are
    ways beside the steps, not steps.
    """
    events = counts["event"].to_list()
    steps = [e for e in events if not _NOT_A_STEP.search(e)]
    found = [next((e for e in steps if stage.search(e)), None) for stage in _STAGES]
    told = list(dict.fromkeys(e for e in found if e is not None))
    return (told, True) if len(told) >= 2 else (steps[:_MOST], False)
