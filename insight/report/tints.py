"""The tint and the arrow of a share that changed since the former wave, the same in every file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from insight.report.blocks import Mark, Slot

FILLS = {"up": "DCEAF7", "down": "FBE6D3", "noise": "EEF0F3"}
ARROWS = {"up": " ↑", "down": " ↓", "noise": ""}  # behind the number
LEGEND = "蓝底 ↑ 比上期升高，橙底 ↓ 比上期降低（均经检验）；灰底与上期不同、但分不出与噪声的差别；没有底色的没有变、基数不足或没有可比的上期数。"
SHORT = "比上期：蓝底 ↑ 升高，橙底 ↓ 降低（经检验）；灰底分不出与噪声的差别。"

Marks = Mapping[tuple[int, str], Mark]  # of one result table


def tinted(slot: Slot, mark: Mark | None) -> Slot:
    """A cell that carries its mark; the arrow ends its first line, where the share stands."""
    if mark is None:
        return slot
    share, *more = slot.text.split("\n")
    return replace(slot, text="\n".join((share + ARROWS[mark.kind], *more)), mark=mark)
