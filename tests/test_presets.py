"""Platform presets are data: every platform is recognised by its headers, none is taken for another."""

from __future__ import annotations

import json

import pytest
from clean_tables import SECRET, raw_table
from conftest import shared
from pydantic import ValidationError

from insight import presets
from insight.clean import clean, propose
from insight.clean.headers import fold
from insight.clean.recognise import likeness
from insight.errors import BadParameter, UnknownName
from insight.presets import Preset
from insight.readers import read
from insight.schema import Decisions, Missing

DAYS = ["2024-03-05 10:00:00", "2024-03-06 11:30:00", "2024-03-07 12:15:00", "2024-04-01 08:00:00"]
VALUES = {
    "respondent_id": ["101", "102", "103", "104"],
    "order_id": ["27831", "27832", "27833", "27834"],
    "submitted_at": DAYS,
    "ordered_at": DAYS,
    "duration_s": ["64", "70", "81", "92"],
    "customer_id": ["张-1", "李-2", "王-3", "赵-4"],
    "nickname": ["a1", "b2", "c3", "d4"],
    "phone": ["13800000001", "13800000002", "13800000003", "13800000004"],
    "email": ["a@x.cn", "b@x.cn", "c@x.cn", "d@x.cn"],
    "product": ["茶", "杯", "茶", "盘"],
}
NUMBERS = ["12.5", "30", "45.9", "8"]
ASKED = {
    "wjx_text": {"1、您的性别": ["男", "女", "女", "男"], "2、爱好": ["茶┋酒", "茶", "酒", "(跳过)"]},
    "wjx_code": {"1、您的性别": ["1", "2", "2", "1"], "第2题(茶)": ["1", "1", "0", "-3"], "第2题(酒)": ["1", "0", "1", "-3"]},
    "wjx_score": {"总分": ["6", "7", "3", "9"], "1、您的性别": ["1", "2", "2", "4"], "2、知识题": ["5", "5", "1", "5"]},
    "tencent": {"1.您的性别": ["男", "女", "女", "男"], "2.爱好:茶": ["茶", "", "", "茶"], "2.爱好:酒": ["", "酒", "酒", ""]},
    "wenjuan": {"Q1": ["男", "女", "女", "男"], "Q2": ["很好", "不错", "还行", "一般"]},
    "credamo": {"Q1_您的性别": ["1", "2", "2", "1"], "Q3_1": ["0", "1", "1", "0"], "Q3_2": ["1", "1", "0", "0"]},
    "qualtrics": {"Q1": ["1", "2", "2", "1"], "Q3_1": ["1", "", "", "1"], "Q3_6_TEXT": ["", "别的", "", ""]},
    "surveymonkey": {"Which colours?": ["Red", "Blue", "Red", "Red"], "How much?": ["5", "4", "3", "5"]},
    "limesurvey": {"Q1": ["A1", "A2", "A1", "A3"], "Q2[SQ001]": ["Y", "", "Y", ""], "Q2[other]": ["", "x", "", ""]},
    "google_forms": {"您的年龄段是？": ["18-25", "26-35", "18-25", "36-45"], "请评价以下方面 [价格]": ["好", "中", "差", "好"], "请评价以下方面 [质量]": ["好", "好", "差", "好"]},
}  # fmt: skip
FRONT = {
    "wenjuan": "答题序号,来源,开始时间,提交时间,答题时长,IP省份,IP城市,IP地址,浏览器,操作系统",
    "credamo": "作答ID,被试ID,开始时间,提交时间,作答时长(秒),IP,IP归属地,设备,浏览器,审核状态,信用分,经纬度",
    "limesurvey": "id,submitdate,lastpage,startlanguage,seed,startdate,datestamp,ipaddr,refurl",
    "google_forms": "Timestamp,Email Address",
    "douyin": "主订单编号,子订单编号,商品数量,商品ID,商家编码,订单应付金额,商家备注,售后状态,订单状态",
    "pinduoduo": "商品,订单号,订单状态,商品总价(元),店铺优惠折扣(元),平台优惠折扣(元),用户实付金额(元),商家实收金额(元),商品数量(件)",
}
LISTED = {
    "wjx_text": "问卷星_前置列", "wjx_code": "问卷星_前置列", "wjx_score": "问卷星_前置列", "tencent": "腾讯问卷_前置列",
    "qualtrics": "Qualtrics_前置列", "surveymonkey": "SurveyMonkey_前置列", "taobao_list": "淘宝天猫_ExportOrderList_41",
    "taobao_detail": "淘宝_ExportOrderDetailList", "taobao_minimal": "天猫_xlsx_精简_8", "jd": "京东POP_80", "youzan": "有赞_59",
    "shopify": "Shopify_79",
}  # fmt: skip
PLATFORMS = (*LISTED, *FRONT)


