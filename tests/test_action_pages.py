"""On the screen: a suggestion is promised, a list is exported and started, the rule book is checked before it counts."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import fixed_key

from insight import pipeline
from insight import study as store
from insight.study import Study
from pages.ui import once, places
from tests.test_app import opened, texts

NAME = "行动页"
ORDERS = "订单编号,会员号,下单时间,实付金额,渠道\n" + "".join(
    f"D{i},M{i % 60:03d},2025-{1 + i % 12:02d}-0{1 + i % 9} 10:00:00,{50 + 30 * (i % 60)},{'门店' if i % 4 else '天猫'}\n" for i in range(240)
)  # fmt: skip


@pytest.fixture(scope="module")
def study(own_folders: Path) -> Study:
    made = pipeline.new(own_folders / "studies" / NAME)
    fixed_key(made, own_folders / "keys")
    pipeline.add(made, ORDERS.encode(), "订单.csv")
    return made


def _press(app, label: str, at: int = 0):
    return [b for b in app.button if b.label == label][at].click().run()


def test_a_suggestion_becomes_an_action_that_is_done_and_dropped_on_the_page(study):
    app = opened(places.STRATEGY, study=NAME)
    assert not app.exception
    rows = pipeline.run(study, "strategy").tables["actions"]
    assert rows["brief"][0] in texts(app)
    assert f"依据：{rows['because'][0]}".split("（")[0] in texts(app).replace("\\", "")
    _press(app, "登记")
    assert not app.exception
    assert [one.target for one in pipeline.promises(study)] == rows["target"].to_list()[:1]
    app = opened(places.STRATEGY, study=NAME, view="action_review")
    assert "登记过的行动" in texts(app)
    _press(app, "标为完成")
    assert pipeline.promises(study)[0].is_done
    _press(app, "删除")
    assert pipeline.promises(study) == ()


def _list_page():
    return opened(places.CAMPAIGNS, study=NAME, view="campaign", group="value_tier=高消费")


def test_a_list_is_exported_with_a_line_in_the_log_and_started(study):
    app = _list_page()
    assert not app.exception
    assert "对照" in texts(app)
    _press(app, "导出名单（csv）")
    assert not app.exception
    assert "export" not in {line.act for line in store.audit(study)}
    url = next(one.proto.url for one in app.get("link_button") if one.proto.label == "下载名单（csv）")  # fmt: skip
    offer = once.DESK.take(url.split("/")[1])
    data = offer.within.run(offer.make)
    (line,) = [one for one in store.audit(study) if one.act == "export"]
    assert dict(line.what) == {"file": f"{NAME}_本期活动_名单.csv", "rows": len(data.splitlines()) - 1}  # fmt: skip
    _press(_list_page(), "登记")
    app = _list_page()
    assert not app.exception
    (begun,) = pipeline.campaigns(study)
    assert (begun.name, begun.n_touched + begun.n_held_out) == ("本期活动", 12)
    assert begun.n_held_out == 1
    assert "登记过的活动" in texts(app)
    _press(app, "登记")
    assert "已经登记过叫“本期活动”的活动" in texts(app)
    pipeline.drop_campaign(study, "本期活动")


def test_a_wrong_rule_book_is_told_and_not_recorded_a_right_one_counts(study):
    app = opened(places.STRATEGY, study=NAME, view="book")
    (rules,) = (frame.value for frame in app.dataframe if "建议" in frame.value)
    assert "{" not in "".join(rules["建议"])
    area = app.text_area[0]
    right = area.value
    area.set_value(right.replace("when: 客户数 >= 30", "when: 客户 >= 30")).run()
    _press(app, "记录")
    assert "没有叫“客户”的事实" in texts(app)
    assert pipeline.playbook_text(study) == right
    app.text_area[0].set_value(right.replace("when: 客户数 >= 30", "when: 客户数 >= 31")).run()
    _press(app, "记录")
    assert not app.exception
    assert "客户数 >= 31" in pipeline.playbook_text(study)
    _press(app, "恢复自带的规则库")
    assert pipeline.playbook_text(study) == right


@pytest.mark.parametrize("view", ["sample_size", "roi", "recommendations", "uplift"])
def test_the_other_views_answer_or_say_what_is_missing(study, view):
    app = opened(places.CAMPAIGNS, study=NAME, view=view)
    assert not app.exception
    assert texts(app)
