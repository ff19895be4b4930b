"""Uploads on disk: private, never a second copy in the server's memory, and gone when they are not needed."""

from __future__ import annotations

import gc
import io
import os
import pickle
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec
from test_app import ORDERS, opened

from insight import pipeline, spool
from insight import study as store
from insight.errors import Cancelled
from insight.pipeline import jobs
from insight.settings import settings
from pages.ui import places, uploading

POSIX = pytest.mark.skipif(os.name != "posix", reason="file modes are those of POSIX")


@pytest.fixture(autouse=True)
def own_spool(tmp_path, monkeypatch):
    """A spool folder for each test."""
    folder = tmp_path / "spool"
    monkeypatch.setenv("INSIGHT_SPOOL_DIR", str(folder))
    settings.cache_clear()
    yield folder
    monkeypatch.undo()
    settings.cache_clear()


def left(folder):
    """The files that are still on disk."""
    gc.collect()
    return [p for p in folder.rglob("*") if p.is_file()]


def test_a_copy_is_that_of_the_whole_file_wherever_it_was_read_to(own_spool):
    file = io.BytesIO(b"abc" * 10**6)
    file.seek(100)
    kept = spool.spooled(file)
    assert kept.path.read_bytes() == file.getvalue()
    assert kept.path.parent.parent == own_spool


@POSIX
def test_nobody_else_may_read_a_copy(own_spool):
    kept = spool.spooled(io.BytesIO(b"1"))
    assert kept.path.stat().st_mode & 0o777 == 0o600
    assert kept.path.parent.stat().st_mode & 0o777 == 0o700


def test_a_copy_goes_with_its_last_holder_or_at_once(own_spool):
    first, second = spool.spooled(io.BytesIO(b"1")), spool.spooled(io.BytesIO(b"2"))
    also = first
    del first
    assert len(left(own_spool)) == 2
    del also
    assert left(own_spool) == [second.path]
    second.close()
    assert not left(own_spool)


def test_to_another_process_a_copy_is_its_path_and_stays(own_spool):
    kept = spool.spooled(io.BytesIO(b"1"))
    travelled = pickle.loads(pickle.dumps(kept))
    assert travelled == kept.path
    del travelled
    assert left(own_spool) == [kept.path]


def test_a_sweep_takes_what_killed_processes_left_and_nothing_else(own_spool):
    kept = spool.spooled(io.BytesIO(b"1"))
    me = psutil.Process()
    again = f"{me.pid}-1.00"  # the number of a process that is gone may be that of another one now
    for gone in (again, "999999999-1.00", "7-x"):
        (own_spool / gone).mkdir()
        (own_spool / gone / "f").write_bytes(b"2")
    spool.sweep()
    assert left(own_spool) == [kept.path]
    spool.clear()
    assert not left(own_spool)


def test_the_start_of_a_server_sweeps(own_spool):
    (own_spool / "999999999-1.00").mkdir(parents=True)
    (own_spool / "999999999-1.00" / "f").write_bytes(b"2")
    jobs.warm()
    assert not left(own_spool)


def test_an_import_of_a_copy_is_that_of_its_bytes(study, own_spool):
    kept = spool.spooled(io.BytesIO(ORDERS.encode()))
    added = jobs.add_all(study, [pipeline.Upload(kept, "订单.csv")]).result()
    assert added[0].n_rows == (40,)
    assert store.get(study, added[0].sources[0].file) == ORDERS.encode()
    del kept
    assert not left(own_spool)


def test_an_import_that_is_cancelled_leaves_no_copy(study, own_spool):
    uploads = [pipeline.Upload(spool.spooled(io.BytesIO(ORDERS.encode())), "订单.csv")]
    job = jobs.add_all(study, uploads)
    assert len(left(own_spool)) == 1  # whoever asked holds it, too
    del uploads
    job.cancel()
    with pytest.raises(Cancelled):
        job.result()
    del job
    assert not left(own_spool)
    assert store.head(study).recipe.sources == ()


def test_a_file_that_is_taken_back_or_imported_leaves_the_memory_of_the_server_too(own_spool, monkeypatch):  # fmt: skip
    manager, state = MemoryUploadedFileManager("/upload"), {}
    here = SimpleNamespace(uploaded_file_mgr=manager, session_id="me")
    monkeypatch.setattr(uploading, "get_script_run_ctx", lambda: here)
    monkeypatch.setattr(uploading, "st", SimpleNamespace(session_state=state))
    files = []
    for name in ("a", "b"):
        record = UploadedFileRec(name, f"{name}.csv", "text/csv", name.encode())
        manager.add_file("me", record)
        files.append(UploadedFile(record, FileURLs()))
        uploading.on_disk(files[-1])
    assert uploading.on_disk(files[0]) is uploading.on_disk(files[0])
    second = files[1]
    uploading.keep_only([second])
    assert [f.file_id for f in manager.get_files("me", ["a", "b"])] == ["b"]
    assert [p.read_bytes() for p in left(own_spool)] == [b"b"]
    uploading.let_go()
    assert not left(own_spool)
    assert uploading.on_disk(second).path.read_bytes() == b"b"


