"""The canonical tables, the questionnaire and the glossary."""

from insight.schema.decisions import UNDECIDED, Decisions
from insight.schema.labels import LABELS
from insight.schema.questionnaire import (
    QUESTION_KIND_LABELS,
    Option,
    Question,
    QuestionKind,
    Questionnaire,
)
from insight.schema.tables import (
    CUSTOMERS,
    IDENTITIES,
    ORDERS,
    RESPONSES,
    TABLES,
    TEXTS,
    Column,
    Kind,
    Table,
)

__all__ = [
    "CUSTOMERS", "IDENTITIES", "LABELS", "ORDERS", "QUESTION_KIND_LABELS", "RESPONSES", "TABLES", "TEXTS", "UNDECIDED", "Column", "Decisions", "Kind",
    "Option", "Question", "QuestionKind", "Questionnaire", "Table",
]  # fmt: skip
