"""The groups a method of the field is worked out for: never, unless asked, those of an answer."""

from __future__ import annotations

from insight.dataset import Dataset
from insight.errors import MissingColumns
from insight.segmentation.breaks import Break
from insight.segmentation.fitting import break_or_first


def groups_of(dataset: Dataset, by: str) -> Break | None:
    """The groups of ``by``; where it is empty those of purchases or of an attribute, None where there are none.

    A question divides only where it is named: the tasks themselves are questions, too.
    """
    try:
        banner = break_or_first(dataset, by, unit="respondent_id")
    except MissingColumns:
        if by:
            raise
        return None
    return banner if by or dataset.questionnaire.find(banner.key) is None else None
