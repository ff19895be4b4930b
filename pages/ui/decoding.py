"""Which encoding a text file is in: found out, chosen by the user, or chosen by how its first lines look."""

from __future__ import annotations

from typing import Any

import streamlit as st

from insight.errors import UnknownEncoding
from pages.ui.words import md_text

ENCODINGS = {
    "": "自动", "utf-8": "UTF-8", "gb18030": "GB18030（GBK）", "big5": "Big5", "utf-16": "UTF-16", "utf-16-le": "UTF-16（小端）",
    "utf-16-be": "UTF-16（大端）",
}  # fmt: skip
_TEXT_FILES = (".csv", ".tsv", ".txt", ".srt", ".vtt", ".md")


def _key(file: Any) -> str:  # noqa: ANN401 (Streamlit's uploaded file)
    return f"edit:code:{file.file_id}"


def chosen(file: Any) -> str | None:  # noqa: ANN401
    """The encoding the user chose for a text file; None where it is to be found out."""
    if not file.name.lower().endswith(_TEXT_FILES):
        return None
    picked = st.selectbox("文字编码", list(ENCODINGS), format_func=ENCODINGS.__getitem__, key=_key(file))  # fmt: skip
    return picked or None


def offer(file: Any, error: UnknownEncoding) -> None:  # noqa: ANN401
    """The first lines in each encoding the file may be in, with a button to take it."""
    for encoding, label, rows in error.candidates:
        with st.container(border=True, gap="xsmall"):
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):  # fmt: skip
                st.markdown(f"**{md_text(label)}**", width="stretch")
                st.button(
                    "文字正确，用这种编码", key=f"use:{encoding}:{file.file_id}", on_click=_take, args=[file, encoding], icon=":material/check:"
                )  # fmt: skip
            for row in rows:
                st.text(row)


def _take(file: Any, encoding: str) -> None:  # noqa: ANN401
    st.session_state[_key(file)] = encoding
