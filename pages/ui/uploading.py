"""Uploaded files between the browser and the study: on disk in pieces, and let go as soon as they are not needed.

Streamlit keeps each upload in the server's memory until its session ends. The import reads a copy on
disk instead, which the child process opens; once the import is done, Streamlit's own is given back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

from insight import pipeline

_HELD = "uploads"  # file id -> where it lies on disk, None where it was let go


def on_disk(file: Any) -> pipeline.Spooled:  # noqa: ANN401 (Streamlit's uploaded file, or one that was fetched)
    """A file on disk: written there when it is first needed, and again after it was let go."""
    if isinstance(data := getattr(file, "data", None), pipeline.Spooled):
        return data
    held = _held()
    kept = held.get(file.file_id)
    if kept is None:
        kept = held[file.file_id] = pipeline.spooled(file)
    return kept


def let_go(files: Iterable[Any] | None = None) -> None:
    """Hold these files on disk no longer, or none of them; whoever still reads one keeps it until then."""
    held = _held()
    for file_id in list(held) if files is None else [f.file_id for f in files]:
        if file_id in held:
            held[file_id] = None


def keep_only(files: Iterable[Any]) -> None:
    """Let go of every other file, also in the server's memory: those taken back, left behind or imported."""
    held = _held()
    for file_id in held.keys() - {f.file_id for f in files}:
        del held[file_id]
        _release(file_id)


def _held() -> dict[str, pipeline.Spooled | None]:
    held: dict[str, pipeline.Spooled | None] = st.session_state.setdefault(_HELD, {})
    return held


def _release(file_id: str) -> None:
    """Give back the memory that Streamlit holds for an upload (a new uploader alone does not)."""
    context = get_script_run_ctx()
    if context and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        context.uploaded_file_mgr.remove_file(session_id=context.session_id, file_id=file_id)
