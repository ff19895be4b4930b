"""The issue's own example, end to end: on the page and from the command line, with people counted by hand."""

from __future__ import annotations

import json

import polars as pl
import pytest
from test_app import opened, texts

from insight import pipeline
from insight import study as store
from insight.cli import main
from insight.errors import BadAudience, Conflict, UnknownName
from insight.schema.audiences import Audience, rules_of
from pages.ui import places

EXAMPLE = "消费≥5000 且 NPS≤6 且 提到 售后"
# customer: spend, NPS, review. C01 to C06 meet all three; C07 lacks an answer, C08 a review.
PEOPLE = {
    **{f"C0{i}": (5000 + i, 6 - i % 3, "售后太慢了") for i in range(1, 7)},
    "C07": (9000, None, "售后没人理"), "C08": (9000, 2, None), "C09": (4999, 2, "售后太慢了"),
    "C10": (8000, 9, "售后不错"), "C11": (8000, 1, "很好喝"), "C12": (20, 10, "很好喝"),
}  # fmt: skip


def _csv(head: str, rows: list[str]) -> bytes:
    return "\n".join([head, *rows]).encode()


@pytest.fixture(scope="module")
def made(own_folders):
    """A study of three files about twelve people."""
    study = pipeline.new(own_folders / "studies" / "售后研究")
    orders = [f"D{who},{who},2025-03-0{i % 9 + 1} 10:00:00,{spend},咖啡豆" for i, (who, (spend, _, _)) in enumerate(PEOPLE.items())]  # fmt: skip
    pipeline.add(study, _csv("订单号,客户编号,下单时间,实付金额,品类", orders), "订单.csv")
    answers = [
        f"{i},{who},2025-04-01 10:00:00,{nps},{'男' if i % 2 else '女'}"
        for i, (who, (_, nps, _)) in enumerate(PEOPLE.items(), 1)
        if nps is not None
    ]
    head = "序号,客户编号,提交答卷时间,您有多大可能向朋友推荐我们（0-10分）,您的性别"
    pipeline.add(study, _csv(head, answers), "问卷.csv")
    said = [f"{who},{text},2025-05-01 10:00:00" for who, (_, _, text) in PEOPLE.items() if text]
    pipeline.add(study, _csv("客户编号,评论内容,评论时间", said), "评论.csv")
    return study


@pytest.fixture
def study(made):
    """The same study without any audience again after the test."""
    yield made
    before = store.head(made)
    store.commit(made, before.recipe.model_copy(update={"audiences": (), "params": {}, "report": ()}), parent=before.id, author="t", note="t")  # fmt: skip


def _press(app, label: str, at: int = 0):
    return [b for b in app.button if b.label == label][at].click().run()


def _box(app, end: str, kind: str = "selectbox"):
    return next(one for one in app.get(kind) if str(one.key).endswith(end))


def _last_kind(app):
    return [one for one in app.selectbox if str(one.key).endswith(":kind")][-1]


def test_the_example_is_built_counted_saved_and_opened_on_the_page(study):
    app = opened(places.AUDIENCES, study="售后研究")
    assert not app.exception
    _box(app, ":buying:value", "number_input").set_value(5000.0).run()
    _press(app, "再加一条")
    _last_kind(app).select("score").run()
    _box(app, ":score:comparison").select("<=").run()
    _press(app, "再加一条")
    _last_kind(app).select("said").run()
    _box(app, ":said:words", "text_input").set_value("售后").run()
    assert not app.exception
    shown = {one.label: one.value for one in app.metric}
    assert shown["符合的客户"] == "6"
    assert shown["无法判断"] == "2"
    assert shown["消费（占全部的 43.5%）"] == "¥3.0 万"
    before = store.head(study)
    _box(app, ":name", "text_input").set_value("不满的大客户").run()
    assert store.head(study) == before
    _press(app, "保存人群")
    assert not app.exception
    assert [one.name for one in store.head(study).recipe.audiences] == ["不满的大客户"]
    assert "“不满的大客户”有 6 位客户" in texts(app).replace("\\", "")
    _press(app, "名单")
    assert not app.exception
    assert any("6 位客户" in str(one.value) for one in app.markdown)


def test_a_saved_audience_is_changed_renamed_and_removed_on_the_page(study):
    pipeline.save_audience(study, Audience(name="大客户", rule=pipeline.read_rule(study, "消费>=5000")))  # fmt: skip
    app = opened(places.AUDIENCES, study="售后研究", view="build", audience="大客户")
    _box(app, ":buying:value", "number_input").set_value(8000.0).run()
    _press(app, "保存修改")
    assert not app.exception
    assert pipeline.audiences(study)[0][1] == "消费≥8,000 元"
    _box(app, "rename:大客户", "text_input").set_value("最大的客户").run()
    _press(app, "改名")
    assert pipeline.audiences(study)[0][0].name == "最大的客户"
    _press(app, "删除")
    assert not app.exception
    assert pipeline.audiences(study) == ()


