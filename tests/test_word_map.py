"""Words and groups on one map: only words that shape it are drawn, counts are people."""

from __future__ import annotations

import polars as pl
import pytest

from insight.analyses.text import word_map as page
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import MissingColumns


def study(n=60):
    """Women speak of parcels, men of the taste; everybody of the price."""
    texts = [("物流慢，价格贵" if i % 2 else "味道浓郁，价格贵") for i in range(n)]
    ids = [f"c{i:02}" for i in range(n)]
    rows = {"text_id": [f"t{i:02}" for i in range(n)], "text": texts, "customer_id": ids}
    customers = pl.DataFrame({"customer_id": ids, "gender": ["男", "女"] * (n // 2)})
    return Dataset(texts=pl.DataFrame(rows), customers=customers)


def run(**params):
    return answer(page.ANALYSIS, study(), page.Params(by="customers.gender", **params))


def points(result):
    return {row["point"]: row for row in result.tables["points"].to_dicts()}


def test_words_of_one_group_lie_on_its_side_and_those_of_all_in_the_middle():
    placed = points(run())
    assert placed["物流"]["first"] * placed["女"]["first"] > 0
    assert placed["味道"]["first"] * placed["女"]["first"] < 0
    assert placed["价格"]["first"] == pytest.approx(0, abs=1e-9)
    assert (placed["物流"]["n_people"], placed["价格"]["n_people"], placed["女"]["n_people"]) == (30, 60, 30)  # fmt: skip


def test_only_words_that_contribute_more_than_the_average_are_drawn():
    result = run()
    placed = points(result)
    words = [row for row in placed.values() if row["kind"] == "词"]
    assert sum(row["first_contribution_share"] for row in words) == pytest.approx(1)
    assert placed["物流"]["is_drawn"]
    assert placed["女"]["is_drawn"]
    assert not placed["价格"]["is_drawn"]
    drawn = next(iter(result.charts["points"].to_dict()["datasets"].values()))
    assert "价格" not in {row.get("point") for row in drawn}


def test_without_groups_it_says_what_is_lacking():
    with pytest.raises(MissingColumns):
        answer(page.ANALYSIS, Dataset(texts=study().texts), page.Params())
