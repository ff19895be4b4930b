"""Questions after a person are keys or stay out; opinions on names and addresses stay questions."""

from __future__ import annotations

import polars as pl
import pytest
from clean_tables import SECRET, cleaned, raw_table, reasons

from insight.clean import clean, propose
from insight.clean.contents import profile
from insight.clean.personal import asks_person
from insight.errors import NothingLeft
from insight.gather import Part, gather
from insight.privacy import token
from insight.schema import QuestionKind

N = 12
NAMES = [
    "赵一",
    "钱二",
    "孙三",
    "李四",
    "周五",
    "吴六",
    "郑七",
    "王八",
    "冯九",
    "陈十",
    "褚平",
    "卫安",
]
ADDRESSES = [f"浙江省杭州市西湖区文三路{i}号{i}幢{i}室" for i in range(1, N + 1)]
ID_CARDS = [f"3301061990010{i}0{i:02d}X"[:18] for i in range(10, 10 + N)]
PHONES = [f"138000000{i:02d}" for i in range(N)]
THOUGHTS = [f"第{i}次买，还算不错" for i in range(N)]


def survey(**questions):
    """Twelve answered questionnaires with one harmless and one open question."""
    usual = {
        "序号": [str(i) for i in range(1, N + 1)],
        "1、性别": list("男女" * 6),
        "2、还想说什么": THOUGHTS,
    }
    return raw_table(usual | questions)  # fmt: skip


def everything(result):
    """Every word that leaves cleaning: the table, the issues, the questions, and the texts."""
    dataset = gather([Part("responses", result, "问卷.csv")]).joined.tables
    frames = [result.frame, result.issues, *dataset.values()]
    return "\n".join([*(f.write_csv() for f in frames), str(result.questionnaire)])


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("3、您的详细收货地址", ADDRESSES),
        ("3、您的详细收货地址", NAMES),
        ("4、微信昵称", NAMES),
        ("您的姓名", NAMES),
        ("5、请问您的真实姓名是？", NAMES),
        ("联系人", NAMES),
        ("6、紧急联系人及电话", NAMES),
        ("身份证号", ID_CARDS),
        ("7、身份证号", ID_CARDS),
        ("8、怎么称呼您", NAMES),
        ("9、您希望我们如何称呼您", NAMES),
        ("10、为方便寄送奖品，请留下您的地址", NAMES),
        ("11、请留下方便联系的电话", NAMES),
        ("12、请填写您的手机/微信", NAMES),
        ("13、您的QQ", NAMES),
        ("14、您的银行卡号", NAMES),
        ("15、(姓名)", NAMES),
        ("16、您愿意提供的联系方式（以便我们对您回访）", NAMES),
        ("17、What is your full name?", NAMES),
        ("18、您方便取货的门牌", ADDRESSES),
        ("您的信息_称呼", NAMES),
    ],
)
def test_what_tells_who_somebody_is_never_leaves_cleaning(header, values):
    raw = survey(**{header: values})
    assert propose(raw, table="responses").roles[header] == ""
    result = cleaned(raw, table="responses")
    assert (None, "可能含个人信息，未导入", "未导入") in reasons(result)
    told = everything(result)
    assert "第0次买，还算不错" in told
    assert not [value for value in values if value in told]


@pytest.mark.parametrize(
    "header",
    [
        "3、您对地址配送是否满意",
        "3、关于收货地址修改，您有什么建议",
        "3、您是否愿意填写姓名",
        "3、您觉得手机下单方便吗",
        "3、您希望通过微信收到什么内容",
        "3、您的手机品牌及型号",
        "3、您现在用的手机",
        "3、您从微信公众号看到了什么",
        "3、您为什么留下QQ群",
        "3、您看重联系人的哪些方面",
        "3、您常用的银行",
    ],
)
def test_an_opinion_on_addresses_phones_and_names_stays_a_question(header):
    result = cleaned(survey(**{header: THOUGHTS}))
    assert [q.wording for q in result.questionnaire.questions][-1] == header.removeprefix("3、")
    assert not [r for r in reasons(result) if "个人信息" in r[1]]


@pytest.mark.parametrize(
    "header", ["3、您偏好的联系方式", "3、您的收货地址是", "3、(微信)", "3、您用哪家的手机号"]
)
def test_the_same_few_answers_again_and_again_tell_nobody_apart(header):
    kept = propose(survey(**{header: ["家里", "公司", "学校"] * 4}))
    assert kept.roles[header] == "question"


def test_an_option_column_that_holds_its_own_label_is_no_contact():
    ticks = pl.Series(["微信", None, "微信"])
    assert not asks_person("3、(微信)", profile(ticks))
    assert asks_person("3、(微信)", profile(pl.Series(["abc_1", None, "xy-22"])))


def test_a_personal_question_whose_content_is_a_key_is_that_key():
    raw = survey(**{"3、您的微信号": PHONES, "4、QQ": [f"u{i}@qq.com" for i in range(N)]})
    roles = propose(raw).roles
    assert (roles["3、您的微信号"], roles["4、QQ"]) == ("phone", "email")
    hashed = clean(raw, propose(raw), secret=SECRET).frame["key_phone"]
    assert hashed[0] == token("phone", "13800000000", secret=SECRET)


def test_the_phone_of_somebody_else_is_no_key():
    raw = survey(**{"3、推荐人的手机号": PHONES})
    assert propose(raw).roles["3、推荐人的手机号"] == ""


