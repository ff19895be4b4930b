"""The page for coding: by keyboard and by mouse, with undo, blind for the audit; the codebook and its rules in rows."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from streamlit.testing.v1 import AppTest

from insight import pipeline
from insight.schema.codebook import Code, Codebook
from insight.settings import settings
from pages.ui import once, places

ROOT = Path(__file__).parents[1]
BOOK = Codebook(codes=(Code(name="价格", key="p", rules=("价格|贵",)), Code(name="物流", key="w", rules=("near(物流|快递, 慢, 8) & !不慢",))))  # fmt: skip
TEXTS = (
    "价格有点贵了",
    "物流实在太慢了",
    "包装盒子很漂亮",
    "贵，物流也慢死了",
    "快递员很客气",
    "味道真的很好",
)
TO_CODE = 4  # the other two are kept for the audit


@pytest.fixture
def study(request):
    """A study of six comments with a codebook, where the app finds it."""
    made = pipeline.new(settings().studies_dir / f"编码{abs(hash(request.node.name)) % 10**6}")
    rows = "".join(f"{at},{text}\n" for at, text in enumerate(TEXTS))
    pipeline.add(made, f"评论编号,评论内容\n{rows}".encode(), name="评论.csv")
    pipeline.set_codebook(made, BOOK)
    return made


def opened(study, view: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=240)
    app.query_params["study"] = study.path.name
    app.run()
    app.switch_page(places.CODING.file)
    app.query_params["study"], app.query_params["view"] = study.path.name, view
    app.run()
    assert not app.exception
    return app


def press(app: AppTest, key: str) -> None:
    app.button(key=key).click().run()
    assert not app.exception


def shown(app: AppTest) -> str:
    """The text that is being coded, without its marks."""
    told = next(m.value for m in app.markdown if m.value.startswith("####"))
    return told.replace(":orange-background[", "").replace("]", "").removeprefix("#### ")


def picked(app: AppTest) -> set[str]:
    return {b.key for b in app.button if b.key and b.key.startswith("need:") and b.proto.type == "primary"}  # fmt: skip


def test_what_the_rules_propose_is_corrected_saved_and_taken_back(study):
    app = opened(study, "code")
    first = shown(app)
    before = picked(app)
    press(app, "need:p")
    assert picked(app) == before ^ {"need:p"}
    press(app, "mood:negative")
    press(app, "coding:save")
    second = shown(app)
    assert second != first
    (code,) = pipeline.coded(study)
    assert code.polarity == "negative"
    assert ("p" in code.needs) == ("need:p" not in before)
    press(app, "coding:undo")
    assert pipeline.coded(study) == ()
    assert shown(app) == first
    press(app, "coding:skip")
    assert shown(app) == second
    press(app, "coding:back")
    assert shown(app) == first


def test_every_button_of_the_desk_has_its_key():
    from pages.ui import coding

    assert coding._KEYS[:9] == tuple("123456789")
    assert len(set(coding._KEYS)) == 20


def test_all_texts_of_a_batch_are_coded_one_by_one_and_each_is_saved(study):
    app = opened(study, "code")
    for n in range(1, TO_CODE + 1):
        press(app, "coding:save")
        assert len(pipeline.coded(study)) == n


def test_the_audit_shows_neither_what_the_rules_find_nor_their_words(study):
    app = opened(study, "audit")
    assert not picked(app)
    assert not any("orange-background" in m.value for m in app.markdown)
    press(app, "need:w")
    press(app, "coding:save")
    (code,) = pipeline.coded(study)
    assert (code.purpose, code.needs) == ("audit", ("w",))


def test_an_existing_rule_is_edited_in_rows_with_its_hits_and_saved(study):
    app = opened(study, "book")
    app.button_group(key="choose:code").set_value("w").run()
    assert not app.exception
    box = next(t for t in app.text_input if t.value and t.value.startswith("near("))
    words = next(t for t in app.text_input if t.value == "物流、快递")
    words.set_value("物流、快递、配送").run()
    assert not app.exception
    rule = "near(物流|快递|配送, 慢, 8) & !不慢"
    assert app.text_input(key=box.key).value == rule
    next(t for t in app.text_input if t.value == "不慢").set_value("").run()
    assert app.text_input(key=box.key).value == "near(物流|快递|配送, 慢, 8)"
    assert any("**2 条**原话符合" in m.value for m in app.markdown)
    next(b for b in app.button if b.label == "保存需求").click().run()
    assert not app.exception
    assert pipeline.codebook(study).named("物流").rules == ("near(物流|快递|配送, 慢, 8)",)


def test_a_rule_too_deep_for_rows_says_so_and_stays_an_expression(study):
    pipeline.set_codebook(study, Codebook(codes=(Code(name="深", key="d", rules=("(价格 & 贵) | 物流",)),)))  # fmt: skip
    app = opened(study, "book")
    assert any("更深的括号" in c.value for c in app.caption)
    assert any(t.value == "(价格 & 贵) | 物流" for t in app.text_input)


def test_without_a_codebook_the_desk_leads_to_it(study):
    pipeline.set_codebook(study, Codebook())
    app = opened(study, "code")
    assert any("先要有编码本" in one.value for one in app.info)


def test_need_statements_stand_on_the_page(study):
    app = opened(study, "need_statements")
    assert app.title[0].value == "大家希望有什么、嫌什么、缺什么？"
    assert any("没有 2 人以上说到同一项需求" in one.value for one in (*app.warning, *app.info, *app.error))  # fmt: skip


def test_all_codes_are_made_into_a_file_that_is_taken_once_and_told_by_the_log(study, tmp_path):
    app = opened(study, "coding")
    press(app, "filed:codes:make")
    assert any("4 行编码已经写好" in one.value for one in app.success)
    url = next(one.proto.url for one in app.get("link_button") if one.proto.label == "下载编码文件")
    offer = once.DESK.take(url.split("/")[1])
    file = offer.within.run(offer.make)
    pipeline.code_all(study, tmp_path / "a.parquet")
    assert_frame_equal(pl.read_parquet(file.path), pl.read_parquet(tmp_path / "a.parquet"))
    last = pipeline.audit(study).filter(pl.col("act") == "export")[-1]
    assert "4" in last["detail"].item()
    file.close()
    app.run()
    assert "下载编码文件" not in [one.proto.label for one in app.get("link_button")]


def test_new_codes_of_people_make_the_file_old(study):
    app = opened(study, "coding")
    press(app, "filed:codes:make")
    pipeline.code_text(study, pipeline.load(study).texts["text_id"][0], ["物流"])
    app.run()
    assert "下载编码文件" not in [one.proto.label for one in app.get("link_button")]


def test_without_a_codebook_the_file_of_codes_leads_to_it(study):
    pipeline.set_codebook(study, Codebook())
    app = opened(study, "coding")
    assert any("上面的结果用的是内置的通用编码本" in one.value for one in app.caption)
    assert "filed:codes:make" not in {one.key for one in app.button}
