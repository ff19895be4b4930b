"""Respondents are weighted to the customers of the ledger or to typed shares, by margins or by cells."""

from __future__ import annotations

import json

import polars as pl
import pytest

from insight import pipeline
from insight.cli import main
from insight.errors import BadParameter, MissingColumns, NothingToTell, TooFewRows, UnknownName
from insight.schema import Target, Weighting
from insight.schema.audiences import Audience
from insight.weighting import read_targets, written_targets

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
    assert rows["广东"]["share_of_target"] == pytest.approx(0.5)
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


# Six men and four women, three of the ten are young: 男青 1, 男长 5, 女青 2, 女长 2.
PEOPLE = ["男青", "男长", "男长", "男长", "男长", "男长", "女青", "女青", "女长", "女长"]
TWO = "序号,1、性别,2、年龄,3、您满意吗\n" + "".join(
    f"{n},{p[0]},{p[1]},{'满意' if p[0] == '男' else '不满意'}\n" for n, p in enumerate(PEOPLE, 1)
)
HALF = "Q1：男=50，女=50"


@pytest.fixture
def anonymous(study):
    pipeline.add(study, TWO.encode(), "答卷.csv")
    return study


def _weights(study, **changes) -> dict[str, float]:
    table = pipeline.run(study, "weights", changes=changes).tables["respondents"]
    return dict(table.select("respondent_id", "weight").iter_rows())


def test_typed_shares_weight_everybody_without_any_customer(anonymous):
    weights = _weights(anonymous, targets=HALF)
    assert [weights[str(n)] for n in (1, 10)] == pytest.approx([5 / 6, 5 / 4])
    row = pipeline.run(anonymous, "weights", changes={"targets": HALF}).tables["trimming"].row(0, named=True)  # fmt: skip
    # 10^2 / (6 x 25/36 + 4 x 25/16) = 100 / 10.41667 = 9.6
    assert (row["effective_base"], row["efficiency_share"]) == pytest.approx((9.6, 0.96))
    assert (row["smallest_weight"], row["largest_weight"]) == pytest.approx((5 / 6, 1.25))
    pipeline.set_weighting(anonymous, pipeline.weighting_of(anonymous, {"targets": HALF}))
    share = pipeline.run(anonymous, "topline").tables["Q3"].filter(option="满意")["share"].item()
    assert share == pytest.approx(0.5)


def test_two_typed_margins_are_both_met(anonymous):
    result = pipeline.run(anonymous, "weights", changes={"targets": f"{HALF}；Q2：青=50，长=50"})
    margins = result.tables["margins"]
    assert margins["share_of_weights"].to_list() == pytest.approx(margins["share_of_target"].to_list(), abs=1e-4)  # fmt: skip
    assert margins["target_difference"].abs().max() < 1e-4
    weights = _weights(anonymous, targets=f"{HALF}；Q2：青=50，长=50")
    # raking keeps the odds ratio of the cells: (1 x 2) / (5 x 2), so weight(男青) x weight(女长) = weight(男长) x weight(女青)
    assert weights["1"] * weights["10"] == pytest.approx(weights["2"] * weights["7"], rel=1e-3)


def test_cells_get_target_over_share(anonymous):
    cells = "Q1 × Q2：男 × 青=25，男 × 长=25，女 × 青=10，女 × 长=40"
    weights = _weights(anonymous, targets=cells, method="cell")
    assert [weights[n] for n in ("1", "2", "7", "9")] == pytest.approx([2.5, 0.5, 0.5, 2.0], rel=1e-4)  # fmt: skip
    with pytest.raises(BadParameter, match="单元格加权只有一组目标"):
        _weights(anonymous, targets=f"{HALF}；Q2：青=50，长=50", method="cell")


def test_cells_of_the_customers_are_crossed(filled):
    wanted = Weighting(margins=("orders.region", "value_tier"), method="cell", smallest=0.01, largest=100)  # fmt: skip
    made = pipeline.preview_weighting(filled, wanted)
    assert made.margins["weighed_by"].unique().to_list() == ["主要购买地区 × 消费层级"]
    assert made.margins["share_of_target"].sum() == pytest.approx(1)
    assert {g.split(" × ")[0] for g in made.margins["group"]} == {"广东", "上海"}


def test_the_trimming_report_tells_what_caps_cost_and_give(anonymous):
    result = pipeline.run(anonymous, "weights", changes={"targets": "Q2：青=90，长=10", "largest": 2.0})  # fmt: skip
    capped, free = result.tables["trimming"].to_dicts()
    assert (free["caps"], free["n_at_largest"], capped["n_at_largest"]) == ("不设上下限", 0, 3)
    assert free["largest_weight"] == pytest.approx(3.0)
    assert capped["largest_weight"] == pytest.approx(2.0)
    assert capped["efficiency_share"] > free["efficiency_share"]
    # three respondents at twice the mean hold 6 of 10 parts instead of 9
    assert capped["largest_difference"] == pytest.approx(0.3, abs=1e-3)
    assert free["largest_difference"] < 1e-4
    assert any("目标没有全部达到" in f.text and "应占 90.0%" in f.text for f in result.findings)
    assert result.tables["respondents"].filter("is_capped")["respondent_id"].to_list() == ["1", "7", "8"]  # fmt: skip


