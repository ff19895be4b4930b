"""Which analysis stands in which part of the report, and what is said where a part has none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from insight.report.facts import Chapter


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered part of 客户数据分析报告.

    Attributes
    ----------
    keys : analyses in the order in which they are printed
    missing : the sentence printed where none of them could be run
    first : number of the section's first table; smaller ones are taken by the facts of the study
    """

    index: int
    title: str
    keys: tuple[str, ...]
    missing: str
    first: int = 1


DATA = Section(0, "（〇）数据说明", ("match",), "", first=5)
SECTIONS = (
    Section(1, "（一）客户画像",
        ("customer_profile", "segment_profile", "topline", "crosstab"),
        "没有纳入画像分析：需要客户属性表，或带有年龄、性别、地区题的问卷。"),
    Section(2, "（二）消费行为",
        ("sales_trend", "timing", "repurchase", "intervals", "channels", "baskets", "transitions"),
        "没有纳入消费行为分析：需要带有客户编号、下单时间和实付金额的订单表。"),
    Section(3, "（三）客户价值",
        ("rfm", "concentration", "clusters", "lifecycle", "cohorts", "migration", "clv"),
        "没有纳入客户价值分析：需要带有客户编号、下单时间和实付金额的订单表。"),
    Section(4, "（四）细分市场需求",
        ("needs_by_segment", "kano", "opportunity", "drivers", "stated_revealed", "topics", "keyness",
         "word_cloud", "sentiment", "coding", "interviews"),
        "没有纳入需求分析：需要问卷多选题、开放题、评论或访谈，并且能与订单里的客户对应。"),
)  # fmt: skip
OTHERS = Section(6, "（补充）其他分析", (), "")


def arranged(chapters: Sequence[Chapter]) -> tuple[tuple[Section, tuple[Chapter, ...]], ...]:
    """Every section with its chapters, in printing order; unknown analyses come last, none is lost."""
    sections = (DATA, *SECTIONS)
    placed = tuple((section, _held(section, chapters)) for section in sections)
    known = {key for section in sections for key in section.keys}
    rest = tuple(c for c in chapters if c.key not in known)
    return (*placed, (OTHERS, rest)) if rest else placed


def _held(section: Section, chapters: Sequence[Chapter]) -> tuple[Chapter, ...]:
    held = (chapter for chapter in chapters if chapter.key in section.keys)
    return tuple(sorted(held, key=lambda chapter: section.keys.index(chapter.key)))
