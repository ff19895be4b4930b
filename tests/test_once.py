"""A file that leaves: its address works once, for ten minutes, for whoever was given it."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from insight import access, spool
from pages.ui import once


@pytest.fixture
def clock():
    """A clock that is put forward by hand."""
    now = [0.0]
    return now


@pytest.fixture
def desk(clock, monkeypatch):
    made = once.Desk(clock=lambda: clock[0])
    monkeypatch.setattr(once, "DESK", made)
    return made


@pytest.fixture
def client():
    return TestClient(Starlette(routes=[once.ROUTE]))


def _file(data: bytes) -> spool.Spooled:
    file = spool.empty()
    file.path.write_bytes(data)
    return file


def test_the_address_works_once_and_the_file_is_gone_afterwards(desk, client):
    file = _file(b"PK list")
    address = desk.offer(lambda: file, "名单.zip")
    answer = client.get(address)
    assert (answer.status_code, answer.content) == (200, b"PK list")
    assert answer.headers["cache-control"] == "no-store"
    assert "attachment" in answer.headers["content-disposition"]
    assert not file.is_there
    again = client.get(address)
    assert again.status_code == 410
    assert "已经用过" in again.text


def test_the_address_ends_after_ten_minutes(desk, client, clock):
    address = desk.offer(lambda: _file(b"x"), "a.zip")
    clock[0] = once.LASTS + 1
    assert client.get(address).status_code == 410


def test_two_files_of_one_name_have_two_addresses_nobody_guesses(desk, client):
    first, second = (desk.offer(lambda n=n: _file(n), "a.zip") for n in (b"1", b"2"))
    assert first != second
    assert len(first.split("/")[1]) >= 40
    assert client.get(second).content == b"2"
    assert client.get("once/guess/a.zip").status_code == 410


def test_nothing_is_made_before_it_is_fetched_and_then_as_whoever_was_at_work(desk, client):
    made = []

    def work() -> bytes:
        made.append(access.actor().name)
        return b"1"

    with access.acting(access.Actor("王工", "analyst")):
        address = desk.offer(work, "表.csv")
    assert made == []
    answer = client.get(address)
    assert made == ["王工"]
    assert "%E8%A1%A8.csv" in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"


def test_an_address_that_was_copied_into_another_browser_gives_nothing_and_stays_good(desk, client):
    address = desk.offer(lambda: b"1", "a.csv", holder=("", "cookie of one browser"))
    assert client.get(address).status_code == 410
    client.cookies.set("_streamlit_xsrf", "cookie of another")
    assert client.get(address).status_code == 410
    client.cookies.set("_streamlit_xsrf", "cookie of one browser")
    assert client.get(address).content == b"1"


def test_a_page_that_is_drawn_again_and_again_holds_two_addresses_of_a_button(desk, client):
    addresses = [desk.offer(lambda: b"1", "a.csv", place=("tab", "button")) for _ in range(4)]
    assert [client.get(a).status_code for a in addresses] == [410, 410, 200, 200]


def test_what_a_page_offered_ends_when_another_was_drawn_to_its_end_in_its_tab(desk, client):
    def offered(button: str) -> str:
        return desk.offer(lambda: b"1", "a.csv", place=("tab", button))

    elsewhere = desk.offer(lambda: b"1", "a.csv", place=("another tab", "first"))
    first = offered("first")
    desk.drawn("tab")
    second = offered("second")
    assert client.get(first).status_code == 200  # the page that comes may never be drawn to its end
    first = offered("first")
    desk.drawn("tab")
    desk.drawn("a tab without a download")
    third = offered("third")
    desk.drawn("tab")
    assert [client.get(a).status_code for a in (first, second, third, elsewhere)] == [410, 410, 200, 200]  # fmt: skip


def test_a_button_that_stays_on_the_screen_keeps_its_last_two_addresses_through_pages(desk, client):
    addresses = []
    for _ in range(3):
        addresses.append(desk.offer(lambda: b"1", "a.csv", place=("tab", "button")))
        desk.drawn("tab")
    assert [client.get(a).status_code for a in addresses] == [410, 200, 200]


def test_a_right_that_was_lost_in_between_is_told_instead_of_the_file(desk, client):
    def work() -> bytes:
        access.demand("export_rows")
        return b"1"

    with access.acting(access.Actor("李", "viewer")):
        address = desk.offer(work, "名单.csv")
    answer = client.get(address)
    assert answer.status_code == 403
    assert "查看者" in answer.text
