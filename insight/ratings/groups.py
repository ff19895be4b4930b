"""The respondents of each group of a break, as samples of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from insight.answers import Sample
from insight.dataset import Dataset
from insight.errors import MissingColumns
from insight.segmentation.breaks import Break
from insight.segmentation.fitting import break_or_first


def groups_if_any(dataset: Dataset, by: str) -> Break | None:
    """The groups of ``by``; where it is empty, of the first break that divides; None where none does."""
    try:
        return break_or_first(dataset, by, unit="respondent_id")
    except MissingColumns:
        if by:
            raise
        return None


def each_group(people: Sample, banner: Break) -> Iterator[tuple[str, Sample]]:
    """Name and respondents of every group that has any, in the order of the break."""
    ids = people.responses.select("respondent_id")
    own = ids.join(banner.members, on="respondent_id", how="left", maintain_order="left")["group"]
    for group in banner.groups:
        inside = (own == group).fill_null(value=False)
        if inside.any():
            yield group, replace(people, responses=people.responses.filter(inside), weight=people.weight.filter(inside))  # fmt: skip
