"""Clusters, concentration, migration and crosses of the superstore, against the sheet read by other means."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from conftest import shared
from scipy.stats import chi2_contingency

from insight import pipeline

SUPERSTORE = "data/tableau_superstore_zh/示例 - 超市.xls"


@pytest.fixture(scope="module")
def superstore(tmp_path_factory):
    path = shared(SUPERSTORE)
    study = pipeline.new(tmp_path_factory.mktemp("superstore") / "study")
    pipeline.add(study, path.read_bytes(), path.name)
    return study


@pytest.fixture(scope="module")
def spend() -> pl.DataFrame:
    sheet = pl.read_excel(shared(SUPERSTORE), sheet_name="订单")
    return sheet.group_by("客户 ID").agg(
        spend=pl.col("销售额").sum(), n=pl.col("订单 ID").n_unique()
    )


def test_the_gini_is_the_mean_difference_of_all_pairs(superstore, spend):
    """Gini = mean |x - y| over all pairs, over twice the mean (Gini 1912)."""
    row = pipeline.run(superstore, "concentration").tables["summary"].row(0, named=True)
    values = spend["spend"].to_numpy()
    assert row["n_customers"] == len(values) == 790
    pairs = np.abs(values[:, None] - values[None, :]).mean() / (2 * values.mean())
    assert row["gini"] == pytest.approx(pairs, abs=1e-6)
    assert row["top_share"] == pytest.approx(np.sort(values)[-158:].sum() / values.sum(), abs=1e-6)


def test_the_cross_is_that_of_scipy(superstore):
    tables = pipeline.run(superstore, "crosses").tables
    cells, pairs = tables["cross"], tables["pairs"]
    counts = cells.pivot("column_group", index="row_group", values="n_customers").drop("row_group")
    expected = chi2_contingency(counts.to_numpy(), correction=False)
    assert pairs["chi2"][0] == pytest.approx(expected.statistic)
    assert pairs["df"][0] == expected.dof
    assert cells["n_customers"].sum() == 790


def test_clusters_and_moves_keep_every_customer_and_every_yuan(superstore, spend):
    profiles = pipeline.run(superstore, "clusters").tables["profiles"]
    assert profiles["n_customers"].sum() == 790
    assert profiles["spend"].sum() == pytest.approx(spend["spend"].sum(), abs=0.01)
    assert (profiles["stability"] >= 0.6).all()
    moves = pipeline.run(superstore, "migration").tables["matrix"]
    years = pipeline.run(superstore, "migration", changes={"by": "frequency"}).tables["matrix"]
    assert moves["spend_after"].sum() == pytest.approx(years["spend_after"].sum())
