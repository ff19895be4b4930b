"""Shares that a user types, on one line: Q2：男=48，女=52；Q3 × Q2：25-34 岁 × 男=20，…"""

from __future__ import annotations

import re
from collections.abc import Iterable

from insight.errors import BadParameter
from insight.schema import Target

NAME = "目标占比"
_HEAD = re.compile(r"\s*([^:：]+?)\s*[:：]\s*")
_SHARE = re.compile(
    r"""\s*(?:"([^"]+)"|“([^”]+)”|([^,，;；="“]+?))\s*=\s*(-?\d+(?:\.\d+)?)\s*[%％]?\s*"""
)
_NEXT = re.compile(r"[,，、]\s*|[;；\n]\s*|$")


def read_targets(text: str) -> tuple[Target, ...]:
    """The shares that somebody wrote, in percent.

    Names that hold a sign of the notation stand in quotes.

    Raises
    ------
    BadParameter : it cannot be read, with the place where it stops.

    >>> read_targets("Q2：男=48，女=52%")[0].shares
    {'男': 48.0, '女': 52.0}
    """
    found: list[Target] = []
    at = 0
    while text[at:].strip():
        head = _HEAD.match(text, at)
        if head is None:
            raise _unread(text, at, "应先写题号和冒号，如 Q2：男=48，女=52")
        shares, at = _shares(text, head.end())
        found.append(Target(margin=head[1], shares=shares))
    return tuple(found)


def _shares(text: str, at: int) -> tuple[dict[str, float], int]:
    """The groups of one margin with their shares, and where the next margin begins."""
    shares: dict[str, float] = {}
    while True:
        found = _SHARE.match(text, at)
        following = _NEXT.match(text, found.end()) if found else None
        if found is None or following is None:
            raise _unread(text, at, "应写成 组名=百分数")
        group = found[1] or found[2] or found[3]
        if group in shares:
            raise _unread(text, at, f"“{group}”出现了两次")
        shares[group] = float(found[4])
        at = following.end()
        if following[0].strip() not in (",", "，", "、") or not text[at:].strip():
            return shares, at


def _unread(text: str, at: int, reason: str) -> BadParameter:
    return BadParameter(NAME, f"第 {at + 1} 个字“{text[at : at + 8].strip()}”起读不懂，{reason}")


def written_targets(targets: Iterable[Target]) -> str:
    """The line that ``read_targets`` reads back."""
    return "；".join(
        f"{target.margin}：{'，'.join(f'“{g}”={share:g}' for g, share in target.shares.items())}" for target in targets
    )  # fmt: skip
