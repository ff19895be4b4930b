"""Needs of a real shop's reviews by spending, on the command line and in the recipe; what real files lack is said."""

from __future__ import annotations

import json

import polars as pl
import pytest
from conftest import shared

from insight import pipeline
from insight.cli import main
from insight.errors import Conflict, MissingColumns, UnknownName
from insight.schema.codebook import Code, Codebook
from insight.schema.need_statements import NeedStatement
from insight.study import Recipe

BOOK = Codebook(codes=(
    Code(name="配送", rules=("prazo|entrega|chegou|atraso|correios|entregue",)),
    Code(name="质量", rules=("qualidade|defeito|quebrado|funciona",)),
    Code(name="发错货", rules=("errado|diferente|trocado|faltando|incompleto",)),
))  # fmt: skip
NAMES = {"order_id": "订单号", "customer_unique_id": "客户编号", "order_purchase_timestamp": "下单时间", "paid": "实付金额"}  # fmt: skip


def table(name: str) -> pl.DataFrame:
    return pl.read_csv(
        shared(f"data/olist_sample_A/olist_{name}_dataset.csv"), infer_schema_length=None
    )


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """The orders with their payments, and the reviews with their buyers."""
    paid = table("order_payments").group_by("order_id").agg(paid=pl.col("payment_value").sum())
    buyers = table("orders").join(table("customers"), on="customer_id").join(paid, on="order_id")
    reviews = table("order_reviews").join(buyers.select("order_id", "customer_unique_id"), on="order_id")  # fmt: skip
    said = reviews.drop_nulls("review_comment_message").select(
        客户编号="customer_unique_id", 评论内容="review_comment_message", 评分="review_score"
    )
    study = pipeline.new(tmp_path_factory.mktemp("olist") / "study")
    orders = buyers.select(pl.col(name).alias(label) for name, label in NAMES.items())
    pipeline.add(study, orders.sort("订单号").write_csv().encode(), "orders.csv")
    pipeline.add(study, said.sort(pl.all()).write_csv().encode(), "评论.csv")
    pipeline.set_codebook(study, BOOK)
    return study, said


def test_reviews_of_a_real_shop_are_needs_of_its_spending_tiers(shop):
    study, said = shop
    result = pipeline.run(study, "needs_by_segment", changes={"by": "value_tier"})
    matrix = result.tables["matrix"]
    total = matrix.filter(need="配送", segment="总计").row(0, named=True)
    lower = said.with_columns(pl.col("评论内容").str.to_lowercase())
    meant = lower.filter(pl.col("评论内容").str.contains("prazo|entrega|chegou|atraso|correios|entregue"))  # fmt: skip
    assert total["n"] == meant["客户编号"].n_unique()
    stars = said.group_by("客户编号").agg(pl.col("评分").mean())
    mean = stars.filter(pl.col("客户编号").is_in(meant["客户编号"].implode()))["评分"].mean()
    assert total["satisfaction"] == pytest.approx(25 * (mean - 1))
    assert set(matrix["segment"]) > {"总计"}
    inner = matrix.filter(pl.col("segment") != "总计", need="配送")
    assert inner["n"].sum() == total["n"]
    assert inner["revenue"].sum() == pytest.approx(total["revenue"])


def test_where_hardly_anybody_comes_back_there_is_an_upper_bound_at_most(shop):
    study, _ = shop
    result = pipeline.run(study, "needs_by_segment", changes={"by": "value_tier"})
    total = result.tables["needs"].filter(need="配送").row(0, named=True)
    assert total["sources"].startswith("1/3 订单")
    assert total["revenue_at_stake"] is None or total["revenue_at_stake"] >= 0
    assert total["ras_high"] is not None


