"""The gate: which study this page works on, opened from the address or, at the first start, made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import streamlit as st

from insight import pipeline
from insight import study as store
from insight.errors import UnknownName
from insight.settings import settings
from insight.study import Study

EXAMPLE = "示例研究"


@dataclass(frozen=True, slots=True)
class Context:
    """What a page works on.

    Attributes
    ----------
    name : folder name of the study, as it stands in the address
    revision : number of the newest revision
    status : tables, rows, issues and what each analysis lacks
    """

    study: Study
    name: str
    revision: int
    status: pipeline.Status

    @property
    def is_example(self) -> bool:
        """Whether this is the example that came with the tool."""
        return self.name == EXAMPLE


def enter() -> Context:
    """Open the study of the address, else the newest one, else the example; the address then names it.

    Raises
    ------
    UnknownName : the address names a study that does not exist.
    InsightError : the study cannot be opened.
    """
    known = pipeline.studies() or _first_start()
    name = chosen_name() or next(iter(known))
    if name not in known:
        raise UnknownName("研究", name, tuple(known))
    if st.query_params.get("study") != name:
        st.query_params["study"] = name
    st.session_state["study"] = name
    study = pipeline.opened(known[name])
    revision = store.head(study).id
    return Context(study, name, revision, _status(str(study.path), study.id, revision))


def chosen_name() -> str:
    """The study that the address names, else the one this session worked on last."""
    asked = st.query_params.get("study") or st.session_state.get("study", "")
    return str(asked)


def leave() -> None:
    """Forget the study of this session, so that the newest one opens next."""
    st.session_state.pop("study", None)
    st.query_params.pop("study", None)


def _first_start() -> Mapping[str, Path]:
    """Make the example once, also when several browsers open the tool at the same moment."""
    slot = st.empty()
    box = slot.status("第一次启动：正在准备示例研究", expanded=True)
    with _one_at_a_time():
        if not pipeline.studies():
            pipeline.demo(settings().studies_dir / EXAMPLE, progress=box.write)
    slot.empty()
    return pipeline.studies()


@st.cache_resource(show_spinner=False)
def _one_at_a_time() -> Lock:
    return Lock()


@st.cache_data(max_entries=64, show_spinner=False)
def _status(path: str, identity: str, revision: int) -> pipeline.Status:  # noqa: ARG001 (the key)
    """The state of one revision; the key is made of names only, never of data."""
    return pipeline.status(pipeline.opened(Path(path)))
