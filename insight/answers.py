"""What respondents chose: every kind of question as one Boolean column per row of its table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from insight.errors import NobodyWeighted, TooFewRows
from insight.schema import Option, Question, QuestionKind, Questionnaire
from insight.wording import percent

NPS_GROUPS = (("推荐者", 9, 10), ("中立者", 7, 8), ("贬损者", 0, 6))
BOXES = ("最高两分（T2B）", "最低两分（B2B）")
CLOSED = (
    QuestionKind.SINGLE, QuestionKind.MULTI, QuestionKind.SCALE, QuestionKind.NPS, QuestionKind.MATRIX, QuestionKind.RANK, QuestionKind.DATE,
)  # fmt: skip
SCORED = (QuestionKind.SCALE, QuestionKind.NPS, QuestionKind.NUMBER, QuestionKind.SLIDER)
NEVER_COUNTED = (QuestionKind.ID, QuestionKind.WEIGHT)
IN_ROWS = (QuestionKind.MATRIX, QuestionKind.SLIDER, QuestionKind.SHARES, QuestionKind.BLANKS, QuestionKind.TABLE)  # fmt: skip
NONE_OF_THESE = re.compile(  # 没有, 以上都没有, 没有不满; but not 没有合适的尺码 nor 以上都是
    r"^以上选?项?(都|均|皆|全)?(没|不|无|非)|^(都|均)(没|不|无)"
    r"|^(无|没有|暂无|不清楚|不知道|说不清|不确定|拒绝回答|不适用)$"
    r"|^(没有|无|暂无)(任何)?(以上|不满|问题|建议|需要|需求|意见|烦恼)"
)
LONGEST_SCALE = 101  # a slider from 0 to 100 is still shown without gaps


@dataclass(frozen=True, slots=True)
class Sample:
    """The respondents that are counted, and what each of them counts for.

    Attributes
    ----------
    responses : (n) those with a usable weight, in the order of the file
    weight : (n) positive numbers; all 1 where nothing is weighted
    note : one Chinese sentence for the footnotes
    """

    responses: pl.DataFrame
    weight: pl.Series
    is_weighted: bool
    note: str

    def percent(self, share: float) -> str:
        """A share as a sentence writes it beside unweighted counts."""
        return f"加权 {percent(share)}" if self.is_weighted else percent(share)


def sample(responses: pl.DataFrame, *, use_weight: bool) -> Sample:
    """The respondents to count, weighted where the data carry weights and they are wanted.

    Raises
    ------
    TooFewRows : nobody answered.
    NobodyWeighted : no answer has a usable weight.
    """
    weighted = use_weight and "weight" in responses.columns
    usable = responses.filter(pl.col("weight") > 0) if weighted else responses
    if responses.is_empty():
        raise TooFewRows("可用的答卷", 0, 1)
    if usable.is_empty():
        raise NobodyWeighted(len(responses))
    if not weighted:
        ones = pl.repeat(1.0, len(usable), dtype=pl.Float64, eager=True)
        return Sample(usable, ones, is_weighted=False, note="权重：未加权。")
    dropped = len(responses) - len(usable)
    lost = f"，{dropped} 份答卷权重缺失或不大于 0，未计入" if dropped else ""
    note = f"权重：占比按“权重”列加权，人数和基数未加权，区间和检验用有效基数（Kish）{lost}。"
    return Sample(usable, usable["weight"].cast(pl.Float64), is_weighted=True, note=note)


def closed_questions(questionnaire: Questionnaire, responses: pl.DataFrame) -> tuple[Question, ...]:
    """The questions whose answers can be counted and whose columns are really there."""
    return tuple(
        question
        for question in questionnaire.of_kind(*CLOSED)
        if any(column in responses.columns for column in question.columns)
    )


def parts(question: Question, responses: pl.DataFrame) -> tuple[Question, ...]:
    """The rows of a question as questions of their own, "Q4_1", "Q4_2"; one without rows as it is."""
    if question.kind not in IN_ROWS or (len(question.columns) == 1 and not question.rows):
        return (question,)
    labels = question.rows or question.columns
    return tuple(
        question.model_copy(
            update={
                "id": f"{question.id}_{number}",
                "wording": f"{question.wording}｜{label}",
                "kind": _part_kind(question, responses[column]),
                "columns": (column,),
                "rows": (),
            }
        )
        for number, (column, label) in enumerate(zip(question.columns, labels, strict=True), 1)
        if column in responses.columns
    )


def _part_kind(question: Question, answers: pl.Series) -> QuestionKind:
    if question.kind is QuestionKind.MATRIX:
        return QuestionKind.SCALE if answers.dtype.is_numeric() else QuestionKind.SINGLE
    return QuestionKind.NUMBER if answers.dtype.is_numeric() else QuestionKind.OPEN


def spoken(questionnaire: Questionnaire, responses: pl.DataFrame) -> tuple[Question, ...]:
    """Everything answered in free words: open questions, and blanks filled in with text."""
    held = (QuestionKind.OPEN, QuestionKind.BLANKS, QuestionKind.TABLE)
    asked = (p for q in questionnaire.of_kind(*held) for p in parts(q, responses))
    return tuple(q for q in asked if q.kind is QuestionKind.OPEN and q.columns[0] in responses.columns)  # fmt: skip


def chosen(responses: pl.DataFrame, question: Question) -> pl.DataFrame:
    """What each respondent chose.

    Parameters
    ----------
    responses : (n) the columns of ``question``
    question : of a kind in ``CLOSED``, a matrix row by row (see ``parts``)

    Returns
    -------
    (n x n_options) Boolean, one column per option in the order of the questionnaire, also those
        nobody chose; then answers the questionnaire does not list. null = not asked.
        RANK: ranked first; DATE: the month.
    """
    if question.kind is QuestionKind.MULTI:
        return _renamed(responses, question.options)
    if question.kind is QuestionKind.RANK:
        columns = [o.column for o in question.options if o.column in responses.columns]
        asked = pl.any_horizontal(pl.col(columns).is_not_null())
        first = [pl.when(asked).then((pl.col(c) == 1).fill_null(value=False)) for c in columns]
        return _renamed(responses.select(e.alias(c) for e, c in zip(first, columns, strict=True)), question.options)  # fmt: skip
    column = question.columns[0]
    if question.kind is QuestionKind.DATE:
        month = pl.from_epoch(column, time_unit="s").dt.strftime("%Y-%m")
        months = responses.select(month.alias("month")).to_series()
        return pl.DataFrame([(months == m).alias(m) for m in months.drop_nulls().unique().sort()])
    if question.kind is QuestionKind.SINGLE:
        values: Sequence[tuple[str, object]] = [(o, o) for o in listed(responses[column], question)]
    else:
        values = scores(responses[column], question)
    names, answers = _unique(label for label, _ in values), responses[column]
    return pl.DataFrame([(answers == value).alias(name) for name, (_, value) in zip(names, values, strict=True)])  # fmt: skip


def nets(responses: pl.DataFrame, question: Question) -> pl.DataFrame:
    """The usual groupings of a question's answers.

    Returns
    -------
    (n x n_groups) Boolean, null = not asked. NPS: promoters, passives, detractors; SCALE: the top
        two and the bottom two scores; MULTI: ticked at least one real option, so that 以上都没有
        never counts; otherwise no column.
    """
    if question.kind is QuestionKind.MULTI:
        answers = chosen(responses, question)
        real = [name for name in answers.columns if not NONE_OF_THESE.search(name)]
        asked = pl.any_horizontal(pl.all().is_not_null())
        ticked = pl.any_horizontal(pl.lit(value=False), *real).fill_null(value=False)
        return answers.select(pl.when(asked).then(ticked).alias("至少选一项"))
    if question.kind is QuestionKind.NPS:
        score = pl.col(question.columns[0])
        return responses.select(
            score.is_between(low, high).alias(f"{name}（{low}–{high} 分）")
            for name, low, high in NPS_GROUPS
        )
    if question.kind is QuestionKind.SCALE:
        return _boxes(responses, question)
    return responses.select()


def _boxes(responses: pl.DataFrame, question: Question) -> pl.DataFrame:
    column = question.columns[0]
    points = [score for _, score in scores(responses[column], question)]
    if len(points) < 4:
        return responses.select()
    asked = pl.col(column).is_not_null()
    top = pl.when(asked).then(pl.col(column) >= points[-2])
    bottom = pl.when(asked).then(pl.col(column) <= points[1])
    return responses.select(top.alias(BOXES[0]), bottom.alias(BOXES[1]))


def _renamed(answers: pl.DataFrame, options: Iterable[Option]) -> pl.DataFrame:
    """The columns of the options, under their labels."""
    held = [option for option in options if option.column in answers.columns]
    names = _unique(option.label for option in held)
    return answers.select(
        pl.col(option.column or "").alias(name) for option, name in zip(held, names, strict=True)
    )


def listed(answers: pl.Series, question: Question) -> list[str]:
    """The options of a single choice in order, then the answers that are not among them."""
    listed = [option.label for option in question.options]
    return listed + sorted({*answers.unique().to_list()} - {*listed, None})


def scores(answers: pl.Series, question: Question) -> list[tuple[str, float]]:
    """Label and value of every score, ascending and without gaps where they are whole numbers."""
    found = {float(v) for v in answers.drop_nulls().unique()}
    labels = {code: o.label for o in question.options if (code := _code(o)) is not None}
    known = found | set(labels)
    if question.kind is QuestionKind.NPS:
        known |= set(range(11))
    elif known and all(s.is_integer() for s in known) and max(known) - min(known) < LONGEST_SCALE:
        known |= set(range(int(min(known)), int(max(known)) + 1))
    return [(labels.get(score) or f"{score:g}", float(score)) for score in sorted(known)]


def _code(option: Option) -> float | None:
    """The score an option of a scale stands for."""
    try:
        return float(option.code or option.label)
    except ValueError:
        return None


def _unique(labels: Iterable[str]) -> list[str]:
    """Labels with a number behind every repetition: 其他, 其他（2）."""
    names: list[str] = []
    for label in labels:
        name, times = label, 1
        while name in names:
            times += 1
            name = f"{label}（{times}）"
        names.append(name)
    return names
