"""A file that leaves: its address works once, for ten minutes, for whoever was given it."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from insight import spool
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
    address = desk.offer(file, "名单.zip")
    answer = client.get(address)
    assert (answer.status_code, answer.content) == (200, b"PK list")
    assert answer.headers["cache-control"] == "no-store"
    assert "attachment" in answer.headers["content-disposition"]
    assert not file.is_there
    again = client.get(address)
    assert again.status_code == 410
    assert "已经用过" in again.text


def test_the_address_ends_after_ten_minutes(desk, client, clock):
    address = desk.offer(_file(b"x"), "a.zip")
    clock[0] = once.LASTS + 1
    assert client.get(address).status_code == 410


def test_two_files_of_one_name_have_two_addresses_nobody_guesses(desk, client):
    first, second = desk.offer(_file(b"1"), "a.zip"), desk.offer(_file(b"2"), "a.zip")
    assert first != second
    assert len(first.split("/")[1]) >= 40
    assert client.get(second).content == b"2"
    assert client.get("once/guess/a.zip").status_code == 410
