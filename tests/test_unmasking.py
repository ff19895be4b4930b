"""Numbers in the clear: only with the right and a reason, both in the log, and nowhere else."""

from __future__ import annotations

import csv
import io

import pytest

from insight import access, pipeline
from insight import study as store
from insight.cli import main
from insight.errors import NoReason, NotAllowed

ROWS = [(f"M{n:04}", f"1380013{n:04}", f"O{n}", f"2025-01-{n + 1:02}", 10 * (n + 1)) for n in range(9)]  # fmt: skip
HEAD = "会员号,手机号,订单号,下单时间,实付金额"


@pytest.fixture
def orders(study):
    """Nine customers with a number and a phone each."""
    lines = "\n".join(",".join(map(str, row)) for row in ROWS)
    pipeline.add(study, f"{HEAD}\n{lines}".encode(), "订单.csv")
    return study


@pytest.fixture
def found(orders):
    """Everybody of the largest segment."""
    table = pipeline.run(orders, "rfm").tables["segments"].sort("n_customers")
    return pipeline.people(orders, "rfm", {"segment": table["segment"][-1]})


def _acts(study):
    return [(e.who, e.act, dict(e.what)) for e in store.audit(study)]


def test_the_clear_numbers_are_those_of_the_file_in_the_order_of_the_list(orders, found):
    clear = pipeline.unmasked(orders, found, reason="回访投诉客户")
    assert clear["person"].to_list() == found.persons["person"].to_list()
    spend = {f"1380013{n:04}": 10.0 * (n + 1) for n in range(9)}
    assert [spend[phone] for phone in clear["phone"]] == found.persons["spend"].to_list()
    assert [number[-4:] for number in clear["member_number"]] == [phone[-4:] for phone in clear["phone"]]  # fmt: skip


def test_the_look_stands_in_the_log_with_its_reason_and_without_a_number(orders, found):
    with access.acting(access.Actor("张经理", "admin")):
        pipeline.unmasked(orders, found, reason="回访 13800130001 的投诉")
    who, act, what = _acts(orders)[-1]
    assert (who, act, what["rows"]) == ("张经理", "unmask", found.persons.height)
    assert what["reason"] == "回访 138****0001 的投诉"
    assert store.broken_line(orders) is None
    assert "查看完整号码" in pipeline.audit(orders)["act_label"].to_list()


@pytest.mark.parametrize("reason", ["", "  ", "看"])
def test_without_a_reason_nothing_is_shown_and_nothing_is_logged(orders, found, reason):
    before = _acts(orders)
    with pytest.raises(NoReason, match="没有写理由"):
        pipeline.unmasked(orders, found, reason=reason)
    assert _acts(orders) == before


@pytest.mark.parametrize("role", ["viewer", "analyst"])
def test_only_an_admin_sees_numbers(orders, found, role):
    with access.acting(access.Actor("李", role)), pytest.raises(NotAllowed, match="完整号码"):
        pipeline.unmasked(orders, found, reason="回访投诉客户")
    assert all(act != "unmask" for _, act, _ in _acts(orders))


def test_no_result_and_no_object_of_the_study_holds_the_clear_list(orders, found):
    kept = {p for p in (orders.path / "objects").rglob("*") if p.is_file()}
    pipeline.unmasked(orders, found, reason="回访投诉客户")
    assert {p for p in (orders.path / "objects").rglob("*") if p.is_file()} == kept


def test_the_command_asks_for_the_reason_and_writes_a_file_for_the_owner_alone(orders, found, tmp_path, capsys):  # fmt: skip
    said = ["people", str(orders.path), "rfm", f"segment={found.row['segment']}", "--clear"]
    assert main(said) == 1
    assert "理由" in capsys.readouterr().err
    out = tmp_path / "clear.csv"
    assert main([*said, "--reason", "回访投诉客户", "--out", str(out)]) == 0
    rows = list(csv.DictReader(io.StringIO(out.read_bytes().decode("utf-8-sig"))))
    assert {row["phone"] for row in rows} <= {row[1] for row in ROWS}
    assert len(rows) == found.persons.height
    assert out.stat().st_mode & 0o077 == 0
    assert main([*said, "--reason", "回访投诉客户"]) == 0
    assert "1380013" in capsys.readouterr().out
    assert [act for _, act, _ in _acts(orders)].count("unmask") == 2


def test_the_list_without_clear_shows_no_number(orders, found, capsys):
    assert main(["people", str(orders.path), "rfm", f"segment={found.row['segment']}"]) == 0
    assert "1380013" not in capsys.readouterr().out
