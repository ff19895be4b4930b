"""The questionnaire behind a responses table: questions, kinds, options."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

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
    OPEN = "open"  # one text column


QUESTION_KIND_LABELS: Mapping[str, str] = MappingProxyType({
    "single": "单选", "multi": "多选", "scale": "量表", "nps": "NPS", "matrix": "矩阵", "rank": "排序", "number": "数值", "open": "开放题",
})  # fmt: skip


class Option(BaseModel):
    """One answer option; ``column`` is the Boolean/rank/matrix column that holds it, if it has one."""

    model_config = ConfigDict(frozen=True)

    label: str
    code: str | None = None
    column: str | None = None


class Question(BaseModel):
    """One question: what was asked, how it is stored, in which order its options are shown.

    ``columns`` are the columns of ``responses`` that hold it. For MULTI, MATRIX and RANK they are
    the columns of ``options`` (multi, rank) or of ``rows`` (matrix), in order.
    """

    model_config = ConfigDict(frozen=True)

    id: str  # ASCII: "Q6"
    wording: str
    kind: QuestionKind
    columns: tuple[str, ...]
    options: tuple[Option, ...] = ()
    rows: tuple[str, ...] = ()  # MATRIX: the row labels, aligned with ``columns``
    base: str = "看到本题的答卷"


class Questionnaire(BaseModel):
    """Every question of a responses table, in the order they were asked."""

    model_config = ConfigDict(frozen=True)

    questions: tuple[Question, ...] = ()

    def of_kind(self, *kinds: QuestionKind) -> tuple[Question, ...]:
        """The questions of the given kinds, in order."""
        return tuple(q for q in self.questions if q.kind in kinds)

    def find(self, question_id: str) -> Question | None:
        """The question with that id, or None."""
        return next((q for q in self.questions if q.id == question_id), None)
