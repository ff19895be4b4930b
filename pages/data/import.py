"""数据 · 导入: files in, each shown as what it was recognised as before anything is kept."""

from __future__ import annotations

import streamlit as st

from insight import pipeline
from pages import ui
from pages.ui import asking, incoming, uploading

NEW, HERE = "新建研究", "加入当前研究"


def fresh_name() -> str:
    """A name for the next study that is not taken."""
    taken = pipeline.studies()
    names = ["我的研究", *(f"我的研究 {n}" for n in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)


def target(batch: int) -> str:
    """Where the files go: the name of a new study, or "" for the present one."""
    with st.container(horizontal=True):
        offered = [NEW, HERE] if ui.may("export_rows", everywhere=True) else [HERE]
        first = NEW if context.is_example and NEW in offered else HERE
        where = st.segmented_control(
            "导入到", offered, default=first, required=True, key=f"edit:where:{batch}"
        )
        if where == NEW:
            return st.text_input(
                "研究名称", fresh_name(), max_chars=40, key=f"edit:name:{batch}", width=320
            )
    return ""


def finish() -> None:
    """Once the import is done, show this page again on the study that now holds the files."""
    if brought := incoming.brought():
        folder, done = brought
        ui.forget()
        st.session_state["arrived"] = {folder: done}
        st.session_state["batch"] = batch + 1
        ui.go(ui.places.IMPORT, study=folder)


ui.require("export_rows")
context = ui.enter()
st.title("把你的数据放进来", anchor=False)
st.markdown("先看识别结果，确认后才导入；原文件一个字节都不会改。")
incoming.arrived(context)
asking.refreshed()
batch = st.session_state.get("batch", 0)
name = target(batch)
files = st.file_uploader("选择文件", accept_multiple_files=True, key=f"files:{batch}")
st.caption("点按钮选择文件，或把文件拖进框里；可以一次选多个，每个不超过 200 MB。")
uploading.keep_only(files)
files = [*files, *asking.panel(context, batch)]
into = None if name else context
ready = [one for file in files if (one := incoming.show(file, into))]
if not files:
    incoming.guide()
elif st.button(f"导入 {len(ready)} 个文件", type="primary", disabled=not ready, icon=":material/download_done:"):  # fmt: skip
    incoming.bring_in(context, ready, name)
if incoming.goes_on():
    finish()
ui.next_step(context, ui.places.MAPPING, "检查映射")
