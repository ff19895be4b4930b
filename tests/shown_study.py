"""A small study in the folder of the studies, for the tests that open it in the app."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streamlit.testing.v1 import AppTest

from insight import pipeline
from insight.settings import settings
from insight.study import Study
from pages.ui.places import Place

ROOT = Path(__file__).parents[1]

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


def page_of(name: str, place: Place, **query: str) -> AppTest:
    """A new session of the app on one page, as after a refresh or on a server that was started again."""
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=300)
    app.query_params["study"] = name
    app.run()
    app.switch_page(place.file)
    for key, value in {"study": name, **query}.items():
        app.query_params[key] = value
    return app.run()
