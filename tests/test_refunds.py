"""What comes back: rates by hand, returns that are orders of their own, waits, reasons, words, bad input."""

from __future__ import annotations

import polars as pl
import pytest
from conftest import orders_of, shared
from scipy.stats import binomtest, hypergeom
from statsmodels.stats.multitest import multipletests

from insight import cli, ledger, pipeline
from insight.analyses import find
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import TooFewRows

ANALYSIS = find("refunds")
DAY = 86_400


def _line(who, order, amount, **told):
    known = {"refund": None, "category": "x", "product": "p"}
    return {"customer_id": who, "order_id": str(order), "ordered_at": 0, "amount": float(amount), **known, **told}  # fmt: skip


def _asked(rows, texts=None, **params):
    dataset = Dataset(orders=orders_of(rows), texts=texts)
    return answer(ANALYSIS, dataset, ANALYSIS.params.model_validate(params))


def test_a_refund_within_the_order_counts_that_order_once():
    rows = [
        _line("a", 1, 60, refund=40.0), _line("a", 1, 0, refund=10.0), _line("a", 2, 50),
        _line("b", 3, 0, refund=20.0, category="y"), _line(None, 4, 30), _line("c", 5, 0),
    ]  # fmt: skip
    found = {r["group"]: r for r in ledger.refund_counts(orders_of(rows), by="category").rows(named=True)}  # fmt: skip
    assert found["x"] == {"group": "x", "n_orders": 3, "n_refunded": 1, "n_alone": 0, "n_customers": 1, "sales": 190.0, "refunded": 50.0}  # fmt: skip
    assert (found["y"]["n_orders"], found["y"]["n_refunded"], found["y"]["refunded"]) == (
        1,
        1,
        20.0,
    )


def test_a_return_of_its_own_takes_back_an_earlier_order_of_the_same_customer_and_thing():
    bought = [
        _line("a", 1, 10),
        _line("a", 2, 10),
        _line("b", 3, 10),
        _line("b", 4, 10, category="y"),
    ]
    back = [
        _line("a", 5, -10, ordered_at=DAY), _line("a", 6, -10, ordered_at=DAY), _line("a", 7, -10, ordered_at=DAY),
        _line("b", 8, -10, category="y", ordered_at=DAY), _line("b", 9, -10, category="z", ordered_at=DAY),
        _line(None, 10, -10, ordered_at=DAY), _line("c", 11, -10, ordered_at=-DAY), _line("c", 12, 10),
    ]  # fmt: skip
    found = {r["group"]: r for r in ledger.refund_counts(orders_of(bought + back), by="category").rows(named=True)}  # fmt: skip
    of_x = found["x"]
    assert (of_x["n_orders"], of_x["n_refunded"], of_x["n_alone"]) == (4, 2, 3)
    assert (found["y"]["n_refunded"], found["z"]["n_orders"], found["z"]["n_alone"]) == (1, 0, 1)
    assert of_x["refunded"] == 50.0


def test_the_wait_is_told_by_the_refund_or_measured_from_the_last_purchase_of_that_product():
    rows = [
        _line("a", 1, 0, refund=10.0, refunded_at=3 * DAY + 5), _line("b", 2, 10, refunded_at=None),
        _line("b", 3, 10, ordered_at=4 * DAY, refunded_at=None), _line("b", 4, -10, ordered_at=9 * DAY, refunded_at=None),
        _line("b", 5, -10, product="q", ordered_at=9 * DAY, refunded_at=None),
    ]  # fmt: skip
    assert ledger.refund_waits(orders_of(rows)).rows() == [("", 3, 1), ("", 5, 1)]


