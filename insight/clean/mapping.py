"""Which column of a raw table plays which role: the header says it, the values confirm it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from insight.clean.contents import Profile, described, fits, looks_personal
from insight.clean.headers import alias_rank, fold, is_numbered, question_header
from insight.clean.proposal import ATTRIBUTE, IGNORED, QUESTION
from insight.schema import CUSTOMERS, TABLES, Column, Kind, Table

_MOSTLY_EMPTY = 0.5  # of the best filled candidate
_PERSONAL = re.compile(
    r"姓名|名字|客户名称|顾客名称|收货人|收件人|联系人|地址|身份证|证件|微信|支付宝|昵称|银行|^name$|"
    r"firstname|lastname|fullname|customername|address|wechat|openid|unionid|^ip"
)
_ASKED_PERSONAL = re.compile(
    r"^(请问|请填写|填写)?(您|你)?的?(真实)?(姓名|名字|称呼|身份证|家庭住址|详细地址|收货地址|微信号|联系人)"
)
_CIRCUMSTANCE = re.compile(
    r"来源详情|^来自ip|^ip|浏览器|操作系统|^ua$|设备|经纬度|地理位置|开始.*时间|^start|^status$|^progress$|"
    r"^finished$|^recipient|^location|distributionchannel|userlanguage|collector|customdata|"
    r"lastpage|seed|refurl|datestamp|信用分|审核状态|是否采纳|部门|^url$"
)
_ASKING = re.compile(
    r"[?？]|您|你|是否|满意|推荐|意愿|评分|打分|认为|同意|重要|喜欢|\b(nps|csat|sat)(?=[\W_]|$)|satisf|^sat_|recommend",
    re.IGNORECASE,
)
_ASKED_IDENTITY: Mapping[str, re.Pattern[str]] = {
    "phone": re.compile(r"手机号|手机号码|联系电话|联系方式"),
    "email": re.compile(r"邮箱|email", re.IGNORECASE),
    "customer_id": re.compile(r"会员号|会员卡号|会员编号|客户编号|客户号|用户ID", re.IGNORECASE),
}


@dataclass(frozen=True, slots=True)
class Match:
    """Roles and evidence found so far, by raw column."""

    roles: dict[str, str] = field(default_factory=dict)
    evidence: dict[str, str] = field(default_factory=dict)

    def give(self, column: str, role: str, *, reason: str) -> None:
        """Note the role of a column and why."""
        self.roles[column], self.evidence[column] = role, reason


def match(seen: Mapping[str, Profile], table: Table) -> Match:
    """Give the roles of ``table`` to columns whose header and values fit.

    Parameters
    ----------
    seen : raw column -> profile of its values, in the order of the file
    table : canonical table

    Notes
    -----
    Where several columns fit a role, those less than half as well filled as the best are passed
    over, then the order of the aliases decides, then the order of the file.
    """
    found = Match()
    for role in table.columns:
        if (column := _best(seen, role, found=found)) is not None:
            said = described(role)
            found.give(column, role.name, reason=f"表头“{column}”{'，' if said else ''}{said}")
    return found


def _best(seen: Mapping[str, Profile], role: Column, *, found: Match) -> str | None:
    fitting = []
    for place, (header, values) in enumerate(seen.items()):
        rank = None if header in found.roles else alias_rank(header, role)
        if rank is None:
            continue
        if fits(values, role, header=header):
            fitting.append((rank, place, header))
        else:
            found.evidence[header] = f"表头像“{role.label}”，但内容不像，没有采用"
    fullest = max((seen[header].filled for *_, header in fitting), default=0)
    full = (f for f in fitting if seen[f[2]].filled >= _MOSTLY_EMPTY * fullest)
    return min(full, default=(0, 0, None))[2]


def complete(found: Match, seen: Mapping[str, Profile], *, table: Table) -> Match:
    """Say of every column without a role whether it is a question, an attribute, or left out."""
    if table.name == "responses":
        _give_asked_identities(found, seen)
        asked = _questions(found, seen)
    for header, values in seen.items():
        if header in found.roles:
            continue
        if reason := _left_out(header, values, table=table.name):
            found.give(header, IGNORED, reason=reason)
        elif table.name == "responses" and header in asked:
            found.give(header, QUESTION, reason="题目")
        elif table.name in {"customers", "responses"}:
            found.give(header, ATTRIBUTE, reason=found.evidence.get(header, "其他列，作为属性保留"))
        else:
            found.give(header, IGNORED, reason=found.evidence.get(header, "没有用到"))
    return Match({c: found.roles[c] for c in seen}, {c: found.evidence[c] for c in seen})


def _left_out(header: str, values: Profile, *, table: str) -> str:
    """Why a column is not kept, or ""; a question may speak of banks and addresses."""
    if not values.filled:
        return "整列为空"
    if kind := looks_personal(values):
        return f"内容像{kind}，属于个人信息，不导入"
    is_survey = table == "responses"
    if is_survey and (is_numbered(header) or _ASKING.search(header)):
        personal = _ASKED_PERSONAL.search(question_header(header).stem)
        return "问的是个人信息，不导入" if personal else ""
    if _PERSONAL.search(fold(header)):
        return "个人信息，不导入"
    is_circumstance = is_survey and _CIRCUMSTANCE.search(fold(header))
    return "答题环境信息，不导入" if is_circumstance else ""


def _give_asked_identities(found: Match, seen: Mapping[str, Profile]) -> None:
    """A question such as “1、您的手机号” holds an identity."""
    for role, wording in _ASKED_IDENTITY.items():
        column = TABLES["responses"].column(role)
        if column is None or role in found.roles.values():
            continue
        for header, values in seen.items():
            asked = header not in found.roles and wording.search(question_header(header).stem)
            many = values.distinct >= 0.8 * values.filled
            if asked and many and fits(values, column, header=header):
                found.give(header, role, reason=f"题目“{header}”问的是{column.label}")
                break


def _questions(found: Match, seen: Mapping[str, Profile]) -> frozenset[str]:
    """The columns that ask something: numbered ones, else worded ones, else all but attributes."""
    free = [header for header in seen if header not in found.roles]
    numbered = [h for h in free if question_header(h).number or question_header(h).part]
    if any(is_numbered(h) for h in numbered):
        return frozenset(numbered)
    if asking := [h for h in free if _ASKING.search(h)]:
        return frozenset(asking) | frozenset(numbered)
    return frozenset(free) - frozenset(customer_attributes(free))


def customer_attributes(headers: list[str]) -> Iterator[str]:
    """The headers that name a known attribute of customers, such as age."""
    known = [c for c in CUSTOMERS.columns if c.kind is not Kind.IDENTITY]
    return (h for h in headers if any(alias_rank(h, c) is not None for c in known))
