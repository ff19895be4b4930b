"""Edits of topics in a study: recorded, taken back, told, and counted everywhere topics are counted."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest
from test_topics import planted

from insight import pipeline
from insight import study as store
from insight.analyses import catalogue
from insight.cli import main
from insight.errors import BadParameter, Conflict, UnknownName
from insight.pipeline.inputs import knows_topics, result_digest
from insight.study import Recipe

TEXTS, THEMES = planted()


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A study of 108 reviews of 54 customers."""
    folder = tmp_path_factory.mktemp("topics")
    lines = ["评论编号,会员编号,评论内容", *(f"t{i:03},m{i // 2:03},{text}" for i, text in enumerate(TEXTS)), "t900,m900,无"]  # fmt: skip
    (folder / "评论.csv").write_text("\n".join(lines), "utf-8-sig")
    study = pipeline.new(folder / "研究")
    pipeline.add(study, (folder / "评论.csv").read_bytes(), name="评论.csv")
    pipeline.set_params(study, pipeline.params_of(study, "topics", {"n_topics": 4}), key="topics")
    pipeline.topics(study)
    return study.path


@pytest.fixture
def study(made, tmp_path):
    shutil.copytree(made, tmp_path / "研究")
    return pipeline.opened(tmp_path / "研究")


def _label(study, word: str) -> str:
    words = pl.col("top_words").str.contains(word)
    return pipeline.topics(study).filter(words)["label"][0]


def test_a_merge_is_recorded_counted_and_taken_back(study):
    before = pipeline.topics(study)
    pair = [_label(study, "快递"), _label(study, "客服")]
    pipeline.add_topic_edit(study, {"do": "merge", "topics": pair, "name": "服务"})
    after = pipeline.topics(study)
    assert after["label"].to_list().count("服务") == 1
    assert len(after) == len(before) - 1
    texts = pipeline.run(study, "topics").tables
    number = after.filter(label="服务")["topic"][0]
    people = texts["texts"].filter(topic=number)["text_id"].unique()
    assert after.filter(label="服务")["n_texts"][0] == len(people)
    edits = texts["edits"]
    assert edits.rows() == [(1, f"合并“{pair[0]}”和“{pair[1]}”为“服务”", "已应用", "")]
    assert "主题：合并" in store.head(study).note
    (step,) = pipeline.topic_edits(study)
    pipeline.remove_topic_edits(study, [step.index])
    assert pipeline.topics(study).equals(before)
    assert pipeline.topic_edits(study) == ()


def test_topics_are_named_by_number_and_a_comment_by_its_id(study):
    row = pipeline.run(study, "topics").tables["texts"].filter(topic=1).row(0, named=True)
    target = pipeline.topics(study).filter(topic=2)["label"][0]
    pipeline.add_topic_edit(study, {"do": "move", "text": row["text_id"], "to": "2"})
    moved = pipeline.run(study, "topics").tables
    number = moved["topics"].filter(label=target)["topic"][0]
    assert moved["texts"].filter(text_id=row["text_id"]).select("topic", "weight").rows() == [(number, 1.0)]  # fmt: skip
    (step,) = pipeline.topic_edits(study)
    assert target in step.told
    assert row["text_id"] not in store.head(study).recipe.model_dump_json()
    quote = TEXTS[int(row["text_id"][1:])][:8]
    assert quote in step.told
    assert quote not in store.head(study).recipe.model_dump_json()


def test_an_edit_that_no_longer_fits_is_told_beside_its_step_and_in_the_notes(study):
    label = _label(study, "快递")
    pipeline.add_topic_edit(study, {"do": "rename", "topic": label, "name": "配送"})
    pipeline.add_topic_edit(study, {"do": "drop", "topic": "配送"})
    first, _ = pipeline.topic_edits(study)
    pipeline.add_topic_edit(study, {"do": "rename", "topic": _label(study, "客服"), "name": "客服"})
    assert [s.why for s in pipeline.topic_edits(study)] == ["", "", ""]
    pipeline.remove_topic_edits(study, [first.index])
    told = pipeline.topic_edits(study)
    assert [s.told for s in told] == ["删除主题“配送”", told[1].told]
    assert [bool(s.why) for s in told] == [False, False]  # found by its words
    pipeline.add_topic_edit(study, {"do": "seed", "name": "包装", "words": ["包裹"]})
    seed = pipeline.topic_edits(study)[-1]
    pipeline.add_topic_edit(study, {"do": "split", "topic": "包装"})
    pipeline.remove_topic_edits(study, [seed.index])
    last = pipeline.topic_edits(study)[-1]
    if last.why:
        assert any(last.why in note for note in pipeline.run(study, "topics").notes)