def test_contradictions_are_told_while_building_and_not_saved(study):
    app = opened(places.AUDIENCES, study="售后研究")
    _box(app, ":buying:value", "number_input").set_value(1e9).run()
    _box(app, ":name", "text_input").set_value("没有人").run()
    assert "没有人符合这些条件" in texts(app)
    assert next(b for b in app.button if b.label == "保存人群").disabled


def _run(*words: object) -> int:
    return main([str(word) for word in words])


def test_the_example_goes_through_the_command_line(study, tmp_path, capsys):
    path = study.path
    assert _run("audience", path, "--where", EXAMPLE, "--preview") == 0
    told = capsys.readouterr().out
    assert "6 位客户，占 12 位客户的 50.0%" in told
    assert "另有 2 位客户因缺少答卷、文本或订单无法判断" in told
    assert _run("audience", path, "--list") == 0
    assert capsys.readouterr().out == "还没有保存人群\n"
    assert _run("audience", path, "--name", "不满", "--where", EXAMPLE) == 0
    assert _run("audience", path, "--name", "不满", "--out", tmp_path / "名单.csv") == 0
    assert pl.read_csv(tmp_path / "名单.csv").height == 6
    assert _run("audience", path, "--export-rules", tmp_path / "规则.json") == 0
    rule = json.loads((tmp_path / "规则.json").read_text("utf-8"))[0]
    (tmp_path / "一条.json").write_text(json.dumps(rule), "utf-8")
    assert _run("audience", path, "--name", "同样", "--json", tmp_path / "一条.json") == 0
    assert _run("run", path, "audiences", "--out", tmp_path) == 0
    table = pl.read_csv(tmp_path / "audiences" / "audiences.csv")
    assert table["n_customers"].to_list() == [6, 6]
    assert (
        _run(
            "run",
            path,
            "segment_profile",
            "-p",
            "segment_profile.by=audience.不满",
            "--out",
            tmp_path,
        )
        == 0
    )
    profile = pl.read_csv(tmp_path / "segment_profile" / "profile.csv")
    assert dict(profile.select("segment", "n_customers").iter_rows()) == {"不满": 6, "不在其中": 4, "无法判断": 2}  # fmt: skip
    assert _run("audience", path, "--rename", "同样=另一个") == 0
    assert _run("audience", path, "--remove", "不满") == 0
    capsys.readouterr()
    assert _run("audience", path, "--list") == 0
    assert capsys.readouterr().out.startswith("另一个：消费≥5,000 元 且 ")


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("Q99<=3", "不认识“Q99”"),
        ("买过 品类=不存在的", "“不存在的”在数据里没有"),
        ("消费>=99999", "没有人同时符合"),
        ("消费>=5000 且 消费<100", "没有人同时符合"),
    ],
)
def test_what_cannot_be_saved_is_one_sentence_and_nothing_is_written(study, capsys, where, said):
    before = store.head(study)
    assert _run("audience", study.path, "--name", "甲", "--where", where) == 1
    assert said in capsys.readouterr().err
    assert store.head(study) == before


def test_a_name_stands_for_one_audience_and_its_uses_follow_it(study):
    rule = pipeline.read_rule(study, "消费>=5000")
    pipeline.save_audience(study, Audience(name="甲", rule=rule))
    with pytest.raises(BadAudience, match="已经有一个叫“甲”的人群"):
        pipeline.save_audience(study, Audience(name="甲", rule=rule))
    chosen = pipeline.params_of(study, "segment_profile", {"by": "audience.甲"})
    pipeline.set_params(study, chosen, key="segment_profile")
    pipeline.rename_audience(study, "甲", "乙")
    assert store.head(study).recipe.params["segment_profile"]["by"] == "audience.乙"
    assert "乙" in pipeline.run(study, "segment_profile").tables["profile"]["segment"].to_list()
    with pytest.raises(UnknownName, match="甲"):
        pipeline.remove_audience(study, "甲")
    seen = store.head(study).id
    pipeline.save_audience(study, Audience(name="丙", rule=rule))
    with pytest.raises(Conflict):
        pipeline.remove_audience(study, "乙", parent=seen)
    pipeline.remove_audience(study, "乙")
    assert store.head(study).recipe.params["segment_profile"] == {}


def test_saving_an_audience_leaves_the_results_of_others_as_they_are(study):
    from insight.pipeline.inputs import result_digest

    before = result_digest(study, "rfm"), result_digest(study, "audiences")
    pipeline.save_audience(study, Audience(name="甲", rule=rules_of({"parts": [{"on": "buying", "value": 1}]})))  # fmt: skip
    assert result_digest(study, "rfm") == before[0]
    assert result_digest(study, "audiences") != before[1]
