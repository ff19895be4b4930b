"""The questionnaire behind a responses table: questions, kinds, options."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict


class QuestionKind(StrEnum):
    """Measurement type of a question; decides storage and table."""

    SINGLE = "single"  # one text column holding the option's label
    MULTI = "multi"  # one Boolean column per option, null where not asked
    SCALE = "scale"  # one numeric column, ordered integers
    NPS = "nps"  # one numeric column, integers 0 to 10
    MATRIX = "matrix"  # one column per row, all answered on the same options
    RANK = "rank"  # one numeric column per item: 1 = first, null = not ranked
    NUMBER = "number"  # one numeric column
    SLIDER = "slider"  # a point on a line: one numeric column, or one per row
    SHARES = "shares"  # a sum spread over items (比重): one numeric column per item
    BLANKS = "blanks"  # several blanks to fill in: one text or numeric column each
    TABLE = "table"  # rows by columns (表格题): one text or numeric column per cell
    OPEN = "open"  # one text column
    DATE = "date"  # one Int64 column, seconds since 1970-01-01 00:00
    ID = "id"  # one text column of identifiers, never tabulated
    WEIGHT = "weight"  # one numeric column of positive weights


QUESTION_KIND_LABELS: Mapping[str, str] = MappingProxyType({
    "single": "单选", "multi": "多选", "scale": "量表", "nps": "NPS", "matrix": "矩阵", "rank": "排序", "number": "数值", "slider": "滑块",
    "shares": "比重", "blanks": "多项填空", "table": "表格题", "open": "开放题", "date": "日期", "id": "编号", "weight": "权重",
})  # fmt: skip


class Missing(StrEnum):
    """Why a respondent has no answer to a question."""

    NOT_ASKED = "not_asked"  # routed past it, or it was not shown
    NO_ANSWER = "no_answer"  # saw it and left it empty
    REFUSED = "refused"  # saw it and declined


MISSING_LABELS: Mapping[str, str] = MappingProxyType(
    {"not_asked": "未被问到", "no_answer": "未答", "refused": "拒答"}
)
MARK = "?"


def mark_of(column: str) -> str:
    """The companion column that says why an answer is absent (``Missing``, null where it is not).

    >>> mark_of("Q6")
    'Q6?'
    """
    return f"{column}{MARK}"


class Option(BaseModel):
    """One answer option.

    Attributes
    ----------
    code : the number the questionnaire gives it
    column : the Boolean or rank column that holds it, if it has one
    score : the points it is worth (按分数), if the file tells
    """

    model_config = ConfigDict(frozen=True)

    label: str
    code: str | None = None
    column: str | None = None
    score: float | None = None


class Question(BaseModel):
    """One question: what was asked, how it is stored, in which order its options are shown.

    ``columns`` are the columns of ``responses`` that hold it: those of ``options`` (MULTI, RANK) or
    of ``rows`` (MATRIX, SLIDER, SHARES, BLANKS, TABLE), in order. ``separator`` is what joined
    several options in one cell of the file.
    """

    model_config = ConfigDict(frozen=True)

    id: str  # ASCII: "Q6"
    wording: str
    kind: QuestionKind
    columns: tuple[str, ...]
    options: tuple[Option, ...] = ()
    rows: tuple[str, ...] = ()  # labels aligned with ``columns``; TABLE: "行｜列"
    base: str = "看到本题的答卷"
    separator: str = ""

    @property
    def marks(self) -> tuple[str, ...]:
        """The companion columns there may be: one for all of MULTI and RANK, else one per column."""
        if self.kind in (QuestionKind.MULTI, QuestionKind.RANK):
            return (mark_of(self.id),)
        return tuple(mark_of(column) for column in self.columns)


class Questionnaire(BaseModel):
    """Every question of a responses table, in the order they were asked.

    ``answers`` says what the file held: option texts, option numbers, or the scores of options.
    ``counts_rows`` says that the file told nobody's id: its respondent_id only counts the rows.
    """

    model_config = ConfigDict(frozen=True)

    questions: tuple[Question, ...] = ()
    answers: Literal["text", "code", "score"] = "text"
    counts_rows: bool = False

    def of_kind(self, *kinds: QuestionKind) -> tuple[Question, ...]:
        """The questions of the given kinds, in order."""
        return tuple(q for q in self.questions if q.kind in kinds)

    def find(self, question_id: str) -> Question | None:
        """The question with that id, or None."""
        return next((q for q in self.questions if q.id == question_id), None)
