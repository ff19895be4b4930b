"""What a user asks of a book of tables, and what that means for the data at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from insight.answers import Sample
from insight.dataset import Dataset
from insight.errors import BadParameter, InsightError, TooFewRows, UnknownName
from insight.parameters import picked
from insight.schema import Question
from insight.segmentation.fitting import break_or_first
from insight.stats.proportions import MODES, Mode
from insight.tabulation.banners import NESTED, Family, banner_of, parts_of
from insight.tabulation.people import AUTO, PLAIN, people_of
from insight.wording import count

ALL = "全部"  # in place of the questions: every one of them


def _weight(value: Any) -> Any:  # noqa: ANN401 (whatever was given)
    told = {"": AUTO, "true": AUTO, "1": AUTO, "false": PLAIN, "0": PLAIN}
    return told.get(str(value).lower(), value)


Rows = Annotated[
    list[str],
    Field(title="题目", description=f"可以多道；留空表示第一道，写“{ALL}”表示全部", json_schema_extra={"one_of": "tabled_questions"}),
]  # fmt: skip
ScoredRows = Annotated[
    list[str],
    Field(title="题目", description="可以多道；留空表示全部评分和数值题", json_schema_extra={"one_of": "scored_questions"}),
]  # fmt: skip
Breaks = Annotated[
    list[str],
    Field(
        title="人群",
        description="可以并列几个，也可以用 × 嵌套（如 rfm × Q2）；不选时用 RFM 八类，没有订单时用第一个能分组的客户属性或另一道题",
        json_schema_extra={"one_of": "crossing"},
    ),
]  # fmt: skip
Saved = Annotated[
    str,
    Field(title="已存的表头", description="选了它就用它的人群，“人群”不再起作用", json_schema_extra={"one_of": "banners"}),
]  # fmt: skip
Weighing = Annotated[
    str,
    BeforeValidator(_weight),
    Field(title="权重", description="研究的权重、不加权，或答卷里的一列数字", json_schema_extra={"one_of": "weights"}),
]  # fmt: skip
Moded = Annotated[
    Mode,
    picked("default", MODES, title="检验口径", description="默认用有效基数；需要和 SPSS 自定义表逐位一致时选后者"),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """A book of tables before it is counted.

    Attributes
    ----------
    notes : one Chinese sentence for every break that could not be used, and for people outside of a break
    """

    people: Sample
    questions: tuple[Question, ...]
    families: tuple[Family, ...]
    notes: tuple[str, ...]

    @property
    def breaks(self) -> tuple[str, ...]:
        """The breaks in the words of the screen, each with its note, in order."""
        return tuple(dict.fromkeys(f"“{f.label}”{f.note}" for f in self.families))


def asked(
    dataset: Dataset, questions: Sequence[Question], *, breaks: Sequence[str], banner: str, weight: str, least: int
) -> Asked:  # fmt: skip
    """Who is counted, in which columns.

    Parameters
    ----------
    breaks : keys, nested with ×; empty: the first that fits
    banner : name of a saved banner that takes their place; "" = none
    least : fewer people than this in a break make no table

    Raises
    ------
    UnknownName : there is no such banner or break.
    MissingColumns : the data lacks what the only break is made from.
    TooFewRows : too few people are in the only break.
    BadParameter : a question would only be crossed with itself.
    """
    people = people_of(dataset, weight=weight)
    keys = list(dict.fromkeys(NESTED.join(parts_of(key)) for key in _keys(dataset, breaks, banner)))
    ids = {q.id for q in questions}
    if not any(keys):
        only = next(iter(ids)) if len(ids) == 1 else ""
        keys = [break_or_first(dataset, "", unit="respondent_id", besides=only).key]
    if all(ids <= set(parts_of(key)) for key in keys):
        raise BadParameter("人群", f"{'、'.join(sorted(ids))} 不能和自己交叉")
    families: list[Family] = []
    notes: list[str] = []
    errors: list[InsightError] = []
    for key in keys:
        try:
            families += _large_enough(banner_of(dataset, people.responses, [key]), least=least)
        except InsightError as error:
            errors.append(error)
            notes.append(f"“{key}”没有列入：{error}")
    if not families:
        raise errors[0]
    return Asked(people, tuple(questions), tuple(families), (*notes, *_outside(families, people)))


def _keys(dataset: Dataset, breaks: Sequence[str], banner: str) -> Sequence[str]:
    if not banner:
        return breaks
    saved = dataset.definitions.banners
    if banner not in saved:
        raise UnknownName("表头", banner, list(saved))
    return saved[banner]


def _large_enough(families: tuple[Family, ...], *, least: int) -> tuple[Family, ...]:
    inside = sum(f.n_inside for f in families)
    if inside < least:
        label = families[0].label if families else ""
        raise TooFewRows(f"能归入“{label}”的答卷", inside, least)
    return families


def _outside(families: Sequence[Family], people: Sample) -> list[str]:
    """A sentence for every break that some of the respondents are not part of."""
    inside: dict[str, int] = {}
    for family in families:
        inside[family.label] = inside.get(family.label, 0) + family.n_inside
    left = {label: people.responses.height - n for label, n in inside.items()}
    return [f"“{label}”：另有 {count(n)} 份答卷没有人群归属，不在这些列里。" for label, n in left.items() if n > 0]  # fmt: skip
