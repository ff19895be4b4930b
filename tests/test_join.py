"""Identity tokens become customers; what is ambiguous stays apart."""

from __future__ import annotations

import polars as pl
import pytest

from insight.join import join
from insight.privacy import is_card_number, is_id_card, mask, normalise_key, token, tokens


def _orders(*rows: tuple[str | None, str | None]) -> pl.DataFrame:
    schema = {"key_customer_id": pl.String, "key_phone": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _responses(*rows: tuple[str, str | None, str | None]) -> pl.DataFrame:
    schema = {"respondent_id": pl.String, "key_customer_id": pl.String, "key_phone": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_a_phone_leads_to_the_member_it_was_seen_with():
    joined = join(
        {
            "orders": _orders(("m1", "p1"), ("m2", None), (None, "p1")),
            "responses": _responses(("1", None, "p1")),
        }
    )
    assert joined.tables["orders"]["customer_id"].to_list() == ["m1", "m2", "m1"]
    assert joined.tables["responses"].row(0) == ("m1", "1", "matched", False)


def test_a_phone_of_two_members_is_ambiguous_and_never_merged():
    joined = join(
        {
            "orders": _orders(("m1", "p1"), ("m2", "p1"), (None, "p1")),
            "responses": _responses(("1", None, "p1"), ("2", "m2", "p1")),
        }
    )
    assert joined.tables["orders"]["customer_id"].to_list() == ["m1", "m2", "p1"]
    answers = joined.tables["responses"].select("customer_id", "match_status").rows()
    assert answers == [(None, "ambiguous"), ("m2", "matched")]


def test_every_row_is_counted_once_by_status():
    joined = join(
        {
            "orders": _orders(("m1", None)),
            "responses": _responses(("1", "m1", None), ("2", "m9", None), ("3", None, None)),
        }
    )
    counts = dict(joined.statuses.select("status", "n").rows())
    assert counts == {"matched": 1, "only_here": 1, "ambiguous": 0, "no_key": 1}
    assert joined.tables["responses"]["customer_id"].to_list() == ["m1", "m9", None]
    assert joined.keys.rows() == [("responses", "customer_id", 3, 2, 1)]


def test_texts_follow_their_respondent():
    texts = pl.DataFrame({"text_id": ["t"], "respondent_id": ["1"]})
    joined = join(
        {
            "orders": _orders(("m1", None)),
            "responses": _responses(("1", "m1", None)),
            "texts": texts,
        }
    )
    assert joined.tables["texts"].row(0, named=True)["customer_id"] == "m1"


def test_keys_that_contradict_are_counted_and_the_member_number_decides():
    joined = join(
        {"orders": _orders(("m1", "p1"), ("m2", "p2")), "responses": _responses(("1", "m1", "p2"))}
    )
    assert joined.n_conflicts == 1
    assert joined.tables["responses"]["customer_id"].to_list() == ["m1"]


def test_orders_without_any_key_have_no_customers():
    orders = pl.DataFrame({"order_id": ["1"]})
    assert join({"orders": orders}).tables["orders"].columns == ["order_id"]


def test_row_order_does_not_change_who_is_who():
    orders = _orders(("m1", "p1"), ("m2", "p1"), (None, "p1"), (None, "p3"), ("m3", "p3"))
    turned = join({"orders": orders.reverse()}).tables["orders"].reverse()
    assert turned.equals(join({"orders": orders}).tables["orders"])


@pytest.mark.parametrize(
    ("kind", "raw", "key"),
    [
        ("phone", "+86-138-0000-0001", "13800000001"),
        ("phone", "0086 13800000001", "13800000001"),
        ("phone", "13800000000.0", "13800000000"),
        ("phone", "１３８００００００００", "13800000000"),
        ("phone", "1.3812345678E+10", "13812345678"),
        ("phone", '="13812345678"', "13812345678"),
        ("phone", "'13812345678\t", "13812345678"),
        ("phone", "1.38E+10", None),
        ("phone", "17531103964_6603", None),
        ("phone", "13800000001-1234", None),
        ("phone", "12345678901", None),
        ("customer_id", "000123 ", "000123"),
        ("customer_id", "Ａb12", "ab12"),
        ("customer_id", "123456789012345000", None),
        ("customer_id", "null", None),
        ("email", "A@B.cn", "a@b.cn"),
        ("email", "yes", None),
    ],
)
def test_a_damaged_key_is_repaired_only_where_nothing_was_lost(kind, raw, key):
    assert normalise_key(kind, raw) == key


def test_tokens_are_keyed_hashes_of_the_kind_and_the_key():
    # printf 'phone:13800000001' | openssl dgst -sha256 -hmac k | cut -c1-32
    assert token("phone", "13800000001", secret=b"k") == "2d27e977567cd728c5bde6ba94f68e8b"
    hashed = tokens(pl.Series(["13800000001", None, "+8613800000001", "x"]), "phone", secret=b"k")
    assert hashed[0] == hashed[2]
    assert hashed.is_null().to_list() == [False, True, False, True]
    assert hashed[0] != tokens(pl.Series(["13800000001"]), "phone", secret=b"other")[0]


def test_personal_data_in_free_text_is_masked_by_its_check_digits():
    assert is_id_card("11010519491231002X")  # the example of GB 11643-1999
    assert is_card_number("4111111111111111")  # the usual test number of ISO/IEC 7812
    text = "打 13812345678 或 a.b@c.cn，证 11010519491231002X，卡 4111111111111111，车京A12345，单号 20240305123456"
    assert mask(text) == (
        "打 138****5678 或 ***@***，证 110***********002X，卡 4111***1111，车京A*****，单号 20240305123456"
    )
