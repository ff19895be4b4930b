"""Who and what there is to judge, and which customers, respondents and texts belong together."""

from __future__ import annotations

from typing import Literal

import polars as pl

from insight.audiences.voicing import spoken
from insight.dataset import Dataset

Unit = Literal["customer_id", "respondent_id", "text_id"]
_UNITS: tuple[Unit, ...] = ("customer_id", "respondent_id", "text_id")


def everyone(dataset: Dataset, unit: Unit, *, base: pl.DataFrame) -> pl.DataFrame:
    """All units that are judged (n) unit [unique, sorted].

    Parameters
    ----------
    base : customer_id of the customers
    """
    if unit == "customer_id":
        return base.select(unit).sort(unit)
    table = dataset.responses if unit == "respondent_id" else dataset.texts
    if table is None or unit not in table.columns:
        return pl.DataFrame(schema={unit: pl.String})
    counted = spoken(table) if unit == "text_id" else table
    return counted.select(unit).drop_nulls().unique().sort(unit)


def carried(dataset: Dataset, met: pl.DataFrame, *, own: Unit, unit: Unit) -> pl.DataFrame:
    """Bring an answer from the unit it is about to the unit that is judged.

    Parameters
    ----------
    met : (n_own) ``own``, met

    Returns
    -------
    (n) ``unit`` [unique], met: True with one that meets it, False where all that are known do not, else null
    """
    found = met if own == unit else pairs(dataset, own, unit).join(met, on=own)
    return found.group_by(unit).agg(pl.col("met").max())


def pairs(dataset: Dataset, own: Unit, unit: Unit) -> pl.DataFrame:
    """Both ids of what belongs together, directly or through the third (n) ``unit``, ``own``; each pair once."""
    third = next(one for one in _UNITS if one not in (own, unit))
    tables = [t for t in (dataset.responses, dataset.texts) if t is not None]
    direct = [_known(t, own, unit) for t in tables if {own, unit} <= set(t.columns)]
    first = [_known(t, own, third) for t in tables if {own, third} <= set(t.columns)]
    second = [_known(t, third, unit) for t in tables if {third, unit} <= set(t.columns)]
    if first and second:
        direct.append(pl.concat(first).unique().join(pl.concat(second).unique(), on=third))
    empty = pl.DataFrame(schema={unit: pl.String, own: pl.String})
    return pl.concat([empty, *(table.select(unit, own) for table in direct)]).unique()


def _known(table: pl.DataFrame, *ids: Unit) -> pl.DataFrame:
    return table.select(pl.col(ids).cast(pl.String)).drop_nulls()
