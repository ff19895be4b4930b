"""Who buys much, often and lately: scores by five methods, names that cover every code once, one definition."""

from __future__ import annotations

from datetime import date
from itertools import combinations, product

import numpy as np
import polars as pl
import pytest
from conftest import orders_of, shared

from insight.analyses import find
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import BadParameter, BadSegmentNames
from insight.schema import Definitions, NamedGroup
from insight.segmentation import names, rfm, scoring
from insight.segmentation.breaks import break_of
from insight.segmentation.rfm_definition import Definition

DAY = 86_400


def _table(days, orders, spend):
    rows = {"days_since_last": days, "n_orders": orders, "spend": [float(s) for s in spend]}
    return pl.DataFrame({"customer_id": [f"c{i}" for i in range(len(days))], **rows})


def _scores(scored):
    return {name: scored[name].to_list() for name in "rfm"}


def test_a_renamed_group_stands_for_the_default_group_of_most_of_its_codes():
    merged = (
        NamedGroup(name="好", codes="111 101"),  # one code each: the more valuable name wins
        NamedGroup(name="走了", codes="0*0 001"),  # 010, 000 and 001: one each
        NamedGroup(name="其余", codes="011 110 100"),
    )
    assert names.default_names(merged, scheme="eight") == {
        "好": "重要价值客户", "走了": "重要挽留客户", "其余": "重要保持客户",
    }  # fmt: skip
    for scheme in ("eight", "eleven"):
        default = names.default_groups(scheme)
        assert names.default_names(default, scheme=scheme) == {g.name: g.name for g in default}


def test_equal_values_get_equal_scores_by_average_rank():
    # ranks of 1 1 1 2 3 4 5 6 7 8 are 2 2 2 4 5 6 7 8 9 10; 1 + floor(5 (rank - .5) / 10)
    values = pl.Series([1, 1, 1, 2, 3, 4, 5, 6, 7, 8])
    assert scoring.by_rank(values).to_list() == [1, 1, 1, 2, 3, 3, 4, 4, 5, 5]


def test_recent_customers_score_high():
    scored = rfm.score(_table([1, 10, 20, 30, 40], [1, 2, 3, 4, 5], [5, 4, 3, 2, 1]))
    assert _scores(scored) == {"r": [5, 4, 3, 2, 1], "f": [1, 2, 3, 4, 5], "m": [5, 4, 3, 2, 1]}


def test_a_frequency_that_hardly_varies_falls_back_to_fixed_bands_and_says_so():
    table = _table(list(range(10)), [1] * 8 + [3, 7], range(10))
    assert rfm.frequency_is_degenerate(table)
    assert rfm.score(table)["f"].to_list() == [1] * 8 + [3, 5]
    lines = [{"customer_id": f"c{i}", "order_id": f"{i}", "ordered_at": i * DAY, "amount": 10 + i} for i in range(30)]  # fmt: skip
    told = answer(find("rfm"), Dataset(orders=orders_of(lines)))
    assert any("F 分因大多数客户次数相同" in note for note in told.notes)


def test_fixed_cuts_count_the_day_and_the_yuan_on_the_line_as_reached():
    table = _table([30, 31, 90, 366], [1, 2, 3, 6], [199.99, 200, 500, 5000])
    fixed = Definition(scoring="fixed", m_cuts="200, 500，1000、3000")
    assert _scores(rfm.score(table, fixed)) == {"r": [5, 4, 4, 1], "f": [1, 2, 3, 5], "m": [1, 2, 3, 5]}  # fmt: skip


def test_one_business_cut_parts_high_from_low():
    table = _table([10, 100, 10, 100], [1, 5, 1, 5], [1000, 1000, 10, 10])
    cut = Definition(scoring="fixed", r_cuts="30", f_cuts="3", m_cuts="500", split="top_score")
    scored = rfm.score(table, cut)
    assert _scores(scored) == {"r": [4, 2, 4, 2], "f": [2, 4, 2, 4], "m": [4, 4, 2, 2]}
    assert rfm.name_groups(scored, cut)["segment"].to_list() == [
        "重要发展客户", "重要保持客户", "一般发展客户", "一般保持客户",
    ]  # fmt: skip


