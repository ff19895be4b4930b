"""What a sentence may claim: the rules every finding must keep before it stands in the main text."""

from __future__ import annotations

import re

from insight.analysis import Finding
from insight.settings import settings

_QUOTED = re.compile("“[^”]*”")
_CAUSAL = re.compile("导致|造成了|促使|使得|引起了|从而提[高升]|归因于|的原因是")
_NOTHING = re.compile("没有查到|没有哪个|未能检验|无显著|没有显著")
_HEDGED = re.compile("方向性|样本不足|小样本|可能")
_CALENDAR = "(?:[年月日天周点]|个月|小时)"  # a number before one of them is no count of people


def broken_rules(finding: Finding) -> tuple[str, ...]:
    """Why ``finding`` may not stand in the main text; empty where it may.

    Words inside “…” are the questionnaire's or the respondent's own and are not judged.
    """
    said = _QUOTED.sub("", finding.text)
    rules = (
        (not finding.evidence, "没有可核对的数字"),
        ("显著" in said and not finding.test, "说了“显著”，但没有检验"),
        ("显著" in said and is_small(finding), f"说了“显著”，但基数 {finding.base} 不足"),
        (bool(_CAUSAL.search(said)), "用了因果的说法，横截面数据只能说相关"),
    )
    return tuple(reason for broken, reason in rules if broken)


def is_small(finding: Finding) -> bool:
    """Whether fewer people stand behind the sentence than a firm statement needs."""
    return finding.base < settings().small_base


def finds_nothing(finding: Finding) -> bool:
    """Whether the sentence says that a difference was looked for and not found."""
    return bool(_NOTHING.search(_QUOTED.sub("", finding.text)))


def told(finding: Finding) -> str:
    """The sentence as it is shown, with the caution it needs before its full stop unless it names its base.

    Examples
    --------
    >>> told(Finding("平均每天 2 单。", 6, ()))
    '平均每天 2 单（基数 6，方向性）。'
    >>> told(Finding("6 位客户平均每天 2 单。", 6, ()))
    '6 位客户平均每天 2 单。'
    """
    hedge = "" if _names_base(finding) else caution(finding)
    return f"{finding.text.removesuffix('。')}{hedge}。" if hedge else finding.text


def caution(finding: Finding) -> str:
    """What to add to a sentence on a small base: the base, and the word of caution that it lacks.

    Examples
    --------
    >>> caution(Finding("“推荐的可能性”平均 8 分。", 6, ()))
    '（基数 6，方向性）'
    >>> caution(Finding("平均 8 分，可能只是偶然。", 6, ()))
    '（基数 6）'
    """
    is_hedged = _HEDGED.search(_QUOTED.sub("", finding.text))
    if not is_small(finding) or (is_hedged and _names_base(finding)):
        return ""
    return f"（基数 {finding.base}{'' if is_hedged else '，方向性'}）"


def _names_base(finding: Finding) -> bool:
    number = rf"(?<![\d.,¥$€£₩]){finding.base}(?![\d.,%]|\s*{_CALENDAR})"
    return bool(re.search(number, finding.text))
