"""Who says a text: the segment of its speaker, and how much they spend."""

from __future__ import annotations

import polars as pl

from insight.dataset import Dataset
from insight.errors import MissingColumns
from insight.segmentation.breaks import available, break_of
from insight.segmentation.fitting import break_or_first

SPEND = "value_tier"  # the break that tells the spend of a customer in bands


def with_speakers(said: pl.DataFrame, dataset: Dataset, *, by: str) -> tuple[pl.DataFrame, str]:
    """Add to each text the segment and the spend band of who says it.

    Parameters
    ----------
    said : (n_texts) text_id
    by : a break; "" = the first that divides the texts

    Returns
    -------
    the same rows with segment and value_tier [Enum in display order; null: in no group]; what the
        segments are called, "" where nothing divides people

    Raises
    ------
    UnknownName, MissingColumns : there is no such break.
    """
    groups, label = _segments(dataset, by)
    for known in (groups, _bands(dataset)):
        said = said.join(known, on="text_id", how="left", maintain_order="left")
    return said, label


def about(dataset: Dataset, said: pl.DataFrame) -> pl.DataFrame:
    """Add what is known of each text: question, document, rating."""
    assert dataset.texts is not None
    known = [c for c in ("question", "document", "rating") if c in dataset.texts.columns]
    texts = dataset.texts.select("text_id", *known)
    return said.join(texts, on="text_id", how="left", maintain_order="left")


def _segments(dataset: Dataset, by: str) -> tuple[pl.DataFrame, str]:
    try:
        banner = break_or_first(dataset, by, unit="text_id")
    except MissingColumns:
        if by:
            raise
        return _nobody("segment"), ""
    named = _in_order("segment", banner.groups)
    return banner.members.select("text_id", named), f"{banner.label}{banner.note}"


def _bands(dataset: Dataset) -> pl.DataFrame:
    if SPEND not in available(dataset):
        return _nobody(SPEND)
    band = break_of(dataset, SPEND, unit="text_id")
    return band.members.select("text_id", _in_order(SPEND, band.groups))


def _in_order(name: str, groups: tuple[str, ...]) -> pl.Expr:
    return pl.col("group").cast(pl.Enum(groups)).alias(name)


def _nobody(name: str) -> pl.DataFrame:
    return pl.DataFrame(schema={"text_id": pl.String, name: pl.Enum([])})
