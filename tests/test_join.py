"""Identity tokens become customers; what is ambiguous stays apart."""

from __future__ import annotations

import polars as pl
import pytest

from insight import pipeline
from insight.join import join
from insight.masking import is_card_number, is_id_card, mask
from insight.privacy import masked_tokens, normalise_key, token, tokens
from insight.schema import EXACT_ONLY, Matching


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
    answer = joined.tables["responses"].row(0, named=True)
    assert answer == {
        "customer_id": "m1", "respondent_id": "1", "match_status": "matched", "match_key": "phone",
        "is_conflict": False, "match_tier": "exact",
    }  # fmt: skip


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
    assert joined.keys.rows() == [("responses", "customer_id", 3, 2, 1, 1)]


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


def _people(
    *phones: str | None, region: list[str | None], **keys: list[str | None]
) -> pl.DataFrame:
    """Rows with a phone, whole or masked, a region and other key tokens."""
    raw = pl.Series(phones, dtype=pl.String)
    return pl.concat(
        [
            pl.DataFrame({f"key_{k}": pl.Series(v, dtype=pl.String) for k, v in keys.items()}),
            pl.DataFrame({"key_phone": tokens(raw, "phone", secret=b"k")}),
            masked_tokens(raw, secret=b"k"),
            pl.DataFrame({"match_region": pl.Series(region, dtype=pl.String)}),
        ],
        how="horizontal",
    )


BUYERS = {"orders": _people("13712343386", "13855556198", region=["广东省", "上海"], customer_id=["m1", "m2"])}  # fmt: skip


def _outcome(answer: pl.DataFrame, matching: Matching | None = None, **others: pl.DataFrame):
    joined = join({**BUYERS, **others, "responses": answer}, matching)
    row = joined.tables["responses"].row(0, named=True)
    return row["match_status"], row["match_tier"], row["match_key"], row["customer_id"]


def test_a_masked_phone_of_one_buyer_is_tied_where_the_region_agrees():
    assert _outcome(_people("137****3386", region=["广东"])) == ("matched", "masked", "masked34", "m1")  # fmt: skip
    assert _outcome(_people("1******6198", region=["上海市"])) == ("matched", "masked", "masked14", "m2")  # fmt: skip


@pytest.mark.parametrize(
    ("region", "outcome"),
    [("广东", "tied"), ("四川", "refuted"), (None, "unconfirmed")],
)
def test_a_masked_phone_needs_a_second_field_that_agrees(region, outcome):
    joined = join({**BUYERS, "responses": _people("137****3386", region=[region])})
    told = joined.outcomes.filter(key="masked34").select("table", "tier", "outcome", "n").rows()
    assert told == [("responses", "masked", outcome, 1)]
    is_tied = joined.tables["responses"]["match_status"][0] == "matched"
    assert is_tied == (outcome == "tied")


def test_a_masked_phone_of_two_buyers_is_never_merged():
    both = {"orders": _people("13712343386", "13799993386", region=["广东", "广东"], customer_id=["m1", "m3"])}  # fmt: skip
    assert _outcome(_people("137****3386", region=["广东"]), **both) == (
        "ambiguous",
        None,
        None,
        None,
    )


def test_a_masked_phone_of_two_respondents_is_never_merged():
    twice = _people("137****3386", "137****3386", region=["广东", "广东"])
    joined = join({**BUYERS, "responses": twice})
    assert joined.tables["responses"]["match_status"].to_list() == ["ambiguous", "ambiguous"]


def test_two_whole_phones_that_only_look_alike_are_two_people():
    status, tier, key, customer = _outcome(_people("13700003386", region=["广东"]))
    assert (status, tier, key) == ("only_here", None, None)
    assert customer not in {"m1", "m2"}


def test_exact_only_leaves_masked_phones_alone():
    assert _outcome(_people("137****3386", region=["广东"]), EXACT_ONLY)[0] == "no_key"


def test_a_nickname_ties_only_on_demand_and_only_where_it_is_unique():
    buyers = {"orders": pl.DataFrame({"key_customer_id": ["m1", "m2", "m3"], "key_nickname": ["n1", "n2", "n2"]})}  # fmt: skip
    answers = pl.DataFrame({"key_nickname": ["n1", "n2", "n9"]})
    weak = Matching(tiers=("exact", "masked", "weak"))
    sure = join({**buyers, "responses": answers}).tables["responses"]
    assert sure["match_status"].to_list() == ["no_key"] * 3
    tied = join({**buyers, "responses": answers}, weak).tables["responses"]
    assert tied["match_status"].to_list() == ["matched", "ambiguous", "no_key"]
    assert tied["match_tier"].to_list() == ["weak", None, None]
    assert tied["customer_id"][0] == "m1"


def test_keys_are_counted_in_the_order_of_trust():
    buyers = {"orders": pl.DataFrame({"key_customer_id": ["m1", "m2"], "key_phone": ["p1", "p2"]})}
    answers = pl.DataFrame(
        {"key_customer_id": ["m1", None, "m9"], "key_phone": ["p1", "p2", "p2"]},
        schema={"key_customer_id": pl.String, "key_phone": pl.String},
    )
    joined = join({**buyers, "responses": answers})
    # by number: row 1; by phone: all three, two of them first
    assert joined.keys.rows() == [
        ("responses", "customer_id", 3, 2, 1, 1),
        ("responses", "phone", 3, 3, 3, 2),
    ]


def test_conflicts_are_listed_with_whose_each_key_is():
    joined = join({"orders": _orders(("m1", "p1"), ("m2", "p2")), "responses": _responses(("1", "m1", "p2"))})  # fmt: skip
    assert joined.conflicts.rows() == [("responses", 1, ["m1", "m2"])]


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


def test_an_answered_province_beats_the_address_it_was_sent_from(study):
    orders = "订单编号,会员号,手机,下单时间,实付金额,省份\nA1,m1,13712343386,2025-01-01,5,广东省\nA2,m2,13855556198,2025-01-02,6,上海\n"
    head = "序号,提交答卷时间,来自IP,手机号,1、您所在的省份,2、满意吗\n"
    answers = "1,2025-02-01 10:00:00,1.2.3.4(四川-成都),137****3386,广东,满意\n2,2025-02-01 10:01:00,1.2.3.5(四川-成都),138****6198,四川,不满意\n"
    pipeline.add(study, orders.encode(), "订单.csv")
    pipeline.add(study, (head + answers).encode(), "答卷.csv")
    responses = pipeline.load(study).responses
    assert responses.select("match_status", "match_tier").rows() == [("matched", "masked"), ("no_key", None)]  # fmt: skip
    assert responses["ip_region"].to_list() == ["四川", "四川"]
    assert responses["ip"].str.len_chars().to_list() == [32, 32]