def _shop(n=60, back=12, other=3):
    """Two categories of ``n`` orders each; of the first ``back``, of the second ``other`` come back."""
    rows = []
    for i in range(n):
        told = ("破损" if i % 2 else "不想要") if i < back else None
        rows.append(
            _line(
                f"x{i}",
                i,
                0 if i < back else 10,
                refund=10.0 if i < back else None,
                refund_reason=told,
            )
        )
        rows.append(
            _line(
                f"y{i}",
                n + i,
                0 if i < other else 10,
                refund=10.0 if i < other else None,
                category="y",
                product="q",
                refund_reason=None,
            )
        )
    return rows  # fmt: skip


def test_rates_have_their_interval_and_stand_beside_the_rest():
    result = _asked(_shop())
    high, _ = result.tables["categories"].rows(named=True)
    assert (high["category"], high["n_refunded"], high["n_orders"], high["rest_rate"]) == ("x", 12, 60, 3 / 60)  # fmt: skip
    peer = binomtest(12, 60).proportion_ci(method="wilson")
    assert (high["ci_low"], high["ci_high"]) == pytest.approx((peer.low, peer.high))
    tail = hypergeom(120, 15, 60)
    p_value = 2 * (tail.sf(12) + tail.pmf(12) / 2)
    assert high["q_value"] == pytest.approx(
        multipletests([p_value, p_value], method="fdr_bh")[1][0]
    )
    told = [f for f in result.findings if "品类“x”的退款显著偏多" in f.text]
    assert len(told) == 1
    assert "20.0% 的订单退款（12/60 单），其余品类为 5.0%" in told[0].text
    assert not any("“y”" in f.text for f in result.findings)


def test_few_orders_are_neither_rated_nor_tested():
    table = _asked(_shop(n=8, back=4, other=0)).tables["categories"]
    assert table["refund_order_rate"].to_list() == [None, None]
    assert table["q_value"].to_list() == [None, None]
    assert _asked(_shop(n=20, back=15, other=0)).tables["categories"]["q_value"].is_null().all()


def test_reasons_are_counted_by_orders_and_crossed_with_categories():
    result = _asked(_shop(back=13))
    table = result.tables["reasons"]
    assert table.select("refund_reason", "n_orders", "refunded_amount", "n_customers").rows() == [("不想要", 7, 70.0, 7), ("破损", 6, 60.0, 6)]  # fmt: skip
    assert table["share_of_refunds"].to_list() == pytest.approx([7 / 13, 6 / 13])
    assert result.tables["reason_categories"].select("category", "n_orders", "base").rows() == [("x", 7, 13), ("x", 6, 13)]  # fmt: skip


def _texts(rows):
    who = sorted({row["customer_id"] for row in rows})
    said = ["杯子破损，电话 13800138000 没人接" if w.startswith("x") and int(w[1:]) < 12 else "咖啡味道很香" for w in who]  # fmt: skip
    return pl.DataFrame({"text_id": [f"t{w}" for w in who], "text": said, "customer_id": who})


def test_what_those_who_gave_back_say_is_compared_and_quoted_without_their_numbers():
    rows = _shop(other=0)
    result = _asked(rows, texts=_texts(rows))
    words = result.tables["refund_words"]
    row = words.filter(word="破损").row(0, named=True)
    assert (row["n"], row["base"], row["share_rest"], row["base_rest"]) == (12, 12, 0.0, 108)
    assert row["p_adjusted"] < 0.05
    quotes = result.tables["refund_quotes"]["quote"].to_list()
    assert 1 <= len(quotes) <= 3
    assert not any("13800138000" in one for one in quotes)
    assert any(f.text.startswith("退过款的客户显著更常提到") for f in result.findings)
    alike = _asked(rows, texts=_texts(rows).with_columns(text=pl.lit("咖啡味道很香")))
    assert not any("显著更常提到" in f.text for f in alike.findings)


def test_a_reason_that_a_buyer_wrote_is_kept_without_personal_data(study):
    lines = "客户编号,订单号,下单时间,实付金额,退款金额,退款时间,退款原因\n"
    lines += "\n".join(f"k{n},{n},2024-03-{1 + n:02d},{n + 1},{n + 1},2024-04-01,电话13800138000要求退" for n in range(12))  # fmt: skip
    pipeline.add(study, lines.encode(), "退款.csv")
    reasons = pipeline.run(study, "refunds").tables["reasons"]
    assert reasons.height == 1
    assert "13800138000" not in reasons["refund_reason"][0]
    assert pipeline.run(study, "refunds").tables["waits"]["n_returns"][0] == 12


