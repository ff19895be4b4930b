"""The second month follows what was corrected by hand in the same study, with zero clicks; drift is said first."""

from __future__ import annotations

import pytest
from conftest import shared

from insight import pipeline
from insight import study as store
from insight.cli import main
from insight.errors import ColumnsLost
from insight.pipeline import Hints
from insight.schema import Decisions, QuestionKind
from insight.settings import settings

MARCH = """单号X,下单日,钱,会员
A1,2024-03-01 10:00,12.50,U-01
A2,2024-03-02 11:00,30.00,U-02
A3,2024-03-03 12:00,8.00,U-03
"""
APRIL = MARCH.replace("2024-03", "2024-04").replace("A", "B").replace("8.00", "9.00")
ROLES = {"单号X": "order_id", "下单日": "ordered_at", "钱": "amount", "会员": "customer_id"}


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    """Presets of a test stay in its own folder."""
    monkeypatch.setenv("INSIGHT_PRESETS_DIR", str(tmp_path / "presets"))
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def previewed(study, text, name="四月.csv"):
    known = store.head(study).recipe.sources
    (item,), _ = pipeline.preview(text.encode(), name, known=known)
    return item.proposal


@pytest.fixture
def march(study):
    """A study whose first file was mapped with the hints of the user."""
    pipeline.add(study, MARCH.encode(), "三月.csv", hints=Hints(table="orders", roles=ROLES))
    return study


def test_the_next_file_follows_the_one_that_was_mapped_by_hand_and_says_so(march):
    shown = previewed(march, APRIL)
    assert (shown.table, shown.roles) == ("orders", ROLES)
    assert shown.recognised == "与本研究的“三月.csv”相同的表，按它的映射（4 列与上次完全相同）"
    assert shown.evidence["钱"] == "按本研究的“三月.csv”映射"
    pipeline.add(march, APRIL.encode(), "四月.csv")
    assert pipeline.status(march).tables == {"orders": 6}


def test_a_mapping_stays_known_when_the_file_it_was_made_for_is_taken_out(march):
    pipeline.add(march, APRIL.encode(), "四月.csv")
    pipeline.remove(march, 0, parent=store.head(march).id)
    assert "“四月.csv”" in previewed(march, MARCH, "五月.csv").recognised


def test_a_correction_on_the_mapping_page_counts_and_the_newest_one_first(study):
    text = "订单号,下单时间,实付金额,会员号,门店\n1,2024-03-01,5,a,东\n2,2024-03-02,6,b,西\n3,2024-03-03,7,c,东\n"
    pipeline.add(study, text.encode(), "三月.csv")
    assert (
        previewed(study, text.replace("-03-", "-04-")).own == ""
    )  # as it was proposed: nothing to follow
    pipeline.remap(study, 0, {"门店": "channel"}, parent=store.head(study).id)
    pipeline.add(study, text.replace("-03-", "-04-").encode(), "四月.csv")
    pipeline.remap(study, 1, {"门店": "city"}, parent=store.head(study).id)
    may = previewed(study, text.replace("-03-", "-05-"))
    assert (may.own, may.roles["门店"]) == ("四月.csv", "city")


def test_a_file_of_other_columns_and_an_ordinary_file_are_read_as_ever(march):
    ordinary = "订单号,下单时间,实付金额\n1,2024-03-01,5\n2,2024-03-02,6\n"
    shown = previewed(march, ordinary)
    assert (shown.own, shown.recognised, shown.roles["实付金额"]) == ("", "", "amount")


def test_a_file_with_hints_that_change_nothing_is_not_one_to_follow(study):
    text = "订单号,下单时间,实付金额,会员号\n1,2024-03-01,5,a\n2,2024-03-02,6,b\n"
    hints = Hints(table="orders", roles={"实付金额": "amount"})
    added = pipeline.add(study, text.encode(), "三月.csv", hints=hints)
    assert not added.sources[0].corrected
    assert previewed(study, text.replace("-03-", "-04-")).own == ""


def test_strict_holds_the_next_file_to_the_columns_of_the_corrected_one(march):
    april = APRIL.replace("会员", "备注").replace("U-0", "加急")
    with pytest.raises(ColumnsLost, match=r"“四月\.csv”缺少“三月\.csv”用到的列：会员。"):
        pipeline.add(march, april.encode(), "四月.csv", hints=Hints(strict=True))


def test_the_command_line_says_what_differs_before_it_imports(march, tmp_path, capsys):
    file = tmp_path / "四月.csv"
    longer = "\n".join(f"{line},备注" for line in APRIL.splitlines())
    file.write_text(longer.replace("下单日", "下单日期"), "utf-8")
    assert main(["add", str(march.path), str(file)]) == 0
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first == "“四月.csv”和上次的列不一样（“三月.csv”）：改名的列：“下单日”→“下单日期”。新增的列：备注。"  # fmt: skip
    assert second.startswith("四月.csv“四月”→ 订单：3 行，识别为与本研究的“三月.csv”相同的表")
    file.write_text("\n".join(line.rpartition(",")[0] for line in MARCH.split("\n")), "utf-8")
    assert main(["add", str(march.path), str(file), "--strict"]) == 1
    assert "缺少的列：会员（上次用到）" in capsys.readouterr().out


WAVE = "编号,1、常买的品牌,2、打几分,3、还想说什么\n" + "".join(
    f"{i},甲/乙,{i % 5 + 1},挺好的东西第{i}次\n" for i in range(1, 31)
)


def asked(study, index):
    return {q.wording: (q.kind, q.separator) for q in pipeline.questions(study, index)}


def test_kinds_and_separators_go_along_with_their_question_when_it_gets_another_number(study):
    pipeline.add(study, WAVE.encode(), "一期.csv", hints=Hints(table="responses"))
    decided = Decisions(kinds={"Q2": QuestionKind.NUMBER}, separators={"Q1": "/"})
    pipeline.decide(study, 0, decided, parent=store.head(study).id)
    second = (
        WAVE.replace("2、打几分", "5、打几分").replace("1、常买", "4、常买").replace("甲", "丙")
    )
    pipeline.add(study, second.encode(), "二期.csv")
    assert asked(study, 1)["打几分"] == (QuestionKind.NUMBER, "")
    assert asked(study, 1)["常买的品牌"] == (QuestionKind.MULTI, "/")
    assert store.head(study).recipe.sources[1].decisions.kinds == {"Q5": QuestionKind.NUMBER}


def test_a_kind_does_not_fall_on_another_question_of_the_same_number(study):
    pipeline.add(study, WAVE.encode(), "一期.csv", hints=Hints(table="responses"))
    decided = Decisions(kinds={"Q2": QuestionKind.NUMBER})
    pipeline.decide(study, 0, decided, parent=store.head(study).id)
    other = WAVE.replace("2、打几分", "2、家里几口人住")
    pipeline.add(study, other.encode(), "二期.csv")
    assert store.head(study).recipe.sources[1].decisions.kinds == {}


def test_two_exports_of_the_same_answers_keep_their_own_way_of_reading(study):
    text = shared("data/reportgen_wjx/问卷星数据_800_800_0.xls")
    code = shared("data/reportgen_wjx/问卷星数据_800_800_2.xls")
    pipeline.add(study, text, text.name, hints=Hints(decisions=Decisions(kinds={"Q1": "open"})))
    assert store.head(study).recipe.sources[0].corrected
    added = pipeline.add(study, code, code.name)
    assert added.sources[0].recognised.startswith("问卷星·按序号")
