"""A user's own preset: the second month maps by itself, and what changed is said before anything runs."""

from __future__ import annotations

import json

import pytest
from clean_tables import raw_table
from conftest import shared

from insight import pipeline
from insight.clean import Drift, propose
from insight.clean.contents import profile
from insight.clean.drift import drift, likeness
from insight.cli import main
from insight.errors import BadParameter, ColumnsLost, UnknownName, UnreadableFile
from insight.pipeline import Hints
from insight.presets import OwnPreset
from insight.schema import Decisions
from insight.settings import settings

HEADER = "单据,客户,购买日,净额,货名,门店,备注"
MARCH = f"""{HEADER}
A1,张-01,2024-03-01 10:00,12.50,茶,东门店,急
A2,李-02,2024-03-02 11:00,30.00,杯,西门店,
A3,王-03,2024-03-03 12:00,8.00,茶,东门店,
"""
ROLES = {"单据": "order_id", "客户": "customer_id", "购买日": "ordered_at", "净额": "amount", "货名": "product", "门店": "channel", "备注": ""}  # fmt: skip


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """Presets of a test stay in its own folder."""
    monkeypatch.setenv("INSIGHT_PRESETS_DIR", str(tmp_path / "presets"))
    settings.cache_clear()
    yield tmp_path / "presets"
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def mapped(study):
    """A study with March, mapped by hand because no header is known."""
    hints = Hints(table="orders", roles={c: r for c, r in ROLES.items() if r})
    pipeline.add(study, MARCH.encode(), "三月.csv", hints=hints)
    return study


def previewed(text, name="四月.csv", **hints):
    (item,), _ = pipeline.preview(text.encode(), name, hints=Hints(**hints))
    return item


def test_the_second_month_maps_without_a_click(mapped):
    pipeline.save_preset(mapped, 0, "门店日报")
    april = previewed(MARCH.replace("2024-03", "2024-04"))
    assert april.proposal.roles == ROLES
    assert april.proposal.confidence == 1.0
    assert april.proposal.recognised == "我的预设“门店日报”（7 列与上次完全相同）"
    assert april.drift == Drift()
    added = pipeline.add(mapped, MARCH.replace("2024-03", "2024-04").encode(), "四月.csv")
    assert added.sources[0].roles == ROLES
    assert added.drift == ()


def test_without_the_preset_the_same_file_would_not_map(mapped):
    assert previewed(MARCH, table="orders").proposal.roles != ROLES


def test_new_gone_and_renamed_columns_are_listed_before_anything_is_imported(mapped):
    pipeline.save_preset(mapped, 0, "门店日报")
    april = previewed(
        MARCH.replace(HEADER, "单据,客户,购买日期,净额,货名,导购,备注").replace("东门店", "小王")
    )
    # 购买日 and 购买日期 share 3 letters: 2 x 3 / 7 = 0.86; 门店 and 导购 share none
    assert april.drift == Drift(new=("导购",), missing=("门店",), renamed={"购买日期": "购买日"}, lost=("门店",))  # fmt: skip
    assert april.proposal.roles["购买日期"] == "ordered_at"
    assert april.proposal.evidence["购买日期"] == "上次叫“购买日”"
    assert april.proposal.confidence == 0.6875  # (5 + 1/2) of 8 columns


def test_a_column_of_other_content_is_not_taken_for_the_renamed_one():
    own = OwnPreset(
        name="x", table="orders", columns={"购买日": "ordered_at", "净额": "amount"}, contents={"购买日": "time", "净额": "number"},
    )  # fmt: skip
    seen = raw_table({"购买日数": ["3", "4", "5"], "净额": ["1", "2", "3"]}).frame.drop("__line__")
    found = drift(own, {c: profile(seen[c]) for c in seen.columns})
    assert found == Drift(new=("购买日数",), missing=("购买日",), lost=("购买日",))


def test_two_names_of_one_role_are_one_renamed_column_and_question_numbers_are_no_names():
    own = OwnPreset(
        name="x", table="orders", columns={"实付": "amount", "Q1": "", "5、您的年龄": ""}
    )
    seen = raw_table({"成交金额": ["1"], "Q11": ["a"], "6、您的年龄": ["b"]}).frame.drop("__line__")
    found = drift(own, {c: profile(seen[c]) for c in seen.columns})
    assert dict(found.renamed) == {"成交金额": "实付", "6、您的年龄": "5、您的年龄"}
    assert (found.new, found.missing) == (("Q11",), ("Q1",))


