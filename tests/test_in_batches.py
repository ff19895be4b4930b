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
from insight.errors import BadCodebook, BadParameter, MissingColumns
from insight.schema.codebook import Code, Codebook
from insight.text.tokens import tokens
from insight.voices import voices
from insight.worker.children import GIVES_BACK

TEXTS, _ = planted()
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


def test_batches_are_coded_as_the_analysis_codes_all_texts(study, tmp_path, monkeypatch):
    whole = pipeline.run(study, "coding").tables["texts"]
    moods = {"positive": "正面", "negative": "负面", "neutral": "中性"}
    for rows in (5, 1_000):
        monkeypatch.setattr(batches, "ROWS", rows)
        pipeline.code_all(study, tmp_path / "a.parquet")
        made = pl.read_parquet(tmp_path / "a.parquet").sort("text_id", "need")
        known = whole.select(made.columns).sort("text_id", "need")
        assert made.select("text_id", "need", "source").equals(known.select("text_id", "need", "source"))  # fmt: skip
        assert made["polarity"].replace(moods).to_list() == known["polarity"].replace(moods).to_list()  # fmt: skip
    assert made.filter(text_id="t900").rows() == [("t900", "客服", "person", "negative")]


def test_spark_gives_the_rows_of_the_batches(study, tmp_path):
    pytest.importorskip("pyspark.sql", reason="PySpark is not installed")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, which is not here")
    for name, work in (("words", pipeline.cut_all), ("codes", pipeline.code_all)):
        here, there = tmp_path / f"{name}.parquet", tmp_path / f"{name}-spark.parquet"
        assert work(study, here) == work(study, there, engine="spark")
        assert_frame_equal(pl.read_parquet(there / "*.parquet"), pl.read_parquet(here), check_row_order=False)  # fmt: skip


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
