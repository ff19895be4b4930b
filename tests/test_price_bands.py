"""Price bands: edges and counts by hand, trading up by scipy and statsmodels, real data by pandas."""

from __future__ import annotations

import polars as pl
import pytest
from conftest import orders_of, shared
from scipy.stats import binomtest
from statsmodels.stats.proportion import proportion_confint, proportions_ztest

from insight import ledger
from insight.analyses import find
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import BadParameter, InsightError, MissingColumns, TooFewRows
from insight.segmentation.price_bands import edges_asked, edges_of, names_of

DAY = 86_400


def _line(who: str | None, order: str, day: int, amount: float, **more: object) -> dict[str, object]:  # fmt: skip
    return {"customer_id": who, "order_id": order, "ordered_at": day * DAY, "amount": amount, "quantity": 1.0, "category": "茶"} | more  # fmt: skip


# a: pieces of 10 and of 100 in one order; nobody's order; a return and a gift that have no price
FEW = [
    _line("a", "1", 0, 30, quantity=3.0),
    _line("a", "1", 0, 100, category="壶"),
    _line("b", "2", 0, 49.99),
    _line(None, "3", 0, 50),
    _line("b", "4", 5, -49.99),
    _line("b", "5", 6, 0),
]


def _run(lines: list[dict[str, object]], **params: object):
    dataset = Dataset(orders=orders_of(lines))
    return answer(find("price_bands"), dataset, find("price_bands").params(**{"by": "value_tier", **params}))  # fmt: skip


def test_bands_count_pieces_orders_and_known_customers():
    bands = _run(FEW, edges="50、100").tables["bands"]
    assert bands["band"].to_list() == ["¥50 以下", "¥50–100", "¥100 及以上"]
    assert bands["n_customers"].to_list() == [
        2,
        0,
        1,
    ]  # nobody's order of 50 is counted, not its buyer
    assert bands["n_orders"].to_list() == [2, 1, 1]
    assert bands["share_of_orders"].to_list() == pytest.approx(
        [2 / 3, 1 / 3, 1 / 3]
    )  # order 1 twice
    assert bands["n_pieces"].to_list() == [4, 1, 1]
    assert bands["sales_amount"].to_list() == pytest.approx([79.99, 50, 100])
    assert bands["amount_per_piece"].to_list() == pytest.approx([79.99 / 4, 50, 100])


def test_a_whole_order_has_the_price_of_all_its_lines():
    bands = _run(FEW, of="order", edges="50,130").tables["bands"]
    assert bands["n_orders"].to_list() == [1, 1, 1]
    assert bands["n_pieces"].to_list() == [1, 1, 4]
    assert bands["share_of_spend"].sum() == pytest.approx(1)


def test_the_ladder_stands_from_the_cheapest_category_to_the_dearest():
    ladder = _run(FEW, edges="50").tables["ladder"]
    assert ladder["category"].to_list() == ["茶", "茶", "壶", "壶"]
    assert ladder["share_of_pieces"].to_list() == [0.8, 0.2, 0, 1]
    only = _run(FEW, edges="50", category="壶").tables
    assert "ladder" not in only
    assert only["bands"]["n_orders"].to_list() == [0, 1]
    assert only["bands"]["share_of_orders"].to_list() == [0, 1]


def test_edges_part_what_was_sold_and_are_round():
    counts = pl.DataFrame({"price": [990, 1_990, 4_987, 12_345], "n": [250, 250, 250, 250]})
    assert edges_of(counts, 4) == (2_000, 5_000)  # 990 is the lowest price, so it parts nothing
    assert edges_of(counts.head(1), 5) == ()
    assert edges_of(pl.DataFrame({"price": [100, 900], "n": [1, 9]}), 5) == (900,)
    assert names_of((1_990, 100_000)) == ("¥19.90 以下", "¥19.90–1,000", "¥1,000 及以上")


@pytest.mark.parametrize("text", ["百", "100,50", "50,50", "0", "-5", "1.234", "nan", "inf", ",".join(map(str, range(1, 12)))])  # fmt: skip
def test_edges_that_are_none_are_said_in_one_sentence(text):
    with pytest.raises(BadParameter, match="分界"):
        edges_asked(text)


def test_edges_are_read_with_chinese_and_western_commas():
    assert edges_asked("") == ()
    assert edges_asked("¥50，99.9、200") == (5_000, 9_990, 20_000)
    assert edges_asked("19.99") == (1_999,)


def _journeys() -> list[dict[str, object]]:
    """60 begin at 20: 24 rise to 80. 40 begin at 80: 10 fall to 20. 20 more buy once; same day = one day."""
    lines = []
    for i in range(120):
        start = 20 if i < 60 or i >= 100 else 80
        end = 80 if i < 24 or 70 <= i < 100 else 20
        lines.append(_line(f"c{i:03}", f"{i}a", 0, start))
        lines += [] if i >= 100 else [_line(f"c{i:03}", f"{i}b", 9, end)]
    return [*lines, _line("c100", "again", 0, 20)]


def test_paths_and_the_sign_test_are_those_of_scipy_and_statsmodels():
    tables = _run(_journeys(), edges="50").tables
    moves = tables["moves"]
    assert moves["n_customers"].to_list() == [24, 66, 10]
    assert moves["base"].to_list() == [100] * 3
    assert moves["p_value"][0] == pytest.approx(binomtest(24, 34).pvalue)
    low, high = proportion_confint(24, 100, method="wilson")
    assert moves.row(0)[4:6] == pytest.approx((low, high))
    paths = tables["paths"]
    assert paths["direction"].to_list() == [
        "同一价格带",
        "更贵的价格带",
        "更便宜的价格带",
        "同一价格带",
    ]
    assert paths["n_customers"].to_list() == [36, 24, 10, 30]
    assert paths["base"].to_list() == [60, 60, 40, 40]
    assert paths["share"].to_list() == [0.6, 0.4, 0.25, 0.75]
    assert paths.row(1)[6:] == pytest.approx(proportion_confint(24, 60, method="wilson"))