@pytest.mark.parametrize(
    ("targets", "sentence"),
    [
        ("Q1：男=50，女=40", "合计 90.0%，应为 100%"),
        ("Q1：男=110，女=-10", "“女”是负数"),
        ("Q1：男=100，女=0", "“女”有 4 份答卷，却目标是 0"),
        ("Q1：男=100", "“女”有 4 份答卷，却没有目标"),
        ("Q1：男=40，女=40，其他=20", "“其他”要占 20.0%，却没有一份答卷在其中"),
        ("Q1：男=50，女=50；Q1：男=50，女=50", "“Q1”出现了两次"),
        ("男=50", "应先写题号和冒号"),
        ("Q1：男50", "应写成 组名=百分数"),
        ("Q1：男=50，男=50", "“男”出现了两次"),
    ],
)
def test_targets_that_cannot_be_met_are_one_sentence_each(anonymous, targets, sentence):
    with pytest.raises(BadParameter, match=sentence):
        _weights(anonymous, targets=targets)


def test_what_there_is_nothing_to_weight_to_is_said(anonymous):
    with pytest.raises(NothingToTell, match="没有可以对照的客户"):
        _weights(anonymous)
    with pytest.raises(UnknownName):
        _weights(anonymous, targets="Q9：男=50，女=50")
    with pytest.raises((MissingColumns, UnknownName)):
        _weights(anonymous, margins="rfm")


def test_typed_shares_are_read_back_as_they_are_written():
    named = (Target(margin="Q1 × Q2", shares={"男，青": 12.5, "女=长": 87.5}), Target(margin="Q3", shares={"甲": 100.0}))  # fmt: skip
    assert read_targets(written_targets(named)) == named
    assert read_targets("") == ()


def test_weights_of_the_file_are_described_and_bad_ones_counted(study):
    rows = "序号,权重,1、您满意吗\n1,2,满意\n2,1,不满意\n3,1,不满意\n4,0,满意\n5,-1,满意\n6,,满意\n"
    pipeline.add(study, rows.encode(), "答卷.csv")
    result = pipeline.run(study, "weights")
    assert result.tables["trimming"]["effective_base"].item() == pytest.approx(16 / 6)
    assert result.tables["respondents"]["weight"].to_list() == pytest.approx([1.5, 0.75, 0.75])
    assert any(note.startswith("3 份答卷权重缺失、为 0 或为负") for note in result.notes)


def test_who_left_a_question_with_a_target_open_keeps_a_weight_and_is_told(study):
    pipeline.add(study, (TWO + "11,,青,满意\n").encode(), "答卷.csv")
    result = pipeline.run(study, "weights", changes={"targets": HALF})
    assert result.tables["respondents"].height == 11
    assert result.tables["respondents"].filter(respondent_id="11")["weight"][0] == pytest.approx(1)
    assert any("1 份答卷没有回答填写了目标的某道题" in note for note in result.notes)


def test_who_is_no_customer_has_no_weight_where_the_targets_are_the_customers(filled):
    pipeline.add(filled, "序号,会员号,1、您满意吗\n99,X99,满意\n".encode(), "补充.csv")
    made = pipeline.preview_weighting(filled, BY_REGION)
    assert (made.n_outside, made.weights.height) == (1, 10)


def test_a_filter_keeps_the_weights_of_the_whole_sample(filled):
    pipeline.set_weighting(filled, BY_REGION)
    rule = pipeline.read_rule(filled, "Q1=满意")
    pipeline.save_audience(filled, Audience(name="满意的", rule=rule))
    pipeline.set_filter(filled, "满意的")
    weights = pipeline.run(filled, "weights").tables["respondents"]["weight"]
    assert weights.sort().to_list() == pytest.approx([0.625] * 8 + [2.5] * 2)
    assert _satisfied(filled)[0] == 8


def test_the_command_line_weights_tries_and_forgets(filled, capsys, tmp_path):
    path = str(filled.path)
    assert main(["weight", path, "--customers", "orders.region", "--try"]) == 0
    assert not pipeline.weighting(filled).is_on
    assert main(["weight", path, "--customers", "orders.region", "--out", str(tmp_path)]) == 0
    assert "加权效率 64.0%" in capsys.readouterr().out
    assert pipeline.weighting(filled).margins == ("orders.region",)
    assert pl.read_csv(tmp_path / "respondents.csv").height == 10
    assert main(["weight", path, "--target", "Q1：满意=50，不满意=50", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["trimming"][0]["efficiency_share"] == pytest.approx(0.64)  # fmt: skip
    assert pipeline.weighting(filled).targets[0].shares == {"满意": 50.0, "不满意": 50.0}
    assert main(["weight", path, "--clear"]) == 0
    assert not pipeline.weighting(filled).is_on
    assert main(["weight", path, "--caps", "x"]) == 1
    assert main(["weight", path, "--customers"]) == 0
    assert pipeline.weighting(filled).is_on


def test_who_left_the_question_of_a_typed_target_open_keeps_the_weight_one(study):
    rows = ["男"] * 30 + ["女"] * 60 + [""] * 10
    answers = "序号,1、性别,2、满意吗\n" + "".join(
        f"{n},{sex},满意\n" for n, sex in enumerate(rows, 1)
    )
    pipeline.add(study, answers.encode(), "答卷.csv")
    half = Weighting(targets=(Target(margin="Q1", shares={"男": 50, "女": 50}),))
    made = pipeline.preview_weighting(study, half)
    told = {r["group"]: r for r in made.margins.to_dicts()}
    assert (made.n_outside, made.n_partly, made.weights.height) == (0, 10, 100)
    assert sorted(set(made.weights["weight"].round(9))) == pytest.approx([0.75, 1.0, 1.5])
    assert told["男"]["share_of_respondents"] == pytest.approx(30 / 90)
    assert told["男"]["share_of_weights"] == pytest.approx(0.5)
    notes = pipeline.run(study, "weights", changes={"targets": written_targets(half.targets)}).notes
    assert any("10 份答卷没有回答" in note for note in notes)
