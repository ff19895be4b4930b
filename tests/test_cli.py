"""The command line: what it writes, what it says, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys

import polars as pl
import pytest

from insight import pipeline
from insight.cli import main

ORDERS = "订单编号,会员号,下单时间,实付金额\n" + "".join(
    f"D{i},M{i % 12:03d},2025-{1 + i % 12:02d}-0{1 + i % 9} 10:00:00,{50 + i}\n" for i in range(60)
)


@pytest.fixture
def folder(tmp_path):
    assert main(["new", str(tmp_path / "s")]) == 0
    (tmp_path / "订单.csv").write_text(ORDERS, encoding="utf-8-sig")
    assert main(["add", str(tmp_path / "s"), str(tmp_path / "订单.csv")]) == 0
    return tmp_path


def test_run_writes_tables_findings_and_charts(folder):
    assert main(["run", str(folder / "s"), "rfm", "--out", str(folder / "out")]) == 0
    out = folder / "out" / "rfm"
    raw = (out / "segments.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in raw
    customers = pl.read_parquet(out / "customers.parquet")
    assert customers.height == 12
    assert json.loads((out / "findings.json").read_text("utf-8"))["findings"][0]["evidence"]
    assert "<svg" in (out / "segments.svg").read_text("utf-8")


def test_the_engines_agree_to_the_cent(folder):
    tables = [
        pipeline.run(pipeline.opened(folder / "s"), "rfm", engine=engine).tables["customers"]
        for engine in ("polars", "duckdb")
    ]
    assert tables[0].equals(tables[1])


def test_a_parameter_reaches_the_analysis(folder):
    path = str(folder / "s")
    assert main(["run", path, "rfm", "-p", "rfm.names=eleven", "--out", str(folder / "o")]) == 0
    named = set(pl.read_csv(folder / "o" / "rfm" / "segments.csv")["segment"])
    assert not any("价值" in name for name in named)


def test_status_and_list_speak_json(folder, capsys):
    capsys.readouterr()
    assert main(["status", str(folder / "s"), "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert status["tables"]["orders"]["rows"] == 60
    lacking = {r["key"]: r["lacking"] for r in status["readiness"]}
    assert lacking["rfm"] == []
    assert lacking["topline"]
    assert main(["list", "--json"]) == 0
    assert "rfm" in {row["key"] for row in json.loads(capsys.readouterr().out)}


def test_a_wrong_column_can_be_mapped_by_hand(tmp_path):
    (tmp_path / "a.csv").write_text(
        "单,买的人,哪天,钱\n1,a,2025-01-01,5\n2,b,2025-01-02,6\n", "utf-8"
    )
    assert main(["new", str(tmp_path / "s")]) == 0
    roles = ["单=order_id", "买的人=customer_id", "哪天=ordered_at", "钱=amount"]
    given = [part for role in roles for part in ("--map", role)]
    assert (
        main(["add", str(tmp_path / "s"), str(tmp_path / "a.csv"), "--table", "orders", *given])
        == 0
    )
    assert pipeline.status(pipeline.opened(tmp_path / "s")).tables == {"orders": 2}


MISTAKES = {
    "empty.csv": (b"", "空"),
    "blank.csv": (b"\n\n\n", "空"),
    "header.csv": ("订单编号,会员号,下单时间,实付金额\n".encode(), "只有表头"),
    "picture.xlsx": (b"\x89PNG\r\n\x1a\n" + bytes(50), "picture.xlsx"),
    "latin.csv": (b"a,b\n\xff\xfe\xff\x00\x81\x20,\xff\n\x80\x81,1\n", "latin.csv"),
    "useless.csv": ("甲,乙\n丙,丁\n戊,己\n".encode(), "useless"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_gets_one_sentence_and_changes_nothing(folder, name, capsys):
    data, part = MISTAKES[name]
    (folder / name).write_bytes(data)
    before = pipeline.status(pipeline.opened(folder / "s"))
    capsys.readouterr()
    assert main(["add", str(folder / "s"), str(folder / name)]) == 1
    error = capsys.readouterr().err
    assert part in error
    assert error.count("\n") == 1
    assert "Traceback" not in error
    assert pipeline.status(pipeline.opened(folder / "s")) == before


def test_a_wrong_suffix_is_read_by_its_content(folder):
    (folder / "更多订单.xlsx").write_text(ORDERS.replace("D", "E"), encoding="gb18030")
    assert main(["add", str(folder / "s"), str(folder / "更多订单.xlsx")]) == 0
    assert pipeline.status(pipeline.opened(folder / "s")).tables == {"orders": 120}


def test_two_columns_of_one_header_that_matters_are_refused_until_one_is_chosen(folder, capsys):
    twice = ORDERS.replace("实付金额\n", "实付金额,实付金额\n", 1).replace("D", "E")
    rows = [line if "实付" in line else f"{line},7" for line in twice.splitlines()]
    (folder / "dup.csv").write_text("\n".join(rows), "utf-8")
    capsys.readouterr()
    assert main(["add", str(folder / "s"), str(folder / "dup.csv")]) == 1
    assert "重复的表头：实付金额" in capsys.readouterr().err
    assert pipeline.status(pipeline.opened(folder / "s")).tables == {"orders": 60}
    chosen = ["--map", "实付金额_2=amount"]
    assert main(["add", str(folder / "s"), str(folder / "dup.csv"), *chosen]) == 0
    assert pipeline.status(pipeline.opened(folder / "s")).tables == {"orders": 120}


def test_a_repeated_header_that_does_not_matter_is_renamed_and_said(folder):
    twice = ORDERS.replace("实付金额\n", "实付金额,备注,备注\n", 1).replace("D", "F")
    rows = [line if "实付" in line else f"{line},a,b" for line in twice.splitlines()]
    data = "\n".join(rows).encode()
    previews, _ = pipeline.preview(data, "dup.csv")
    assert "备注_2" in previews[0].raw.frame.columns
    assert any("备注" in note for note in previews[0].raw.notes)
    added = pipeline.add(pipeline.opened(folder / "s"), data, "dup.csv")
    assert added.n_rows == (60,)


@pytest.mark.parametrize(
    ("argv", "part"),
    [
        (["status", "nowhere"], "不是研究文件夹"),
        (["run", "{s}", "rmf"], "没有叫“rmf”的分析"),
        (["run", "{s}", "topline"], "还缺少"),
        (["run", "{s}", "rfm", "-p", "rfm.names=nine"], "rfm.names"),
        (["run", "{s}", "rfm", "-p", "rfm.window=3"], "没有叫“rfm.window”的参数"),
        (["run", "{s}", "rfm", "-p", "rfm.as_of=gestern"], "日期"),
        (["add", "{s}", "{s}/absent.csv"], "文件不存在"),
        (["add", "{s}", "{s}/../订单.csv"], "已经导入过"),
        (["new", "{s}"], "已经有内容"),
        (["report", "{s}", "--format", "docx,doc"], "没有“doc”"),
        (["run", "{s}", "rfm", "--out", "{s}/study.db"], "不是可以写入的文件夹"),
    ],
)
def test_what_cannot_be_answered_ends_with_one(folder, argv, part, capsys):
    capsys.readouterr()
    assert main([a.replace("{s}", str(folder / "s")) for a in argv]) == 1
    assert part in capsys.readouterr().err


@pytest.mark.parametrize(
    "argv", [[], ["fly"], ["run"], ["run", "x", "-p", "novalue"], ["add", "x"]]
)
def test_wrong_usage_ends_with_two(argv, capsys):
    with pytest.raises(SystemExit) as ended:
        main(argv)
    assert ended.value.code == 2
    assert "命令写法不对" in capsys.readouterr().err


def test_a_formula_in_a_cell_is_disarmed_on_the_way_out():
    table = pl.DataFrame({"text": ["=1+1", "＝cmd", "\t-2", "好", None], "n": [-1, 2, 3, 4, 5]})
    lines = pipeline.csv(table).decode("utf-8-sig").split("\r\n")
    assert lines[1:6] == ["'=1+1,-1", "'＝cmd,2", "'\t-2,3", "好,4", ",5"]


def test_status_gives_scripts_tables_issues_and_match(folder, capsys):
    (folder / "答卷.csv").write_text(
        "序号,会员号,1、满意吗\n1,M000,满意\n2,M001,不满意\n3,M999,满意\n4,,满意\n",
        encoding="utf-8",
    )
    assert main(["add", str(folder / "s"), str(folder / "答卷.csv")]) == 0
    capsys.readouterr()
    assert main(["status", str(folder / "s"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["tables"]["orders"]["rows"] == 60
    names = told["tables"]["orders"]["columns"]
    assert {"order_id", "amount", "customer_id"} <= set(names)
    assert names == sorted(names)
    assert told["tables"]["orders"]["source"] == "订单.csv"
    assert told["issues"]["count"] == sum(told["issues"]["by_reason"].values())
    # 3 answers carry a member number; M000 and M001 bought: lines 0, 12, … 48 and 1, 13, … 49
    spent = sum(50 + i for i in range(60) if i % 12 in (0, 1))
    assert told["match"] == {
        "rate": pytest.approx(2 / 3), "matched": 2, "only_orders": 10, "only_responses": 1, "ambiguous": 0,
        "revenue_covered": pytest.approx(spent / sum(50 + i for i in range(60))),
    }  # fmt: skip


def test_issues_are_a_file_of_the_study_after_every_import(folder):
    (folder / "坏.csv").write_text(
        "订单编号,会员号,下单时间,实付金额\nX1,M001,2025-03-04,12\nX2,M001,没有时间,5\n",
        encoding="utf-8",
    )
    assert main(["add", str(folder / "s"), str(folder / "坏.csv")]) == 0
    issues = pl.read_csv(folder / "s" / "results" / "issues.csv")
    assert issues.columns == ["file", "row", "column", "value", "reason", "action"]
    bad = issues.filter(pl.col("row") == 3).row(0, named=True)
    assert (bad["file"], bad["column"], bad["value"], bad["action"]) == ("坏.csv", "下单时间", "没有时间", "未导入")  # fmt: skip


TWINS = {
    "1_0.csv": "序号,提交答卷时间,1、爱好\n1,2025-03-01 10:00:00,运动┋美食(甜、辣)\n2,2025-03-02 10:00:00,美食(甜、辣)\n",
    "1_2.csv": "序号,提交答卷时间,1、(运动),\"1、(美食(甜、辣))\"\n1,2025-03-01 10:00:00,1,1\n2,2025-03-02 10:00:00,0,1\n",
}  # fmt: skip


def test_both_exports_of_a_questionnaire_can_be_added_in_one_go(tmp_path, capsys):
    assert main(["new", str(tmp_path / "s")]) == 0
    for name, content in TWINS.items():
        (tmp_path / name).write_text(content, encoding="utf-8-sig")
    assert main(["add", str(tmp_path / "s"), *(str(tmp_path / n) for n in TWINS)]) == 0
    capsys.readouterr()
    assert main(["status", str(tmp_path / "s"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tables"]["responses"]["rows"] == 2


def test_a_reader_who_has_seen_enough_is_no_error(folder):
    shown = f"{sys.executable} -m insight list | head -0; exit ${{PIPESTATUS[0]}}"
    ended = subprocess.run(["bash", "-c", shown], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_check_hides_names_and_addresses_that_are_not_brought_in(tmp_path, capsys):
    (tmp_path / "订单.csv").write_text(
        "订单编号,会员号,下单时间,实付金额,收货人姓名,收货地址\n"
        "D1,M1,2025-03-01 10:00:00,10,王小明,广东省 深圳市 南山区 科技园1号\n",
        encoding="utf-8-sig",
    )
    assert main(["check", str(tmp_path / "订单.csv"), "--json"]) == 0
    told = capsys.readouterr().out
    assert "收货地址" in told
    assert "小明" not in told
    assert "科技园" not in told
