"""A saved audience narrows what analyses of answers and texts count, and every result says so."""

from __future__ import annotations

import json
from dataclasses import replace

import polars as pl
import pytest

from insight import pipeline
from insight import study as store
from insight.analyses import FILTERED, catalogue, find, room_of
from insight.cli import main
from insight.errors import BadAudience, NoAudiences, NobodyLeft, UnknownName
from insight.filtering import narrowed
from insight.schema.audiences import Audience

# Twelve buyers; the first six spent 1,000 and are content, the others 50. Row 13 is nobody's.
ORDERS = "订单编号,会员号,下单时间,实付金额\n" + "".join(
    f"D{i},M{i:02d},2025-01-{i + 1:02d} 10:00:00,{1000 if i < 6 else 50}\n" for i in range(12)
)
ANSWERS = "序号,会员号,1、您满意吗,2、性别,3、您还想说什么\n" + "".join(
    f"{i + 1},{f'M{i:02d}' if i < 12 else ''},{'满意' if i < 6 or i == 7 else '不满意'},{'男' if i % 2 else '女'},客服回复太慢了第{i}次\n"
    for i in range(13)
)


@pytest.fixture
def filled(study):
    pipeline.add(study, ORDERS.encode(), "订单.csv")
    pipeline.add(study, ANSWERS.encode(), "答卷.csv")
    _saved(study, "大客户", "消费≥1000")
    _saved(study, "男的", "Q2=男")
    return study


def _saved(study, name: str, rule: str) -> None:
    rules = pipeline.read_rule(study, rule)
    pipeline.save_audience(study, Audience(name=name, rule=rules))


def _content(study, **changes) -> tuple[int, int]:
    table = pipeline.run(study, "topline", changes=changes).tables["Q1"]
    row = table.filter(option="满意").row(0, named=True)
    return row["n"], row["base"]


def _filter_note(study, key: str, **changes) -> str:
    notes = pipeline.run(study, key, changes=changes).notes
    (told,) = [note for note in notes if note.startswith("筛选：")]
    return told


def test_every_analysis_of_answers_and_texts_takes_a_filter_and_no_other():
    asked = {key for key in catalogue() if "filter" in find(key).params.model_fields}
    assert asked == {key for key in catalogue() if room_of(key) in FILTERED}


def test_an_analysis_counts_only_whom_its_filter_leaves(filled):
    assert _content(filled) == (7, 13)
    assert _content(filled, filter="大客户") == (6, 6)
    assert _content(filled, filter="男的") == (4, 6)
    assert _filter_note(filled, "topline") == "筛选：全部未被排除的答卷。"
    told = _filter_note(filled, "topline", filter="大客户")
    assert told.startswith("筛选：只看“大客户”（")
    assert told.endswith("），6 份答卷、6 条文本；另有 1 份答卷无法判断，没有计入。")


def test_the_filter_of_the_study_holds_until_an_analysis_has_its_own(filled):
    pipeline.set_filter(filled, "大客户")
    assert _content(filled) == (6, 6)
    assert _content(filled, filter="男的") == (4, 6)
    assert _content(filled, filter="all") == (7, 13)
    pipeline.set_params(filled, pipeline.params_of(filled, "topline"), key="topline")
    pipeline.set_filter(filled, "")
    assert _content(filled) == (7, 13)  # recording other parameters did not record the filter


def test_purchase_groups_stay_those_of_all_customers(filled):
    whole = pipeline.run(filled, "rfm").tables
    pipeline.set_filter(filled, "男的")
    assert pipeline.run(filled, "rfm").tables["segments"].equals(whole["segments"])


