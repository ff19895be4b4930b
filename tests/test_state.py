"""What pages ask of a study again and again: worked out once, then read by whoever opens a page."""

from __future__ import annotations

import pytest

from insight import pipeline
from insight.pipeline import jobs

ORDERS = "会员号,订单号,下单时间,实付金额\nM1,D1,2024-01-02,10\nM2,D2,2024-01-03,20\n"


@pytest.fixture
def filled(study):
    pipeline.add(study, ORDERS.encode(), "订单.csv")
    return study


@pytest.fixture
def no_child(monkeypatch):
    """No child can be called from here on."""

    def called(*_: object, **__: object) -> None:
        raise AssertionError("a child was called")

    return lambda: monkeypatch.setattr(jobs, "call", called)


def test_the_second_page_of_a_revision_asks_no_child(filled, no_child):
    first = jobs.status(filled).result()
    no_child()
    assert jobs.status(filled).done
    assert jobs.status(filled).result() == first == pipeline.status(filled)


def test_another_revision_or_name_is_another_state(filled, no_child):
    first = jobs.status(filled).result()
    pipeline.add(filled, "会员号,评论\nM1,很好喝\n".encode(), "评论.csv")
    second = jobs.status(filled).result()
    assert (first.revision, second.revision) == (2, 3)
    assert (first.tables.get("texts"), second.tables["texts"]) == (None, 1)
    pipeline.remove(filled, 1, parent=3)
    no_child()
    with pytest.raises(AssertionError, match="a child was called"):
        jobs.status(filled).result()


def test_which_rows_can_be_opened_is_worked_out_once_for_each_result(filled, monkeypatch):
    first = pipeline.rows_with_people(filled, "rfm")
    monkeypatch.setattr("insight.pipeline.apart.call", lambda *_, **__: pytest.fail("read again"))
    assert pipeline.rows_with_people(filled, "rfm") == first
    assert first["segments"] == ("segment",)
    with pytest.raises(pytest.fail.Exception, match="read again"):
        pipeline.rows_with_people(filled, "rfm", changes={"window_days": 200})