def test_nothing_refunded_only_returns_and_no_customers_are_answered():
    with pytest.raises(TooFewRows, match="退款或退货"):
        _asked([_line("a", 1, 10)])
    with pytest.raises(TooFewRows, match="付款订单"):
        _asked([_line("a", 1, -10)])
    rows = [{k: v for k, v in row.items() if k != "customer_id"} for row in _shop()]
    result = _asked(rows)
    assert result.tables["categories"]["n_customers"].to_list() == [0, 0]
    assert result.tables["summary"]["n_refunded"][0] == 15


def test_the_example_study_gives_back_what_was_planted(demo_study, tmp_path, capsys):
    """咖啡器具 comes back in 7 % of its lines, everything else in 3 %; half of it 收到时破损."""
    assert cli.main(["run", str(demo_study.path), "refunds", "--out", str(tmp_path)]) == 0
    assert "退款" in capsys.readouterr().out
    tables = pipeline.run(demo_study, "refunds").tables
    best = tables["categories"].row(0, named=True)
    assert best["category"] == "咖啡器具"
    assert best["ci_low"] < 0.08 < best["ci_high"] + 0.01
    assert best["q_value"] < 0.001
    cells = tables["reason_categories"].filter(category="咖啡器具").sort("share")
    assert cells["refund_reason"][-1] == "收到时破损"
    assert 1 <= tables["waits"]["median_days"][0] <= 15


def test_returns_of_a_wholesaler_are_those_of_pandas():
    """UCI Online Retail: C invoices are returns of their own."""
    lines = pl.read_parquet(shared("data/online_retail/online_retail.parquet"))
    raw = lines.rename({c: c.lower().replace(" ", "").replace("_", "") for c in lines.columns})
    invoice = "invoice" if "invoice" in raw.columns else "invoiceno"
    price = "price" if "price" in raw.columns else "unitprice"
    raw = raw.filter(pl.col("customerid").is_not_null()).with_columns(amount=pl.col("quantity") * pl.col(price))  # fmt: skip
    raw = raw.filter(
        pl.col("stockcode").cast(pl.String).is_in(["22423", "85123A", "23843", "POST"])
    )
    rows = raw.select(
        customer_id=pl.col("customerid").cast(pl.String), order_id=pl.col(invoice).cast(pl.String),
        ordered_at=pl.col("invoicedate").cast(pl.Datetime).dt.epoch("s"), amount="amount", product=pl.col("stockcode").cast(pl.String),
    )  # fmt: skip
    counts = ledger.refund_counts(orders_of(rows.rows(named=True)), by="product")
    frame = rows.to_pandas()
    for row in counts.rows(named=True):
        own = frame[frame["product"] == row["group"]]
        money = own.groupby(["customer_id", "order_id"]).agg(net=("amount", "sum"), paid=("amount", lambda a: a[a > 0].sum()), at=("ordered_at", "min")).reset_index()  # fmt: skip
        money["back"] = money["paid"] - money["net"]
        assert row["n_orders"] == (money["paid"] > 0).sum()
        assert row["refunded"] == pytest.approx(money["back"].sum())
        n = 0
        for _, one in money.groupby("customer_id"):
            paid = one[one["paid"] > 0]
            inside = (paid["back"] > 1e-9).sum()
            apart = one[(one["paid"] <= 0) & (one["back"] > 1e-9)]
            after = (apart["at"] >= paid["at"].min()).sum() if len(paid) else 0
            n += inside + min(after, len(paid) - inside)
        assert row["n_refunded"] == n
        assert row["n_refunded"] <= row["n_orders"]
