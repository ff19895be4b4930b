"""Where customers buy: counts by hand, who crosses channels, what is a shop, small groups, bad input."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import orders_of
from scipy.stats import mannwhitneyu

from insight import cli, pipeline
from insight.analyses import find
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import BadParameter, MissingColumns, TooFewRows
from insight.segmentation.channels import MOST_CHANNELS, ONCE, ONE, OTHERS, SEVERAL, shops

ANALYSIS = find("channels")


def _rows(*bought: tuple[str | None, str | None, float]) -> list[dict[str, object]]:
    return [
        {"customer_id": who, "order_id": str(n), "ordered_at": n * 60, "amount": amount, "channel": channel}
        for n, (who, channel, amount) in enumerate(bought)
    ]  # fmt: skip


def _asked(*bought, **params):
    dataset = Dataset(orders=orders_of(_rows(*bought)))
    return answer(ANALYSIS, dataset, ANALYSIS.params.model_validate(params))


BOUGHT = (
    ("a", "天猫", 100), ("a", "门店", 300), ("b", "天猫", 50), ("b", "天猫", 70), ("c", "门店", 80),
    (None, "门店", 400), ("d", None, 999), ("e", "天猫", 0), ("f", "天猫", -5),
)  # fmt: skip


def test_channels_count_known_customers_their_orders_and_money():
    table = _asked(*BOUGHT).tables["mix"]
    shop, online = table.rows(named=True)
    assert (shop["channel"], shop["side"], online["channel"], online["side"]) == ("门店", "线下", "天猫", "线上")  # fmt: skip
    assert (shop["n_customers"], shop["n_orders"], shop["spend"]) == (2, 2, 380)
    assert (online["n_customers"], online["n_orders"], online["spend"]) == (2, 3, 220)
    assert shop["share_of_spend"] == pytest.approx(380 / 600)
    assert online["share_of_customers"] == pytest.approx(2 / 3)
    assert shop["average_order_value"] == 190
    assert (shop["only_share"], online["only_share"]) == (0.5, 0.5)


def test_buyers_of_several_channels_stand_beside_those_of_one_with_as_many_orders():
    groups = {r["group"]: r for r in _asked(*BOUGHT).tables["buyers"].rows(named=True)}
    assert list(groups) == [ONCE, ONE, SEVERAL]
    assert [g["n_customers"] for g in groups.values()] == [1, 1, 1]
    assert [g["spend"] for g in groups.values()] == [80, 120, 400]
    assert groups[SEVERAL]["p_value"] is None  # one customer against one is no test


def test_shops_and_online_cross_and_every_pair_of_channels_has_its_base():
    tables = _asked(*BOUGHT, *(("g", "京东", 10), ("g", "天猫", 10))).tables
    sides = tables["online_offline"].select("side", "n_customers").rows()
    assert sides == [("只在线上", 2), ("只在线下", 1), ("线上线下都买", 1)]
    cells = {r[:2]: r[2:] for r in tables["crossing"].iter_rows()}
    assert cells["天猫", "门店"] == (1, 3, None)  # three customers are too few for a share
    assert cells["京东", "门店"] == (0, 1, None)
    assert len(cells) == 6


def test_the_worth_of_several_channels_is_tested_by_ranks():
    rng = np.random.default_rng(2)
    several, one = rng.integers(100, 900, 40), rng.integers(50, 700, 35)
    bought = [(f"s{n}", c, v / 2) for n, v in enumerate(several) for c in ("天猫", "门店")]
    bought += [(f"o{n}", "天猫", v / 2) for n, v in enumerate(one) for _ in range(2)]
    result = _asked(*bought)
    row = result.tables["buyers"].row(-1, named=True)
    peer = mannwhitneyu(several, one, method="asymptotic")
    assert row["p_value"] == pytest.approx(peer.pvalue)
    assert row["effect"] == pytest.approx(2 * peer.statistic / (40 * 35) - 1)
    assert "显著" in result.findings[1].text
    assert "Mann–Whitney" in result.findings[1].test


def test_shops_are_known_by_their_names_or_named_by_the_user():
    names = ["天猫旗舰店", "门店", "线下专柜", "微信小程序", "网上商店", "Retail store", "online store"]  # fmt: skip
    assert shops(names, "") == {"门店", "线下专柜", "Retail store"}
    assert shops(names, "微信小程序、门店") == {"微信小程序", "门店"}
    with pytest.raises(BadParameter, match="没有渠道“地摊”"):
        shops(names, "地摊")


def test_many_small_channels_become_one():
    table = _asked(*((f"c{n}", f"渠道{n:02}", 100 - n) for n in range(30))).tables["mix"]
    assert table.height == MOST_CHANNELS + 1
    others = table.row(0, named=True)
    assert (others["channel"], others["n_customers"]) == (OTHERS, 30 - MOST_CHANNELS)


def test_refunds_only_and_unknown_customers_are_said_in_one_sentence():
    with pytest.raises(TooFewRows, match="知道渠道和客户的付款订单"):
        _asked(("a", "天猫", -5), (None, "天猫", 10))
    with pytest.raises(MissingColumns, match="渠道"):
        answer(ANALYSIS, Dataset(orders=orders_of([{"customer_id": "a", "order_id": "1", "ordered_at": 0, "amount": 1.0}])))  # fmt: skip


def test_one_channel_and_one_customer_give_an_answer_without_a_heat_map():
    result = _asked(("a", "天猫", 5))
    assert set(result.tables) == {"mix", "buyers"}
    assert result.tables["buyers"]["group"].to_list() == [ONCE]


def test_the_command_line_and_the_example_study_show_the_crossing(demo_study, tmp_path, capsys):
    asked = ["run", str(demo_study.path), "channels", "--out", str(tmp_path)]
    assert cli.main([*asked, "-p", "channels.offline=门店"]) == 0
    assert "金额最高的渠道是“天猫旗舰店”" in capsys.readouterr().out
    result = pipeline.run(demo_study, "channels")
    assert any("线上线下都买的客户" in finding.text for finding in result.findings)
    mix = result.tables["mix"]
    assert mix.filter(channel="门店")["side"].item() == "线下"
    assert mix["share_of_spend"].sum() == pytest.approx(1)
