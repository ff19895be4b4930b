"""Respondents are weighted to the customers of the ledger, from the page's door and the command line."""

from __future__ import annotations

import json

import pytest

from insight import pipeline
from insight.cli import main
from insight.errors import TooFewRows, UnknownName
from insight.schema import Weighting

# Ten buyers in 广东, ten in 上海; eight of the first and two of the second answered.
ORDERS = "订单编号,会员号,下单时间,实付金额,地区\n" + "".join(
    f"D{i},M{i:02d},2025-01-{1 + i % 28:02d} 10:00:00,{50 + i},{'广东' if i < 10 else '上海'}\n" for i in range(20)
)  # fmt: skip
ANSWERS = "序号,会员号,1、您满意吗\n" + "".join(
    f"{n},M{i:02d},{'满意' if i < 10 else '不满意'}\n" for n, i in enumerate([*range(8), 10, 11], 1)
)
BY_REGION = Weighting(margins=("orders.region",))


@pytest.fixture
def filled(study):
    pipeline.add(study, ORDERS.encode(), "订单.csv")
    pipeline.add(study, ANSWERS.encode(), "答卷.csv")
    return study


def _satisfied(study) -> tuple[int, float]:
    table = pipeline.run(study, "topline").tables["Q1"]
    row = table.filter(option="满意").row(0, named=True)
    return row["n"], row["share"]


def test_weights_give_the_answers_of_all_customers(filled):
    pipeline.set_params(filled, pipeline.params_of(filled, "topline", {}), key="topline")
    assert _satisfied(filled)[0] == 8
    pipeline.set_weighting(filled, BY_REGION)
    # half of the customers live in 广东, where all are satisfied
    assert _satisfied(filled) == (8, pytest.approx(0.5, abs=1e-3))
    pipeline.set_weighting(filled, Weighting())
    assert _satisfied(filled) == (8, pytest.approx(0.8))


def test_the_preview_tells_margins_and_what_they_cost(filled):
    made = pipeline.preview_weighting(filled, BY_REGION)
    rows = {r["group"]: r for r in made.margins.to_dicts()}
    assert rows["广东"]["share_of_respondents"] == pytest.approx(0.8)
    assert rows["广东"]["share_of_customers"] == pytest.approx(0.5)
    assert rows["广东"]["share_of_weights"] == pytest.approx(0.5, abs=1e-4)
    # weights .625 x 8 and 2.5 x 2: 10^2 / (8 x .390625 + 2 x 6.25) / 10
    assert made.raked.efficiency == pytest.approx(100 / 15.625 / 10)


def test_what_cannot_be_weighted_changes_nothing(filled):
    before = pipeline.status(filled).revision
    with pytest.raises(UnknownName):
        pipeline.set_weighting(filled, Weighting(margins=("nix",)))
    assert pipeline.status(filled).revision == before


def test_nobody_matched_means_nobody_to_weight(study):
    pipeline.add(study, ORDERS.encode(), "订单.csv")
    pipeline.add(study, "序号,1、您满意吗\n1,满意\n2,不满意\n".encode(), "答卷.csv")
    with pytest.raises(TooFewRows):
        pipeline.preview_weighting(study, BY_REGION)


def test_the_command_line_sets_tiers_and_weights(filled, capsys):
    path = str(filled.path)
    assert main(["match", path, "--exact-only", "--rake", "orders.region"]) == 0
    assert "效率 64.0%" in capsys.readouterr().out
    assert main(["match", path, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["tiers"] == ["exact"]
    assert told["weighting"]["margins"] == ["orders.region"]
    assert told["keys"] == [
        {"table": "responses", "key": "customer_id", "n_rows": 10, "n_with_key": 10, "n_matched": 10, "n_decided": 10}
    ]  # fmt: skip
    assert main(["match", path, "--tiers", "masked,weak", "--no-rake"]) == 0
    assert main(["match", path, "--tiers", "nix"]) == 1
    assert main(["match", path, "--rake", "rfm", "--caps", "x"]) == 1
