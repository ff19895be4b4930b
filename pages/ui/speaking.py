"""The interviews of a study on the screen: the roles of speakers, and a reader of what was said."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from insight import pipeline
from insight.pipeline import ROLE_LABELS, Speaker
from pages.ui import changing, drafts, entry, gate, states, tables, taking
from pages.ui.choose import one_of
from pages.ui.gate import Context
from pages.ui.words import md_text

QUESTION = "谁在提问，谁在回答？"
LINE, MOST_LINES = 34, 12  # pixels, rows
PAGE = 40  # turns shown at a time
_WORDS = {label: role for role, label in ROLE_LABELS.items()}
_COLUMNS = ("说话人", "身份", "段数", "字数", "示例")


def interviews(context: Context) -> dict[int, str]:
    """The interviews of the study."""
    return pipeline.interviews(context.study)


def chosen(known: Mapping[int, str]) -> int:
    """The document that is read."""
    st.title(QUESTION, anchor=False)
    names = {str(at): name for at, name in known.items()}
    return int(one_of("访谈", names, name="document", width=440))


def roles(context: Context, index: int) -> None:
    """The speakers of one document with a role each; saving makes a new revision."""
    found = _speakers(context, index)
    share = _named_share(found)
    st.caption(md_text(f"{sum(s.n_turns for s in found):,} 段话，{share:.0%} 标明了说话人。身份决定谁的话算作受访者的声音；不计入的段落不参加任何分析。"))  # fmt: skip
    draft = drafts.draft(context, "speakers", of=index)
    changes = _edited(found, key=draft.key)
    if _is_nobody_heard(found, changes):
        st.warning("没有人是受访者：这份访谈将不参加文本分析。", icon=":material/voice_over_off:")
    if changing.button("保存身份", type="primary", disabled=not changes, icon=":material/save:"):
        with st.spinner("正在按新的身份重新整理"):
            pipeline.set_speakers(context.study, index, changes, parent=draft.parent)
        states.forget()
        st.rerun()


def read(context: Context, index: int, *, name: str) -> None:
    """What was said, with time and speaker; of one speaker where the reader asks for it."""
    st.header("原话", anchor=False)
    said = gate.remembered(
        context.study,
        context.revision,
        what=f"turns:{index}",
        step="正在读取原话",
        work=lambda: pipeline.turns(context.study, index),
    )
    everybody = list(dict.fromkeys(said["speaker"]))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        who = (
            st.pills("只看", everybody, format_func=md_text, key=f"edit:who:{index}")
            if len(everybody) > 1
            else None
        )
    shown = said.filter(speaker=who) if who else said
    pages = -(-shown.height // PAGE)
    at = st.pagination(pages, key=f"edit:page:{index}:{who}") if pages > 1 else 1
    _turns(shown.slice((at - 1) * PAGE, PAGE))
    taking.tables(context, {"turns": said}, "turns", stem=name, right="export_rows")


def _turns(said: tables.Frame) -> None:
    """One block a turn: who and when, then the words; the interviewer's in grey."""
    with st.container(border=True, gap="small"):
        for at, who, role, text in said.rows():
            told = "　".join(md_text(part) for part in dict.fromkeys((who, role, at)) if part)
            lines = [md_text(line) for line in text.split("\n") if line.strip()]
            if role == ROLE_LABELS["interviewer"]:
                lines = [f":gray[{line}]" for line in lines]
            st.markdown(f":small[:gray[{told}]]  \n" + "\n\n".join(lines))


def _speakers(context: Context, index: int) -> tuple[Speaker, ...]:
    return gate.remembered(
        context.study,
        context.revision,
        what=f"speakers:{index}",
        step="正在读取访谈",
        work=lambda: pipeline.speakers(context.study, index),
    )


def _named_share(found: tuple[Speaker, ...]) -> float:
    return sum(s.n_turns for s in found if s.name) / max(1, sum(s.n_turns for s in found))


def _edited(found: tuple[Speaker, ...], *, key: str) -> dict[str, str]:
    """Draw the speakers; speaker -> role, for those that were changed."""
    rows = [
        dict(zip(_COLUMNS, (s.label, ROLE_LABELS[s.role], s.n_turns, s.n_characters, s.sample), strict=True))
        for s in found
    ]  # fmt: skip
    entry.data_editor(
        drafts.resumed(key, rows),
        key=key,
        column_config={
            "说话人": st.column_config.TextColumn(pinned=True, width="medium"),
            "身份": st.column_config.SelectboxColumn(options=list(_WORDS), required=True, width="small"),
            "段数": st.column_config.NumberColumn(format="localized", width="small"),
            "字数": st.column_config.NumberColumn(format="localized", width="small"),
            "示例": st.column_config.TextColumn(width="large"),
        },
        disabled=[name for name in _COLUMNS if name != "身份"],
        hide_index=True,
        height=(min(len(rows), MOST_LINES) + 1) * LINE + 2,
        row_height=LINE,
        alt="每位说话人的身份",
    )  # fmt: skip
    named = {found[at]: _WORDS[word] for at, word in drafts.written(key, "身份").items()}
    return {one.name: role for one, role in named.items() if role != one.role}


def _is_nobody_heard(found: tuple[Speaker, ...], changes: Mapping[str, str]) -> bool:
    return all(changes.get(one.name, one.role) != "participant" for one in found)