def headers_of(key):
    """The columns that a platform writes beside the questions."""
    if key in FRONT:
        return FRONT[key].split(",")
    listed = json.loads(shared("spec/export_headers.json").read_text("utf-8"))
    return [h.strip() for h in listed[LISTED[key]]]


def export_of(key, *, without=()):
    """A file as the platform writes it, every column filled with values of its kind."""
    known = {fold(h): role for h, role in presets.find(key).roles.items()}
    columns = {
        h: VALUES.get(known.get(fold(h), ""), NUMBERS) for h in headers_of(key) if h not in without
    }
    columns = {
        h: ["#1001", "#1002", "#1003", "#1004"] if h == "Name" else v for h, v in columns.items()
    }
    return raw_table(columns | ASKED.get(key, {}))


@pytest.mark.parametrize("key", PLATFORMS)
def test_every_platform_is_recognised_by_its_headers_and_says_from_which(key):
    proposal = propose(export_of(key))
    assert proposal.preset == key
    assert proposal.table == presets.find(key).table
    assert proposal.confidence >= 0.6
    assert proposal.recognised.startswith(f"{presets.find(key).label}（依据：{proposal.marks[0]}")


@pytest.mark.parametrize("key", PLATFORMS)
def test_no_platform_is_as_likely_as_the_one_that_wrote_the_file(key):
    headers = list(export_of(key).frame.columns)
    own = likeness(presets.find(key), headers).confidence
    others = {
        p.key: likeness(p, headers).confidence
        for p in presets.catalogue().values()
        if p.platform != presets.find(key).platform
    }
    assert max(others.values()) < own


@pytest.mark.parametrize("key", PLATFORMS)
def test_one_column_the_user_deleted_does_not_change_what_is_recognised(key):
    short = {"google_forms", "taobao_minimal"}  # little is left of these
    droppable = [h for h in headers_of(key) if h not in {"Timestamp"}]
    droppable = droppable[:1] if key in short else droppable[:6]
    assert {propose(export_of(key, without={h})).preset for h in droppable} == {key}


def test_confidence_is_one_minus_the_product_of_all_doubts():
    shop = Preset.model_validate({
        "key": "x", "label": "某平台", "platform": "某平台", "table": "responses", "fingerprint": {"甲": 0.5, "乙（元）": 0.2, "丙": 0.9},
        "patterns": [{"regex": "第\\d+题", "label": "第n题", "weight": 0.75}],
    })  # fmt: skip
    found = likeness(shop, ["甲", "乙", "第1题", "第2题", "别的"])
    assert found.confidence == 0.9  # 1 - 0.5 x 0.8 x 0.25
    assert found.marks == ("甲", "乙（元）", "第n题")


@pytest.mark.parametrize(
    ("relative", "key"),
    [
        ("data/reportgen_wjx/问卷星数据_800_800_0.xls", "wjx_text"),
        ("data/reportgen_wjx/问卷星数据_800_800_2.xls", "wjx_code"),
        ("data/wjx_yunnan_douyin_dirty/正大杯_云南三农抖音_600.csv", "wjx_text"),
        ("data/colleges_wjx_survey/results_desensitized_2022-03-26.csv", "wenjuan"),  # collected on wenjuan.com
        ("data/membersurvey_sas/membersurvey.csv", ""),
        ("data/quantipy_example_a/Example Data (A).csv", ""),
        ("data/crm_satisfaction_sim/chapter2_data.csv", ""),
        ("data/factominer_tea/tea.csv", ""),
        ("data/asap_sample/dev_sample.csv", ""),
        ("data/olist_sample_A/olist_orders_dataset.csv", ""),
    ],
)  # fmt: skip
def test_real_files_get_the_right_preset_or_none(relative, key):
    path = shared(relative)
    assert {propose(raw).preset for raw in read(path.read_bytes(), path.name)} == {key}


