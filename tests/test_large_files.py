"""Large files: read from where they lie, in bounded memory, and by short cuts that change no value."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight import pipeline
from insight import study as store
from insight.clean.times import times
from insight.clean.values import codes, numbers
from insight.errors import DamagedStudy, HeaderOnly
from insight.identifiers import lost, repaired
from insight.worker.children import GIVES_BACK

ORDERS = "订单编号,会员号,下单时间,实付金额\n" + "".join(
    f"{n:08d},{n % 7:04d},2024-03-{n % 28 + 1:02d} 08:00:00,{n}.50\n" for n in range(1, 400)
)


def test_a_file_is_kept_from_its_path_as_from_its_bytes(study, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(ORDERS)
    sha = store.put(study, path)
    assert sha == store.put(study, ORDERS.encode()) == store.sha256(path)
    assert store.located(study, sha).read_bytes() == store.get(study, sha) == ORDERS.encode()
    store.object_path(study, sha).write_text("changed")
    with pytest.raises(DamagedStudy, match="内容与校验值不符"):
        store.located(study, sha)


def test_an_import_from_a_path_is_the_import_of_its_bytes(tmp_path):
    path = tmp_path / "订单.csv"
    path.write_text(ORDERS)
    first, second = (pipeline.new(tmp_path / name) for name in ("one", "two"))
    of_path = pipeline.add(first, path, path.name)
    of_bytes = pipeline.add(second, ORDERS.encode(), path.name)
    assert of_path == of_bytes
    assert of_path.n_rows == (399,)


def test_of_a_file_that_changes_during_its_import_the_bytes_that_were_read_are_kept(
    study, tmp_path, monkeypatch
):
    path = tmp_path / "订单.csv"
    path.write_text(ORDERS)
    keeping = store.keeping

    @contextmanager
    def changing(study, content):
        with keeping(study, content) as copy:
            path.write_text("改动以后的内容")
            yield copy

    monkeypatch.setattr(store, "keeping", changing)
    assert pipeline.add(study, path, path.name).n_rows == (399,)
    (source,) = store.head(study).recipe.sources
    assert store.get(study, source.file) == ORDERS.encode()


@pytest.mark.parametrize("as_path", [True, False], ids=["path", "bytes"])
def test_of_a_file_that_cannot_be_used_no_copy_stays(study, tmp_path, as_path):
    path = tmp_path / "空.csv"
    path.write_text("订单编号,会员号\n")
    before = set((study.path / "objects").rglob("*"))
    with pytest.raises(HeaderOnly):
        pipeline.add(study, path if as_path else path.read_bytes(), path.name)
    assert set((study.path / "objects").rglob("*")) == before
    assert store.head(study).recipe.sources == ()


READING = """
import sys
from pathlib import Path
from benchmarks.measure import peak_kb
from insight.readers import read

small, large = map(Path, sys.argv[1:])
read(small, "x.csv")
before = peak_kb()
assert read(large, "x.csv")[0].frame.height == 300_000
print((peak_kb() - before) * 1024 / large.stat().st_size)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is counted otherwise there")
def test_reading_a_large_text_takes_less_than_five_times_its_size(tmp_path):
    small, large = tmp_path / "small.csv", tmp_path / "large.csv"
    small.write_text(ORDERS)
    title = "正品夏季新款保湿面霜补水清爽官方旗舰店大容量礼盒"
    with large.open("w") as file:
        file.write("订单编号,会员号,下单时间,商品标题,实付金额,渠道\n")
        for n in range(300_000):
            file.write(f"{2024 * 10**12 + n},{n % 5000:08d},2024-03-05 08:00:00,{title}{n % 3000},{n % 900}.50,天猫\n")  # fmt: skip
    out = subprocess.run(
        [sys.executable, "-c", READING, str(small), str(large)],
        capture_output=True, text=True, check=True, timeout=300,
        env=os.environ | GIVES_BACK | {"PYTHONPATH": str(Path(__file__).parents[1])},
    )  # fmt: skip
    assert float(out.stdout) < 5


IDS = st.lists(st.text("0123456789AZaz-_", min_size=1, max_size=20), max_size=20)
DAYS = st.lists(
    st.one_of(st.none(), st.datetimes().map(lambda t: f"{t:%Y-%m-%d %H:%M:%S}".zfill(19))),
    max_size=12,
)
AMOUNTS = st.lists(
    st.one_of(st.none(), st.from_regex(r"-?[0-9]{1,9}(\.[0-9]{1,4})?", fullmatch=True))
)


@pytest.mark.parametrize(
    ("parse", "doubtful"),
    [(repaired, "'7"), (codes, "'7"), (lost, "1.38E+10")],
    ids=["repaired", "codes", "lost"],
)
@given(ids=IDS)
@settings(max_examples=80, deadline=None, derandomize=True)
def test_healthy_ids_come_out_as_they_do_beside_a_damaged_one(parse, doubtful, ids):
    alone = parse(pl.Series(ids, dtype=pl.String))
    beside = parse(pl.Series([*ids, doubtful], dtype=pl.String))
    assert alone.to_list() == beside.to_list()[:-1]


@given(written=DAYS)
@settings(max_examples=80, deadline=None, derandomize=True)
def test_times_in_one_form_come_out_as_they_do_beside_another_form(written):
    alone = times(pl.Series(written, dtype=pl.String))
    beside = times(pl.Series([*written, "2024年3月5日"], dtype=pl.String))
    assert alone.seconds.to_list() == beside.seconds.to_list()[:-1]
    assert alone.why.to_list() == beside.why.to_list()[:-1]


@given(written=AMOUNTS)
@settings(max_examples=80, deadline=None, derandomize=True)
def test_plain_amounts_come_out_as_they_do_beside_a_decorated_one(written):
    alone = numbers(pl.Series(written, dtype=pl.String))
    beside = numbers(pl.Series([*written, "¥1"], dtype=pl.String))
    assert alone.to_list() == beside.to_list()[:-1]