def press(app, label):
    next(b for b in app.button if b.label == label).click().run()


def test_the_page_leaves_no_copy_after_an_import_a_broken_file_and_one_taken_back(demo_study, own_spool):  # fmt: skip
    app = opened(places.IMPORT, study="demo")
    app.segmented_control[0].set_value("新建研究").run()
    app.text_input[0].set_value("经过磁盘").run()
    app.file_uploader[0].upload("照片.png", b"\x89PNG\r\n\x1a\n").run()
    assert "这是图片" in app.error[0].value
    assert not left(own_spool)
    app.file_uploader[0].upload("订单.csv", ORDERS.encode()).run()
    assert [p.read_bytes() for p in left(own_spool)] == [ORDERS.encode()]
    press(app, "导入 1 个文件")
    assert not app.exception
    assert pipeline.status(pipeline.opened(pipeline.studies()["经过磁盘"])).tables == {"orders": 40}
    assert not left(own_spool)


def test_the_page_leaves_no_copy_after_an_import_that_is_refused(demo_study, own_spool):
    app = opened(places.IMPORT, study="demo")
    app.segmented_control[0].set_value("新建研究").run()
    app.text_input[0].set_value("两遍").run()
    app.file_uploader[0].upload("订单.csv", ORDERS.encode())
    app.file_uploader[0].upload("订单 2.csv", ORDERS.encode()).run()
    press(app, "导入 2 个文件")
    assert "已经导入过" in app.error[0].value
    assert not left(own_spool)


def test_the_page_tells_that_order_details_wait_for_their_list(demo_study, own_spool):
    details = "订单编号,标题,价格,购买数量,外部系统编号,套餐信息\n1,茶,3,1,E,\n2,杯,4,2,E,\n"
    app = opened(places.IMPORT, study="demo")
    app.segmented_control[0].set_value("新建研究").run()
    app.text_input[0].set_value("只有明细").run()
    app.file_uploader[0].upload("明细.csv", details.encode()).run()
    press(app, "导入 1 个文件")
    assert not app.exception
    assert "还缺写有买家、时间和实付金额的订单列表" in app.warning[0].value
    listed = "订单编号,买家会员名,买家实际支付金额,订单状态,订单创建时间\n1,甲a,3,交易成功,2024-03-05 10:00:00\n2,乙b,8,交易成功,2024-03-06 10:00:00\n"
    app.segmented_control[0].set_value("加入当前研究").run()
    app.file_uploader[0].upload("列表.csv", listed.encode()).run()
    press(app, "导入 1 个文件")
    assert not app.exception
    assert not app.warning
    orders = pipeline.load(pipeline.opened(pipeline.studies()["只有明细"])).orders
    assert sorted(orders.lines.collect().get_column("product").to_list()) == ["杯", "茶"]


ADDING = """
import sys
from pathlib import Path
from insight.cli import main

def peak():
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024

study, small, large = sys.argv[1:]
main(["new", study])
main(["add", study, small])
main(["check", small])
before = peak()
assert main(["check", large, "--json"]) == 0
assert main(["add", study, large]) == 0
sys.stderr.write(str(peak() - before))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is counted otherwise there")
def test_the_command_that_imports_a_large_file_never_holds_it(tmp_path):
    small, large = tmp_path / "small.csv", tmp_path / "large.csv"
    small.write_text(ORDERS)
    filler = "x" * 700
    with large.open("w") as file:
        file.write("客户编号,订单号,下单时间,实付金额,说明\n")
        for n in range(80_000):
            file.write(f"c{n % 5000},n{n},2024-03-05 08:00:00,{n % 900}.50,{filler}{n % 7}\n")
    size = large.stat().st_size
    assert size > 55 * 2**20
    done = subprocess.run(
        [sys.executable, "-c", ADDING, str(tmp_path / "s"), str(small), str(large)],
        capture_output=True, text=True, check=True, timeout=300,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
    )  # fmt: skip
    assert int(done.stderr.rpartition("\n")[2]) < size / 4
