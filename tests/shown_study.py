"""A small study in the folder of the studies, for the tests that open it in the app."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from insight import pipeline
from insight.settings import settings
from insight.study import Study

ORDERS = "订单号,会员号,下单时间,实付金额,渠道\n" + "".join(
    f"A{i},M{i % 12},2025-0{i % 9 + 1}-{1 + i % 28:02d} 10:00:00,{100 + i},门店\n"
    for i in range(60)
)


@contextmanager
def shown(name: str) -> Iterator[Study]:
    """Sixty orders of twelve customers; its copies go with it."""
    made = pipeline.new(settings().studies_dir / name)
    pipeline.add(made, ORDERS.encode(), "订单.csv")
    yield made
    for one in settings().studies_dir.glob(f"{name}*"):
        shutil.rmtree(one)
