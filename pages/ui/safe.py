"""A study kept safe, on the screen: checked, backed up and restored, its log read, one person deleted."""

from __future__ import annotations

from typing import Any

import streamlit as st

from insight import pipeline
from insight.errors import InsightError
from insight.pipeline import KIND_LABELS, jobs
from insight.settings import settings
from insight.wording import count
from pages.ui import tables, taking, uploading
from pages.ui.gate import Context
from pages.ui.states import failed, forget, tried
from pages.ui.waiting import awaited, is_asked
from pages.ui.words import folder_name, md_text

_LOG = "audit_log"


def checked(context: Context) -> None:
    """Every byte compared with its hash, when it is asked for."""
    asked = (context.study.id, context.revision)
    with st.container(border=True):
        st.subheader("数据是否完好", anchor=False)
        st.caption("逐个字节核对原始文件、表和结果，并核对操作记录有没有被改动。")
        wanted = st.button("检查每个字节", key="safe:check", icon=":material/verified_user:")
        if wanted or is_asked("verify", asked):
            st.session_state["safe:verified"] = (asked, _done("verify", asked, lambda: jobs.verify(context.study)))  # fmt: skip
        kept, found = st.session_state.get("safe:verified", (None, None))
        if kept == asked and found is not None:
            _told(found)


def _done(place: str, asked: object, begin: Any) -> Any:  # noqa: ANN401 (whatever is waited for)
    """What the work gave; None while it goes on, or where it failed, which is shown."""
    done = tried(lambda: awaited(place, asked, begin))
    if isinstance(done, InsightError):
        failed(done)
        return None
    return done


def _told(found: pipeline.Verified) -> None:
    with st.container(horizontal=True):
        st.metric("对象", count(found.objects))
        st.metric("与校验值相符", count(found.verified))
        st.metric("残留文件", count(len(found.orphans)), help="崩溃时留下、没有用到的文件")
    if found.damaged:
        lines = "\n".join(f"- {md_text(what)}" for what in found.damaged)
        st.error(f"{lines}\n\n请从备份恢复。", title="有损坏", icon=":material/error:")
    else:
        st.success("没有损坏。", icon=":material/check_circle:")


def backed_up(context: Context) -> None:
    """The whole study as one file, under an address that works once."""
    with st.container(border=True):
        st.subheader("备份", anchor=False)
        st.caption("一个 zip：原始文件、每一版、全部结果。在另一台电脑上恢复后逐字节相同。")
        with_key = st.toggle("把密钥也放进去", key="safe:key", help="有密钥才能在别的电脑上导入新客户；这样的文件请像密码一样保管")  # fmt: skip
        asked = (context.study.id, context.revision, with_key)
        wanted = st.button("生成备份", key="safe:backup", type="primary", icon=":material/archive:")
        if wanted or is_asked("backup", asked):
            file = _done("backup", asked, lambda: jobs.backup(context.study, with_key=with_key))
            if file is not None:
                name = f"{context.name}_第{context.revision}版.zip"
                taking.button("下载备份", file, name, study=context.study, right="manage")
                st.caption("这个地址只能用一次，十分钟内有效。")


def restored() -> None:
    """A study from a backup, beside the others."""
    with st.container(border=True):
        st.subheader("恢复", anchor=False)
        st.caption("恢复成一个新的研究，现有的研究不会改动。")
        given = st.file_uploader("备份文件", type=["zip"], key="safe:file")
        name = st.text_input("恢复成", max_chars=40, key="safe:name", placeholder="新研究的名称")
        folder = folder_name(name) if name.strip() else ""
        is_free = bool(folder) and folder not in pipeline.studies()
        if folder and not is_free:
            st.caption(":red[已经有这个名称的研究，请换一个。]")
        asked = given and (given.file_id, folder)
        wanted = st.button("恢复", key="safe:restore", disabled=not (given and is_free), icon=":material/settings_backup_restore:")  # fmt: skip
        if given and (wanted or is_asked("restore", asked)):
            path = settings().studies_dir / folder
            study = _done("restore", asked, lambda: jobs.restore(uploading.on_disk(given), path))
            if study is not None:
                uploading.let_go([given])
                st.query_params["study"] = folder
                st.rerun()


def log(context: Context) -> None:
    """Who did what, the newest first; whether the log is whole."""
    lines = pipeline.audit(context.study).reverse()
    broken = pipeline.broken_line(context.study)
    if broken is None:
        st.success(f"{count(lines.height)} 条，首尾相连，没有被改动。", icon=":material/link:")
    else:
        st.error(f"从第 {broken} 条起被改动。请从备份恢复。", icon=":material/link_off:")
    tables.listed(lines, alt="操作记录")
    taking.tables(context, {_LOG: lines}, _LOG, stem=f"{context.name}_操作记录", right="manage")


def person(context: Context) -> None:
    """The form that deletes one person, and the certificate of the last time."""
    st.markdown("按手机号、客户编号或邮箱，把这个人的资料、订单、答卷和原话从原始文件、每一版和全部结果里删除。**不能撤销。**")  # fmt: skip
    if (held := pipeline.copies(context.study)).n:
        st.caption(
            f"这个研究有 {held.n} 份副本（另存的，或从备份恢复的）。每份都要分别删除；删除后这里会列出还有这个人的副本。"
        )
    with st.form("safe:person", border=True):
        kind = st.segmented_control("标识", list(KIND_LABELS), default="phone", format_func=KIND_LABELS.__getitem__, required=True)  # fmt: skip
        turn = getattr(
            st.session_state.get("safe:certificate"), "certificate", ""
        )  # empty again after each
        value = st.text_input("号码", max_chars=80, autocomplete="off", key=f"safe:number:{turn}")
        is_sure = st.checkbox("我确认这个人要求删除，已核实本人身份", key=f"safe:sure:{turn}")
        sent = st.form_submit_button("永久删除", type="primary", icon=":material/delete_forever:")
    if sent and not (value.strip() and is_sure):
        st.warning("请填写号码，并勾选确认。", icon=":material/info:")
    elif sent:
        st.session_state["safe:who"] = (kind, value.strip(), context.revision)
    if asked := st.session_state.get("safe:who"):
        kind, value, parent = asked
        done = _done("forget", asked, lambda: jobs.forget(context.study, kind, value, parent=parent))  # fmt: skip
        if done is not None:
            st.session_state.pop("safe:who")
            st.session_state["safe:certificate"] = done
            forget()
            st.rerun()
    if done := st.session_state.get("safe:certificate"):
        rows = "，".join(f"{md_text(name)} {n:,} 行" for name, n in done.rows.items() if n)
        st.success(f"证明编号 **{done.certificate}**（{md_text(done.at)}）\n\n{rows}。研究文件夹里写出的结果和报告也已删除；以前的备份、已经交出去的名单和报告请另行处理。", title="已删除", icon=":material/task_alt:")  # fmt: skip
        if held := pipeline.copies_in_words(done.copies):
            st.warning(md_text(held), icon=":material/content_copy:")
