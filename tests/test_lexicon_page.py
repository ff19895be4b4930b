"""The page of the words: a list is edited with a look at what changes; suggested words are taken or refused."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from insight import pipeline
from insight.schema.lexicon import lexicon_of
from insight.settings import settings
from pages.ui import once, places

ROOT = Path(__file__).parents[1]
AROUND = zip("甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉", strict=True)
TEXTS = [*(f"{a}云感{b}" for a, b in AROUND), *(["快递太慢"] * 200)]


@pytest.fixture
def reviewed(request):
    """A study of comments, where the app finds it."""
    study = pipeline.new(settings().studies_dir / f"词库{abs(hash(request.node.name)) % 10**6}")
    rows = "".join(f"{at},{text}\n" for at, text in enumerate(TEXTS))
    pipeline.add(study, f"评论编号,评论内容\n{rows}".encode(), name="评论.csv")
    return study


def opened(study, **address):
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    app.query_params["study"] = study.path.name
    app.run()
    app.switch_page(places.LEXICON.file)
    for name, value in {"study": study.path.name, **address}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def button(app, label):
    return next(b for b in app.button if b.label.startswith(label))


def test_an_edit_shows_what_it_changes_and_is_saved_as_a_revision(reviewed):
    app = opened(reviewed)
    assert button(app, "保存词库").disabled
    app.text_area[0].set_value("云感\n").run()
    assert any("210 条文本里有 10 条的切词会变" in m.value for m in app.markdown)
    (shown,) = app.dataframe
    assert len(shown.value) == 10
    assert all("云感" in after.split(" / ") for after in shown.value["after"])
    button(app, "保存词库").click().run()
    assert not app.exception
    assert [w.word for w in pipeline.lexicon(reviewed).words] == ["云感"]


def test_synonyms_that_cannot_be_are_said_and_nothing_is_saved(reviewed):
    app = opened(reviewed, part="synonyms")
    app.text_area[0].set_value("物流 = 快递\n配送 = 快递").run()
    assert any("既并入“物流”又并入“配送”" in w.value for w in app.warning)
    assert not pipeline.lexicon(reviewed).synonyms


def test_a_line_that_is_no_entry_is_told(reviewed):
    app = opened(reviewed, part="synonyms")
    app.text_area[0].set_value("物流").run()
    assert any("第 1 行“物流”不会收入" in w.value for w in app.warning)


def test_suggested_words_are_listed(reviewed):
    app = opened(reviewed, view="suggest")
    (shown,) = app.dataframe
    assert "云感" in set(shown.value["word"])
    assert button(app, "收入词库").disabled
    assert button(app, "不再提示").disabled


def test_all_words_are_made_into_a_file_with_the_saved_words(reviewed):
    pipeline.set_lexicon(reviewed, lexicon_of({"words": [{"word": "云感"}]}))
    app = opened(reviewed)
    app.button(key="filed:words:make").click().run()
    assert not app.exception
    assert any("210 条文本的词已经写好" in one.value for one in app.success)
    url = next(one.proto.url for one in app.get("link_button") if one.proto.label == "下载切词文件")
    offer = once.DESK.take(url.split("/")[1])
    made = pl.read_parquet(offer.within.run(offer.make).path)
    assert made.filter(pl.col("words").list.contains("云感")).height == 10
    assert made.height == 210