@pytest.mark.parametrize(("cuts", "part"), [
    ("", "1–4 个从小到大"), ("3,2", "1–4 个从小到大"), ("1,1", "1–4 个从小到大"), ("1,2,3,4,5", "1–4 个从小到大"), ("一百", "逗号分开的数字"),
])  # fmt: skip
def test_cuts_that_cannot_be_used_are_said(cuts, part):
    with pytest.raises(BadParameter, match=part):
        rfm.score(_table([1], [1], [1]), Definition(scoring="fixed", m_cuts=cuts))


def _least_squares(values, k):
    """Natural breaks by trying every partition of the sorted values: the largest value of each class."""
    ordered = np.sort(np.asarray(values, dtype=float))

    def cost(edges):
        parts = np.split(ordered, edges)
        return sum(((part - part.mean()) ** 2).sum() for part in parts)

    best = min(combinations(range(1, len(ordered)), k - 1), key=cost)
    return [float(part.max()) for part in np.split(ordered, best)]


def test_natural_breaks_are_those_of_every_partition_tried():
    rng = np.random.default_rng(3)
    for _ in range(20):
        values = rng.lognormal(3, 1, size=14).round(2)
        scored = pl.DataFrame({"v": values}).with_columns(scoring.by_natural_breaks(pl.Series("s", values)))  # fmt: skip
        found = scored.group_by("s").agg(pl.col("v").max()).sort("s")
        assert found["s"].to_list() == [1, 2, 3, 4, 5]
        assert found["v"].to_list() == _least_squares(values, 5)


def test_natural_breaks_of_cents_beside_billions_lose_a_class_and_no_customer():
    """The squares of the large ones swallow what tells the small ones apart."""
    values = pl.Series("s", [0.01, *[0.04] * 5, *[0.05] * 14, *[4e10] * 5, *[5e10] * 15])
    assert scoring.by_natural_breaks(values).to_list() == [1] * 20 + [3] * 5 + [5] * 15


def test_natural_breaks_agree_with_the_classes_that_jenkspy_prints(monkeypatch):
    """The example of jenkspy's README: three classes end at 2.3, 5.0 and 7.8."""
    values = pl.Series([1.3, 7.1, 7.3, 2.3, 3.9, 4.1, 7.8, 1.2, 4.3, 7.3, 5.0, 4.3])
    monkeypatch.setattr(scoring, "SCORES", 3)
    scored = pl.DataFrame({"v": values, "s": scoring.by_natural_breaks(values)})
    assert scored.group_by("s").agg(pl.col("v").max()).sort("s")["v"].to_list() == [2.3, 5.0, 7.8]


@pytest.mark.parametrize(("values", "expected"), [
    ([7], [3]), ([7, 7, 7], [3, 3, 3]), ([1, 9, 9], [2, 4, 4]), ([5, 1, 9], [3, 1, 5]), ([1, 2, 3, 4], [1, 2, 4, 5]),
])  # fmt: skip
@pytest.mark.parametrize("method", ["jenks", "kmeans"])
def test_fewer_values_than_classes_spread_over_the_scores(method, values, expected):
    table = _table([1] * len(values), [1] * len(values), values)
    assert rfm.score(table, Definition(scoring=method))["m"].to_list() == expected


def test_clusters_on_a_log_scale_find_the_orders_of_magnitude():
    values = [m * 10.0**p for p in range(1, 6) for m in (0.9, 1, 1.1)]
    assert scoring.by_clusters(pl.Series(values), seed=1).to_list() == [s for s in (1, 2, 3, 4, 5) for _ in range(3)]  # fmt: skip


def test_clusters_of_more_customers_than_are_fitted_keep_the_order_of_the_values(monkeypatch):
    monkeypatch.setattr(scoring, "MOST_FITTED", 50)
    values = pl.Series(np.random.default_rng(0).lognormal(size=400))
    scored = pl.DataFrame({"v": values, "s": scoring.by_clusters(values, seed=0)}).sort("v")
    assert scored["s"].is_sorted()
    assert scored["s"].unique().to_list() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("method", ["quintile", "fixed", "jenks", "kmeans"])
