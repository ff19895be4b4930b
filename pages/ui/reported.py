"""What is in the report: the button of every analysis, and the list on the report's own page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st

from insight import pipeline
from insight.analyses import find
from insight.study import Pick
from pages.ui import changing
from pages.ui.gate import Context
from pages.ui.words import md_text

_ASKED = (
    "edit:report"  # of this session: the change that was asked for, on the revision it was seen on
)


def carry_out() -> None:
    """Make the change that the last click asked for (Conflict: somebody was faster)."""
    act: Callable[[], object] | None = st.session_state.pop(_ASKED, None)
    if act:
        act()
        st.rerun()


def button(context: Context, key: str, changes: Mapping[str, object] | None) -> None:
    """Take this result, with the parameters it is seen with, into the report or out of it."""
    study, own, parent = context.study, changes or {}, context.revision
    is_in = pipeline.as_pick(study, key, changes=own) in pipeline.picks(study)
    change = pipeline.unpick if is_in else pipeline.pick
    changing.button(
        "已在报告中，移出" if is_in else "加入报告",
        type="secondary" if is_in else "primary",
        icon=":material/check:" if is_in else ":material/post_add:",
        key=f"report:{key}",
        width="stretch",
        help="连同现在的设定。加入过结果之后，报告只收录加入的；一个也没加入时收录全部。",
        on_click=_ask,
        args=(partial(change, study, key, changes=own, parent=parent),),
    )


def listed(context: Context) -> None:
    """The chosen results in their order, each with what can be done with it."""
    chosen = pipeline.picks(context.study)
    for at, (one, apart) in enumerate(
        zip(chosen, pipeline.told(context.study, chosen), strict=True)
    ):
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.markdown(
                f"{at + 1}\\. **{md_text(find(one.key).title)}**　:gray[{md_text(apart)}]",
                width="stretch",
            )
            before, after = _swapped(chosen, at - 1), _swapped(chosen, at)
            _step(context, before, label="上移", key=f"up:{at}", enabled=at > 0)
            _step(context, after, label="下移", key=f"down:{at}", enabled=at + 1 < len(chosen))
            _step(context, (*chosen[:at], *chosen[at + 1 :]), label="移出", key=f"out:{at}")
    _step(context, (), label="恢复为收录全部分析", key="report:all")


def _step(
    context: Context, chosen: Sequence[Pick], *, label: str, key: str, enabled: bool = True
) -> None:
    act = partial(pipeline.set_picks, context.study, chosen, parent=context.revision)
    changing.button(
        label, type="tertiary", key=key, disabled=not enabled, on_click=_ask, args=(act,)
    )


def _swapped(chosen: Sequence[Pick], at: int) -> tuple[Pick, ...]:
    """The results with those at ``at`` and behind it in each other's place."""
    if not 0 <= at < len(chosen) - 1:
        return tuple(chosen)
    return (*chosen[:at], chosen[at + 1], chosen[at], *chosen[at + 2 :])


def _ask(act: Callable[[], object]) -> None:
    st.session_state[_ASKED] = act
