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
    """

    index: int
    title: str
    keys: tuple[str, ...]
    missing: str


SECTIONS = (
    Section(1, "（一）客户画像",
        ("profile", "topline", "crosstab", "tables"),
        "没有纳入画像分析：需要客户属性表，或带有年龄、性别、地区题的问卷。"),
    Section(2, "（二）消费行为",
        ("trend", "monthly", "timing", "repurchase", "intervals", "channels", "baskets", "basket",
         "transitions", "preferences", "decisions"),
        "没有纳入消费行为分析：需要带有客户编号、下单时间和实付金额的订单表。"),
    Section(3, "（三）客户价值",
        ("rfm", "value_tiers", "pareto", "concentration", "clusters", "lifecycle", "cohorts", "retention",
         "migration", "clv"),
        "没有纳入客户价值分析：需要带有客户编号、下单时间和实付金额的订单表。"),
    Section(4, "（四）细分市场需求",
        ("needs_by_segment", "need_matrix", "kano", "opportunity", "ipa", "drivers", "stated_revealed",
         "topics", "keyness", "words", "sentiment", "coding", "interviews"),
        "没有纳入需求分析：需要问卷多选题、开放题、评论或访谈，并且能与订单里的客户对应。"),
)  # fmt: skip
OTHERS = Section(6, "（补充）其他分析", (), "")


def arranged(chapters: Sequence[Chapter]) -> tuple[tuple[Section, tuple[Chapter, ...]], ...]:
    """Every section with its chapters, in printing order; unknown analyses come last, none is lost."""
    known = {key: (section, at) for section in SECTIONS for at, key in enumerate(section.keys)}
    placed = [
        (
            section,
            tuple(
                sorted(
                    (c for c in chapters if c.key in section.keys),
                    key=lambda c: known[c.key][1],
                )
            ),
        )
        for section in SECTIONS
    ]
    rest = tuple(c for c in chapters if c.key not in known)
    return (*placed, (OTHERS, rest)) if rest else tuple(placed)
