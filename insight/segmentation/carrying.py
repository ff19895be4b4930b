"""Groups of one unit brought over to another: customers, their questionnaires, their texts."""

from __future__ import annotations

import polars as pl

from insight.audiences import Unit
from insight.dataset import Dataset
from insight.errors import MissingColumns


def carried(dataset: Dataset, members: pl.DataFrame, *, own: Unit, unit: Unit) -> pl.DataFrame:
    """Bring groups from the unit they belong to over to the unit that is counted, each once."""
    members = members.sort(own, "group").unique(own, keep="first", maintain_order=True)
    if own == unit:
        return members
    link = _link(dataset, own=own, unit=unit)
    if link is None:
        raise MissingColumns(
            "分组", ("问卷：答卷编号" if "respondent_id" in (own, unit) else "文本：内容",)
        )
    carried = link.join(members, on=own, how="inner", maintain_order="left")
    return carried.select(unit, "group").unique(unit, keep="first", maintain_order=True)


def _link(dataset: Dataset, *, own: Unit, unit: Unit) -> pl.DataFrame | None:
    """Pairs of both ids, sorted, so that the first of several is always the same."""
    table = dataset.texts if unit == "text_id" else dataset.responses
    if table is None:
        return None
    if not {own, unit} <= set(table.columns):
        return pl.DataFrame(schema={unit: pl.String, own: pl.String})
    return table.select(unit, own).drop_nulls().sort(unit, own)