@pytest.mark.parametrize("folder", ["tmall_orders", "tableau_superstore_zh"])
def test_real_orders_get_the_right_preset_or_none(folder):
    path = next(
        p for p in sorted(shared(f"data/{folder}").iterdir()) if p.suffix in {".csv", ".xls"}
    )
    orders = read(path.read_bytes(), path.name)[0]
    assert propose(orders).preset == ("taobao_list" if folder == "tmall_orders" else "")


def test_the_preset_says_which_column_plays_a_role_where_names_alone_would_not():
    columns = {
        "订单号": VALUES["order_id"], "商品名称": VALUES["product"], "订购数量": ["1", "2", "1", "1"], "下单时间": DAYS, "京东价": NUMBERS,
        "订单金额": ["100", "90", "80", "70"], "应付金额": ["95", "85", "75", "65"], "商家应收": NUMBERS, "下单帐号": VALUES["customer_id"],
        "联系电话": VALUES["phone"],
    }  # fmt: skip
    proposal = propose(raw_table(columns))
    assert proposal.column_of("amount") == "应付金额"
    assert proposal.column_of("customer_id") == "下单帐号"
    assert "可能不是买家本人" in proposal.evidence["联系电话"]
    bare = propose(raw_table(columns), decisions=Decisions(preset=""))
    assert bare.column_of("amount") == "订单金额"


def test_a_column_of_the_platform_that_holds_something_else_is_not_forced_into_its_role():
    raw = export_of("youzan")
    frame = raw.frame.with_columns(买家手机号=raw.frame["买家昵称"])
    proposal = propose(raw_table({c: frame[c].to_list() for c in frame.columns if c != "__line__"}))
    assert proposal.preset == "youzan"
    assert proposal.column_of("phone") is None


def test_the_three_exports_of_wjx_are_told_apart_by_their_answers():
    front = {h: export_of("wjx_text").frame[h].to_list() for h in headers_of("wjx_text")}
    styles = {
        "wjx_text": {"1、性别": ["男", "女", "男", "女"]},
        "wjx_code": {"1、性别": ["1", "2", "1", "2"], "总分": ["10", "20", "15", "5"]},
        "wjx_score": {"1、甲": ["5", "0", "5", "0"], "2、乙": ["2.5", "5", "-3", "0"], "总分": ["7.5", "5", "5", "0"]},
    }  # fmt: skip
    assert {key: propose(raw_table(front | asked)).preset for key, asked in styles.items()} == {
        key: key for key in styles
    }


def test_the_user_chooses_another_preset_or_none():
    raw = export_of("wjx_text")
    other = propose(raw, decisions=Decisions(preset="wjx_code"))
    assert (other.preset, other.recognised) == ("wjx_code", "问卷星·按序号（由用户指定）")
    none = propose(raw, decisions=Decisions(preset=""))
    assert (none.preset, none.recognised, none.confidence) == ("", "", 0.0)
    assert propose(raw, decisions=Decisions(preset="腾讯问卷")).preset == "tencent"


def test_a_preset_that_does_not_exist_or_is_of_another_table_is_refused():
    raw = export_of("wjx_text")
    with pytest.raises(UnknownName, match="没有叫“抖宝”的预设"):
        propose(raw, decisions=Decisions(preset="抖宝"))
    with pytest.raises(BadParameter, match="“京东”是订单的预设，不能用于问卷"):
        propose(raw, table="responses", decisions=Decisions(preset="jd"))


def test_presets_tell_why_there_is_no_answer_and_what_joins_options():
    text, code = presets.find("wjx_text"), presets.find("wjx_code")
    assert text.missing["(跳过)"] == code.missing["-3"] == Missing.NOT_ASKED
    assert text.missing["(空)"] == code.missing["-2"] == Missing.NO_ANSWER
    assert presets.find("qualtrics").missing == {"-99": Missing.NO_ANSWER}
    assert text.separators[0] == "┋"
    assert presets.find("qualtrics").trials[0].values == ("1", "Survey Preview")