def test_what_is_not_there_is_refused_in_one_sentence(study):
    with pytest.raises(UnknownName, match="没有叫“发票”的主题"):
        pipeline.add_topic_edit(study, {"do": "drop", "topic": "发票"})
    with pytest.raises(UnknownName, match="没有叫“t999”的文本"):
        pipeline.add_topic_edit(study, {"do": "move", "text": "t999", "to": "1"})
    with pytest.raises(BadParameter, match="没有第 1 步"):
        pipeline.remove_topic_edits(study, [0])
    revision = store.head(study).id
    pipeline.add_topic_edit(study, {"do": "drop", "topic": "1"}, parent=revision)
    with pytest.raises(Conflict):
        pipeline.add_topic_edit(study, {"do": "drop", "topic": "1"}, parent=revision)


def test_edits_count_wherever_topics_are_counted_and_nowhere_else(study):
    keys = ("topics", "topic_table", "needs_by_segment", "keyness", "tokens")
    before = {key: result_digest(study, key) for key in keys}
    pipeline.add_topic_edit(study, {"do": "drop", "topic": "1"})
    changed = {key for key in keys if result_digest(study, key) != before[key]}
    assert changed == {"topics", "topic_table", "needs_by_segment"}
    from test_layers import ROOT, _imports

    finding = {"insight.text.topics.study_topics", "insight.voices.topics_of", "insight.needs.heard", "insight.needs.from_texts"}  # fmt: skip
    for key in catalogue():
        (file,) = (ROOT / "insight" / "analyses").glob(f"*/{key}.py")
        if _imports(file) & finding:
            assert knows_topics(key), key


def test_edits_of_one_question_leave_the_topics_of_all_texts_alone(study):
    pipeline.add_topic_edit(study, {"do": "drop", "topic": "1"})
    fields = store.head(study).recipe.topic_edits[0].model_copy(update={"question": "Q8"})
    recipe = store.head(study).recipe.model_copy(update={"topic_edits": (fields,)})
    store.commit(study, recipe, parent=store.head(study).id, author="x", note="y")
    assert "edits" not in pipeline.run(study, "topics").tables


def test_comments_of_a_topic_are_listed_and_found(study):
    listed = pipeline.comments_of(study, 1)
    assert listed["weight"].is_sorted(descending=True)
    assert set(listed["text_id"]) == set(pipeline.run(study, "topics").tables["texts"].filter(topic=1)["text_id"])  # fmt: skip
    number = pipeline.topics(study).filter(label=_label(study, "快递"))["topic"][0]
    held = pipeline.comments_of(study, number, find="快递员")
    assert len(held)
    assert held["text"].str.contains("快递员").all()
    assert pipeline.comments_of(study, 0)["text"].to_list() == ["无"]


def test_the_command_line_lists_edits_and_takes_them_back(study, capsys):
    assert main(["topics", str(study.path)]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert len(listed) == 5
    assert listed[0].startswith("1 ")
    assert main(["topics", str(study.path), "merge", "1", "2", "--name", "前两个"]) == 0
    assert "前两个，" in (told := capsys.readouterr().out)
    assert "第 1 步 合并" in told
    assert main(["topics", str(study.path), "seed", "退换货", "退款", "退货"]) == 0
    assert "退换货，" in capsys.readouterr().out
    assert main(["topics", str(study.path), "rename", "前两个", "新名"]) == 0
    assert main(["topics", str(study.path), "undo", "1", "2", "3"]) == 0
    assert capsys.readouterr().out.splitlines()[-5:] == listed
    assert main(["topics", str(study.path), "rename", "1"]) == 1
    assert "后面要写2 项" in capsys.readouterr().err.replace(" 2", "2")


def test_an_old_recipe_opens_without_edits():
    assert Recipe.model_validate_json("{}").topic_edits == ()
