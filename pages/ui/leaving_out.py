"""Which questionnaires are left out: by doubt, by check, or one by one; each change is a revision."""

from __future__ import annotations

from typing import Any

import streamlit as st

from insight import pipeline
from insight.errors import InsightError
from insight.schema import Exclusions
from pages.ui import changing, drafts, entry, gate
from pages.ui.drafts import kept
from pages.ui.gate import Context
from pages.ui.states import failed, forget, tried

MOST_SHOWN = 500
_COLUMNS = {
    "is_out": "排除", "respondent_id": "答卷编号", "doubt": "可疑分", "reasons": "理由", "duration_s": "用时（秒）",
    "is_customer": "有购买为证",
}  # fmt: skip


def rule(context: Context, cases: Any) -> None:  # noqa: ANN401 (a frame)
    """The rule, what it would leave out, and the button that lets it count.

    Parameters
    ----------
    cases : the table "cases" of ``response_quality``
    """
    st.header("排除哪些", anchor=False)
    present = pipeline.exclusions(context.study)
    wanted = _by_rule(context, present)
    out = tried(lambda: _left_out(context, wanted, what="left out by rule"))
    if isinstance(out, InsightError):
        failed(out)
        return
    wanted = _by_hand(context, cases, wanted, set(out))
    _save(context, wanted, present)


def _by_rule(context: Context, present: Exclusions) -> Exclusions:
    labels = pipeline.check_labels()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by_score = entry.toggle(
            "按可疑分排除", present.least_doubt > 0, key=kept("edit:out:by", context.revision)
        )
        least = entry.slider("从多少分起", 15, 100, present.least_doubt or 50, 5, disabled=not by_score, key=kept("edit:out:least", context.revision), width=280)  # fmt: skip
        checks = entry.multiselect(
            "凡是这些检查发现的", list(labels), list(present.checks), labels.__getitem__, placeholder="不按检查排除", key=kept("edit:out:checks", context.revision), width=360
        )  # fmt: skip
    return present.model_copy(
        update={"least_doubt": least if by_score else 0, "checks": tuple(checks)}
    )


def _by_hand(context: Context, cases: Any, wanted: Exclusions, out: set[str]) -> Exclusions:  # noqa: ANN401
    """Ticks in the list count more than the rule, in both directions."""
    rows = [
        {"is_out": row["respondent_id"] in out} | {c: row[c] for c in _COLUMNS if c in row}
        for row in cases.head(MOST_SHOWN).to_dicts()
    ]
    if not rows:
        return wanted
    place = f"edit:cases:{context.revision}:{wanted.least_doubt}:{wanted.checks}"
    edited = entry.data_editor(
        drafts.resumed(place, rows), column_config=_COLUMNS, column_order=list(_COLUMNS), disabled=[c for c in _COLUMNS if c != "is_out"],
        hide_index=True, key=place, alt="可疑的答卷",
    )  # fmt: skip
    ticked = {row["respondent_id"] for row in edited if row["is_out"]}
    shown = {row["respondent_id"] for row in rows}
    kept = {*wanted.kept, *(shown & out) - ticked} - ticked
    by_hand = {*wanted.respondents, *ticked - out} - (shown - ticked)
    return wanted.model_copy(
        update={"kept": tuple(sorted(kept)), "respondents": tuple(sorted(by_hand))}
    )


def _left_out(context: Context, wanted: Exclusions, *, what: str) -> Any:  # noqa: ANN401 (ids)
    return gate.remembered(context.study, context.revision, what=what, of=repr(wanted), step="正在数会排除的答卷", work=lambda: pipeline.would_leave_out(context.study, wanted))  # fmt: skip


def _save(context: Context, wanted: Exclusions, present: Exclusions) -> None:
    n = len(_left_out(context, wanted, what="left out"))
    label = f"排除这 {n:,} 份" if n else "不排除任何一份"
    if changing.button(
        label, type="primary", disabled=wanted == present, icon=":material/filter_alt:"
    ):
        done = tried(lambda: pipeline.set_exclusions(context.study, wanted, parent=drafts.parent(context, "edit:out:")))  # fmt: skip
        if isinstance(done, InsightError):
            failed(done)
            return
        forget()
        st.rerun()
    st.caption("排除的答卷不进入任何分析，仍留在研究里，随时可以取回。")
