"""Members on the screen: who has which role, who is signed in, and the log of both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st

from insight import access, pipeline
from insight.access import (
    EVERYWHERE,
    RIGHT_LABELS,
    RIGHTS,
    ROLE_LABELS,
    Member,
    Role,
    Rows,
    Session,
)
from insight.errors import BadRows, InsightError
from insight.settings import settings
from insight.wording import count
from pages.ui import gate, rights, signing
from pages.ui.gate import Context
from pages.ui.states import failed, tried
from pages.ui.words import md_text

_ALL = "全部研究"
_ACTS = {
    "sign_in": "登录", "sign_out": "退出", "refuse": "拒绝", "end": "结束登录", "grant": "授予角色", "withdraw": "撤销角色",
}  # fmt: skip
_FACTS = {
    "person": "成员",
    "role": "角色",
    "study": "研究",
    "session": "登录号",
    "right": "没有的权限",
    "rows": "只看人群",
}


def is_needed() -> bool:
    """Whether this server has members at all."""
    return signing.is_asked()


def alone() -> None:
    """What to do where the server has no members: nothing, or open it to a team."""
    st.title("现在只有你一个人用", anchor=False)
    with st.container(border=True):
        st.markdown("本机模式不用登录，只有这台电脑能打开，所以没有成员要管理。")
        st.markdown("要和同事一起用，请管理员照管理员手册开启团队模式：配置公司账号登录，指定第一位管理员的邮箱。")  # fmt: skip
        st.caption("团队模式有三种角色：" + "；".join(f"{ROLE_LABELS[role]}可以{_what(role)}" for role in RIGHTS) + "。")  # fmt: skip


def _what(role: Role) -> str:
    return "、".join(label for right, label in RIGHT_LABELS.items() if right in RIGHTS[role])


def roles(_: Context) -> None:
    """Who has which role, and the form that gives one."""
    names = {EVERYWHERE: _ALL} | {gate.id_of(p): name for name, p in pipeline.studies().items()}
    _give(names)
    found = access.members()
    waiting = [one for one in found if not one.roles]
    if waiting:
        st.warning(f"{count(len(waiting))} 人已登录，等待授权：" + "、".join(md_text(one.person) for one in waiting), icon=":material/hourglass_top:")  # fmt: skip
    for one in found:
        _member(one, names)


def _give(names: Mapping[str, str]) -> None:
    rules = _rules(names)
    with st.form("members:give", border=True), st.container(horizontal=True, vertical_alignment="bottom"):  # fmt: skip
        person = st.text_input("邮箱", max_chars=120, placeholder="wang@example.com", width=280)
        study = st.selectbox("范围", list(names), format_func=lambda s: names[str(s)], key="members:study", width=200)  # fmt: skip
        role = st.selectbox("角色", list(RIGHTS), format_func=lambda r: ROLE_LABELS[r], width=130)  # fmt: skip
        only = st.selectbox("能看的客户", list(rules), format_func=lambda r: rules[str(r)], key="members:only", width=240, help=_ONLY)  # fmt: skip
        sent = st.form_submit_button("授予角色", type="primary", icon=":material/person_add:")
    st.caption("；".join(f"{ROLE_LABELS[role]}：{_what(role)}" for role in RIGHTS) + "。")
    if sent:
        _done(lambda: access.grant(person, role, study=str(study), rows=_rows(str(study), str(only), person=person), by=rights.actor()))  # fmt: skip


_ONLY = "限制一个研究里的查看者：他在各页只看到这个人群的客户，看不到涉及全部客户的页面。人群在“客户·人群”页面建立；改过条件或名称以后要在这里重新指定，在那之前他什么也看不到。"


def _rules(names: Mapping[str, str]) -> dict[str, str]:
    """ "STUDY/AUDIENCE" -> what it is called, for every saved audience of every study."""
    rules = {"": "全部客户"}
    for path in pipeline.studies().values():
        if study := gate.id_of(path):
            saved = pipeline.filters(pipeline.opened(path))
            rules |= {f"{study}/{name}": f"{name}（{names[study]}）" for name in saved}
    return rules


def _rows(study: str, rule: str, *, person: str) -> Rows | None:
    """The row rule that was chosen for a study; None for all customers.

    Raises
    ------
    BadRows : the audience is one of another study.
    NoAudiences, UnknownName : the study has no such audience any more.
    """
    where, _, audience = rule.partition("/")
    if not where:
        return None
    if where != study:
        raise BadRows(person, "没有限定在一个研究里，或者选了另一个研究的人群")
    path = next(path for path in pipeline.studies().values() if gate.id_of(path) == study)
    return pipeline.rows_rule(pipeline.opened(path), audience)


def _member(one: Member, names: Mapping[str, str]) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        told = f"**{md_text(one.name)}**　" if one.name and one.name != one.person else ""
        seen = f"上次登录 {_when(one.seen)}" if one.seen else "还没有登录过"
        with st.container(gap="xxsmall", width="stretch"):
            st.markdown(f"{told}{md_text(one.person)}")
            st.caption(f"{seen}{'；由服务器设置指定' if one.is_fixed else ''}")
        for study, role in one.roles.items():
            where, rows = md_text(names.get(study, "已删除的研究")), one.rows.get(study)
            part = f"，只看{md_text(rows.audience)}" if rows else ""
            st.badge(
                f"{where}：{ROLE_LABELS[role]}{part}", color="blue" if role == "admin" else "gray"
            )
            if not one.is_fixed:
                st.button("撤销", key=f"members:{one.person}:{study}", type="tertiary", icon=":material/person_remove:", on_click=signing.signed(_withdraw, is_callback=True), args=(one.person, study))  # fmt: skip
    if error := st.session_state.pop(f"members:error:{one.person}", None):
        failed(error)


def _withdraw(person: str, study: str) -> None:
    outcome = tried(lambda: access.withdraw(person, study=study, by=rights.actor()))
    if isinstance(outcome, InsightError):
        st.session_state[f"members:error:{person}"] = outcome


def sessions(_: Context) -> None:
    """Who is signed in; each session can be ended."""
    if access.is_behind_proxy():
        st.info("登录由代理负责。要让一个人进不来，请在“成员与角色”里撤销他的角色。", icon=":material/info:")  # fmt: skip
        return
    chosen = settings()
    st.caption(f"登录 {chosen.session_hours:g} 小时后失效；{chosen.idle_minutes:g} 分钟没有操作也会失效。结束之后，复制出去的登录信息也不能再用。")  # fmt: skip
    for one in access.signed_in():
        _session(one)


def _session(one: Session) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap="xxsmall", width="stretch"):
            st.markdown(md_text(one.person or ""))
            st.caption(f"{_when(one.begun)} 登录，{_when(one.seen)} 还在用；登录号 {one.id[:8]}；{md_text(_browser(one.agent))}")  # fmt: skip
        if st.button("结束登录", key=f"sessions:{one.id}", icon=":material/block:"):
            _done(lambda: access.end(one.id, by=rights.actor()))


def log(_: Context) -> None:
    """Who signed in, was refused, or changed a role, the newest first; whether the log is whole."""
    lines, broken = access.log(), access.broken_line()
    if broken is None:
        st.success(f"{count(len(lines))} 条，首尾相连，没有被改动。", icon=":material/link:")
    else:
        st.error(f"从第 {broken} 条起被改动。请从备份恢复。", icon=":material/link_off:")
    names = {gate.id_of(p): name for name, p in pipeline.studies().items()} | {EVERYWHERE: _ALL}
    rows = [
        {"序号": e.id, "时间": _when(datetime.fromisoformat(e.at).timestamp()), "谁": e.who, "做了什么": _ACTS[e.act], "说明": _told(e.what, names)}
        for e in reversed(lines)
    ]  # fmt: skip
    st.dataframe(rows, hide_index=True, alt="登录与授权记录")


def _told(what: Mapping[str, object], names: Mapping[str, str]) -> str:
    words: Mapping[str, str] = {**names, **RIGHT_LABELS}
    return "；".join(f"{_FACTS[fact]} {words.get(str(value), value)}" for fact, value in what.items())  # fmt: skip


def _done(work: Callable[[], None]) -> None:
    """Do what was asked, and draw the page anew; or say why not."""
    outcome = tried(work)
    if isinstance(outcome, InsightError):
        failed(outcome)
    else:
        st.rerun()


def _when(at: float) -> str:
    return f"{datetime.fromtimestamp(at, ZoneInfo(settings().timezone)):%Y-%m-%d %H:%M}"


def _browser(agent: str) -> str:
    """What a browser is called."""
    known = ("Edg", "Firefox", "Chrome", "Safari")
    return next((name for name in known if name in agent), "其他浏览器").replace("Edg", "Edge")
