"""Millions of texts are cut and coded batch by batch: the same rows as at once, on every engine, in the memory of one batch."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from test_topics import planted

from insight import batches, cli, pipeline
from insight.batches import Task, work_through
from insight.coding import coder, features
from insight.errors import BadCodebook, BadParameter, Cancelled, MissingColumns
from insight.schema.codebook import Code, Codebook
from insight.text.tokens import tokens
from insight.voices import voices
from insight.worker import Stop
from insight.worker.children import GIVES_BACK

TEXTS, THEMES = planted()
BOOK = Codebook(
    codes=(Code(name="物流", rules=("快递 OR 发货",)), Code(name="客服", rules=("客服",)))
)
GROWTH = """
import sys
from pathlib import Path
sys.path.insert(0, "tests")
from benchmarks.measure import peak_kb
from insight import batches
from insight.batches import work_through
from test_in_batches import CUTTING
small, large, out = map(Path, sys.argv[1:4])
batches.ROWS = int(sys.argv[4])
work_through(small, out, CUTTING)
before = peak_kb()
work_through(large, out, CUTTING)
print(before, peak_kb())
"""


def _cutting():
    return lambda batch: batch.select("text_id").hstack(tokens(batch["text"]))


CUTTING = Task(_cutting, ["text_id", "text"], {"text_id": pl.String, "words": pl.List(pl.String)})


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """109 reviews, one of them coded by hand as something else than the rules say, and a telephone number."""
    folder = tmp_path_factory.mktemp("batches")
    lines = ["评论编号,会员编号,评论内容", *(f"t{i:03},m{i // 2:03},{text}" for i, text in enumerate(TEXTS)), "t900,m900,快递员电话13812345678没人接"]  # fmt: skip
    study = pipeline.new(folder / "研究")
    pipeline.add(study, "\n".join(lines).encode("utf-8-sig"), name="评论.csv")
    pipeline.set_codebook(study, BOOK)
    pipeline.code_text(study, "t900", ["客服"])
    return study


@pytest.fixture
def taught(tmp_path):
    """108 reviews; of the first 60 a person said whether they are about delivery or service, of every seventh nothing."""
    study = pipeline.new(tmp_path / "研究")
    rows = "".join(f"t{i:03},{text}\n" for i, text in enumerate(TEXTS))
    pipeline.add(study, f"评论编号,评论内容\n{rows}".encode(), name="评论.csv")
    pipeline.set_codebook(study, BOOK)
    ids = {text: id_ for id_, text in pipeline.load(study).texts.select("text_id", "text").rows()}
    told = (f"{ids[text]},{theme if at % 7 and theme in ('物流', '客服') else '无'}\n" for at, (text, theme) in enumerate(zip(TEXTS[:60], THEMES, strict=False)))  # fmt: skip
    assert pipeline.import_codes(study, f"文本编号,需求\n{''.join(told)}".encode(), "编码.csv") == 60  # fmt: skip
    return study


def test_batches_give_the_words_of_every_text(study, tmp_path, monkeypatch):
    monkeypatch.setattr(batches, "ROWS", 7)
    told: list[float | None] = []
    n = pipeline.cut_all(study, tmp_path / "a.parquet", progress=lambda _, share: told.append(share))  # fmt: skip
    made = pl.read_parquet(tmp_path / "a.parquet")
    said = voices(pipeline.load(study))
    assert n == 109
    assert_frame_equal(made.sort("text_id"), said.select("text_id").hstack(tokens(said["text"])))
    assert told == [min(at * 7, 109) / 109 for at in range(1, 17)]
    assert not [p for p in tmp_path.iterdir() if p.name != "a.parquet"]


@pytest.mark.parametrize("at", ["学习人工编码", "编码"])
def test_who_stops_the_work_gets_no_file(taught, tmp_path, monkeypatch, at):
    monkeypatch.setattr(batches, "ROWS", 7)
    stop, told = Stop(), []

    def tell(step: str, share: float | None) -> None:
        told.append(share)
        if step == at:
            stop.pull(Cancelled("编码全部文本"))

    with pytest.raises(Cancelled):
        pipeline.code_all(taught, tmp_path / "a.parquet", progress=tell, stop=stop)
    assert told[-1] == 7 / 108
    assert not [p for p in tmp_path.iterdir() if "a.parquet" in p.name]


def _as_the_analysis(study, path) -> pl.DataFrame:
    """What is in the file, after it was compared with the rows of the analysis."""
    moods = {"positive": "正面", "negative": "负面", "neutral": "中性"}
    made = pl.read_parquet(path).sort("text_id", "need")
    known = pipeline.run(study, "coding").tables["texts"].sort("text_id", "need")
    assert_frame_equal(made.with_columns(pl.col("polarity").replace(moods)), known, abs_tol=1e-9)
    return made


def test_batches_are_coded_as_the_analysis_codes_all_texts(study, tmp_path, monkeypatch):
    for rows in (5, 1_000):
        monkeypatch.setattr(batches, "ROWS", rows)
        pipeline.code_all(study, tmp_path / "a.parquet")
        made = _as_the_analysis(study, tmp_path / "a.parquet")
    assert made.filter(text_id="t900").rows() == [("t900", "客服", "person", 1.0, "negative", "人工编码")]  # fmt: skip


@pytest.mark.parametrize("most_meant", [0, 3_000], ids=["words", "words and meaning"])
def test_what_a_model_learnt_codes_every_batch(taught, tmp_path, monkeypatch, most_meant):
    monkeypatch.setattr(coder, "MOST_MEANT", most_meant)
    monkeypatch.setattr(coder, "MOST_READ", 40 if most_meant else 10_000)
    monkeypatch.setattr(batches, "ROWS", 7)
    told: list[str] = []
    pipeline.code_all(taught, tmp_path / "a.parquet", progress=lambda step, _: told.append(step))
    made = _as_the_analysis(taught, tmp_path / "a.parquet")
    assert set(made["source"]) == {"rule", "model", "person"}
    assert set(made["status"]) == {"人工编码", "自动编码", "请核对"}
    assert list(dict.fromkeys(told)) == ["学习人工编码", "编码"]


def test_a_model_is_learnt_once_and_kept_in_the_study(taught, tmp_path, monkeypatch):
    pipeline.code_all(taught, tmp_path / "a.parquet")
    before = pl.read_parquet(tmp_path / "a.parquet")

    def learns_again(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(coder, "by_model", learns_again)
    monkeypatch.setattr(features, "sentence_vectors", learns_again)
    pipeline.code_all(pipeline.opened(taught.path), tmp_path / "b.parquet")
    assert_frame_equal(pl.read_parquet(tmp_path / "b.parquet"), before)
    pipeline.code_text(taught, "t100", ["客服"])
    with pytest.raises(AssertionError):
        pipeline.code_all(taught, tmp_path / "b.parquet")


def test_the_texts_that_teach_are_the_same_in_any_order_and_parts(monkeypatch):
    monkeypatch.setattr(coder, "MOST_READ", 20)
    said = pl.DataFrame({"text_id": [f"t{i}" for i in range(108)], "text": TEXTS})
    truth = {f"t{i}": frozenset("w") for i in range(50)}
    whole = coder.lesson_of([said], truth)
    parts = coder.lesson_of(said.sample(fraction=1, shuffle=True, seed=3).iter_slices(11), truth)
    assert whole.n_all == parts.n_all == 108
    assert_frame_equal(whole.texts, parts.texts)
    assert set(truth) < set(whole.texts["text_id"])
    assert whole.texts.height == 70


def test_spark_gives_the_rows_of_the_batches(study, taught, tmp_path):
    pytest.importorskip("pyspark.sql", reason="PySpark is not installed")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, which is not here")
    for name, work, of in (("words", pipeline.cut_all, study), ("codes", pipeline.code_all, study), ("learnt", pipeline.code_all, taught)):  # fmt: skip
        here, there = tmp_path / f"{name}.parquet", tmp_path / f"{name}-spark.parquet"
        assert work(of, here) == work(of, there, engine="spark")
        assert_frame_equal(pl.read_parquet(there / "*.parquet"), pl.read_parquet(here), check_row_order=False, abs_tol=1e-9)  # fmt: skip


def test_a_failure_leaves_what_was_there_before(tmp_path):
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "in.parquet")
    (tmp_path / "out.parquet").write_text("before")

    def fail(_: pl.DataFrame) -> pl.DataFrame:
        raise BadParameter("a", "b")

    with pytest.raises(BadParameter):
        work_through(tmp_path / "in.parquet", tmp_path / "out.parquet", Task(lambda: fail, ["a"], {"a": pl.Int64}))  # fmt: skip
    assert (tmp_path / "out.parquet").read_text() == "before"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.parquet", "out.parquet"]


def test_no_texts_give_a_table_without_rows(tmp_path):
    pl.DataFrame(schema={"text_id": pl.String, "text": pl.String}).write_parquet(tmp_path / "in.parquet")  # fmt: skip
    assert work_through(tmp_path / "in.parquet", tmp_path / "out.parquet", CUTTING) == 0
    assert pl.read_parquet(tmp_path / "out.parquet").columns == ["text_id", "words"]


def test_memory_is_that_of_a_batch_whatever_the_number_of_texts(tmp_path):
    paths = [tmp_path / f"{name}.parquet" for name in ("small", "large", "out")]
    for path, n in zip(paths, (5_000, 50_000), strict=False):
        text = pl.Series("text", [f"{TEXTS[i % 108][:12]}{i}" for i in range(n)])
        pl.DataFrame({"text_id": pl.Series(range(n)).cast(pl.String), "text": text}).write_parquet(path, row_group_size=5_000)  # fmt: skip
    told = subprocess.run([sys.executable, "-c", GROWTH, *map(str, paths), "1000"], capture_output=True, text=True, check=True, env=os.environ | GIVES_BACK)  # fmt: skip
    before, after = map(int, told.stdout.split())
    assert pl.scan_parquet(paths[2]).select(pl.len()).collect().item() == 50_000
    assert after < 1.1 * before  # ten times the texts


def test_what_cannot_be_written_or_coded_is_said(study, tmp_path):
    with pytest.raises(BadParameter, match="parquet"):
        pipeline.cut_all(study, tmp_path / "a.csv")
    other = pipeline.new(tmp_path / "空")
    with pytest.raises(BadCodebook, match="还没有编码本"):
        pipeline.code_all(other, tmp_path / "a.parquet")
    with pytest.raises(MissingColumns):
        pipeline.cut_all(other, tmp_path / "a.parquet")


def test_the_command_line_codes_and_cuts_everything_and_tells_how_far_it_is(
    study, tmp_path, capsys
):
    folder, out = str(study.path), tmp_path / "新" / "全部.parquet"
    assert cli.main(["code", folder, "--all", str(out)]) == 0
    n = pl.read_parquet(out).height
    told = capsys.readouterr().out
    assert f"{n} 行已写到" in told
    assert "编码 100%" in told
    assert cli.main(["lexicon", folder, "--cut", str(out)]) == 0
    assert "109 条文本的词" in capsys.readouterr().out
    assert pl.read_parquet(out).columns == ["text_id", "words", "tags"]
    assert cli.main(["lexicon", folder, "--cut", str(tmp_path / "a.csv")]) != 0
    assert "parquet" in capsys.readouterr().err


def test_ctrl_c_at_the_command_line_is_one_sentence(study, tmp_path, monkeypatch, capsys):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(batches, "batches_of", interrupted)
    out = tmp_path / "a.parquet"
    assert cli.main(["lexicon", str(study.path), "--cut", str(out)]) == 130
    assert capsys.readouterr().err == "已中断。\n"
    assert not list(tmp_path.iterdir())
