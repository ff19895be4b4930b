"""The one door: what is added is recorded, what is worked out is kept, and nobody overwrites anybody."""

from __future__ import annotations

import pytest

from insight import pipeline
from insight import study as store
from insight.analyses import find
from insight.errors import (
    AlreadyAdded,
    BadMapping,
    BadParameter,
    Conflict,
    DamagedStudy,
    EmptyFile,
    InsightError,
    NoUsableColumn,
    UnknownName,
)
from insight.pipeline import Hints, reporting, running
from insight.pipeline.joined import load
from insight.settings import settings

ORDERS = "单号,会员号,下单时间,实付金额,备用金额\n" + "".join(
    f"{i},M{i % 15},2025-03-{1 + i % 28:02d},{10 + i},1\n" for i in range(60)
)


@pytest.fixture
def filled(study):
    pipeline.add(study, ORDERS.encode(), "三月.csv")
    return study


def test_the_bytes_of_a_file_are_kept_untouched_under_their_hash(filled):
    (source,) = store.head(filled).recipe.sources
    assert store.get(filled, source.file) == ORDERS.encode()
    assert store.head(filled).note == "导入 三月.csv"


def test_identities_do_not_stand_in_any_derived_table(filled):
    pipeline.run(filled, "rfm")
    (source,) = store.head(filled).recipe.sources
    for path in filled.path.rglob("*"):
        if path.is_file() and path.name != source.file:
            assert b"M14" not in path.read_bytes(), path


def test_the_same_file_is_not_added_twice(filled):
    with pytest.raises(AlreadyAdded):
        pipeline.add(filled, ORDERS.encode(), "改名.csv")
    assert pipeline.status(filled).tables == {"orders": 60}


def test_a_second_month_is_stacked(filled):
    april = ORDERS.replace("2025-03", "2025-04")
    pipeline.add(filled, april.encode("gb18030"), "四月.csv")
    assert pipeline.status(filled).tables == {"orders": 120}


def test_a_correction_of_the_mapping_changes_the_figures_and_is_a_revision(filled):
    before = pipeline.run(filled, "rfm").tables["segments"]["spend"].sum()
    revision = pipeline.remap(filled, 0, {"备用金额": "amount"}, parent=store.head(filled).id)
    assert revision.note == "修改映射 三月.csv"
    assert pipeline.run(filled, "rfm").tables["segments"]["spend"].sum() == 60.0 != before


def test_who_corrects_an_old_state_gets_a_conflict_and_nothing_changes(filled):
    old = store.head(filled).id
    pipeline.remap(filled, 0, {"备用金额": "discount"}, parent=old)
    recipe = store.head(filled).recipe
    with pytest.raises(Conflict, match="已经修改过"):
        pipeline.remove(filled, 0, parent=old)
    assert store.head(filled).recipe == recipe


def test_a_wrong_role_is_refused(filled):
    with pytest.raises((BadMapping, UnknownName)):
        pipeline.remap(filled, 0, {"备用金额": "nonsense"}, parent=store.head(filled).id)


def test_a_column_that_is_not_in_the_file_cannot_be_mapped(study):
    with pytest.raises(UnknownName, match="没有叫“没有”的列"):
        pipeline.add(study, ORDERS.encode(), "a.csv", hints=Hints(roles={"没有": "amount"}))
    assert store.head(study).id == 1


def test_a_required_column_that_is_taken_away_is_missed(filled):
    with pytest.raises(NoUsableColumn):
        pipeline.remap(filled, 0, {"下单时间": ""}, parent=store.head(filled).id)


def test_what_was_worked_out_once_is_not_worked_out_again(filled, monkeypatch):
    first = pipeline.run(filled, "rfm")

    def never(*_args):
        raise AssertionError("worked out again")

    monkeypatch.setattr(running, "answer", never)
    again = pipeline.run(filled, "rfm")
    assert again.findings == first.findings
    with pytest.raises(AssertionError):
        pipeline.run(filled, "rfm", changes={"names": "eleven"})


def test_recorded_parameters_hold_until_they_are_changed(filled):
    pipeline.set_params(filled, find("rfm").params(names="eleven"), key="rfm")
    names = set(pipeline.run(filled, "rfm").tables["segments"]["segment"])
    assert not any(name.startswith(("重要", "一般")) for name in names)


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"window_days": -1}, "不能小于 0"),
        ({"window_days": "viel"}, "整数"),
        ({"names": "x"}, "只能是"),
    ],
)
def test_a_parameter_out_of_bounds_says_its_bounds(filled, changes, part):
    with pytest.raises(BadParameter, match=part):
        pipeline.params_of(filled, "rfm", changes)


def test_one_analysis_that_cannot_run_does_not_stop_the_others(filled):
    ran = {one.analysis.key: one for one in pipeline.run_all(filled)}
    assert ran["rfm"].result is not None
    assert isinstance(ran["topline"].error, InsightError)


