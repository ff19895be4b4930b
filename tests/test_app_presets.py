"""The screen says what a file was recognised as, offers another preset, and keeps a mapping for the next month."""

from __future__ import annotations

import pytest
from test_app import opened, texts

from insight import pipeline
from insight.settings import settings
from pages.ui import places

WJX = "序号,提交答卷时间,所用时间,来源,来源详情,来自IP,1、性别,2、爱好\n" + "".join(
    f"{i},2024/3/{i} 10:0{i % 10}:00,{60 + i}秒,微信,,1.2.3.4(广东-深圳),{'男女'[i % 2]},茶┋酒\n"
    for i in range(1, 10)
)
MARCH = "单据,客户,购买日,净额\n" + "".join(
    f"A{i},张-{i},2024-03-0{i} 10:00,{i}.5\n" for i in range(1, 7)
)


@pytest.fixture(autouse=True)
def own_presets_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("INSIGHT_PRESETS_DIR", str(tmp_path / "presets"))
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def select(app, label):
    return next(one for one in app.selectbox if one.label == label)


def test_an_upload_says_its_platform_evidence_and_confidence_and_takes_another(own_folders):
    pipeline.new(own_folders / "studies" / "答卷")
    app = opened(places.IMPORT, study="答卷")
    app.file_uploader[0].upload("答卷.csv", WJX.encode()).run()
    assert "识别为 问卷星·按文本（依据：序号、提交答卷时间、所用时间、来源），把握 9" in texts(app)
    others = select(app, "不是？改为…")
    assert {"腾讯问卷", "问卷星·按序号", "不用预设"} <= set(others.options)
    assert "京东" not in others.options
    others.set_value("腾讯问卷").run()
    assert "识别为 腾讯问卷（由用户指定）" in texts(app)
    select(app, "不是？改为…").set_value("不用预设").run()
    assert "没有识别出平台" in texts(app)
    assert not app.exception


def test_a_mapping_is_kept_and_the_next_month_says_what_changed_before_the_import(own_folders):
    study = pipeline.new(own_folders / "studies" / "每月")
    hints = pipeline.Hints(
        table="orders", roles={"单据": "order_id", "客户": "customer_id", "购买日": "ordered_at", "净额": "amount"},
    )  # fmt: skip
    pipeline.add(study, MARCH.encode(), "三月.csv", hints=hints)
    app = opened(places.MAPPING, study="每月")
    keep = next(b for b in app.button if b.label == "保存预设")
    assert keep.disabled
    next(t for t in app.text_input if t.label == "预设名称").set_value("门店日报").run()
    next(b for b in app.button if b.label == "保存预设").click().run()
    assert "已保存为“门店日报”，4 列" in texts(app)
    app = opened(places.IMPORT, study="每月")
    april = MARCH.replace("2024-03", "2024-04").replace("购买日,净额", "购买日期,净额")
    app.file_uploader[0].upload("四月.csv", april.encode()).run()
    assert "识别为 我的预设“门店日报”" in texts(app)
    assert "改名的列：“购买日”→“购买日期”。" in app.warning[0].value
    assert next(b for b in app.button if b.label == "导入 1 个文件").disabled is False
    assert select(app, "不是？改为…").options[1] == "我的预设“门店日报”"


def test_the_next_month_follows_the_mapping_of_this_study_but_not_that_of_a_new_one(own_folders):
    study = pipeline.new(own_folders / "studies" / "按月")
    roles = {"单据": "order_id", "客户": "customer_id", "购买日": "ordered_at", "净额": "amount"}
    pipeline.add(study, MARCH.encode(), "三月.csv", hints=pipeline.Hints(table="orders", roles=roles))  # fmt: skip
    app = opened(places.IMPORT, study="按月")
    april = MARCH.replace("2024-03", "2024-04").replace("客户,购买日", "客户,购买日期")
    app.file_uploader[0].upload("四月.csv", april.encode()).run()
    assert "识别为 与本研究的“三月.csv”相同的表，按它的映射（4 列对得上，0 列新增，0 列缺少），把握 88%" in texts(app).replace("\\", "")  # fmt: skip
    assert "改名的列：“购买日”→“购买日期”。" in app.warning[0].value
    app.segmented_control[0].set_value("新建研究").run()
    assert "三月.csv" not in texts(app)
    app.segmented_control[0].set_value("加入当前研究").run()
    next(b for b in app.button if b.label == "导入 1 个文件").click().run()
    assert not app.exception
    assert pipeline.status(study).tables == {"orders": 12}
