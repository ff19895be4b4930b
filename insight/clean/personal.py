"""Which columns of a questionnaire ask who somebody is: they are keys or stay out, never questions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from insight.clean.contents import EMAIL, MOBILE, Profile, few_answers, looks_personal, share
from insight.clean.headers import fold, is_numbered, question_header
from insight.simplified import simplified

_COLUMN = re.compile(
    r"姓名|名字|客户名称|顾客名称|收货人|收件人|联系人|地址|身份证|证件|微信|支付宝|昵称|称呼|银行|^qq号?码?$|^name$|"
    r"firstname|lastname|fullname|customername|billingname|shippingname|street|address|wechat|openid|unionid|^ip"
)
_ASKING = re.compile(
    r"[?？]|您|你|是否|满意|推荐|意愿|评分|打分|认为|同意|重要|喜欢|\b(nps|csat|sat)(?=[\W_]|$)|satisf|^sat_|recommend",
    re.IGNORECASE,
)
_MEMBER = r"会员号|会员卡号|会员编号|客户编号|客户号|用户ID"
_NAMED = re.compile(
    r"姓名|昵称|身份证|证件号|联系人|收货人|收件人|微信号|"
    r"\b(your|full|first|last) ?name\b|\b(home|mailing|street|shipping) address",
    re.IGNORECASE,
)
_MEANS = r"(?:(?<!用的)(?<!买的)手机|电话|微信|(?<![A-Za-z])QQ|邮箱|e-?mail|银行卡)"
_REACHED = re.compile(
    rf"{_MEMBER}|(?:phone|mobile) number|联系方式|称呼|(?<!门店)(?<!店铺)(?<!网站)地址|住址|(?:^|[您你]的|真实|填写)名字|"
    # 手机 itself, not a 手机品牌 one has
    rf"{_MEANS}(?:号码?|[账帐]号|卡号)?(?=$|[^\u4e00-\u9fffA-Za-z、/]|[是为](?:多少|什么)?(?:\W|$)|以便|用于|便于|方便|我们|"
    rf"等|[或和与及、/]者?您?的?(?:{_MEANS}|姓名|称呼|联系))",
    re.IGNORECASE,
)
_OPINION = re.compile(
    r"(?<!核)对(?![您你方应外象准])|关于|是否|是不是|有没有|愿不愿|满意|评价|认为|觉得|推荐给|建议|意见|看法|感受|体验|重要|"
    r"频率|习惯|还是|哪些|哪方面|为什么|原因|方便(?:吗|程度|性|不|$)|[吗么]$"
)
_WISH = re.compile(r"希望|愿意|方便")
_REQUEST = re.compile(
    r"留下|留个|留一|填写|填入|输入|提供|登记|写下|告知|方便您?(?:联系|收|接|时)|[怎如][么何]称呼"
)
_CLAUSES = re.compile(r"[，。；！？,;!?()（）【】\[\]]+")
_OTHERS = re.compile(r"紧急|推荐人|家人|家长|朋友|好友|亲友|监护|配偶|父母")
_WORDING: Mapping[str, re.Pattern[str]] = MappingProxyType({
    "customer_id": re.compile(_MEMBER, re.IGNORECASE),
    "phone": re.compile(r"手机|电话|联系方式|phone|mobile", re.IGNORECASE),
    "email": re.compile(r"邮箱|e-?mail", re.IGNORECASE),
})  # fmt: skip
_USABLE: Mapping[str, str] = MappingProxyType(
    {"customer_id": "[0-9A-Za-z]", "phone": MOBILE, "email": EMAIL}
)


def asks(header: str) -> bool:
    """Whether a header is worded as a question."""
    return _ASKING.search(simplified(header)) is not None


def why_personal(header: str, seen: Profile, *, table: str) -> str:
    """Why a column that is no key stays out of ``table``, or ""; questions may speak of banks."""
    if not seen.filled:
        return ""
    if kind := looks_personal(seen):
        return f"内容像{kind}，属于个人信息，不导入"
    if table == "responses":
        if asks_person(header, seen):
            return "问的是个人信息，不导入"
        if is_numbered(header) or asks(header):
            return ""
    return "个人信息，不导入" if names_person(header) else ""


def names_person(header: str) -> bool:
    """Whether a column that is no question holds names, addresses or accounts, by its header."""
    return _COLUMN.search(fold(header)) is not None


def asks_person(header: str, seen: Profile) -> bool:
    """Whether a column asks for somebody's name, address or number, rather than an opinion on it.

    Parameters
    ----------
    header : “3、您的详细收货地址” does, “3、您对地址配送是否满意” does not
    seen : its answers; the same few again and again (“微信”, “电话”) tell nobody apart
    """
    asked = question_header(header)
    closed = _is_closed(seen)
    if asked.part is not None and not closed and asked.part not in seen.sample:
        return _is_wanted(asked.part, _NAMED) or _is_wanted(asked.part, _REACHED)
    return _is_wanted(asked.stem, _NAMED) or (not closed and _is_wanted(asked.stem, _REACHED))


def _is_closed(seen: Profile) -> bool:
    return few_answers(seen) or share(seen.sample, r"^-?\d{1,2}$") == 1


def _is_wanted(wording: str, wanted: re.Pattern[str]) -> bool:
    """Whether a clause of the wording wants the thing itself."""
    clauses = (c for c in _CLAUSES.split(simplified(wording)) if wanted.search(c))
    return any(not _is_opinion(clause) for clause in clauses)


def _is_opinion(clause: str) -> bool:
    wishes = _WISH.search(clause) is not None and _REQUEST.search(clause) is None
    return wishes or _OPINION.search(clause) is not None


def usable_as(role: str, header: str, seen: Profile) -> float:
    """Share of the answers that can be the key ``role`` of the person asked, 0 where it is none.

    One usable answer is enough where the key itself is asked for; where something else is, such
    as a nickname, half of the answers must look like the key.
    """
    stem = _wanted(header)
    share_usable = share(seen.sample, _USABLE[role])
    if _OTHERS.search(stem):
        return 0.0
    is_worded = _WORDING[role].search(stem) is not None
    if role == "customer_id":
        return share_usable if is_worded and _is_wanted(stem, _REACHED) else 0.0
    personal = asks_person(header, seen)
    if is_worded and personal:
        return share_usable
    return share_usable if (is_worded or personal) and share_usable >= 0.5 else 0.0


def _wanted(header: str) -> str:
    """What is asked for: the part of a question with blanks (“3、(手机号)”), else its wording."""
    asked = question_header(header)
    return simplified(asked.stem or asked.part or "")
