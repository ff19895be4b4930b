"""What can be wrong with a rule book, a campaign or a promise."""

from __future__ import annotations

from insight.errors.mistake import InsightError


class BadPlaybook(InsightError):
    """A rule book can not be used as it is written.

    Attributes
    ----------
    line : line of the text, counted from 1; 0 = not known
    """

    def __init__(self, reason: str, hint: str = "", line: int = 0) -> None:
        self.reason, self.line = reason, line
        place = f"第 {line} 行附近：" if line else ""
        super().__init__(f"规则库不能用：{place}{reason}。", hint)


class BadCampaign(InsightError):
    """A campaign can not be started, or not be read out."""

    def __init__(self, reason: str, hint: str = "", *, terminal: str = "") -> None:
        self.reason = reason
        super().__init__(f"{reason}。", hint, terminal=terminal)


class NotBegun(InsightError):
    """There is nothing to look back on yet; no mistake, but the first step is still to be done."""

    def __init__(self, what: str, first_step: str) -> None:
        self.what = what
        super().__init__(f"{what}。", first_step)


class NobodyListed(InsightError):
    """The contact rules leave nobody of the people whom an action is for."""

    def __init__(self, target: str, n: int) -> None:
        self.target, self.n = target, n
        super().__init__(
            f"“{target}”的 {n:,} 位客户都被触达规则排除了，没有名单。",
            "请放宽触达规则，或换一个对象。",
        )
