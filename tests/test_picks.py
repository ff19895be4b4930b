"""Which results the report holds: chosen, ordered, with the parameters they were seen with."""

from __future__ import annotations

import re
import shutil

import pytest

from insight import pipeline
from insight import study as store
from insight.cli import main
from insight.errors import Conflict, InsightError, UnknownName
from insight.pipeline.reporting import ADVISING
from insight.study import Pick


@pytest.fixture
def own_copy(demo_study, tmp_path):
    shutil.copytree(demo_study.path, tmp_path / "copy")
    return pipeline.opened(tmp_path / "copy")


def _headings(study, **options: object) -> list[str]:
    """The chapters of the report as a web page, in their order, without the advice that every report ends with."""
    page = pipeline.build_report(study, "html", **options).decode()
    told = re.findall(r"<h3[^>]*>(.*?)</h3>", page)
    titles = [re.sub("<.*?>", "", one) for one in told]
    known = [one.title for one in pipeline.listing() if one.key not in ADVISING]
    return [t for t in titles if any(t.startswith(title) for title in known)]


def test_a_result_is_taken_in_with_all_its_parameters_and_out_again(own_copy):
    before = store.head(own_copy)
    after = pipeline.pick(own_copy, "rfm", changes={"window_days": 365}, parent=before.id)
    (one,) = pipeline.picks(own_copy)
    assert one == Pick(key="rfm", params=pipeline.params_of(own_copy, "rfm", {"window_days": 365}).model_dump(mode="json"))  # fmt: skip
    assert (after.parent, after.note) == (before.id, "加入报告 RFM 客户分层")
    assert pipeline.told(own_copy, [one]) == ("回看天数 365",)
    pipeline.unpick(own_copy, "rfm", changes={"window_days": 365})
    assert pipeline.picks(own_copy) == ()


def test_the_same_result_is_taken_in_once_and_another_setting_is_another_result(own_copy):
    for by in ("frequency", "frequency", "value_tier"):
        pipeline.pick(own_copy, "crosstab", changes={"question": "Q5", "by": by})
    assert [one.params["breaks"] for one in pipeline.picks(own_copy)] == [
        ["frequency"],
        ["value_tier"],
    ]
    with pytest.raises(UnknownName):
        pipeline.unpick(own_copy, "crosstab", changes={"question": "Q5", "by": "rfm"})
    pipeline.unpick(own_copy, "crosstab")
    assert pipeline.picks(own_copy) == ()


def test_the_report_holds_what_was_chosen_with_the_settings_of_then(own_copy):
    pipeline.pick(own_copy, "topline", changes={"questions": ["Q2"]})
    pipeline.pick(own_copy, "crosstab", changes={"question": "Q5", "by": "frequency"})
    pipeline.pick(own_copy, "crosstab", changes={"question": "Q2", "by": "value_tier"})
    pipeline.set_params(own_copy, pipeline.params_of(own_copy, "topline", {"questions": ["Q3"]}), key="topline")  # fmt: skip
    titles = _headings(own_copy)
    assert titles[0] == "问卷总表"
    assert [t[:3] for t in titles] == ["问卷总", "交叉表", "交叉表"]
    assert "购买次数" in titles[1]
    assert "消费层级" in titles[2]
    page = pipeline.build_report(own_copy, "html").decode()
    assert "您的性别" in page
    assert "（〇）数据说明" in page


def test_the_order_is_the_one_that_was_set(own_copy):
    for key in ("crosstab", "topline"):
        pipeline.pick(own_copy, key)
    assert [t[:3] for t in _headings(own_copy)] == ["交叉表", "问卷总"]
    pipeline.set_picks(own_copy, pipeline.picks(own_copy)[::-1])
    assert [t[:3] for t in _headings(own_copy)] == ["问卷总", "交叉表"]


def test_a_few_are_named_for_once(own_copy):
    assert _headings(own_copy, only=["rfm"]) == ["RFM 客户分层"]
    assert pipeline.picks(own_copy) == ()
    with pytest.raises(UnknownName):
        pipeline.build_report(own_copy, "html", only=["rmf"])


def test_a_choice_on_an_old_revision_is_refused(own_copy):
    before = store.head(own_copy)
    store.commit(own_copy, before.recipe, parent=before.id, author="王芳", note="别处的修改")
    for change in (
        lambda: pipeline.pick(own_copy, "rfm", parent=before.id),
        lambda: pipeline.set_picks(own_copy, (), parent=before.id),
    ):
        with pytest.raises(Conflict, match="王芳"):
            change()
    assert store.head(own_copy).author == "王芳"


def test_what_gives_no_result_is_not_taken_in(own_copy):
    before = store.head(own_copy)
    with pytest.raises(InsightError):
        pipeline.pick(own_copy, "topics", changes={"question": "没有这道题"})
    assert store.head(own_copy) == before


def test_choosing_results_does_not_join_the_tables_again(own_copy, monkeypatch):
    pipeline.run(own_copy, "rfm")
    pipeline.pick(own_copy, "rfm")

    def never(*_args: object, **_options: object) -> None:
        raise AssertionError("joined again")

    monkeypatch.setattr("insight.pipeline.joined.gather", never)
    pipeline.run(own_copy, "rfm")


def test_the_command_line_picks_lists_and_removes(own_copy, capsys):
    path = str(own_copy.path)
    assert main(["pick", path, "crosstab", "-p", "question=Q5", "-p", "by=frequency"]) == 0
    assert "1. 交叉表（题目 Q5" in capsys.readouterr().out
    assert main(["pick", path, "rfm"]) == 0
    assert main(["pick", path]) == 0
    assert "2. RFM 客户分层\n" in capsys.readouterr().out
    assert main(["pick", path, "crosstab", "--remove"]) == 0
    assert [one.key for one in pipeline.picks(own_copy)] == ["rfm"]
    assert main(["pick", path, "crosstab", "--remove"]) == 1
    assert main(["pick", path, "--all"]) == 0
    assert "报告收录全部能回答的分析" in capsys.readouterr().out


def test_the_command_line_writes_a_report_of_named_analyses(own_copy, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["report", str(own_copy.path), "--only", "rfm,topline", "--format", "html", "--out", str(out)]) == 0  # fmt: skip
    page = next(out.glob("*.html")).read_text("utf-8")
    assert "问卷总表" in page
    assert "没有纳入消费行为分析" in page
    assert main(["report", str(own_copy.path), "--only", "rmf", "--out", str(out)]) == 1