def test_texts_go_with_their_author(filled):
    dataset = pipeline.load(filled)
    told = [
        ("t1", "1", None, "客服慢"), ("t2", "2", None, "客服慢"), ("t3", None, _customer(dataset, "2"), "好喝"),
        ("t4", None, None, "客服慢"), ("t5", None, None, "好喝"),
    ]  # fmt: skip
    texts = pl.DataFrame(
        told, schema=["text_id", "respondent_id", "customer_id", "text"], orient="row"
    )
    said = Audience(name="客服", rule=pipeline.read_rule(filled, "Q2=男 或 提到 客服@评论"))
    own = dataset.definitions.audiences[1]
    known = dataset.definitions.model_copy(update={"audiences": (own, said)})
    left = narrowed(replace(dataset, texts=texts, definitions=known), own.key).dataset
    # respondent 2 is a man; t3 is his review; nobody knows who wrote the last two
    assert left.texts["text_id"].to_list() == ["t2", "t3"]
    assert left.responses["respondent_id"].to_list() == ["2", "4", "6", "8", "10", "12"]
    by_word = narrowed(replace(dataset, texts=texts.with_columns(source=pl.lit("评论")), definitions=known), said.key)  # fmt: skip
    assert by_word.dataset.texts["text_id"].to_list() == ["t1", "t2", "t3", "t4"]


def _customer(dataset, respondent: str) -> str:
    return dataset.responses.filter(respondent_id=respondent)["customer_id"].item()


def test_the_people_behind_a_cell_are_those_of_the_filter(filled):
    found = pipeline.people(filled, "topline", {"option": "满意"}, table="Q1", changes={"filter": "男的"})  # fmt: skip
    assert found.n == 4


def test_a_filter_that_leaves_nobody_is_one_sentence(filled):
    _saved(filled, "女的大客户", "消费≥1000 且 Q2=女")
    pipeline.set_filter(filled, "女的大客户")
    assert _content(filled) == (3, 3)
    revision = store.head(filled)
    unmet = pipeline.read_rule(filled, "消费≥99999")
    audiences = (*revision.recipe.audiences, Audience(name="没有人", rule=unmet))
    store.commit(filled, revision.recipe.model_copy(update={"audiences": audiences}), parent=revision.id, author="t", note="t")  # fmt: skip
    with pytest.raises(NobodyLeft, match="之后没有剩下答卷和文本，1 份答卷无法判断"):
        _content(filled, filter="没有人")


def test_a_filter_follows_the_name_of_its_audience_and_goes_with_it(filled):
    pipeline.set_filter(filled, "大客户")
    pipeline.pick(filled, "topline")
    pipeline.rename_audience(filled, "大客户", "老客户")
    assert pipeline.study_filter(filled) == "老客户"
    assert pipeline.picks(filled)[0].params["filter"] == "audience.老客户"
    assert pipeline.told(filled, pipeline.picks(filled)) == ("只看 老客户",)
    pipeline.remove_audience(filled, "老客户")
    assert pipeline.study_filter(filled) == ""
    assert pipeline.picks(filled) == ()


def test_what_is_not_there_cannot_be_chosen(filled, study):
    with pytest.raises(UnknownName, match="没有叫“谁”的人群"):
        pipeline.set_filter(filled, "谁")
    with pytest.raises(UnknownName, match="没有叫“谁”的人群"):
        _content(filled, filter="谁")
    bare = pipeline.new(study.path.parent / "bare")
    with pytest.raises(NoAudiences):
        pipeline.set_filter(bare, "谁")


def test_the_filter_stands_in_the_report(filled):
    pipeline.set_filter(filled, "大客户")
    made = pipeline.build_report(filled, "html", only=["topline"])
    assert "筛选：只看“大客户”" in made.decode()


def test_the_command_line_filters_one_run_or_the_study(filled, tmp_path, capsys):
    path, out = str(filled.path), tmp_path / "out"
    assert main(["run", path, "topline", "rfm", "--filter", "大客户", "--out", str(out)]) == 0
    notes = json.loads((out / "topline" / "findings.json").read_text("utf-8"))["notes"]
    assert notes[0].startswith("筛选：只看“大客户”")
    assert main(["filter", path, "大客户"]) == 0
    assert "只看：大客户（" in capsys.readouterr().out
    assert _content(filled) == (6, 6)
    assert main(["filter", path, "--clear"]) == 0
    assert _content(filled) == (7, 13)
    assert main(["filter", path, "谁"]) == 1


def test_anonymous_answers_are_filtered_by_answers(study):
    pipeline.add(study, "序号,1、您满意吗,2、性别\n1,满意,男\n2,不满意,女\n3,满意,女\n".encode(), "答卷.csv")  # fmt: skip
    _saved(study, "女的", "Q2=女")
    assert _content(study, filter="女的") == (1, 2)
    with pytest.raises(BadAudience):
        _saved(study, "大客户", "消费≥1000")
