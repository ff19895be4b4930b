"""An order list and its detail file become order lines: who and when from the one, what from the other."""

from __future__ import annotations

import polars as pl
import pytest
from clean_tables import SECRET, raw_table
from conftest import shared
from hypothesis import given, settings
from hypothesis import strategies as st

from insight import pipeline
from insight import study as store
from insight.clean import Cleaned, clean, propose
from insight.cli import main
from insight.errors import OrderListMissing
from insight.gather import gather
from insight.gather.order_details import CLOSED, LEFT_OUT, NO_LIST, TOLD, UNKNOWN
from insight.gather.parts import Part
from insight.readers import read

LIST = """订单编号,买家会员名,买家支付宝账号,买家应付货款,总金额,买家实际支付金额,订单状态,收货地址 ,联系手机,订单创建时间,订单付款时间 ,宝贝标题 ,宝贝种类 ,宝贝总数量,退款金额
="1001",张三a,a@x,100,100,90.01,交易成功,浙江省 杭州市 西湖区 文三路 1 号,'13800000001,2024-03-05 10:00:00,2024-03-05 10:01:00,"茶,杯",2,3,无退款申请
="1002",李四b,b@x,50,50,50,交易成功,上海 上海市 静安区 南京西路 2 号,'13800000002,2024-03-06 10:00:00,2024-03-06 10:01:00,壶,1,1,无退款申请
="1003",王五c,c@x,70,70,0,交易关闭,北京 北京市 东城区 王府井大街 3 号,'13800000003,2024-03-07 10:00:00,,盘,1,1,无退款申请
="1004",张三a,a@x,100,100,100,交易成功,浙江省 杭州市 上城区 解放路 4 号,'13800000001,2024-03-08 10:00:00,2024-03-08 10:01:00,"茶,杯",2,2,40.00
"""
DETAIL = """订单编号,标题,价格,购买数量,外部系统编号,商品属性,套餐信息,备注,订单状态,商家编码
="1001",茶,30,2,E1,,,,交易成功,T-1
="1001",杯,40,1,E2,,,,交易成功,B-1
="1003",盘,70,1,E3,,,,交易关闭,P-1
="1004",茶,60,1,E1,,,,交易成功,T-1
="1004",杯,40,1,E2,,,,交易关闭,B-1
="1009",碗,9,1,E4,,,,交易成功,W-9
"""
LIST_FILE, DETAIL_FILE = "ExportOrderList202404.csv", "ExportOrderDetailList202404.csv"
FILES = {LIST_FILE: LIST.encode("gb18030"), DETAIL_FILE: DETAIL.encode("gb18030")}
LINES = [  # 90.01 by 60 : 40 is 54.006 and 36.004; the cent left over goes to the larger remainder
    ("1001", "杯", "B-1", 1.0, 40.0, 36.0, "浙江"),
    ("1001", "茶", "T-1", 2.0, 30.0, 54.01, "浙江"),
    ("1002", "壶", None, 1.0, None, 50.0, "上海"),  # no detail: its one row stays
    ("1004", "茶", "T-1", 1.0, 60.0, 60.0, "浙江"),  # 100 less 40, which the closed cup cost
]
FACTS = ("order_id", "product", "sku", "quantity", "unit_price", "amount", "region")


def part(text, name):
    """A file as it is after cleaning."""
    (raw,) = read(text.encode(), name)
    proposal = propose(raw)
    header = proposal.column_of("order_id")
    return Part(proposal.table, clean(raw, proposal, secret=SECRET), name, header)


def lines_of(orders):
    """The order lines in the order of their ids and goods."""
    return orders.sort("order_id", "product").select(FACTS).rows()


def reasons(gathered):
    """Line and reason of what was said of single lines."""
    told = gathered.issues.filter(pl.col("line").is_not_null())
    return told.select("line", "column", "value", "reason", "action").rows()


def orders_in(study):
    return pipeline.load(study).orders.lines.to_native().collect()