def test_neither_row_order_nor_ties_change_a_score(method):
    rng = np.random.default_rng(5)
    table = _table(rng.integers(0, 40, 200), rng.integers(1, 9, 200), rng.integers(-20, 60, 200))
    chosen = Definition(scoring=method, m_cuts="10,20,30,40")
    scored = rfm.score(table, chosen)
    turned = rfm.score(table.sample(fraction=1, shuffle=True, seed=2), chosen)
    assert turned.sort("customer_id").equals(scored.sort("customer_id"))
    for value, of in (("days_since_last", "r"), ("n_orders", "f"), ("spend", "m")):
        assert scored.group_by(value).agg(pl.col(of).n_unique())[of].max() == 1
        assert scored.sort(value)[of].is_sorted(descending=of == "r")


def test_the_eight_groups_compare_with_the_median():
    # medians: 3 days, 2 orders, 30 yuan; equal to the median counts as low
    table = _table([1, 2, 3, 4, 5], [3, 2, 2, 1, 4], [50, 20, 30, 10, 40])
    assert rfm.name_groups(rfm.score(table))["segment"].to_list() == [
        "重要价值客户", "一般发展客户", "一般挽留客户", "一般挽留客户", "重要保持客户",
    ]  # fmt: skip


def test_the_eight_groups_compare_with_the_mean_where_that_is_asked():
    # means: 40 days, 2 orders, 40 yuan
    table = _table([10, 20, 90], [1, 2, 3], [10, 20, 90])
    by_mean = rfm.name_groups(rfm.score(table), Definition(split="mean"))
    assert by_mean["segment"].to_list() == ["一般发展客户", "一般发展客户", "重要保持客户"]
    alike = _table([1, 1, 1], [2, 2, 2], [3.3, 3.3, 3.3])
    for split in ("median", "mean", "mean_score"):
        named = rfm.name_groups(rfm.score(alike), Definition(split=split))
        assert named["segment"].to_list() == ["一般挽留客户"] * 3


def test_m_per_order_parts_the_large_basket_from_the_many_small_ones():
    table = _table([1, 1, 1], [10, 1, 1], [300, 200, 10])
    total = rfm.score(table, Definition(scoring="fixed", m_cuts="100"))
    per_order = rfm.score(table, Definition(scoring="fixed", m_cuts="100", money="mean"))
    assert (total["m"].to_list(), per_order["m"].to_list()) == ([4, 4, 2], [2, 4, 2])


REFUNDED = [
    {"customer_id": "a", "order_id": "1", "ordered_at": 0, "amount": 100, "refund": 0.0},
    {"customer_id": "a", "order_id": "2", "ordered_at": 9 * DAY, "amount": 0, "refund": 50.0},
    {"customer_id": "b", "order_id": "3", "ordered_at": 10 * DAY, "amount": 30, "refund": 10.0},
    {"customer_id": "b", "order_id": "r", "ordered_at": 10 * DAY, "amount": -5, "refund": 0.0},
    {"customer_id": "c", "order_id": "4", "ordered_at": 8 * DAY, "amount": 0, "refund": 20.0},
]


@pytest.mark.parametrize(("rule", "expected"), [
    ("net", [("a", 1, 2, 100.0), ("b", 0, 1, 25.0), ("c", 2, 1, 0.0)]),
    ("gross", [("a", 1, 2, 150.0), ("b", 0, 1, 40.0), ("c", 2, 1, 20.0)]),
    ("void", [("a", 10, 1, 100.0), ("b", 0, 1, 25.0)]),
])  # fmt: skip
def test_the_refund_rule_says_which_orders_and_which_money_count(rule, expected):
    named = rfm.named_customers(orders_of(REFUNDED), Definition(refunds=rule), names={})
    assert named.customers.select("customer_id", "days_since_last", "n_orders", "spend").rows() == expected  # fmt: skip


def test_the_snapshot_and_the_window_say_which_orders_count():
    lines = [{"customer_id": c, "order_id": f"{c}{d}", "ordered_at": d * DAY + 5, "amount": 10} for c, d in (("a", 0), ("a", 8), ("b", 5), ("b", 9))]  # fmt: skip
    chosen = Definition(as_of="1970-01-09", window_days=5)  # days 4 to 8
    named = rfm.named_customers(orders_of(lines), chosen, names={})
    assert named.customers.select("customer_id", "days_since_last", "n_orders").rows() == [("a", 0, 1), ("b", 3, 1)]  # fmt: skip
    assert chosen.period == "截至 1970-01-09 的最近 5 天订单"


