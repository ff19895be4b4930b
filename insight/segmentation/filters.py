"""The same rules as filters: which customers, respondents or texts a table counts."""

from __future__ import annotations

import polars as pl

from insight.audiences import labels_of, told
from insight.dataset import Dataset
from insight.schema.audiences import Audience, Rules
from insight.segmentation.breaks import Unit, available, judge


def filter_of(dataset: Dataset, audience: Audience | Rules, *, unit: Unit) -> pl.Series:
    """The ids of everybody who is in [sorted]; who cannot be judged is not."""
    rule = audience.rule if isinstance(audience, Audience) else audience
    return judge(dataset, rule, unit=unit).ids


def sentence_of(dataset: Dataset, audience: Audience | Rules) -> str:
    """The rule in words, questions told by their wording."""
    rule = audience.rule if isinstance(audience, Audience) else audience
    return told(rule, labels_of(dataset, breaks=available(dataset)))