@pytest.mark.parametrize(
    "headers",
    [
        "订单编号,标题,价格,购买数量,外部系统编号,商品属性,套餐信息,备注,订单状态,商家编码",
        "子订单编号,主订单编号,商品标题,价格,购买数量,外部系统编号,商品属性,套餐信息,备注,订单状态,商家编码",
        "子订单编号,主订单编号,商品标题,价格,购买数量,外部系统编号,商品属性,套餐信息,订单状态,商家编码,买家应付货款,买家实际支付金额,退款状态,退款金额,订单创建时间,订单付款时间",
    ],
)
def test_every_form_of_the_detail_export_is_recognised_as_details(headers):
    times = ["2024-03-05 10:00:00", "2024-03-06 10:00:00"]
    known = {"订单状态": ["交易成功", "交易关闭"], "标题": ["茶", "杯"], "商品标题": ["茶", "杯"], "订单创建时间": times, "订单付款时间": times}  # fmt: skip
    proposal = propose(raw_table({h: known.get(h, ["101", "102"]) for h in headers.split(",")}))
    assert (proposal.table, proposal.preset) == ("order_lines", "taobao_detail")
    assert proposal.column_of("product") in {"标题", "商品标题"}
    assert proposal.column_of("order_id") in {"订单编号", "主订单编号"}


def test_details_that_tell_buyer_time_and_money_are_orders_of_their_own():
    text = DETAIL.replace("商家编码\n", "商家编码,买家会员名,订单创建时间,买家实际支付金额\n")
    text = text.replace("-1\n", "-1,张三a,2024-03-05 10:00:00,9\n").replace("-9\n", "-9,李四b,2024-03-06 10:00:00,9\n")  # fmt: skip
    (raw,) = read(text.encode(), "a.csv")
    assert propose(raw).table == "orders"


def test_files_of_no_known_platform_are_told_apart_by_what_they_lack():
    items = raw_table({"订单号": ["A1", "A1", "A2"], "商品名称": ["茶", "杯", "茶"], "数量": ["1", "2", "1"], "单价": ["10", "5", "10"]})  # fmt: skip
    assert propose(items).table == "order_lines"
    payments = raw_table({"订单号": ["A1", "A2", "A3"], "支付金额": ["1", "2", "3"]})
    assert propose(payments).table == "orders"


def test_the_items_of_a_real_shop_are_details():
    path = shared("data/olist_sample_A/olist_order_items_dataset.csv")
    (raw,) = read(path, path.name)
    proposal = propose(raw)
    assert proposal.table == "order_lines"
    assert clean(raw, proposal, secret=SECRET).frame.height == raw.frame.height


def test_lines_take_buyer_time_place_and_their_share_of_the_money_from_the_list():
    gathered = gather([part(LIST, LIST_FILE), part(DETAIL, DETAIL_FILE)])
    orders = gathered.joined.tables["orders"]
    assert lines_of(orders) == LINES
    alone = gather([part(LIST, LIST_FILE)]).joined.tables["orders"]
    assert orders["amount"].sum() == pytest.approx(alone["amount"].sum(), abs=1e-9)
    facts = ("order_id", "customer_id", "ordered_at", "ordered_month", "status")
    assert set(orders.select(facts).rows()) == set(alone.select(facts).rows())
    assert "order_lines" not in gathered.joined.tables


def test_each_line_that_is_not_used_is_listed_with_its_reason():
    gathered = gather([part(LIST, LIST_FILE), part(DETAIL, DETAIL_FILE)])
    assert reasons(gathered) == [
        (4, "订单编号", "1003", LEFT_OUT, "未导入"),
        (6, "订单编号", "1004", CLOSED, "未导入"),
        (7, "订单编号", "1009", UNKNOWN, "未导入"),
    ]
    (said,) = gathered.issues.filter(pl.col("line").is_null())["reason"]
    assert said.startswith(
        "3 行商品并入订单列表的 2 个订单，金额合计以订单列表的净实付 150.01 为准"
    )
    assert "单价×数量合计 160.00" in said


def test_the_waterfall_tells_that_rows_became_lines_and_no_money_changed():
    steps = gather([part(LIST, LIST_FILE), part(DETAIL, DETAIL_FILE)]).waterfall
    assert steps["file"].unique().to_list() == [LIST_FILE]
    net, detail = steps.tail(2).to_dicts()
    assert (net["n_rows"], net["n_orders"], net["amount"]) == (3, 3, 200.01)
    assert (detail["step"], detail["n_met"], detail["n_rows"]) == ("detail", 2, 4)
    assert (detail["n_orders"], detail["amount"]) == (3, 200.01)


def test_neither_the_order_of_the_files_nor_of_their_rows_changes_anything():
    head, *rows = DETAIL.splitlines()
    turned = "\n".join([head, *reversed(rows)])
    for parts in ([part(turned, "d"), part(LIST, "l")], [part(LIST, "l"), part(turned, "d")]):
        assert lines_of(gather(parts).joined.tables["orders"]) == LINES