def test_a_theme_of_real_reviews_goes_with_fewer_stars(shop):
    study, said = shop
    themes = pipeline.run(study, "theme_impact").tables["themes"].filter(outcome="满意度")
    row = themes.filter(theme="发错货").row(0, named=True)
    stars = said.group_by("客户编号").agg(
        pl.col("评分").mean(), words=pl.col("评论内容").str.join("。")
    )
    meant = pl.col("words").str.to_lowercase().str.contains("errado|diferente|trocado|faltando|incompleto")  # fmt: skip
    mean = stars.filter(meant)["评分"].mean()
    assert row["n"] == stars.filter(meant).height
    assert row["mean_with"] == pytest.approx(25 * (mean - 1))
    assert row["beside_high"] < 0
    assert row["leave_out_gap"] < 0


def test_a_real_shop_whose_orders_name_no_products_is_told_so(shop):
    with pytest.raises(MissingColumns, match="商品或品类"):
        pipeline.run(shop[0], "need_products")


def test_a_statement_is_recorded_shown_with_its_evidence_and_forgotten(shop, capsys):
    study, _ = shop
    by = ["-p", "by=value_tier"]
    folder = str(study.path)
    asked = [
        "needs",
        folder,
        "--need",
        "配送",
        "--when",
        "当急着用时",
        "--want",
        "我想按时收到。",
        *by,
    ]
    assert main(asked) == 0
    assert "当急着用时，我想按时收到。" in capsys.readouterr().out
    assert pipeline.need_statements(study) == (
        NeedStatement(need="配送", when="当急着用时", want="我想按时收到"),
    )
    assert main(["needs", folder, "--json", *by]) == 0
    told = {one["need"]: one for one in json.loads(capsys.readouterr().out)}
    assert told["配送"]["sentence"] == "当急着用时，我想按时收到。"
    assert told["配送"]["n_reviews"] == told["配送"]["n_buyers"] > 300
    assert main(["needs", folder, "--need", "没有", "--want", "x", *by]) == 1
    assert "没有叫“没有”的需求" in capsys.readouterr().err
    assert main(["needs", folder, "--need", "配送", *by]) == 1
    assert main(["needs", folder, "--need", "配送", "--clear", *by]) == 0
    assert pipeline.need_statements(study) == ()


def test_a_statement_on_an_old_revision_conflicts_and_computes_nothing_anew(shop):
    study, _ = shop
    changes = {"by": "value_tier"}
    before = pipeline.status(study).revision
    result = pipeline.run(study, "needs_by_segment", changes=changes)
    one = NeedStatement(need="配送", so_that="不耽误用")
    pipeline.state_need(study, one, parent=before, result=result)
    with pytest.raises(Conflict):
        pipeline.state_need(study, one, parent=before, result=result)
    with pytest.raises(UnknownName):
        pipeline.state_need(study, NeedStatement(need="没有", want="x"), result=result)
    again = pipeline.run(study, "needs_by_segment", changes=changes)
    assert again.tables["matrix"].equals(result.tables["matrix"])


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"when": "下雨", "want": "快点到", "so_that": "不用等"}, "当下雨时，我想快点到，以便不用等。"),
        ({"want": "我想快点到，"}, "我想快点到。"),
        ({"so_that": "以便安心"}, "以便安心。"),
        ({}, ""),
    ],
)  # fmt: skip
def test_the_sentence_holds_what_is_told(parts, told):
    assert NeedStatement(need="配送", **parts).sentence == told
    assert bool(NeedStatement(need="配送", **parts)) == bool(told)


def test_an_old_recipe_has_no_statements():
    assert Recipe.model_validate_json("{}").need_statements == ()


def test_satisfaction_without_orders_or_words_is_refused_in_one_sentence(study):
    path = shared("data/crm_satisfaction_sim/chapter4_data.csv")
    for kind in ("customers", "responses"):
        pipeline.add(study, path.read_bytes(), path.name, hints=pipeline.Hints(table=kind))
    for key in ("needs_by_segment", "priorities", "need_products", "lifecycle_needs", "price_need"):
        with pytest.raises(MissingColumns, match="订单"):
            pipeline.run(study, key)
    with pytest.raises(MissingColumns, match="多选题"):
        pipeline.run(study, "theme_impact")