def test_presets_tell_where_the_money_of_an_order_stands():
    money = {key: presets.find(key).grain.money for key in ("taobao_list", "jd", "youzan", "douyin", "shopify")}  # fmt: skip
    assert money == {
        "taobao_list": "order", "jd": "repeated", "youzan": "order", "douyin": "line", "shopify": "first_line",
    }  # fmt: skip
    assert presets.find("youzan").grain.items == "全部商品名称"
    assert presets.find("youzan").identity[0] == "买家手机号"
    assert presets.facts("", table="orders").grain.money == "unknown"
    assert presets.facts("jd", table="orders") is presets.find("jd")


def test_every_preset_is_listed_once_under_its_own_label():
    known = presets.catalogue()
    assert len({p.label for p in known.values()}) == len(known)
    assert {
        p.key for t in ("orders", "order_lines", "responses") for p in presets.offered(t)
    } == set(PLATFORMS)
    for preset in known.values():
        grain = preset.grain.of_order if preset.grain else ()
        assert len({fold(h) for h in (*preset.fingerprint,)}) == len(preset.fingerprint), preset.key
        assert not set(preset.identity) & set(preset.not_the_buyer), preset.key
        assert all(isinstance(h, str) and h for h in grain)


@pytest.mark.parametrize(
    "wrong",
    [
        {"roles": {"甲": "no_such_role"}},
        {"table": "nothing"},
        {"fingerprint": {"甲": 1.5}},
        {"missing": {"-1": "perhaps"}},
        {"grain": {"money": "line"}},
        {"colour": "red"},
    ],
)
def test_a_preset_that_says_nonsense_is_not_loaded(wrong):
    sound = {"key": "x", "label": "某", "platform": "某", "table": "responses"}
    assert Preset.model_validate(sound).key == "x"
    with pytest.raises(ValidationError):
        Preset.model_validate(sound | wrong)


QUALTRICS = """StartDate,EndDate,Status,Progress,Duration (in seconds),Finished,RecordedDate,ResponseId,ExternalReference,DistributionChannel,UserLanguage,Q1,Q2
开始日期,结束日期,答复类型,进度,持续时间,已完成,记录日期,答复 ID,外部数据引用,分发渠道,用户语言,您满意吗,买过几次
"{""ImportId"":""startDate""}","{""ImportId"":""endDate""}","{""ImportId"":""status""}","{""ImportId"":""progress""}","{""ImportId"":""duration""}","{""ImportId"":""finished""}","{""ImportId"":""recordedDate""}","{""ImportId"":""_recordId""}","{""ImportId"":""externalDataReference""}","{""ImportId"":""distributionChannel""}","{""ImportId"":""userLanguage""}","{""ImportId"":""QID1""}","{""ImportId"":""QID2""}"
2024-03-01 10:00:00,2024-03-01 10:01:00,IP Address,100,60,True,2024-03-01 10:01:01,R_1,C1,anonymous,ZH,是,3
2024-03-01 10:00:00,2024-03-01 10:01:00,Survey Preview,100,60,True,2024-03-01 10:01:01,R_2,C2,preview,ZH,否,1
2024-03-01 10:00:00,2024-03-01 10:01:00,IP Address,100,61,True,2024-03-01 10:01:02,R_3,C3,anonymous,ZH,-99,2
"""


def test_previews_of_qualtrics_are_no_responses_and_its_three_header_rows_are_one():
    (raw,) = read(QUALTRICS.encode(), "q.csv")
    proposal = propose(raw)
    assert proposal.preset == "qualtrics"
    result = clean(raw, proposal, secret=SECRET)
    assert result.frame["respondent_id"].to_list() == ["R_1", "R_3"]
    assert result.frame["Q1"].to_list() == ["是", None]  # -99: seen, not answered
    dropped = result.issues.filter(action="未导入", line=5)
    assert dropped.select("value", "reason").rows() == [("Survey Preview", "测试答卷")]
