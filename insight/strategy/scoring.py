"""How much an action is worth doing first: impact and confidence out of the facts, effort out of the rule book."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from insight.settings import settings

IMPACT_STEPS = (
    0.002,
    0.005,
    0.01,
    0.02,
)  # of all expected spend: from which gain on it is 2, 3, 4, 5
FIRM_BASE = 100
LEVEL, SURE = 0.05, 0.01
RULE = (
    "影响 1–5 分：预期增加金额（中）占全部客户预计消费的 0.2%、0.5%、1%、2% 起各加一分；"
    f"置信度由数据算出、不能填写，是几项的平均：人数（不少于 {FIRM_BASE} 为 1，不少于 30 为 0.5，否则 0）、"
    f"与其他客户之差（校正后 p≤{SURE} 为 1，≤{LEVEL} 为 0.5，否则 0；分组本身由购买次数划出的不检验，不计这一项）、"
    "来源（只有订单三分之一，每多一种来源加三分之一，至多 1）；人数不足 30 的至多三分之一；"
    "投入 1 几天、2 几周、3 几个月，由规则库给出；优先级 = 影响 × 置信度 ×（4 − 投入），满分 15。"
)


def impact(gain: float, *, of: float) -> int:
    """1 to 5: what an action may add [CNY] as a share of all that is expected [CNY]."""
    return 1 + bisect_right(IMPACT_STEPS, gain / of) if of > 0 else 1


def confidence(facts: Mapping[str, Any]) -> float:
    """0 to 1, out of the number of people, the test against the others and the number of sources.

    Parameters
    ----------
    facts : n_customers, and where known n_asked, p_adjusted, n_sources of a group
    """
    n, small, p_value = facts["n_customers"], settings().small_base, facts.get("p_adjusted")
    parts = [((n >= small) + (n >= FIRM_BASE)) / 2, min(3, facts.get("n_sources") or 1) / 3]
    if p_value is not None:
        parts.append(((p_value <= LEVEL) + (p_value <= SURE)) / 2)
    share = float(sum(parts) / len(parts))
    return share if n >= small else min(share, 1 / 3)


def priority(impact: int, *, confidence: float, effort: int) -> float:
    """0 to 15: impact x confidence x ease, where ease is 4 minus effort."""
    return impact * confidence * (4 - effort)
