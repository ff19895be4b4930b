"""Two breaks across each other: tests against scipy and statsmodels, cells by hand, which pair is shown."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from conftest import orders_of
from scipy.stats import chi2_contingency
from scipy.stats.contingency import association as scipy_association
from statsmodels.stats.contingency_tables import Table

from insight.analyses import find
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import BadParameter, TooFewRows
from insight.stats.association import association

DAY = 86_400
COUNTS = np.array([[30.0, 10, 20], [15, 25, 40]])


def test_the_test_and_the_residuals_are_those_of_scipy_and_statsmodels():
    found = association(COUNTS)
    assert found.chi2 == pytest.approx(chi2_contingency(COUNTS, correction=False).statistic)
    assert found.p_value == pytest.approx(chi2_contingency(COUNTS, correction=False).pvalue)
    assert found.residual == pytest.approx(np.asarray(Table(COUNTS, shift_zeros=False).standardized_resids))  # fmt: skip
    assert found.expected == pytest.approx(np.asarray(Table(COUNTS, shift_zeros=False).fittedvalues))  # fmt: skip
    assert found.v < scipy_association(COUNTS.astype(int), method="cramer")


def test_the_corrected_v_is_bergsmas_by_hand():
    # 2 x 2, n = 100: chi2 = 36, phi2 = .36 - 1/99, both sides 2 - 1/99, V = sqrt(phi2 / (1 - 1/99))
    found = association(np.array([[40.0, 10], [10, 40]]))
    assert found.chi2 == pytest.approx(36)
    assert found.v == pytest.approx(((0.36 - 1 / 99) / (1 - 1 / 99)) ** 0.5)
    assert association(np.full((2, 2), 25.0)).v == 0


def test_a_side_with_one_group_and_low_cells_are_not_tested():
    alone = association(np.array([[10.0, 20], [0, 0]]))
    assert np.isnan([alone.chi2, alone.p_value, alone.v]).all()
    assert np.isnan(alone.residual).all()
    low = association(np.array([[2.0, 30], [3, 40]]))
    assert low.n_low == 2
    assert np.isnan(low.residual[:, 0]).all()
    assert not np.isnan(low.residual[:, 1]).any()


def _orders() -> list[dict[str, object]]:
    """60 in 华东, half of them large; 60 in 华南, all small; 12 more have no region."""
    rows = []
    for i in range(132):
        region = "华东" if i < 60 else "华南" if i < 120 else None
        amount = 1_000 + i if i < 26 else 10 + i / 100
        rows.append({"customer_id": f"c{i:03}", "order_id": str(i), "ordered_at": i * DAY, "amount": amount, "region": region, "category": "甲" if i % 2 else "乙"})  # fmt: skip
    return rows


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return Dataset(orders=orders_of(_orders()))


def test_region_by_tier_comes_first_and_its_cells_are_counted(dataset):
    result = answer(find("crosses"), dataset)
    cells = result.tables["cross"]
    # 高消费: fewer than 20 % of 132 spend more: the 26 large ones and the next, all of 华东 or 华南's best
    high = cells.filter(row_group="华东", column_group="高消费").row(0, named=True)
    everybody = cells.filter(column_group="高消费")["n_customers"].sum()
    assert cells["n_customers"].sum() == 120
    assert (high["n_customers"], high["base"], high["share"]) == (26, 60, 26 / 60)
    assert high["share_all"] == everybody / 120
    assert high["tgi"] == pytest.approx(100 * (26 / 60) / (everybody / 120))
    assert high["expected"] == pytest.approx(60 * everybody / 120)
    assert high["reading"] == "高于"
    assert high["spend_per_customer"] == pytest.approx(1_000 + 12.5)
    assert "有关联" in result.findings[0].text
    assert result.tables["pairs"]["variable"].to_list() == ["主要购买地区 × 消费层级", "购买次数 × 主要购买品类"]  # fmt: skip


def test_no_relation_is_said_and_no_cell_is_read(dataset):
    result = answer(find("crosses"), dataset, find("crosses").params(rows="orders.category", columns="orders.region"))  # fmt: skip
    assert set(result.tables["cross"]["reading"]) == {""}
    assert "看不出关联" in result.findings[0].text
    assert result.findings[0].text.startswith("主要购买品类 × 主要购买地区")


def test_a_pair_with_one_group_says_so(dataset):
    lines = [line | {"region": "华东"} for line in _orders()]
    first = answer(find("crosses"), Dataset(orders=orders_of(lines))).findings[0]
    assert "有一边只有一组" in first.text


def test_one_side_alone_is_laid_across_the_spend_and_the_same_side_twice_is_refused(dataset):
    params = find("crosses").params
    for chosen, shown in (
        ({"rows": "orders.category"}, "主要购买品类 × 消费层级"),
        ({"columns": "value_tier"}, "购买次数 × 消费层级"),
    ):
        result = answer(find("crosses"), dataset, params(**chosen))
        assert result.tables["pairs"]["variable"][0] == shown
    with pytest.raises(BadParameter, match="同一个变量"):
        answer(find("crosses"), dataset, params(rows="rfm", columns="rfm"))


def test_without_region_and_category_orders_and_spend_are_crossed():
    lines = [{k: v for k, v in line.items() if k not in ("region", "category")} for line in _orders()]  # fmt: skip
    result = answer(find("crosses"), Dataset(orders=orders_of(lines)))
    assert result.tables["pairs"]["variable"].to_list() == ["购买次数 × 消费层级"]


def test_groups_that_share_nobody_are_said_in_one_sentence(dataset):
    people = pl.DataFrame({"customer_id": ["x", "y"], "gender": ["女", "男"]})
    strangers = Dataset(orders=dataset.orders, customers=people)
    with pytest.raises(TooFewRows, match="两个变量都知道的客户一个也没有"):
        answer(find("crosses"), strangers, find("crosses").params(rows="customers.gender", columns="rfm"))  # fmt: skip