def test_a_detail_export_that_overlaps_another_counts_once():
    head, *rows = DETAIL.splitlines()
    first, second = ("\n".join([head, *some]) for some in (rows[:2], rows))
    gathered = gather([part(LIST, "l"), part(first, "三月"), part(second, "四月")])
    assert lines_of(gathered.joined.tables["orders"]) == LINES
    assert ("四月", "order_lines", "有 2 行与“三月”是同样的明细（订单号、商品、数量、单价都相同），只计一次") in gathered.notes  # fmt: skip


def test_what_a_line_itself_cost_goes_before_price_and_quantity():
    detail = "主订单编号,子订单编号,商品标题,价格,购买数量,外部系统编号,买家实际支付金额\n1001,1,茶,30,2,E,10\n1001,2,杯,40,1,E,80\n"
    orders = gather([part(LIST, "l"), part(detail, "d")]).joined.tables["orders"]
    shares = orders.filter(order_id="1001").sort("product").select("product", "line_id", "amount")
    # 90.01 by 80 : 10 is 80.0089 and 10.0011
    assert shares.rows() == [("杯", "2", 80.01), ("茶", "1", 10.0)]


def test_an_order_that_the_list_tells_line_by_line_stays_as_it_is():
    listed = LIST + LIST.splitlines()[1].replace("90.01", "5.00") + "\n"
    gathered = gather([part(listed, "l"), part(DETAIL, "d")])
    assert (2, TOLD) in [(line, reason) for line, _, _, reason, _ in reasons(gathered)]
    amounts = gathered.joined.tables["orders"].filter(order_id="1001")["amount"]
    assert sorted(amounts) == [5.0, 90.01]


def test_details_without_any_list_are_kept_and_said_and_give_no_orders():
    gathered = gather([part(DETAIL, "d")])
    assert "orders" not in gathered.joined.tables
    assert gathered.issues.select("file", "table", "reason").rows() == [("d", "order_lines", NO_LIST)]  # fmt: skip


def test_a_sub_order_that_stands_there_twice_counts_once_and_a_line_without_order_is_listed():
    raw = raw_table({"订单编号": ["1", "1", None], "子订单编号": ["7", "7", "8"], "标题": ["茶"] * 3, "价格": ["1"] * 3, "购买数量": ["1"] * 3, "外部系统编号": ["E"] * 3})  # fmt: skip
    result = clean(raw, propose(raw), secret=SECRET)
    assert result.frame["__line__"].to_list() == [2]
    assert result.issues.select("line", "reason").rows() == [
        (3, "同一个子订单重复出现"), (4, "没有订单号，不知道属于哪个订单"),
    ]  # fmt: skip


CENTS = st.integers(0, 10**6).map(lambda cents: cents / 100)