PUBLISHED = [  # rfm_table_order(rfm_data_orders, ..., as.Date("2006-12-31")) as the package prints it
    ("Abbey O'Reilly", 205, 6, 472), ("Add Senger", 140, 3, 340), ("Aden Lesch", 194, 4, 405),
    ("Aden Murphy", 98, 7, 596), ("Admiral Senger", 132, 5, 448), ("Agness O'Keefe", 90, 9, 843),
    ("Aileen Barton", 84, 9, 763), ("Ailene Hermann", 281, 8, 699), ("Aiyanna Bruen", 246, 4, 157),
]  # fmt: skip


def test_rfm_agrees_with_the_table_of_the_r_package():
    """rfm (Hebbali): 995 customers, R, F and M as printed; scores against numpy's quantiles."""
    orders = pl.read_csv(shared("data/rfm_r_package/rfm_data_orders.csv"), try_parse_dates=True)
    rows = orders.with_row_index("order_id").select(
        "customer_id", pl.col("order_id").cast(pl.String), amount=pl.col("revenue").cast(pl.Float64),
        ordered_at=pl.col("order_date").cast(pl.Date).dt.epoch("s"),
    )  # fmt: skip
    chosen = Definition(as_of="2006-12-31")
    table = rfm.named_customers(orders_of(rows.to_dicts()), chosen, names={}).customers
    assert table.height == 995
    measured = table.select("customer_id", "days_since_last", "n_orders", "spend")
    assert measured.head(len(PUBLISHED)).rows() == PUBLISHED
    spend = table["spend"].to_numpy()
    cut = np.searchsorted(np.quantile(spend, [0.2, 0.4, 0.6, 0.8]), spend) + 1
    assert (cut == table["m"].to_numpy()).mean() > 0.99  # ties at a fifth may fall on either side


def test_days_since_the_last_visit_are_those_of_the_r_package_for_39_999_customers():
    known = pl.read_csv(shared("data/rfm_r_package/rfm_data_customer.csv"), try_parse_dates=True)
    customers = known.select(
        customer_id=pl.int_range(pl.len()).cast(pl.String).str.zfill(6), last_at=pl.col("most_recent_visit").dt.epoch("s"),
        n_orders="number_of_orders", spend="revenue",
    )  # fmt: skip
    new_year = (date(2007, 1, 1) - date(1970, 1, 1)).days * DAY
    table = rfm.rfm_table(customers, as_of=new_year)
    assert table.height == 39_999
    assert (
        table["days_since_last"].cast(pl.Float64).equals(known["recency_days"], check_names=False)
    )


def test_the_eleven_names_cover_all_125_codes_once():
    codes = {"".join(c) for c in product("12345", repeat=3)}
    assert set(names.codes_of("eleven")) == codes
    listed = [code for g in names.default_groups("eleven") for code in g.codes.split()]
    assert sorted(listed) == sorted(codes)
    assert len(names.group_order("eleven")) == 11


def test_the_eight_names_are_the_textbook_ones():
    assert names.named_codes(names.default_groups("eight"), scheme="eight") == {
        "111": "重要价值客户", "101": "重要发展客户", "011": "重要保持客户", "001": "重要挽留客户",
        "110": "一般价值客户", "100": "一般发展客户", "010": "一般保持客户", "000": "一般挽留客户",
    }  # fmt: skip


def test_valuable_groups_that_stay_away_are_known_by_their_codes():
    gone = {s: names.valuable_and_gone(names.default_groups(s), scheme=s) for s in ("eight", "eleven")}  # fmt: skip
    assert gone == {"eight": ("重要保持客户", "重要挽留客户"), "eleven": ("不能失去", "流失风险")}


def _groups(*pairs):
    return tuple(NamedGroup(name=name, codes=codes) for name, codes in pairs)


