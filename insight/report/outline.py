"""Which part of the report an analysis stands in, by its room, and what is said where a part has none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from insight.report.facts import Chapter

NEEDS = "needs"  # the room whose findings the advice answers


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered part of 客户数据分析报告.

    Attributes
    ----------
    rooms : folders of analyses, in the order in which they are printed
    missing : the sentence printed where none of their analyses could be run
    first : number of the section's first table; smaller ones are taken by the facts of the study
    """

    index: int
    title: str
    rooms: tuple[str, ...]
    missing: str
    first: int = 1


DATA = Section(0, "（〇）数据说明", ("data",), "", first=5)
STRATEGY = Section(7, "优先级、名单与测算", ("strategy",), "")  # printed behind the advice
SECTIONS = (
    DATA,
    Section(1, "（一）客户画像", ("survey",), "没有纳入画像分析：需要问卷，或带有年龄、性别、地区的客户属性表。"),
    Section(2, "（二）消费行为", ("behaviour",), "没有纳入消费行为分析：需要带有客户编号、下单时间和实付金额的订单表。"),
    Section(3, "（三）客户价值", ("segments", "lifecycle"), "没有纳入客户价值分析：需要带有客户编号、下单时间和实付金额的订单表。"),
    Section(4, "（四）细分市场需求", (NEEDS, "research", "text", "coding"), "没有纳入需求分析：需要问卷多选题、开放题、评论或访谈，并且能与订单里的客户对应。"),
    STRATEGY,
)  # fmt: skip
OTHERS = Section(6, "（补充）其他分析", (), "")


def arranged(chapters: Sequence[Chapter]) -> tuple[tuple[Section, tuple[Chapter, ...]], ...]:
    """Every section with its chapters, in the order given; those of unknown rooms come last, none is lost."""
    placed = tuple((section, _held(section, chapters)) for section in SECTIONS)
    known = {room for section in SECTIONS for room in section.rooms}
    rest = tuple(c for c in chapters if c.room not in known)
    return (*placed, (OTHERS, rest)) if rest else placed


def _held(section: Section, chapters: Sequence[Chapter]) -> tuple[Chapter, ...]:
    return tuple(c for room in section.rooms for c in chapters if c.room == room)
