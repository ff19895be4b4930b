"""The ways to state a need, and one need as it is said."""

from __future__ import annotations

from dataclasses import dataclass

WISH, ADVICE, IF_ONLY, TOO, NOT_ENOUGH, NOT_FOUND, FEAR, LACK = PATTERNS = (
    "希望", "建议", "要是…就好了", "太…", "不够", "找不到", "担心", "缺少",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Statement:
    """One need as it is said.

    Attributes
    ----------
    pattern : one of PATTERNS
    object : the noun it is about; statements are grouped by it
    """

    pattern: str
    verb: str
    object: str
    statement: str