def test_patterns_stand_for_the_codes_that_fit():
    own = _groups(("贵宾", "[4-5][45]5"), ("其他", "[1-3]** *[1-3]* **[1-4]"))
    with pytest.raises(
        BadSegmentNames, match="得分组合"
    ):  # the last two overlap within one name: no mistake
        names.named_codes((*own, NamedGroup(name="多余", codes="111")), scheme="eleven")
    known = names.named_codes(own, scheme="eleven")
    assert {c for c, n in known.items() if n == "贵宾"} == {"445", "455", "545", "555"}
    assert len(known) == 125


@pytest.mark.parametrize(("groups", "part"), [
    (_groups(("高", "1**")), "000、001、010、011 没有名称"),
    (_groups(("高", "1**"), ("低", "***")), "100 同时属于“高”和“低”"),
    (_groups(("高", "1**"), ("高", "***")), "100 在“高”里出现了两次"),
    (_groups(("高", "2**")), "“2\\*\\*”不是得分组合"),
    (_groups(("高", "1*")), "“1\\*”不是得分组合"),
    (_groups(("高", "[1-0]**")), "从小写到大"),
    (_groups((" ", "***")), "名称不能为空"),
    (_groups(("长" * 21, "***")), "不超过 20 个字"),
    (_groups(("换\n行", "***")), "普通文字"),
])  # fmt: skip
def test_a_map_that_does_not_name_every_code_once_is_refused(groups, part):
    with pytest.raises(BadSegmentNames, match=part):
        names.named_codes(groups, scheme="eight")


def test_a_map_comes_back_from_its_toml():
    maps = {
        "eight": _groups(('引号"与\\', "1**"), ("低", "0**")),
        "eleven": names.default_groups("eleven"),
    }
    assert names.read_toml(names.written_toml(maps)) == maps


@pytest.mark.parametrize(
    "text", ["[[eight]", "[[nine]]\nname='a'\ncodes='***'", "[[eight]]\nname='a'", "eight=3"]
)
def test_a_file_that_is_no_map_is_refused(text):
    with pytest.raises(BadSegmentNames, match="eight"):
        names.read_toml(text)


@pytest.fixture
def orders():
    lines = [
        {"customer_id": c, "order_id": f"{c}{i}", "ordered_at": (i + late) * DAY, "amount": a}
        for c, n, a, late in (("a", 1, 100, 50), ("b", 3, 10, 0), ("c", 7, 10, 40), ("d", 1, 5, 0))
        for i in range(n)
    ]  # fmt: skip
    return orders_of(lines)


def test_the_break_follows_what_the_study_recorded(orders):
    def members(**definitions):
        dataset = Dataset(orders=orders, definitions=Definitions(**definitions))
        return break_of(dataset, "rfm", unit="customer_id")

    # fixed: everybody at or above 100 yuan is high
    cut = {"scoring": "fixed", "r_cuts": "5", "f_cuts": "3", "m_cuts": "100", "split": "top_score"}
    assert dict(members(rfm=cut).members.rows()) == {
        "a": "重要发展客户", "b": "一般保持客户", "c": "一般价值客户", "d": "一般挽留客户",
    }  # fmt: skip
    named = members(rfm=cut, names={"eight": _groups(("贵宾", "**1"), ("普通", "**0"))})
    assert (named.groups, named.members["group"].to_list()) == (
        ("贵宾", "普通"),
        ["贵宾", "普通", "普通", "普通"],
    )
    late = members(rfm={"window_days": 10})
    assert late.members["customer_id"].to_list() == ["a", "c"]
    assert late.note == "（按最近 10 天订单计算）"


def test_a_recorded_definition_that_cannot_be_used_is_said(orders):
    dataset = Dataset(orders=orders, definitions=Definitions(rfm={"scoring": "guess"}))
    with pytest.raises(BadParameter, match="请在“分层”页重新设定"):
        break_of(dataset, "rfm", unit="customer_id")


def test_the_analysis_uses_the_names_of_the_study(orders):
    edited = {"eight": _groups(("贵宾", "1*1"), ("普通", "0** 1*0"))}
    result = answer(find("rfm"), Dataset(orders=orders, definitions=Definitions(names=edited)))
    assert set(result.tables["customers"]["segment"]) <= {"贵宾", "普通"}
    assert any("名称表经过修改" in note for note in result.notes)
