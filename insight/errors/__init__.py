"""What a user can get wrong: one class, one Chinese sentence, one way out each.

A new class goes to the end of the file of its theme and into the list below: ``files`` (a file that is to be
read), ``columns`` (what columns, questions and codes mean), ``studies``, ``origins`` (databases and lakes),
``questions`` (what is asked of the data), ``work`` (what stops a piece of work).
"""

from __future__ import annotations

from insight.errors.columns import (
    BadKind,
    BadMapping,
    BadRecode,
    ColumnsLost,
    NoUsableColumn,
    UnclearDates,
)
from insight.errors.files import (
    DuplicateHeaders,
    EmptyFile,
    FileTooLarge,
    HeaderOnly,
    NothingLeft,
    SheetNotFound,
    UnknownEncoding,
    UnreadableFile,
)
from insight.errors.mistake import (
    InsightError,
)
from insight.errors.origins import (
    BadConnections,
    NothingAsked,
    NothingToRefresh,
    SourceFailed,
)
from insight.errors.questions import (
    AmbiguousRow,
    BadAudience,
    BadCodebook,
    BadLexicon,
    BadParameter,
    BadRule,
    BadSegmentNames,
    MissingColumns,
    NoAudiences,
    NobodyLeft,
    NothingToTell,
    OrderListMissing,
    QuestionsMissing,
    TooFewPeople,
    TooFewRows,
    TooShort,
    UnknownName,
)
from insight.errors.studies import (
    AlreadyAdded,
    Conflict,
    DamagedStudy,
    MissingKey,
    NewerStudy,
    NotAStudy,
    StudyExists,
)
from insight.errors.work import (
    BasketsTooLarge,
    Cancelled,
    EngineMissing,
    TooManySets,
    WorkDied,
    WorkTooLarge,
    WorkTooLong,
)

__all__ = [
    "AlreadyAdded",
    "AmbiguousRow",
    "BadAudience",
    "BadCodebook",
    "BadConnections",
    "BadKind",
    "BadLexicon",
    "BadMapping",
    "BadParameter",
    "BadRecode",
    "BadRule",
    "BadSegmentNames",
    "BasketsTooLarge",
    "Cancelled",
    "ColumnsLost",
    "Conflict",
    "DamagedStudy",
    "DuplicateHeaders",
    "EmptyFile",
    "EngineMissing",
    "FileTooLarge",
    "HeaderOnly",
    "InsightError",
    "MissingColumns",
    "MissingKey",
    "NewerStudy",
    "NoAudiences",
    "NoUsableColumn",
    "NobodyLeft",
    "NotAStudy",
    "NothingAsked",
    "NothingLeft",
    "NothingToRefresh",
    "NothingToTell",
    "OrderListMissing",
    "QuestionsMissing",
    "SheetNotFound",
    "SourceFailed",
    "StudyExists",
    "TooFewPeople",
    "TooFewRows",
    "TooManySets",
    "TooShort",
    "UnclearDates",
    "UnknownEncoding",
    "UnknownName",
    "UnreadableFile",
    "WorkDied",
    "WorkTooLarge",
    "WorkTooLong",
]
