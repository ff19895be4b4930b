"""A design file: recognised, kept beside the answers, and used from the command line."""

from __future__ import annotations

import polars as pl
import pytest
from clean_tables import SECRET
from research_sample import alone, design

from insight import pipeline
from insight.clean import clean, propose
from insight.cli import main
from insight.errors import NoUsableColumn
from insight.pipeline.choices import choices
from insight.readers import read

PLAN = "版本,任务,方案,价格,口味\n1,1,1,9 元,原味\n1,1,2,12 元,辣味\n2,1,1,12 元,原味\n2,1,2,,\n"


def proposed(text: str, table: str | None = None):
    (raw,) = read(text.encode(), "设计.csv")
    return raw, propose(raw, table=table)


def test_tasks_and_alternatives_make_a_design():
    raw, proposal = proposed(PLAN)
    assert proposal.table == "designs"
    assert dict(proposal.roles) == {"版本": "version", "任务": "task", "方案": "alternative", "价格": "attribute", "口味": "attribute"}  # fmt: skip
    cleaned = clean(raw, proposal, secret=SECRET)
    assert cleaned.frame["价格"].to_list() == ["9 元", "12 元", "12 元"]
    lost = cleaned.issues.filter(pl.col("reason") == "没有写展示的内容")
    assert lost["line"].to_list() == [5]


def test_cards_without_numbers_are_counted():
    raw, proposal = proposed("price,variety\n3,1\n1,2\n2,2\n", table="designs")
    frame = clean(raw, proposal, secret=SECRET).frame
    assert frame["alternative"].to_list() == [1, 2, 3]
    assert frame["price"].to_list() == ["3", "1", "2"]


def test_a_design_that_shows_nothing_is_refused():
    raw, proposal = proposed("任务,方案\n1,1\n1,2\n", table="designs")
    with pytest.raises(NoUsableColumn, match="展示的内容"):
        clean(raw, proposal, secret=SECRET)


@pytest.fixture
def study(tmp_path):
    survey, plan = tmp_path / "答卷.csv", tmp_path / "设计.csv"
    answers = alone(60).responses.select("respondent_id", pl.col("^CBC.*$"))
    answers.rename({f"CBC{t}": f"{t}、第 {t} 题您会选哪一个？" for t in range(1, 9)} | {"respondent_id": "序号"}).write_csv(survey)  # fmt: skip
    design().drop("design").rename({"task": "任务", "alternative": "方案"}).write_csv(plan)
    path = str(tmp_path / "s")
    assert main(["new", path]) == 0
    assert main(["add", path, str(survey), str(plan)]) == 0
    return tmp_path / "s"


def test_the_design_stands_beside_the_answers(study):
    opened = pipeline.opened(study)
    dataset = pipeline.load(opened)
    assert dataset.designs["design"].unique().to_list() == ["设计.csv"]
    assert dataset.designs.height == 24
    assert choices(opened)["designs"] == {"设计.csv": "设计.csv"}
    assert pipeline.summary(opened)["tables"]["responses"]["source"] == "答卷.csv、设计.csv"


def test_conjoint_runs_from_the_command_line(study, tmp_path):
    out = tmp_path / "out"
    assert main(["run", str(study), "conjoint", "--out", str(out)]) == 0
    shares = pl.read_csv(out / "conjoint" / "importance.csv")
    assert shares.height == 3