def test_likeness_is_the_share_of_all_columns_that_both_have_and_a_renamed_one_counts_half():
    own = OwnPreset(name="x", table="orders", columns=dict.fromkeys(("甲", "乙", "Pay At"), ""))

    def alike(*headers):
        frame = raw_table({h: ["a"] for h in headers}).frame.drop("__line__")
        return likeness(own, {c: profile(frame[c]) for c in frame.columns})

    assert alike("甲", "pay at", "丙") == 0.5  # 2 of 甲 乙 payat 丙
    assert alike("乙", "甲", "PAY_AT") == 1.0
    assert alike("甲", "乙", "Paid At") == 0.8333  # (2 + 1/2) of 3


def test_a_file_that_only_looks_a_little_like_it_is_read_afresh(mapped):
    pipeline.save_preset(mapped, 0, "门店日报")
    other = "订单号,下单时间,实付金额,单据\n1,2024-03-01,5,a\n2,2024-03-02,6,b\n3,2024-03-03,7,c\n"
    assert previewed(other).proposal.own == ""


def test_strict_refuses_a_file_without_a_column_that_played_a_role(mapped):
    pipeline.save_preset(mapped, 0, "门店日报")
    april = "\n".join(",".join(line.split(",")[:5]) for line in MARCH.splitlines())
    with pytest.raises(ColumnsLost, match=r"“四月\.csv”缺少“门店日报”用到的列：门店。"):
        pipeline.add(mapped, april.encode(), "四月.csv", hints=Hints(strict=True))
    assert len(pipeline.status(mapped).sources) == 1
    added = pipeline.add(mapped, april.encode(), "四月.csv")
    assert added.drift == ("缺少的列：门店（上次用到）、备注。",)


def test_a_preset_holds_headers_and_roles_but_no_data(mapped, own_folder):
    pipeline.save_preset(mapped, 0, "门店日报")
    text = (own_folder / "门店日报.toml").read_text("utf-8")
    assert '"净额" = "amount"' in text
    for word in ("张-01", "12.5", "东门店", "茶", "2024"):
        assert word not in text


def test_what_the_user_decided_comes_with_the_preset_and_can_be_overruled(mapped):
    own = OwnPreset(
        name="有决定", table="orders", base="jd", columns=ROLES, decisions=Decisions(day_first=True)
    )
    raw = previewed(MARCH, table="orders").raw
    taken = propose(raw, own=[own])
    assert (taken.decisions, taken.preset) == (Decisions(day_first=True), "jd")
    now = propose(raw, own=[own], decisions=Decisions(day_first=False))
    assert now.decisions.day_first is False


def test_the_recipe_replays_after_the_preset_is_gone(mapped):
    pipeline.save_preset(mapped, 0, "门店日报")
    april = MARCH.replace("2024-03", "2024-04").replace("A", "B")
    pipeline.add(
        mapped, april.encode(), "四月.csv", hints=Hints(decisions=Decisions(preset="门店日报"))
    )
    pipeline.remove_preset("门店日报")
    assert pipeline.status(mapped).tables["orders"] == 6
    assert [c.role for c in pipeline.offering.columns_of(mapped, 1)][:4] == ["订单号", "客户编号", "下单时间", "实付金额"]  # fmt: skip


def test_the_user_may_choose_none_of_the_presets_or_one_by_name(mapped):
    pipeline.save_preset(mapped, 0, "门店日报")
    assert previewed(MARCH, table="orders", decisions=Decisions(preset="")).proposal.own == ""
    short = "单据,购买日,净额\n1,2024-03-01,5\n2,2024-03-02,6\n"
    assert previewed(short, table="orders").proposal.own == ""
    chosen = previewed(short, decisions=Decisions(preset="门店日报")).proposal
    assert (chosen.own, chosen.roles["净额"]) == ("门店日报", "amount")


@pytest.mark.parametrize("name", ["../x", "a/b", "", "京东", "wjx_text", "x" * 41, "a\nb*"])
def test_a_name_that_is_no_file_name_or_a_platform_is_refused(mapped, name):
    with pytest.raises(BadParameter):
        pipeline.save_preset(mapped, 0, name)


def test_a_damaged_preset_is_named_and_a_missing_one_cannot_be_removed(own_folder):
    with pytest.raises(UnknownName):
        pipeline.remove_preset("没有")
    own_folder.mkdir()
    (own_folder / "坏.toml").write_text("name = ", "utf-8")
    with pytest.raises(UnreadableFile, match=r"坏\.toml"):
        pipeline.own_presets()


def test_own_presets_come_first_in_what_may_be_chosen(mapped):
    pipeline.save_preset(mapped, 0, "门店日报")
    first = next(iter(pipeline.preset_labels("orders").items()))
    assert first == ("门店日报", "我的预设“门店日报”")
    assert "门店日报" not in pipeline.preset_labels("responses")
    assert pipeline.preset_labels("responses")["wjx_text"] == "问卷星·按文本"


