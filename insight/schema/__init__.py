"""The canonical tables, the questionnaire and the glossary."""

from insight.schema.decisions import UNDECIDED, Decisions
from insight.schema.definitions import Definitions, NamedGroup
from insight.schema.exclusions import Exclusions
from insight.schema.labels import LABELS
from insight.schema.matching import EXACT_ONLY, TIERS, Matching, Tier, Weighting
from insight.schema.origins import Origin
from insight.schema.questionnaire import (
    MARK,
    MISSING_LABELS,
    QUESTION_KIND_LABELS,
    Missing,
    Option,
    Question,
    QuestionKind,
    Questionnaire,
    mark_of,
)
from insight.schema.tables import (
    CUSTOMERS,
    IDENTITIES,
    ORDER_LINES,
    ORDERS,
    RESPONSES,
    TABLES,
    TEXTS,
    Column,
    Kind,
    Table,
)

__all__ = [
    "CUSTOMERS",
    "EXACT_ONLY",
    "IDENTITIES",
    "LABELS",
    "MARK",
    "MISSING_LABELS",
    "ORDERS",
    "ORDER_LINES",
    "QUESTION_KIND_LABELS",
    "RESPONSES",
    "TABLES",
    "TEXTS",
    "TIERS",
    "UNDECIDED",
    "Column",
    "Decisions",
    "Definitions",
    "Exclusions",
    "Kind",
    "Matching",
    "Missing",
    "NamedGroup",
    "Option",
    "Origin",
    "Question",
    "QuestionKind",
    "Questionnaire",
    "Table",
    "Tier",
    "Weighting",
    "mark_of",
]  # fmt: skip
