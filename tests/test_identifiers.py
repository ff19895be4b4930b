"""Identifiers that spreadsheets damaged: nine forms come back whole, three are told to be lost."""

from __future__ import annotations

import doctest
import hmac

import polars as pl
import pytest

from insight import identifiers, privacy
from insight.identifiers import lost, repaired
from insight.privacy import comparable, masked_forms, masked_tokens, normalise_key, token, tokens

REPAIRED = {  # as it stands in the file -> as it was
    '="2783012345678901234"': "2783012345678901234",
    '"2783012345678901234"': "2783012345678901234",
    "'2783012345678901234": "2783012345678901234",
    "2783012345678901234\t": "2783012345678901234",
    "\u200b2783012345678901234\u00a0": "2783012345678901234",
    "１３８１２３４５６７８": "13812345678",
    "13800000000.0": "13800000000",
    "1.3812345678E+10": "13812345678",
    "13,812,345,678": "13812345678",
}
LOST = ("1.38E+10", "2.78301234567890E+18", "2783012345678900000")


def test_of_twelve_damaged_forms_nine_are_repaired_and_three_flagged():
    forms = pl.Series([*REPAIRED, *LOST])
    whole = repaired(forms)
    assert whole.to_list()[:9] == list(REPAIRED.values())
    assert lost(whole).to_list() == [False] * 9 + [True] * 3


@pytest.mark.parametrize("form", LOST)
def test_what_is_lost_is_never_a_key(form):
    assert normalise_key("customer_id", form) is None
    assert normalise_key("phone", form) is None


@pytest.mark.parametrize("kept", ["1E5", "007", "A-1.0", "123456789012345", "1,234"])
def test_what_only_looks_damaged_stays_as_it_is(kept):
    assert repaired(pl.Series([kept])).to_list() == [kept]
    assert not lost(pl.Series([kept]))[0]


def test_zeros_at_the_end_of_healthy_sixteen_digit_ids_are_taken_for_real():
    healthy = pl.Series([str(6_222_000_000_000_000 + 7 * i) for i in range(100)])
    assert healthy.str.ends_with("0").sum() == 10
    assert not lost(healthy).any()
    cut = healthy.str.head(15) + "0"
    assert lost(cut.unique()).all()
    assert lost(healthy.filter(healthy.str.ends_with("0")).head(3)).all()


@pytest.mark.parametrize(
    "number", ["17531103964_6603", "13812345678-1234", "13812345678转1234", "138****5678", "1******6198"]
)  # fmt: skip
def test_virtual_and_masked_numbers_are_no_phones(number):
    assert normalise_key("phone", number) is None


@pytest.mark.parametrize("name", ["t**1", "小***明", "张*"])
def test_a_masked_member_is_nobodys_key(name):
    assert comparable(pl.Series([name]), "customer_id").to_list() == [None]


def test_a_masked_phone_and_the_whole_one_meet_in_a_form():
    assert masked_forms("13712343386") == ("1…3386", "137…3386")
    assert masked_forms("+86 137-1234-3386") == ("1…3386", "137…3386")
    assert masked_forms("137****3386") == ("1…3386", "137…3386")
    assert masked_forms("1******6198") == ("1…6198", None)
    assert masked_forms("13712343386_6603") == (None, None)
    assert masked_forms("0571-88889999") == (None, None)


def test_weak_keys_are_hashes_of_the_masked_forms():
    phones = pl.Series(["13712343386", "137****3386", "1******3386", None, "无"])
    weak = masked_tokens(phones, secret=b"k")
    short, long = (token(kind, form, secret=b"k") for kind, form in (("masked14", "1…3386"), ("masked34", "137…3386")))  # fmt: skip
    assert weak["key_masked14"].to_list() == [short, short, short, None, None]
    assert weak["key_masked34"].to_list() == [long, long, None, None, None]


@pytest.mark.parametrize("secret", [b"", b"k", b"s" * 32, b"b" * 64, b"l" * 65, b"x" * 200])
def test_tokens_of_a_column_are_the_library_s_keyed_hash_of_each_value(secret):
    members = pl.Series(["007", "张三", None, "ab-1", "007", "x" * 300])
    known = [m and hmac.digest(secret, f"customer_id:{m}".encode(), "sha256").hex()[:32] for m in members]  # fmt: skip
    assert tokens(members, "customer_id", secret=secret).to_list() == known
    assert token("customer_id", "007", secret=secret) == known[0]


def test_a_column_without_any_key_has_no_token():
    assert tokens(pl.Series(["", None], dtype=pl.String), "phone", secret=b"k").to_list() == [None, None]  # fmt: skip


@pytest.mark.parametrize("module", [identifiers, privacy], ids=lambda m: m.__name__)
def test_examples_in_the_docstrings_hold(module):
    assert doctest.testmod(module).failed == 0
