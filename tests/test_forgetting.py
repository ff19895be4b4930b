"""Who asks to be deleted is gone: from the raw files, every revision, every list and the disk; others stay."""

from __future__ import annotations

import io

import openpyxl
import polars as pl
import pytest

from insight import pipeline
from insight import study as store
from insight.cli import main
from insight.errors import BadParameter, Conflict, NobodyFound, SharedIdentity
from insight.pipeline.kept import raw_of
from insight.readers import read
from insight.readers.pared import pared

GONE, STAYS = "13800000001", "13800000002"
MEMBERS = f"会员号,手机号,姓名\nM1,{GONE},王一\nM2,{STAYS},李二\nM3,13800000003,张三\n"
ORDERS = "订单号,会员号,下单时间,实付金额,备注\n" + "".join(
    f"A{i},M{i % 3 + 1},2025-0{i % 9 + 1}-03 10:00:00,{100 + i},{note}\n"
    for i, note in enumerate(["", f"电话{GONE}找王一", "", "", "", "", f"转给{GONE}", ""])
)


def _workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["手机号", "1.您最看重什么"])
    for phone, said in ((GONE, "送货要快一些"), (STAYS, "价格便宜"), ("13800000003", "质量好")):
        book.active.append([phone, said])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def study(tmp_path):
    made = pipeline.new(tmp_path / "s")
    pipeline.add(made, MEMBERS.encode(), "会员.csv")
    pipeline.add(made, ORDERS.encode("gb18030"), "订单.csv")
    pipeline.add(made, _workbook(), "问卷.xlsx")
    return made


def _texts(study) -> str:
    """Everything the present raw tables say."""
    frames = [raw_of(study, s).frame for s in store.head(study).recipe.sources]
    return "\n".join(frame.write_csv() for frame in frames)


def _on_disk(study) -> bytes:
    """Every file of the study, tables of it as the text they hold."""
    kept = []
    for path in study.path.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        kept.append(pl.read_parquet(io.BytesIO(data)).cast(pl.String, strict=False).write_csv().encode() if data[:4] == b"PAR1" else data)  # fmt: skip
    return b"\n".join(kept)


def test_the_person_leaves_every_file_and_the_others_stay(study):
    done = pipeline.forget(study, "phone", GONE)
    # M1 has the orders 0, 3 and 6; of the notes with the number, 6 is an order of M1's own
    assert dict(done.rows) == {"会员.csv": 1, "订单.csv": 3, "问卷.xlsx": 1}
    assert done.n_cells == 1
    said = _texts(study)
    assert GONE not in said
    assert "王一" in said  # in the note of somebody else's order: the name alone tells nobody
    assert STAYS in said
    data = pipeline.load(study)
    assert data.customers.height == 2
    assert data.responses.height == 2
    assert sorted(data.orders.lines.collect()["order_id"].unique()) == [
        "A1",
        "A2",
        "A4",
        "A5",
        "A7",
    ]


def test_nothing_of_the_person_is_left_on_the_disk(study):
    assert main(["run", str(study.path), "rfm"]) == 0
    pipeline.write_issues(study)
    assert GONE.encode() in _on_disk(study)
    pipeline.forget(study, "phone", f"+86 {GONE[:3]} {GONE[3:7]} {GONE[7:]}")
    held = _on_disk(study)
    assert GONE.encode() not in held
    assert pipeline.verify(study).damaged == ()
    assert pipeline.verify(study).orphans == ()
    assert [p.name for p in study.path.iterdir() if p.is_dir()] == ["objects"]


def test_former_revisions_open_without_the_person(study):
    before = store.history(study)
    pipeline.forget(study, "customer_id", "m1")
    after = store.history(study)
    assert [r.note for r in after[1:]] == [r.note for r in before]
    for revision in after:
        for source in revision.recipe.sources:
            assert GONE not in raw_of(study, source).frame.write_csv()


def test_the_log_and_the_certificate_name_nobody(study):
    done = pipeline.forget(study, "phone", GONE)
    (entry,) = [e for e in store.audit(study) if e.act == "forget"]
    assert dict(entry.what) == {"certificate": done.certificate, "rows": 5}
    assert store.head(study).id == done.revision
    assert GONE not in "".join(map(str, store.audit(study)))


def test_a_list_that_was_handed_out_loses_the_person(study):
    data = pipeline.load(study)
    ids = data.customers.select("customer_id").sort("customer_id")
    buffer = io.BytesIO()
    ids.write_parquet(buffer)
    listed = store.put(study, buffer.getvalue())
    promise = {"title": "回访", "target": "全部", "promised": "2025-10-01", "people": listed, "n_customers": 3}  # fmt: skip
    recipe = store.head(study).recipe
    recipe = recipe.model_validate(recipe.model_dump() | {"promises": [promise]})
    store.commit(study, recipe, parent=store.head(study).id, author="甲", note="承诺")
    pipeline.forget(study, "phone", GONE)
    (kept,) = store.head(study).recipe.promises
    assert pl.read_parquet(io.BytesIO(store.get(study, kept.people))).height == 2
    assert not store.object_path(study, listed).exists()


def test_who_is_not_there_cannot_be_deleted(study):
    before = store.head(study)
    with pytest.raises(NobodyFound):
        pipeline.forget(study, "phone", "13911112222")
    with pytest.raises(BadParameter):
        pipeline.forget(study, "phone", "12")
    with pytest.raises(Conflict):
        pipeline.forget(study, "phone", GONE, parent=before.id - 1)
    assert store.head(study) == before


def test_a_number_that_several_customers_share_deletes_nobody(study):
    pipeline.add(study, f"会员号,手机号,姓名\nM8,{GONE},王八\nM9,13800000009,赵九\n".encode(), "新会员.csv")  # fmt: skip
    before = store.head(study)
    with pytest.raises(SharedIdentity, match="2 位"):
        pipeline.forget(study, "phone", GONE)
    assert store.head(study) == before
    done = pipeline.forget(study, "customer_id", "M8")
    assert dict(done.rows) == {"新会员.csv": 1}


def test_what_a_crash_left_to_be_deleted_goes_when_the_study_opens(study, monkeypatch):
    monkeypatch.setattr("insight.study.erasing.purge", lambda _: None)
    pipeline.forget(study, "phone", GONE)
    monkeypatch.undo()
    assert GONE.encode() in _on_disk(study)
    again = pipeline.opened(study.path)
    assert GONE.encode() not in _on_disk(again)
    assert pipeline.verify(again).damaged == ()


def test_a_pared_table_reads_back_as_it_was(tmp_path):
    (raw,) = read(ORDERS.encode("gb18030"), "订单.csv")
    kept = raw.frame["订单号"] != "A3"
    (again,) = read(pared(raw, kept), "订单.csv")
    assert again.frame.equals(raw.frame.filter(kept))
    assert (again.name, again.kind, again.notes, again.format, again.encoding, again.header_row) == (raw.name, raw.kind, raw.notes, raw.format, raw.encoding, raw.header_row)  # fmt: skip


def test_the_command_prints_the_certificate_without_the_number(study, capsys):
    assert main(["forget", str(study.path), "--phone", GONE]) == 0
    out = capsys.readouterr().out
    assert "证明编号" in out
    assert GONE not in out
    assert main(["forget", str(study.path), "--phone", GONE]) == 1
    assert GONE not in capsys.readouterr().err
