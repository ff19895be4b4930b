"""What every test may use: the shared real data, small ledgers, studies in a folder of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import narwhals as nw
import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from insight.settings import settings
from insight.study import Study, key_path
from pages.ui import places

SHARED = Path(__file__).parents[2] / "shared"


def shared(relative: str) -> Path:
    """A file of the shared real data; the test is skipped where it is absent."""
    path = SHARED / relative
    if not path.exists():
        pytest.skip(f"shared data are not here: {relative}")
    return path


def orders_of(rows: list[dict[str, object]]) -> nw.LazyFrame:
    """A ledger from a few lines; order_id and customer_id are text, ordered_at is epoch seconds."""
    frame = pl.DataFrame(rows).with_columns(pl.col("amount").cast(pl.Float64))
    at = pl.from_epoch("ordered_at")
    month = (at.dt.year() * 100 + at.dt.month().cast(pl.Int32)).cast(pl.Int64)
    return nw.from_native(frame.with_columns(ordered_month=month).lazy())


@pytest.fixture(scope="session", autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Studies and keys of the tests live in a temporary folder, never in the user's."""
    home = tmp_path_factory.mktemp("insight")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INSIGHT_STUDIES_DIR", str(home / "studies"))
        patch.setenv("INSIGHT_KEYS_DIR", str(home / "keys"))
        patch.setenv("INSIGHT_PATIENCE", "300")  # pages are seen finished in one run
        settings.cache_clear()
        yield home
    settings.cache_clear()


def menu_of(app: AppTest) -> set[str]:
    """The titles of the pages that the menu of the app is told to show."""
    _, groups = app.session_state["menu:pages"]
    told = [page for group in groups.values() for page in group if page.visibility == "visible"]
    return {places.at(page.url_path).title for page in told}


def fixed_key(study: Study, keys: Path) -> None:
    """Give an empty study the same key in every run: the arms of campaigns are drawn by it."""
    key_path(study, keys).write_bytes(bytes([1]) * 32)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A new, empty study."""
    from insight import pipeline

    return pipeline.new(tmp_path / "study")


@pytest.fixture(scope="session")
def demo_study(own_folders: Path) -> Study:
    """The example study, made once for all tests; nobody may change it."""
    from insight import pipeline

    return pipeline.demo(own_folders / "studies" / "demo")
