"""管理 · 备份与审计 on the screen: checked, backed up, restored, the log read, one person deleted."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from insight import pipeline
from insight import study as store
from insight.settings import settings

ROOT = Path(__file__).parents[1]
ORDERS = "订单号,手机号,下单时间,实付金额\n" + "".join(
    f"A{i},1380000000{i % 3},2025-0{i % 9 + 1}-03 10:00:00,{100 + i}\n" for i in range(9)
)


@pytest.fixture
def study(own_folders):
    path = settings().studies_dir / "要管的研究"
    made = pipeline.new(path)
    pipeline.add(made, ORDERS.encode(), "订单.csv")
    yield made
    shutil.rmtree(path)


def _page(view: str) -> AppTest:
    page = AppTest.from_file(ROOT / "pages" / "admin" / "keeping.py", default_timeout=120)
    page.query_params["study"] = "要管的研究"
    page.query_params["view"] = view
    return page.run()


def _until(page: AppTest, told) -> AppTest:
    """Run again until the work that goes on in a child has ended."""
    for _ in range(60):
        if told(page):
            return page
        page.run()
    raise AssertionError([e.value for e in page.error])


def test_every_byte_is_checked_and_damage_is_told(study):
    page = _page("keep")
    page.button(key="safe:check").click().run()
    _until(page, lambda p: any("没有损坏" in s.value for s in p.success))
    store.object_path(study, store.head(study).recipe.sources[0].file).write_bytes(b"x")
    page = _page("keep")
    page.button(key="safe:check").click().run()
    _until(page, lambda p: any("校验值不符" in e.value for e in p.error))


def test_a_person_is_deleted_only_with_a_number_and_a_tick(study):
    page = _page("person")
    page.text_input[0].input("13800000001")
    page.button[0].click().run()
    assert "勾选确认" in page.warning[0].value
    assert store.head(study).id == 2
    page.checkbox[0].check()
    page.button[0].click().run()
    _until(page, lambda p: any("证明编号" in s.value for s in p.success))
    assert page.text_input[0].value == ""
    assert "safe:who" not in page.session_state
    assert pipeline.load(study).orders.lines.collect().shape[0] == 6


def test_the_log_is_told_newest_first(study):
    page = _page("log")
    told = page.dataframe[0].value
    assert list(told["act_label"]) == ["修改", "新建"]
    assert told["detail"][0] == "第 2 版：导入 订单.csv"
    assert "没有被改动" in page.success[0].value