def test_the_sentences_tell_the_way_up_and_its_base():
    told = " ".join(f.text for f in _run(_journeys(), edges="50").findings)
    assert "100 位客户里，最近一次比首次到了更贵的价格带的占 24.0%" in told
    assert "往更贵走的显著更多" in told
    assert "“¥50 以下”→“¥50 及以上”：24 人，占首次在“¥50 以下”的 60 人的 40.0%" in told


def test_a_segment_is_tested_against_the_other_segments():
    rows = _run(_journeys(), edges="50", by="frequency").tables["segment_bands"]
    one = rows.filter(segment="2–3 单", band="¥50 及以上").row(0, named=True)
    # c100 bought twice on one day: 101 bought twice, 64 of them paid most for dear pieces; of the 19 others none did
    assert (one["n_customers"], one["base"], one["rest_share"]) == (64, 101, 0)
    dear = proportions_ztest([64, 0], [101, 19])[1]
    cheap = proportions_ztest([37, 19], [101, 19])[1]
    assert max(rows["q_value"]) == pytest.approx(max(cheap, dear))
    assert one["q_value"] == pytest.approx(min(2 * dear, max(cheap, dear)))
    assert one["reading"] == "高于"


def test_three_customers_get_no_shares():
    result = _run([_line("a", "1", 0, 20), _line("a", "2", 9, 80), _line("b", "3", 0, 80)], edges="50")  # fmt: skip
    assert result.tables["moves"]["share"].to_list() == [None] * 3
    assert result.tables["moves"]["p_value"].to_list() == [None] * 3
    assert result.tables["segment_bands"]["share"].null_count() == 4
    assert "只有 1 位客户在两天以上买过" in " ".join(f.text for f in result.findings)


@pytest.mark.parametrize("lines", [
    [_line(None, "1", 0, 20)], [_line("a", "1", 0, -20)], [_line("a", "1", 0, 0)],
])  # fmt: skip
def test_what_has_no_price_or_no_customer_is_said_in_one_sentence(lines):
    with pytest.raises(TooFewRows):
        _run(lines)


def test_one_price_makes_one_band_and_odd_quantities_do_no_harm():
    same = _run([_line(f"c{i}", str(i), i, 9.9) for i in range(12)])
    assert same.tables["bands"]["band"].to_list() == ["全部价格"]
    odd = [_line("a", "1", 0, 10, quantity=0.0001), _line("b", "2", 0, 10, quantity=None), _line("c", "3", 0, 10, quantity=-2.0)]  # fmt: skip
    result = _run(odd, edges="100")
    assert result.tables["bands"]["n_pieces"].sum() == pytest.approx(2.001)
    assert "2 行没有件数" in " ".join(result.notes)


def test_a_category_that_nobody_bought_or_that_is_not_there_is_said():
    with pytest.raises(TooFewRows, match="咖啡"):
        _run(FEW, category="咖啡")
    bare = [{k: v for k, v in line.items() if k != "category"} for line in FEW]
    with pytest.raises(MissingColumns):
        _run(bare, category="茶")
    assert "ladder" not in _run(bare).tables


def test_every_kind_of_break_of_hand_made_orders_gives_a_result_or_a_sentence():
    for by in ("rfm", "high_ticket", "orders.category", "frequency"):
        assert _run(_journeys(), by=by).findings
    with pytest.raises(InsightError):
        _run(_journeys(), by="nothing")


def test_the_bands_of_online_retail_are_those_of_pandas():
    raw = pl.read_parquet(shared("data/online_retail/online_retail.parquet"))
    lines = _typed(raw)
    orders = orders_of(lines.to_dicts())
    bands = ledger.price_bands(orders, "piece", edges=(100, 200, 500), by="customer_id")
    paid = lines.filter(pl.col("amount") > 0).to_pandas()
    cents = (paid["amount"] * 10_000).round().astype("int64") * 10 // (paid["quantity"] * 1_000).round().astype("int64")  # fmt: skip
    paid["band"] = (cents >= 100).astype(int) + (cents >= 200) + (cents >= 500)
    told = paid.groupby("band").agg(n=("quantity", "sum"), sales=("amount", "sum"))
    found = bands.group_by("band").agg(pl.col("n_pieces", "sales", "n_orders").sum()).sort("band")
    assert found["n_pieces"].to_list() == pytest.approx(told["n"].to_list())
    assert found["sales"].to_list() == pytest.approx(told["sales"].to_list())
    distinct = paid.groupby(["customer_id", "order_id", "band"], dropna=False).ngroups
    assert found["n_orders"].sum() == distinct


def _typed(raw: pl.DataFrame) -> pl.DataFrame:
    """Lines as a study keeps them; those of nobody stay."""
    return raw.select(
        customer_id=pl.col("CustomerID").cast(pl.Float64, strict=False).cast(pl.Int64).cast(pl.String),
        order_id=pl.col("InvoiceNo").cast(pl.String),
        ordered_at=pl.col("InvoiceDate").cast(pl.Datetime("us")).dt.epoch("s"),
        amount=(pl.col("Quantity") * pl.col("UnitPrice")).cast(pl.Float64).round(4),
        quantity=pl.col("Quantity").cast(pl.Float64),
    )  # fmt: skip
