"""The page of interviews: empty, read, edited and saved."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_app import opened, texts
from test_speakers import TALK

from insight import pipeline
from insight import study as store
from pages.ui import places


@pytest.fixture
def talked(own_folders: Path, request):
    """A study of one interview."""
    study = pipeline.new(own_folders / "studies" / f"访谈 {request.node.name}"[:40])
    pipeline.add(study, (TALK + "李四 00:02:00\n**好** ![](http://x)\n").encode(), "访谈一.txt")
    return study


def test_a_study_without_interviews_asks_for_them(own_folders):
    pipeline.new(own_folders / "studies" / "没有访谈")
    app = opened(places.INTERVIEWS, study="没有访谈")
    assert not app.exception
    assert "需要访谈文件" in texts(app)
    assert "导入数据" in [b.label for b in app.button]


def test_speakers_and_turns_are_shown_with_words_as_they_were_written(talked):
    app = opened(places.INTERVIEWS, study=talked.path.name)
    assert not app.exception
    shown = texts(app)
    assert "7 段话，86% 标明了说话人" in shown.replace("\\", "")
    assert "00:00:09" in shown.replace("\\", "").replace("\u2060", "")
    assert "![](" not in shown


def test_who_is_called_as_their_role_is_named_once(own_folders):
    study = pipeline.new(own_folders / "studies" / "访谈同名")
    pipeline.add(study, "主持人：您喝什么？\n受访者：我喝拿铁。\n主持人：在哪买？\n受访者：楼下。\n".encode(), "访谈.txt")  # fmt: skip
    turns = [m.value for m in opened(places.INTERVIEWS, study="访谈同名").markdown]
    heads = [turn.splitlines()[0].strip() for turn in turns if turn.startswith(":small[:gray[")]
    assert heads == [":small[:gray[主持人　访问员]]", ":small[:gray[受访者]]"] * 2


def test_an_edited_role_is_saved_and_the_turns_change(talked):
    before = store.head(talked)
    app = opened(places.INTERVIEWS, study=talked.path.name)
    app.session_state[f"edit:speakers:{talked.path.name}:0:{before.id}"] = {
        "edited_rows": {1: {"身份": "访问员"}, 2: {"身份": "不计入"}}, "added_rows": [], "deleted_rows": [],
    }  # fmt: skip
    app.run()
    next(b for b in app.button if b.label == "保存身份").click().run()
    assert not app.exception
    assert not app.error
    after = store.head(talked)
    assert after.parent == before.id
    assert after.recipe.sources[0].decisions.speakers == {"张三": "interviewer", "王五": ""}
    assert "插一句" not in texts(app)
