"""Whether categories or single products are looked at, by what is wanted and what there is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from insight.dataset import Dataset
from insight.errors import MissingColumns

Of = Literal["category", "product"]
NAMES: Mapping[Of, str] = MappingProxyType({"category": "品类", "product": "商品"})


def column_of(dataset: Dataset, wanted: Of, *, title: str) -> Of:
    """The column of the order lines to look at: the wanted one, else the other.

    Parameters
    ----------
    title : of the analysis that asks

    Raises
    ------
    MissingColumns : the lines have neither.
    """
    had = [name for name in (wanted, *NAMES) if name in dataset.columns("orders")]
    if not had:
        raise MissingColumns(title, ("订单：商品或品类",))
    return had[0]