def test_the_command_line_saves_lists_shows_uses_and_removes_a_preset(mapped, tmp_path, capsys):
    run = lambda *words: (main([str(w) for w in words]), capsys.readouterr())  # noqa: E731
    path = mapped.path
    assert run("preset", "save", path, "三月.csv", "门店日报")[0] == 0
    assert "门店日报：我的预设，订单，7 列" in run("preset", "list")[1].out
    assert '"客户" = "customer_id"' in run("preset", "show", "门店日报")[1].out
    assert 'money = "repeated"' in run("preset", "show", "京东")[1].out
    april = tmp_path / "四月.csv"
    april.write_text(MARCH.replace("2024-03", "2024-04").replace("备注", "附言"), "utf-8")
    code, said = run("add", path, april, "--strict")
    assert code == 0
    assert "识别为我的预设“门店日报”" in said.out
    assert "新增的列：附言" in said.out or "改名的列" in said.out
    code, said = run("add", path, april, "--preset", "没有这个")
    assert (code, "没有叫“没有这个”的预设" in said.err) == (1, True)
    assert run("preset", "remove", "门店日报")[0] == 0
    assert "门店日报" not in run("preset", "list")[1].out
    assert run("preset", "save", path, "五月.csv", "x")[0] == 1


def checked(capsys, path, *options):
    assert main(["check", str(path), "--json", *options]) == 0
    return json.loads(capsys.readouterr().out)


def test_check_says_what_a_file_is_without_a_study(tmp_path, capsys):
    file = tmp_path / "订单.csv"
    file.write_bytes(("门店导出,,,\n" + "订单号,下单时间,实付金额,联系电话\n" + "".join(
        f"{i},2024-03-0{i},{i}0.5,1380000000{i}\n" for i in range(1, 9)
    )).encode("gb18030"))  # fmt: skip
    found = checked(capsys, file)
    assert (found["kind"], found["encoding"], found["header_row"], found["rows"]) == ("csv", "gb18030", 2, 8)  # fmt: skip
    assert (found["sheet"], found["table"], found["preset"]) == ("订单", "orders", None)
    columns = {c["name"]: c for c in found["columns"]}
    assert {n: c["role"] for n, c in columns.items()} == {
        "订单号": "order_id", "下单时间": "ordered_at", "实付金额": "amount", "联系电话": "phone",
    }  # fmt: skip
    assert columns["实付金额"]["evidence"] == "表头“实付金额”，内容是数字"
    assert columns["联系电话"]["sample"][0] == "138***"
    assert any("表头上方有 1 行" in w for w in found["warnings"])


def test_check_names_the_platform_with_its_evidence_and_takes_a_preset(capsys):
    path = shared("data/reportgen_wjx/问卷星数据_800_800_0.xls")
    found = checked(capsys, path)
    assert found["kind"] == "xls"
    assert found["preset"]["key"] == "wjx_text"
    assert found["preset"]["confidence"] > 0.95
    assert found["preset"]["evidence"][:2] == ["序号", "提交答卷时间"]
    assert checked(capsys, path, "--preset", "wjx_code")["preset"]["label"] == "问卷星·按序号"
    assert checked(capsys, path, "--preset", "")["preset"] is None


def test_check_lists_the_tables_of_a_workbook_and_says_what_fits_nothing(capsys):
    found = checked(capsys, shared("data/tableau_superstore_zh/示例 - 超市.xls"))
    assert [(t["sheet"], t["table"]) for t in found["tables"]] == [
        ("订单", "orders"), ("退货", None), ("销售人员", None),
    ]  # fmt: skip
    assert "缺少必需的列" in found["tables"][1]["warnings"][-1]


def test_check_tells_a_conversation_and_says_in_one_sentence_why_a_file_cannot_be_read(tmp_path, capsys):  # fmt: skip
    talk = tmp_path / "访谈.txt"
    talk.write_text(
        "主持人：您平时买什么？\n受访者：茶，买得多。\n主持人：为什么？\n受访者：好喝。\n", "utf-8"
    )
    found = checked(capsys, talk)
    assert (found["kind"], found["table"], found["header_row"]) == ("txt", "texts", None)
    assert main(["check", str(talk)]) == 0
    assert "访谈.txt：txt，编码 utf-8" in capsys.readouterr().out
    broken = tmp_path / "坏.xlsx"
    broken.write_bytes(b"PK\x03\x04 nothing")
    assert main(["check", str(broken)]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["check", str(tmp_path / "没有.csv")]) == 1
