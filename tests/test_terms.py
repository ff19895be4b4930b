"""What was agreed for a study: warned before the end, read-only after it, deleted only when somebody asks."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from insight import access, pipeline
from insight import study as store
from insight.cli import main
from insight.errors import NotAllowed, NotExpired, StudyExpired
from insight.settings import settings
from insight.study import Recipe, Terms

TODAY = date.today()
ORDERS = "客户编号,订单号,下单时间,实付金额\nC1,O1,2025-01-01,10\n".encode()


def _until(study, days, *, sensitive=False):
    pipeline.agree(study, Terms(TODAY + timedelta(days=days), sensitive))


def test_nothing_is_agreed_at_first(study):
    assert pipeline.terms(study) == Terms(None, sensitive=False)
    assert pipeline.end_in_words(study) == ""
    assert pipeline.fewest(study) == 5


@pytest.mark.parametrize(
    ("days", "said"), [(31, ""), (30, "还有 30 天"), (0, "最后一天"), (-1, "已经过了")]
)
def test_the_end_is_told_from_thirty_days_before(study, days, said):
    _until(study, days)
    told = pipeline.end_in_words(study)
    assert (told == "") if not said else (said in told)
    assert pipeline.is_over(study) == (days < 0)


def test_after_the_last_day_the_study_opens_but_nothing_is_changed(study):
    pipeline.add(study, ORDERS, "订单.csv")
    _until(study, -1)
    again = pipeline.opened(study.path)
    before = store.head(again)
    assert pipeline.run(again, "trend").tables["monthly"].height == 1
    with pytest.raises(StudyExpired, match="只能查看"):
        store.commit(again, Recipe(), parent=before.id, author="甲", note="改")
    assert store.head(again) == before
    _until(study, 365)
    assert (
        store.commit(study, before.recipe, parent=before.id, author="甲", note="改").id
        == before.id + 1
    )


def test_a_clock_that_jumps_back_opens_nothing_again_and_keeps_the_order(study, monkeypatch):
    _until(study, -1)
    assert store.days_left(study, today=TODAY - timedelta(days=400)) == -1
    with pytest.raises(StudyExpired):
        store.commit(study, Recipe(), parent=1, author="甲", note="改")
    _until(study, 10)
    monkeypatch.setattr("insight.study.revisions.now", lambda: "2001-01-01T00:00:00+08:00")
    second = store.commit(study, Recipe(), parent=1, author="甲", note="早")
    monkeypatch.undo()
    third = store.commit(study, Recipe(), parent=second.id, author="甲", note="晚")
    assert [one.id for one in store.history(study)] == [third.id, second.id, 1]
    assert store.broken_line(study) is None


def test_only_a_study_whose_time_is_over_by_the_clock_of_now_is_deleted(study):
    for last in (None, TODAY, TODAY + timedelta(days=1)):
        pipeline.agree(study, Terms(last))
        with pytest.raises(NotExpired):
            pipeline.purge(study)
    assert study.path.is_dir()


def test_deletion_takes_the_folder_and_the_key(study):
    key = store.key_path(study, settings().keys_dir)
    assert key.is_file()
    _until(study, -1)
    pipeline.purge(study)
    assert not study.path.exists()
    assert not key.exists()
    assert not list(study.path.parent.glob(".[0-9a-f]*"))


def test_terms_are_for_those_who_manage_and_stand_in_the_log(study):
    with access.acting(access.Actor("李", "analyst")):
        with pytest.raises(NotAllowed):
            _until(study, 5)
        with pytest.raises(NotAllowed):
            pipeline.purge(study)
    _until(study, 5, sensitive=True)
    last = store.audit(study)[-1]
    assert (last.act, dict(last.what)) == ("terms", {"expires": str(TODAY + timedelta(days=5)), "sensitive": True})  # fmt: skip
    n = len(store.audit(study))
    _until(study, 5, sensitive=True)
    assert len(store.audit(study)) == n


def test_terms_travel_with_a_backup(study, tmp_path):
    _until(study, 5, sensitive=True)
    pipeline.backup(study, tmp_path / "b.zip")
    again = pipeline.restore(tmp_path / "b.zip", tmp_path / "again")
    assert pipeline.terms(again) == pipeline.terms(study)


def test_the_commands_agree_tell_and_delete(study, capsys):
    path = str(study.path)
    assert main(["terms", path, "--expires", "2020-12-31", "--sensitive", "yes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"expires": "2020-12-31", "sensitive": True, "is_over": True}  # fmt: skip
    assert main(["terms", path, "--expires", "31.12.2027"]) == 1
    assert main(["terms", path]) == 0
    assert "已经过了" in capsys.readouterr().out
    assert main(["purge", path]) == 1
    assert study.path.is_dir()
    assert main(["purge", path, "--yes"]) == 0
    assert not study.path.exists()
