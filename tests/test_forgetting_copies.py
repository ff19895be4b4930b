"""Whoever is forgotten in a study may still be in its copies: those are named, and no others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from insight import access, pipeline
from insight import study as store
from insight.access import Actor
from insight.cli import main
from insight.pipeline import Forgotten
from insight.pipeline.copies import Held
from insight.settings import settings
from insight.study import Unsaved
from pages.ui import places

GONE, STAYS = "13800000001", "13800000002"
MEMBERS = f"会员号,手机号,姓名\nM1,{GONE},王一\nM2,{STAYS},李二\nM3,13800000003,张三\n"
ORDERS = "订单号,会员号,下单时间,实付金额\n" + "".join(f"A{i},M{i % 3 + 1},2025-0{i % 9 + 1}-03 10:00:00,{100 + i}\n" for i in range(8))  # fmt: skip


def unsaved(study, number: int) -> Unsaved:
    """A change of one revision that nobody saved."""
    recipe = store.revision(study, number).recipe.model_copy(update={"banners": {"表头": ("rfm",)}})
    return Unsaved(parent=number, note="保存表头", recipe=recipe)


def copied(study, name: str, *, of: int = 3):
    return pipeline.save_copy(study, unsaved(study, of), name)


@pytest.fixture
def study(tmp_path):
    """Revision 2 has the orders, revision 3 the members, too."""
    made = pipeline.new(tmp_path / "原件")
    pipeline.add(made, ORDERS.encode(), "订单.csv")
    pipeline.add(made, MEMBERS.encode(), "会员.csv")
    return made


def test_a_study_without_copies_names_none(study):
    other = pipeline.new(study.path.parent / "别的研究")
    pipeline.add(other, MEMBERS.encode(), "会员.csv")
    assert pipeline.copies(study).n == 0
    done = pipeline.forget(study, "phone", GONE)
    assert pipeline.copies_in_words(done.copies) == ""


def test_a_copy_that_holds_the_person_is_named_until_the_person_is_gone_from_it(study):
    copied(study, "甲")
    second = copied(study, "乙")
    assert pipeline.copies(study).names == ("乙", "甲")
    pipeline.forget(second, "phone", GONE)
    done = pipeline.forget(study, "phone", GONE)
    assert done.copies.names == ("甲",)
    assert pipeline.copies_in_words(done.copies) == "这个人还在本研究的副本里：“甲”，请到那里再删除一次。"  # fmt: skip
    later = pipeline.forget(study, "phone", STAYS)
    assert later.copies.names == ("乙", "甲")


def test_a_copy_of_a_copy_and_the_original_are_of_the_same_line(study):
    grandchild = copied(copied(study, "甲"), "乙")
    assert pipeline.copies(grandchild).names == ("原件", "甲")
    assert pipeline.forget(grandchild, "phone", GONE).copies.names == ("原件", "甲")


def test_a_copy_that_knows_the_person_by_another_identity_only_is_named(study):
    copied(study, "只有订单", of=2)
    assert pipeline.forget(study, "phone", GONE).copies.names == ("只有订单",)


def test_a_copy_made_before_the_files_came_holds_nobody(study):
    copied(study, "空的", of=1)
    assert pipeline.copies(study).names == ("空的",)
    assert pipeline.forget(study, "phone", GONE).copies.n == 0


def test_a_backup_that_was_restored_is_a_copy(study, tmp_path):
    pipeline.backup(study, tmp_path / "备份.zip")
    store.restore(tmp_path / "备份.zip", tmp_path / "恢复的", keys_dir=settings().keys_dir)
    assert pipeline.forget(study, "phone", GONE).copies.names == ("恢复的",)


def test_a_copy_that_cannot_be_read_is_named_rather_than_passed_over(study):
    copy = copied(study, "坏了")
    shutil.rmtree(copy.path / "objects")
    assert pipeline.forget(study, "phone", GONE).copies.names == ("坏了",)


def test_copies_that_one_may_not_open_are_counted_and_not_named(study, monkeypatch):
    copied(study, "别的部门")
    monkeypatch.setattr(access, "role_of", lambda person, study: None)
    monkeypatch.setenv("INSIGHT_MODE", "team")
    settings.cache_clear()
    with access.acting(Actor("boss@example.com", "admin")):
        found = pipeline.copies(study)
    settings.cache_clear()
    assert (found.names, found.n_hidden) == ((), 1)
    told = pipeline.copies_in_words(found)
    assert told == "这个人还在本研究的副本里：另有 1 份您无权打开的，请管理员处理。"
    assert "别的部门" not in told


def test_the_command_names_the_copies_and_the_log_counts_them(study, capsys):
    copied(study, "甲")
    assert main(["forget", str(study.path), "--phone", GONE]) == 0
    assert "副本里：“甲”" in capsys.readouterr().out
    assert "副本里还有 1" in pipeline.audit(study)["detail"][-1].split("；")


def test_the_log_of_a_copy_says_what_it_is_a_copy_of(study):
    assert (
        "名称 甲；副本来自 原件；版本 3" in pipeline.audit(copied(study, "甲"))["detail"].to_list()
    )


def test_the_page_counts_the_copies_before_and_names_them_after(own_folders):
    study = pipeline.new(settings().studies_dir / "要删除的人")
    pipeline.add(study, MEMBERS.encode(), "会员.csv")
    copy = copied(study, "要删除的人 副本", of=2)
    app = AppTest.from_file(str(Path(__file__).parents[1] / "streamlit_app.py"), default_timeout=300)  # fmt: skip
    app.query_params["study"] = study.path.name
    app.run()
    app.switch_page(places.KEEPING.file)
    app.query_params["study"], app.query_params["view"] = study.path.name, "person"
    app.session_state["safe:certificate"] = Forgotten("c0ffee", "2026-01-01", {"会员.csv": 1}, 0, 3, Held((copy.path.name,)))  # fmt: skip
    app.run()
    assert not app.exception
    assert any("这个研究有 1 份副本" in str(one.value) for one in app.caption)
    assert any("“要删除的人 副本”，请到那里再删除一次" in str(one.value) for one in app.warning)
    for one in (study, copy):
        shutil.rmtree(one.path)