def test_a_study_replays_from_its_bytes_to_the_same_tables(filled, monkeypatch):
    before = pipeline.run(filled, "rfm").tables["customers"]
    from insight.pipeline import joined, kept

    for module in (kept, joined):
        monkeypatch.setattr(module, "code", lambda: "another version of this software")
    assert pipeline.run(filled, "rfm").tables["customers"].equals(before)


def test_choices_name_what_the_data_have(demo_study):
    found = pipeline.choices(demo_study)
    assert "rfm" in found["breaks"]
    assert set(found["multi_questions"]) == {"Q4", "Q5"}
    assert set(found["text_questions"]) == {"Q8"}
    assert "Q8" not in found["questions"]


def test_studies_are_listed_by_folder(demo_study):
    assert pipeline.studies()["demo"] == demo_study.path
    assert demo_study == pipeline.opened(demo_study.path)


@pytest.mark.parametrize("form", ["docx", "html"])
def test_a_report_of_the_same_revision_has_the_same_bytes(demo_study, form):
    assert pipeline.build_report(demo_study, form) == pipeline.build_report(demo_study, form)


def test_of_several_files_all_or_none_are_added(study):
    uploads = [pipeline.Upload(ORDERS.encode(), "好.csv"), pipeline.Upload(b"", "空.csv")]
    with pytest.raises(EmptyFile):
        pipeline.add_all(study, uploads)
    assert store.head(study).id == 1
    assert not list((study.path / "objects").rglob("*.*"))


def test_a_source_that_somebody_else_removed_is_a_conflict_not_a_crash(filled):
    seen = store.head(filled).id
    pipeline.remove(filled, 0, parent=seen)
    for change in (
        lambda: pipeline.remap(filled, 0, {}, parent=seen),
        lambda: pipeline.remove(filled, 0, parent=seen),
    ):
        with pytest.raises(Conflict):
            change()


def test_parameters_recorded_over_an_old_state_are_a_conflict(filled):
    seen = store.head(filled).id
    pipeline.set_params(filled, find("rfm").params(names="eleven"), key="rfm", parent=seen)
    with pytest.raises(Conflict):
        pipeline.set_params(filled, find("rfm").params(), key="rfm", parent=seen)


def test_a_derived_object_that_is_lost_is_made_again(filled):
    before = pipeline.run(filled, "rfm").tables["customers"]
    (source,) = store.head(filled).recipe.sources
    for path in (filled.path / "objects").rglob("*"):
        if path.is_file() and path.name != source.file:
            path.unlink()
    assert pipeline.run(filled, "rfm").tables["customers"].equals(before)


def test_a_derived_object_that_was_damaged_is_noticed(study):
    pipeline.add(
        study, "客户编号,性别\nM1,女\nM2,男\n".encode(), "客户.csv", hints=Hints(table="customers")
    )
    customers = pipeline.load(study).customers
    assert customers is not None
    for path in (study.path / "objects").rglob("*"):
        if path.is_file() and path.read_bytes().startswith(b"PAR1"):
            path.write_bytes(path.read_bytes()[:-9] + b"damaged!!")
    with pytest.raises(DamagedStudy):
        pipeline.load(study)


def test_another_threshold_for_small_bases_is_another_result(filled, monkeypatch):
    notes = pipeline.run(filled, "rfm").notes
    monkeypatch.setenv("INSIGHT_SMALL_BASE", "5")
    settings.cache_clear()
    try:
        assert pipeline.run(filled, "rfm").notes != notes
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def test_rows_that_two_files_share_are_said_among_the_issues(filled):
    pipeline.add(filled, (ORDERS + "61,M1,2025-03-30,5,1\n").encode(), "三月全.csv")
    assert pipeline.status(filled).tables == {"orders": 61}
    reasons = [row["reason"] for row in pipeline.status(filled).issues]
    same = "是同样的订单（编号、时间、商品、数量、金额都相同）"
    assert f"有 60 行与“三月.csv”{same}，只计一次" in reasons


def test_a_report_says_which_analyses_it_lacks_and_why(filled):
    text = pipeline.build_report(filled, "html").decode()
    assert "问卷总表（未收录）" in text
    assert "还缺少：问卷：答卷编号" in text


def test_a_report_reads_the_tables_once_for_all_its_analyses(filled, monkeypatch):
    loads = []

    def counted(study, *, engine="polars"):
        loads.append(engine)
        return load(study, engine=engine)

    monkeypatch.setattr(reporting, "load", counted)
    monkeypatch.setattr(running, "load", counted)
    made = pipeline.build_reports(filled, ["html"], only=["rfm", "trend"])
    assert set(made) >= {"report.html"}
    assert loads == ["polars"]
