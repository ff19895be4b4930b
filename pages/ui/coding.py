"""Coding by keyboard: one answer at a time, a number for each need, Enter for the next, U to take back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from insight import pipeline
from insight.pipeline import Searchable
from insight.schema.codebook import Codebook
from insight.study import PersonCode, Purpose
from pages.ui import changing, gate, places, rights, signing
from pages.ui.gate import Context
from pages.ui.marking import marked
from pages.ui.words import md_text

BATCH = 50
_TITLES: Mapping[Purpose, str] = {
    "code": "这句话说的是哪些需求？",
    "audit": "抽查：不看工具的编码，您会怎么编？",
}
_MOODS = {"positive": ("正面", "Q"), "negative": ("负面", "W"), "neutral": ("中性", "E")}
_KEYS = (*"1234567890", *(f"Shift+{digit}" for digit in "1234567890"))


def searchable(context: Context) -> Searchable:
    """The texts of the study, read once in a session for each revision."""
    return gate.remembered(
        context.study, context.revision, what="searchable", step="正在准备文本",
        work=lambda: pipeline.searchable(context.study),
    )  # fmt: skip


def desk(context: Context, purpose: Purpose) -> None:
    """The place where texts are coded for one purpose; needs a codebook."""
    st.title(_TITLES[purpose], anchor=False)
    book = pipeline.codebook(context.study)
    if not book:
        st.info("先要有编码本：可以从通用编码本开始，再改成自己的。", icon=":material/menu_book:")
        places.link(places.CODING, study=context.name, label="去建编码本", view="book")
        return
    st.fragment(signing.signed(_desk))(context, book, purpose=purpose)


def _desk(context: Context, book: Codebook, *, purpose: Purpose) -> None:
    state = _state(context, purpose)
    mine = _mine(context, purpose)
    queue: Sequence[str] = state["queue"]
    _progress(queue, mine, purpose=purpose)
    if not queue:
        st.success("没有需要编码的文本了。", icon=":material/done_all:")
        return
    text_id = queue[min(state["at"], len(queue) - 1)]
    if state["shown"] != text_id:
        _open(context, state, book, text_id=text_id, mine=mine, purpose=purpose)
    with st.container(border=True):
        st.markdown(f"#### {marked(state['text'], state['words'])}")
    _needs(state, book)
    _moods(state)
    _steps(context, state, text_id=text_id, purpose=purpose)


def _state(context: Context, purpose: Purpose) -> dict[str, Any]:
    """What this session codes: the queue, the place in it, and what is picked for the text shown."""
    name = f"coding:{context.name}:{purpose}"
    if name not in st.session_state:
        st.session_state[name] = {"queue": _queue(context, purpose), "at": 0, "shown": "", "picked": set(), "mood": ""}  # fmt: skip
        done = _mine(context, purpose)
        state = st.session_state[name]
        state["at"] = next((i for i, one in enumerate(state["queue"]) if one not in done), 0)
    kept: dict[str, Any] = st.session_state[name]
    return kept


def _queue(context: Context, purpose: Purpose) -> tuple[str, ...]:
    with st.spinner("正在挑选接下来的文本"):
        within = searchable(context)
        if purpose == "audit":
            return pipeline.to_audit(within=within)
        return pipeline.to_code(context.study, within=within, most=BATCH)


def _mine(context: Context, purpose: Purpose) -> dict[str, PersonCode]:
    found = pipeline.coded(context.study)
    return {c.text_id: c for c in found if c.coder == rights.actor() and c.purpose == purpose}


def _progress(queue: Sequence[str], mine: Mapping[str, PersonCode], *, purpose: Purpose) -> None:
    done = sum(one in mine for one in queue)
    total = f"，一共编过 {len(mine):,} 条" if purpose == "code" else ""
    st.progress(done / len(queue) if queue else 1.0, text=f"这一批 {len(queue):,} 条里编了 {done:,} 条{total}；每编一条就保存一条。")  # fmt: skip


def _open(context: Context, state: dict[str, Any], book: Codebook, *, text_id: str, mine: Mapping[str, PersonCode], purpose: Purpose) -> None:  # fmt: skip
    """Show another text: with its own code where it has one, else with what the rules propose."""
    text, proposed, words = pipeline.proposed(searchable(context), book, text_id=text_id)
    known = mine.get(text_id)
    blind = purpose == "audit" and known is None
    picked = set(known.needs) if known else (set() if blind else set(proposed))
    state.update(shown=text_id, text=text, words=() if purpose == "audit" else words, picked=picked, mood=known.polarity if known else "")  # fmt: skip


def _needs(state: dict[str, Any], book: Codebook) -> None:
    with st.container(horizontal=True, gap="small"):
        for at, code in enumerate(book.codes):
            is_on = code.key in state["picked"]
            changing.button(
                md_text(code.name), key=f"need:{code.key}", type="primary" if is_on else "secondary",
                shortcut=_KEYS[at] if at < len(_KEYS) else None, help=md_text(code.description) or None,
                on_click=_toggle, args=(state, code.key),
            )  # fmt: skip


def _toggle(state: dict[str, Any], key: str) -> None:
    state["picked"] ^= {key}


def _moods(state: dict[str, Any]) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption("语气（可以不填）", width="content")
        for mood, (label, shortcut) in _MOODS.items():
            is_on = state["mood"] == mood
            changing.button(label, key=f"mood:{mood}", type="primary" if is_on else "tertiary", shortcut=shortcut, on_click=_feel, args=(state, mood))  # fmt: skip


def _feel(state: dict[str, Any], mood: str) -> None:
    state["mood"] = "" if state["mood"] == mood else mood


def _steps(context: Context, state: dict[str, Any], *, text_id: str, purpose: Purpose) -> None:
    with st.container(horizontal=True, gap="small"):
        label = "保存，下一条" if state["picked"] else "都不是，下一条"
        changing.button(label, key="coding:save", type="primary", shortcut="Enter", icon=":material/check:", on_click=signing.signed(_save, is_callback=True), args=(context, state, text_id, purpose))  # fmt: skip
        st.button("跳过", key="coding:skip", shortcut="J", on_click=_move, args=(state, 1))
        st.button("上一条", key="coding:back", shortcut="K", on_click=_move, args=(state, -1))
        changing.button("撤销", key="coding:undo", shortcut="U", icon=":material/undo:", on_click=signing.signed(_undo, is_callback=True), args=(context, state))  # fmt: skip
        if state["at"] >= len(state["queue"]) - 1 and purpose == "code":
            st.button("再来一批", key="coding:more", shortcut="N", on_click=signing.signed(_again, is_callback=True), args=(context, purpose))  # fmt: skip


def _save(context: Context, state: dict[str, Any], text_id: str, purpose: Purpose) -> None:
    pipeline.code_text(context.study, text_id, sorted(state["picked"]), polarity=state["mood"], purpose=purpose)  # fmt: skip
    _move(state, 1)


def _move(state: dict[str, Any], by: int) -> None:
    state["at"] = max(0, min(state["at"] + by, len(state["queue"]) - 1))


def _undo(context: Context, state: dict[str, Any]) -> None:
    gone = pipeline.undo_text(context.study)
    if gone in state["queue"]:
        state.update(at=state["queue"].index(gone), shown="")


def _again(context: Context, purpose: Purpose) -> None:
    st.session_state.pop(f"coding:{context.name}:{purpose}", None)