@given(
    paid=st.lists(CENTS, min_size=1, max_size=5),
    lines=st.lists(st.tuples(st.integers(0, 5), st.integers(1, 9), CENTS), max_size=12),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_whatever_the_details_say_every_order_keeps_its_money_to_the_cent(paid, lines):
    no_issues = pl.DataFrame()
    orders = pl.DataFrame({"order_id": [f"o{i}" for i in range(len(paid))], "ordered_at": [0] * len(paid), "amount": paid})  # fmt: skip
    schema = {"__line__": pl.UInt32, "order_id": pl.String, "product": pl.String, "quantity": pl.Float64, "unit_price": pl.Float64}  # fmt: skip
    rows = [(at + 2, f"o{i}", f"p{at}", float(n), price) for at, (i, n, price) in enumerate(lines)]
    details = pl.DataFrame(rows, schema=schema, orient="row")
    parts = [Part("orders", Cleaned(orders, no_issues)), Part("order_lines", Cleaned(details, no_issues))]  # fmt: skip
    gathered = gather(parts)
    found = gathered.joined.tables["orders"].group_by("order_id").agg(pl.sum("amount"), n=pl.len())
    assert dict(found.select("order_id", "amount").rows()) == pytest.approx(dict(orders.select("order_id", "amount").rows()), abs=1e-6)  # fmt: skip
    known = {f"o{i}" for i in range(len(paid))}
    used = [row for row in rows if row[1] in known]
    assert found["n"].sum() == len(used) + len(known - {row[1] for row in used})
    assert len(reasons(gathered)) == len(rows) - len(used)


@pytest.mark.parametrize("batches", [[(LIST_FILE, DETAIL_FILE)], [(DETAIL_FILE,), (LIST_FILE,)], [(LIST_FILE,), (DETAIL_FILE,)]])  # fmt: skip
def test_both_files_may_come_together_or_one_after_the_other(study, batches):
    for names in batches:
        pipeline.add_all(study, [pipeline.Upload(FILES[name], name) for name in names])
    assert lines_of(orders_in(study)) == LINES
    assert pipeline.status(study).waiting == ()
    assert pipeline.status(study).tables == {"orders": 4}


def test_removing_one_of_the_files_gives_a_right_study_again(study, tmp_path):
    alone = pipeline.new(tmp_path / "alone", secret=store.key(study, keys_dir=_keys()))
    pipeline.add(alone, FILES[LIST_FILE], LIST_FILE)
    pipeline.add(study, FILES[LIST_FILE], LIST_FILE)
    pipeline.add(study, FILES[DETAIL_FILE], DETAIL_FILE)
    pipeline.remove(study, 1, parent=store.head(study).id)
    assert orders_in(study).equals(orders_in(alone))
    pipeline.add(study, FILES[DETAIL_FILE], DETAIL_FILE)
    pipeline.remove(study, 0, parent=store.head(study).id)
    assert pipeline.status(study).tables == {}
    assert pipeline.status(study).waiting == (DETAIL_FILE,)
    with pytest.raises(OrderListMissing, match="还缺写有买家、时间和实付金额的订单列表"):
        pipeline.run(study, "rfm")


def _keys():
    from insight.settings import settings as chosen

    return chosen().keys_dir


def test_switching_a_rule_of_the_list_moves_its_lines_too(study):
    for name, data in FILES.items():
        pipeline.add(study, data, name)
    pipeline.set_rules(study, 0, {"cancelled": False}, parent=store.head(study).id)
    orders = orders_in(study)
    assert orders.filter(order_id="1003").select("product", "sku", "amount").rows() == [("盘", "P-1", 0.0)]  # fmt: skip
    pipeline.set_rules(study, 0, {"net": False}, parent=store.head(study).id)
    assert orders_in(study).filter(order_id="1004").select("product", "amount").rows() == [("茶", 100.0)]  # fmt: skip


def test_the_command_line_keeps_lone_details_says_what_is_missing_and_joins_them_later(tmp_path, capsys):  # fmt: skip
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    study = tmp_path / "s"
    assert main(["new", str(study)]) == 0
    assert main(["add", str(study), str(tmp_path / DETAIL_FILE)]) == 1
    said = capsys.readouterr()
    assert "订单明细：6 行" in said.out
    assert said.err.count("\n") == 1
    assert f"“{DETAIL_FILE}”是订单明细，已经保存，但还缺" in said.err
    assert main(["run", str(study), "rfm"]) == 1
    assert "订单列表" in capsys.readouterr().err
    assert main(["add", str(study), str(tmp_path / LIST_FILE)]) == 0
    assert main(["run", str(study), "rfm"]) == 0
    assert lines_of(orders_in(pipeline.opened(study))) == LINES
    listed = (study / "results" / "issues.csv").read_text("utf-8-sig")
    assert f"{DETAIL_FILE},7,订单编号,1009,{UNKNOWN},未导入" in listed
    summary = pipeline.summary(pipeline.opened(study))
    assert summary["tables"]["orders"]["source"] == f"{DETAIL_FILE}、{LIST_FILE}"


def test_a_check_tells_that_the_file_holds_details_and_that_the_list_is_needed(tmp_path):
    path = tmp_path / DETAIL_FILE
    path.write_bytes(FILES[DETAIL_FILE])
    found = pipeline.check(path, path.name)
    assert (found["table"], found["preset"]["key"]) == ("order_lines", "taobao_detail")
    assert any("订单列表" in warning for warning in found["warnings"])


def test_whoever_says_who_bought_and_when_has_orders_not_details(study):
    text = "单号,商品名称,数量,单价,谁,哪天\n1,茶,2,10,a1,2024-03-05\n2,杯,1,5,b2,2024-03-06\n3,茶,1,10,a1,2024-03-07\n"
    roles = {"谁": "客户编号", "哪天": "ordered_at"}
    added = pipeline.add(study, text.encode(), "自制.csv", hints=pipeline.Hints(roles=roles))
    assert [source.table for source in added.sources] == ["orders"]
    assert orders_in(study)["amount"].sum() == 35.0
    assert pipeline.check(text.encode(), "自制.csv")["table"] == "order_lines"
