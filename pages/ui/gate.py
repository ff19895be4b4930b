"""The gate: which study this page works on, opened from the address or, at the first start, made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TypeVar

import streamlit as st

from insight import access, pipeline
from insight import study as store
from insight.access import EVERYWHERE
from insight.analyses import room_of
from insight.errors import InsightError, UnknownName
from insight.pipeline import jobs
from insight.settings import settings
from insight.study import Study
from pages.ui import autosave, signing, waiting

EXAMPLE = "示例研究"
T = TypeVar("T")
_ENTERED: ContextVar[Context | None] = ContextVar("entered", default=None)


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
        return self.study.name == EXAMPLE

    @property
    def ready(self) -> tuple[pipeline.Readiness, ...]:
        """The analyses that can run, those about people before those about the data themselves."""
        if not self.status.sources:
            return ()
        can = [one for one in self.status.readiness if not one.lacking]
        return tuple(sorted(can, key=lambda one: room_of(one.key) == "data"))


@contextmanager
def entered() -> Iterator[Context]:
    """Open the study of the address, else the newest one, else the example; the address then names it.

    Everything inside works on it (see ``enter``).

    Raises
    ------
    UnknownName : the address names a study that does not exist, or that is nothing for whoever asks.
    InsightError : the study cannot be opened.
    """
    context = _opened()
    token = _ENTERED.set(context)
    try:
        yield context
    finally:
        _ENTERED.reset(token)


def enter() -> Context:
    """What this run of the page works on, as the frame around it opened it; a page without a frame opens it itself."""
    return _ENTERED.get() or _opened()


def _opened() -> Context:
    known = studies() or _first_start()
    if not known:
        raise access.refusal("view", None)
    name = chosen_name() or next(iter(known))
    if name not in known:
        raise UnknownName("研究", name, tuple(known))
    if st.query_params.get("study") != name:
        st.query_params["study"] = name
    st.session_state["study"] = name
    study = pipeline.opened(known[name])
    revision = store.head(study).id
    autosave.open_book(study)
    with signing.working_on(study.id):
        status = _status(study, revision)
    return Context(study, name, revision, status)


def _status(study: Study, revision: int) -> pipeline.Status:
    """The state of the study, asked once in a session for each revision; while it is worked out the page ends here."""
    asked = (study.id, revision)
    kept: tuple[object, pipeline.Status] | None = st.session_state.get("status:known")
    if kept is not None and kept[0] == asked:
        return kept[1]
    status = waiting.awaited("status", asked, lambda: jobs.status(study))
    if status is None:
        st.stop()
    st.session_state["status:known"] = (asked, status)
    return status


def chosen_name() -> str:
    """The study that the address names, else the one this session worked on last."""
    asked = st.query_params.get("study") or st.session_state.get("study", "")
    return str(asked)


def known_name() -> str:
    """The chosen study if there is one of that name, else ""."""
    name = chosen_name()
    return name if name in studies() else ""


def studies() -> Mapping[str, Path]:
    """The studies that whoever works here may open: folder name -> path, newest change first."""
    known = pipeline.studies()
    if signing.seen(EVERYWHERE):
        return known
    return {name: path for name, path in known.items() if signing.seen(id_of(path))}


def path_of(name: str) -> Path | None:
    """Where the study of that name lies, or, without one, the study that opens by itself; None where there is none."""
    known = studies()
    return known.get(name) if name else next(iter(known.values()), None)


def id_of(path: Path) -> str:
    """The id of a study; "" where it cannot be opened."""
    with suppress(InsightError):
        return pipeline.opened(path).id
    return ""


def turn_to(name: str) -> None:
    """Let the next run open another study."""
    st.query_params["study"] = name


def leave() -> None:
    """Forget the study of this session, so that the newest one opens next."""
    st.session_state.pop("study", None)
    st.query_params.pop("study", None)


def _first_start() -> Mapping[str, Path]:
    """Make the example once, also when several browsers open the tool at the same moment."""
    slot = st.empty()
    box = slot.status("第一次启动：正在准备示例研究", expanded=True)
    with _one_at_a_time(), access.acting(signing.SYSTEM):
        if not pipeline.studies():
            path = settings().studies_dir / EXAMPLE
            pipeline.demo(path, progress=lambda step, _: box.write(step))
    slot.empty()
    return studies()


@st.cache_resource(show_spinner=False)
def _one_at_a_time() -> Lock:
    return Lock()


def remembered(
    study: Study, revision: int, *, what: str, step: str, work: Callable[[], T], of: object = None
) -> T:
    """What ``work`` gave for this revision, asked once in a session; nothing is shared between sessions.

    Parameters
    ----------
    of : what else it depends on; only the last answer is kept
    step : what is said while ``work`` takes longer than half a second
    """
    asked = (study.id, revision, of)
    kept = st.session_state.get(f"kept:{what}")
    if kept is None or kept[0] != asked:
        with st.spinner(step):
            kept = (asked, work())
        st.session_state[f"kept:{what}"] = kept
    value: T = kept[1]
    return value
