"""A form from the parameters of an analysis; what is chosen there is recorded in the study."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, get_args, get_origin

import streamlit as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from insight import pipeline
from insight.analysis import Analysis
from insight.errors import InsightError
from insight.pipeline import jobs
from pages.ui import changing, drafts, entry, waiting
from pages.ui.drafts import kept
from pages.ui.fields import Asked
from pages.ui.gate import Context, remembered
from pages.ui.states import forget, tried
from pages.ui.words import md_text

MOST_BUTTONS = 5  # more choices than this go into a list
MOST_SHOWN = 4  # more parameters than this scroll in the panel
_TALL, _BESIDE = 340, 260  # pixels


def adjust(
    context: Context, analysis: Analysis, *, fixed: Mapping[str, object] = MappingProxyType({})
) -> None:
    """A panel with the parameters of ``analysis``; 应用 records those that give a result.

    Parameters
    ----------
    fixed : parameters that the page itself asks for, and what was chosen there
    """
    present = pipeline.params_of(context.study, analysis.key)
    asked = [one for one in _asked(context, present) if one.name not in fixed and not one.is_idle]
    if not asked:
        return
    stem = f"{analysis.key}:"
    with st.popover("调整", icon=":material/tune:"):
        tall = _TALL if len(asked) > MOST_SHOWN else "content"  # the button stays in sight
        with st.container(height=tall, border=False):
            given = {one.name: _draw(one, key=kept(f"{stem}{one.name}", context.revision), by=entry) for one in asked}  # fmt: skip
        st.caption("记入研究的配方：本页、报告和命令行都用这里的设定。")
        if changing.button(
            "应用", type="primary", key=f"edit:adjust:{context.name}:{analysis.key}"
        ):
            chosen, parent = present.model_dump() | given, drafts.parent(context, stem)
            _try(context, analysis.key, chosen, changes={**chosen, **fixed}, parent=parent)
        _settle(context, analysis.key)


def live(context: Context, key: str, names: Sequence[str]) -> dict[str, object]:
    """Draw some parameters of an analysis beside its answer: they count at once and are recorded only on request."""
    present = pipeline.params_of(context.study, key)
    asked = {one.name: one for one in _asked(context, present)}
    return {n: _draw(asked[n], key=f"live:{key}:{n}:{context.revision}", by=st, width=_BESIDE) for n in names}  # fmt: skip


def _try(
    context: Context,
    key: str,
    chosen: Mapping[str, object],
    *,
    changes: Mapping[str, object],
    parent: int,
) -> None:
    """Begin to work out what the parameters give; what is wrong with them is told at once."""
    job = tried(lambda: jobs.analysis(context.study, key, changes=changes))
    if isinstance(job, InsightError):
        _refused(job)
    else:
        waiting.started(_place(context, key), (parent, chosen), job)


def _settle(context: Context, key: str) -> None:
    """Record the parameters that were tried once there is a result; what gives none is told and not recorded."""
    place = _place(context, key)
    if waiting.waits_for(place) is None:
        return
    parent, chosen = waiting.waits_for(place)
    outcome = tried(lambda: waiting.fetched(place))
    if isinstance(outcome, InsightError):
        waiting.drop(place)
        _refused(outcome)
    elif outcome is not None:
        params = pipeline.params_of(context.study, key, chosen)
        pipeline.set_params(context.study, params, key=key, parent=parent)
        forget()
        st.rerun()


def _place(context: Context, key: str) -> str:
    """Where the form of an analysis waits."""
    return f"apply:{context.name}:{key}"


def _refused(error: InsightError) -> None:
    st.error(f"{md_text(error)}设定没有改动。", icon=":material/error:")


def choices(context: Context, kind: str) -> Mapping[str, str]:
    """What of the data a parameter may name: key -> Chinese label.

    Parameters
    ----------
    kind : a key of ``pipeline.choices``
    """
    study = context.study
    known = remembered(
        study,
        context.revision,
        what="choices",
        step="正在列出题目和人群",
        work=lambda: pipeline.choices(study),
    )
    return known[kind]


def _asked(context: Context, params: BaseModel) -> list[Asked]:
    fields = type(params).model_fields
    return [
        Asked(name, field, getattr(params, name), _names(context, field))
        for name, field in fields.items()
    ]


def _names(context: Context, field: FieldInfo) -> Mapping[str, str]:
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    if kind := extra.get("one_of"):
        return choices(context, str(kind))
    literal = _literal(field.annotation)
    labels = extra.get("labels")
    own = {str(k): str(v) for k, v in labels.items()} if isinstance(labels, dict) else {}
    return {value: own.get(value, value) for value in literal}


def _literal(annotation: Any) -> tuple[str, ...]:  # noqa: ANN401 (a type)
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return next((found for part in get_args(annotation) if (found := _literal(part))), ())


def _draw(one: Asked, *, key: str, by: Any, width: int | Literal["stretch"] = "stretch") -> object:  # noqa: ANN401  # fmt: skip
    """The widget that fits the field; returns what was entered.

    Parameters
    ----------
    by : whose widgets: ``entry`` where the value goes into the study, Streamlit's own where it is only looked at
    width : of a list of names
    """
    if isinstance(one.value, bool):
        return by.toggle(one.title, one.value, key=key, help=one.help)
    if isinstance(one.value, list):
        return _several(one, key, by)
    if one.is_choice:
        return _one(one, key, by=by, width=width)
    if isinstance(one.value, int | float):
        return _number(one, key, by)
    return by.text_input(one.title, one.value or "", key=key, help=one.help, placeholder=one.unset)


def _several(one: Asked, key: str, by: Any) -> list[str]:  # noqa: ANN401
    known = [v for v in one.value if v in one.names]
    picked: list[str] = by.multiselect(
        one.title, list(one.names), known, _label(one), key=key, help=one.help, placeholder="不选表示全部或自动"
    )  # fmt: skip
    return picked


def _one(one: Asked, key: str, *, by: Any, width: int | Literal["stretch"]) -> str:  # noqa: ANN401
    """One of the names, nothing where that is the default, or what is recorded and exists no more."""
    unset = [""] if one.field.default == "" else []
    options = list(dict.fromkeys([*unset, *one.names, one.value]))
    if len(options) <= MOST_BUTTONS and "" not in options:
        picked = by.segmented_control(
            one.title,
            options,
            default=one.value,
            format_func=lambda value: md_text(one.names.get(value, value)),
            required=True,
            key=key,
            help=one.help,
        )
        return str(picked)
    at = options.index(one.value)
    return str(
        by.selectbox(one.title, options, at, _label(one), key=key, help=one.help, width=width)
    )


def _label(one: Asked) -> Callable[[str], str]:
    return lambda value: one.names.get(value, value or f"（{one.unset or '不选'}）")


def _number(one: Asked, key: str, by: Any) -> float:  # noqa: ANN401
    low, high = (_bound(one.field, side) for side in (("ge", "gt"), ("le", "lt")))
    kind = int if isinstance(one.value, int) else float
    entered: float = by.number_input(
        one.title,
        min_value=None if low is None else kind(low),
        max_value=None if high is None else kind(high),
        value=one.value,
        step=1 if kind is int else 0.05,
        key=key,
        help=one.help,
        width=260,
    )
    return entered


def _bound(field: FieldInfo, sides: tuple[str, str]) -> float | None:
    marks = (getattr(mark, side, None) for mark in field.metadata for side in sides)
    return next((mark for mark in marks if mark is not None), None)
