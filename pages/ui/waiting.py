"""Work that takes longer than a moment: the page shows its step, its time and 取消, and stays usable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

from insight.pipeline import works
from insight.pipeline.jobs import Job
from insight.settings import settings
from pages.ui import autosave
from pages.ui.words import md_text

T = TypeVar("T")
EVERY = 1.0  # seconds between two looks
_NAME = "job:"


def awaited(name: str, asked: object, begin: Callable[[], Job[T]]) -> T | None:
    """What the work gives; None while it goes on, which the page then shows where it is called.

    Parameters
    ----------
    name : of the place that waits; it waits for one thing at a time
    asked : what is waited for; where something else was, that is cancelled

    Raises
    ------
    InsightError : what the work ended in; again and again, until something else is asked for.
    """
    if not is_asked(name, asked):
        started(name, asked, begin())
    value: T | None = fetched(name)
    return value


def started(name: str, asked: object, job: Job[Any]) -> None:
    """From now on the place waits for ``job``; what it waited for before is cancelled."""
    if kept := st.session_state.get(_NAME + name):
        kept[1].cancel()
    st.session_state[_NAME + name] = (asked, job)
    if not job.done and (study := autosave.open_study()):
        works.begun(study, job, page=autosave.open_path(), query=st.query_params.to_dict())


def fetched(name: str) -> Any:  # noqa: ANN401 (whatever is waited for)
    """What the place waits for, as ``awaited`` gives it."""
    _, job = st.session_state[_NAME + name]
    if not job.wait(settings().patience - job.seconds):
        st.fragment(_watched, run_every=EVERY)(job, name)
        return None
    value = job.result()
    drop(name)
    return value


def is_asked(name: str, asked: object) -> bool:
    """Whether this is what the place waits for, or what it failed in last."""
    return waits_for(name) == asked


def waits_for(name: str) -> Any:  # noqa: ANN401 (whatever was asked)
    """What the place waits for; None where it waits for nothing."""
    kept = st.session_state.get(_NAME + name)
    return kept and kept[0]


def drop(name: str) -> None:
    """Wait no more: what goes on may go on, what failed may be asked for again."""
    st.session_state.pop(_NAME + name, None)


def has_failed() -> bool:
    """Whether something that was waited for ended in a mistake, or was cancelled."""
    return bool(_ended())


def again() -> None:
    """Let the next run of the page ask again for whatever failed."""
    for name in _ended():
        del st.session_state[name]


def _ended() -> list[str]:
    names = [str(name) for name in st.session_state if str(name).startswith(_NAME)]
    return [name for name in names if st.session_state[name][1].done]


def _watched(job: Job[Any], name: str) -> None:
    """The panel of work that goes on; once it is over the whole page runs again."""
    if job.done:
        st.rerun()
    box = st.status(f"正在处理：{md_text(job.step)}", expanded=True)
    if job.share is not None:
        box.progress(job.share)
    with box.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):  # fmt: skip
        left = "" if job.left is None else f"，约剩 {elapsed(job.left)}"
        st.caption(
            f"已用 {elapsed(job.seconds)}{left}，可以先去别的页面，算完会留着。", width="stretch"
        )
        st.button("取消", key=f"cancel:{name}", on_click=_give_up, args=[job], icon=":material/cancel:")  # fmt: skip


def _give_up(job: Job[Any]) -> None:
    """Cancel, and give the child the moment that it takes to end."""
    job.cancel()
    job.wait(EVERY)


def elapsed(seconds: float) -> str:
    """A length of time in words."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} 分 {rest} 秒" if minutes else f"{rest} 秒"