def test_of_two_phone_questions_the_one_with_more_phones_is_the_key():
    few = [*PHONES[:2], *NAMES[2:]]
    raw = survey(**{"3、联系方式": few, "4、您的手机号": PHONES})
    roles = propose(raw).roles
    assert (roles["3、联系方式"], roles["4、您的手机号"]) == ("", "phone")


def many(header, values):
    """A hundred questionnaires that ask for an identity."""
    n = len(values)
    return raw_table({"序号": [str(i) for i in range(n)], "1、性别": ["男", "女"] * (n // 2), header: values})  # fmt: skip


@pytest.mark.parametrize("header", ["2、您的会员号", "2、请输入会员编号", "2、您的客户编号是", "2、会员号"])  # fmt: skip
def test_member_numbers_filled_in_twice_are_still_the_key(header):
    numbers = [f"M{i % 35:04d}" for i in range(70)] + [f"K{i:04d}" for i in range(30)]
    result = cleaned(many(header, numbers))
    assert result.frame["key_customer_id"].n_unique() == 65
    assert result.frame["key_customer_id"][0] == token("customer_id", "m0000", secret=SECRET)
    assert len(result.questionnaire.questions) == 1
    assert "M0001" not in everything(result)


def test_even_two_member_numbers_for_all_are_a_key():
    result = cleaned(many("2、您的会员号", ["M0001", "M0002"] * 10))
    assert result.frame["key_customer_id"].n_unique() == 2


@pytest.mark.parametrize(
    ("header", "good", "label"),
    [("2、您的手机号", "139000000{:02d}", "手机号"), ("2、您的邮箱", "a{}@b.cn", "邮箱")],
)
def test_wrongly_typed_phones_and_mails_go_to_the_issues(header, good, label):
    right = [good.format(i) for i in range(30)]
    wrong = [f"写错{i:02d}号" for i in range(10)] * 7
    result = cleaned(many(header, right + wrong))
    key = next(c for c in result.frame.columns if c.startswith("key_"))
    assert result.frame[key].count() == 30
    lost = result.issues.filter(reason=f"不是有效的{label}，无法匹配", action="已置空")
    assert lost.height == 70
    assert QuestionKind.OPEN not in {q.kind for q in result.questionnaire.questions}


def test_whether_somebody_has_a_member_number_is_a_question():
    raw = many("2、您有没有会员号", ["有", "没有"] * 10)
    assert propose(raw).roles["2、您有没有会员号"] == "question"


DAYS = ["2024-03-05 10:00:00"]


@pytest.mark.parametrize(
    ("columns", "table", "message"),
    [
        (
            {"订单号": [str(i) for i in range(40)], "下单时间": DAYS * 40, "金额": ["9.9"] * 40, "订单状态": ["交易关闭"] * 40},
            "orders", "“手写”的 40 行都没有导入：订单已取消或关闭（40 行）。请检查导出范围或列的映射。",
        ),
        (
            {"订单号": list("abc"), "下单时间": DAYS * 3, "金额": ["1", "2", "3"], "订单状态": ["待付款", "已取消", "已取消"]},
            "orders", "“手写”的 3 行都没有导入：订单已取消或关闭（2 行）。请检查导出范围或列的映射。",
        ),
        (
            {"序号": ["1", "2"], "1、性别": ["(空)", "(跳过)"]},
            "responses", "“手写”的 2 行都没有导入：没有回答任何问题（2 行）。请检查导出范围或列的映射。",
        ),
        (
            {"评论编号": ["1", "2"], "评论内容": ["-", "N/A"]},
            "texts", "“手写”的 2 行都没有导入：内容为空（2 行）。请检查导出范围或列的映射。",
        ),
        (
            {"会员号": ["匿名", "-"], "城市": ["北京", "上海"]},
            "customers", "“手写”的 2 行都没有导入：没有可用的客户标识（2 行）。请检查导出范围或列的映射。",
        ),
    ],
    ids=["cancelled", "most_frequent", "silent", "empty_texts", "nobody"],
)  # fmt: skip
def test_a_file_none_of_whose_rows_survives_is_refused_with_the_reason(columns, table, message):
    raw = raw_table(columns)
    roles = {"评论内容": "text"} if table == "texts" else {}
    with pytest.raises(NothingLeft) as caught:
        cleaned(raw, table=table, **roles)
    assert str(caught.value) == message
    assert caught.value.n == raw.frame.height


def test_one_row_that_survives_is_enough():
    status = ["交易关闭"] * 9 + ["已完成"]
    raw = raw_table({"订单号": [str(i) for i in range(10)], "下单时间": DAYS * 10, "金额": ["5"] * 10, "订单状态": status})  # fmt: skip
    assert cleaned(raw).frame.height == 1


OPINIONS = [
    "物流太慢，等了一周",
    "包装破了，很失望",
    "客服很好，会再来",
    "味道一般",
    "和图片不一样",
    "回购很多次了",
] * 5


@pytest.mark.parametrize("header", ["评价内容", "反馈"])
@pytest.mark.parametrize("with_id", [True, False], ids=["with_id", "alone"])
def test_reviews_and_feedback_are_texts_from_header_to_table(header, with_id):
    ids = {"评论编号": [f"r{i}" for i in range(30)]} if with_id else {}
    raw = raw_table(ids | {header: OPINIONS})
    proposal = propose(raw)
    assert proposal.table == "texts"
    assert proposal.roles == dict.fromkeys(ids, "text_id") | {header: "text"}
    frame = clean(raw, proposal, secret=SECRET).frame
    assert frame["text"].to_list() == OPINIONS
    assert frame["text_id"].n_unique() == 30
    assert frame["text_id"][0].startswith("r0" if with_id else "T")
