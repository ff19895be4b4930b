"""The builder of an audience: blocks of conditions, who meets them while they are built, and saving."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import streamlit as st

from insight import pipeline
from insight.errors import InsightError
from insight.schema.audiences import LONGEST_NAME, Audience, Rules, audience_of, rules_of
from insight.wording import count, money, percent
from pages.ui import changing, conditions, drafts, entry, tables
from pages.ui.drafts import kept
from pages.ui.gate import Context, remembered
from pages.ui.states import forget, tried
from pages.ui.words import md_text

_JOINS = {"and": "全部满足（且）", "or": "满足一条就算（或）"}
_COUNTED = {"customer_id": "客户", "respondent_id": "答卷", "text_id": "文本"}
Draft = dict[str, Any]
_NEW: Mapping[str, Any] = MappingProxyType({"on": "buying"})


@dataclass(frozen=True, slots=True)
class Desk:
    """Where an audience is built.

    Attributes
    ----------
    names : what conditions may name (pipeline.audience_names)
    draft : the blocks of this session, their rows and what each begins with
    stem : what the keys of the widgets begin with
    """

    context: Context
    names: Any
    draft: Draft
    stem: str


def builder(context: Context, audience: Audience | None) -> None:
    """Build an audience, a new one or one that was saved."""
    names = remembered(context.study, context.revision, what="audience_names", step="正在列出可用的条件", work=lambda: pipeline.audience_names(context.study))  # fmt: skip
    if audience and not _is_flat(audience.rule):
        st.info(
            "这个人群的规则有更深的层次或取反的组，只能用 audience 命令修改。",
            icon=":material/info:",
        )
        return
    of = audience.name if audience else ""
    draft = _draft(context, audience)
    stem = f"edit:aud:{context.name}:{of}"
    rule = _blocks(Desk(context, names, draft, stem))
    _keep(_place(context, audience), draft, stem)
    if rule is None:
        st.caption("填好第一个条件后，这里会显示有多少人。")
        return
    made = tried(lambda: rules_of(rule))
    found = made if isinstance(made, InsightError) else _live(context, made)
    if isinstance(found, InsightError) or isinstance(made, InsightError):
        st.warning(md_text(found), icon=":material/info:")
        return
    _count(found)
    _some_people(context, made)
    _save(context, made, of=of, parent=draft["parent"], has_anybody=found.n > 0)


def _is_flat(rule: Rules) -> bool:
    """Whether two levels of the screen can show it."""
    groups = [part for part in rule.parts if isinstance(part, Rules)]
    deeper = any(isinstance(one, Rules) for part in groups for one in part.parts)
    return not (rule.negated or deeper or any(part.negated for part in groups))


def _draft(context: Context, audience: Audience | None) -> Draft:
    """The blocks of this session: which rows there are, and what each begins with."""
    key = _place(context, audience)
    if key not in st.session_state and (known := drafts.held(key)):
        st.session_state[key] = known
    if key not in st.session_state:
        blocks = _blocks_of(audience.rule) if audience else [("and", [_NEW])]
        st.session_state[key] = {
            "parent": context.revision,
            "on": audience.rule.on if audience else "and",
            "next": 0,
            "blocks": [],
        }
        for on, rows in blocks:
            _add_block(st.session_state[key], on, rows)
        st.session_state[key]["begun"] = st.session_state[key]["next"]
    draft: Draft = st.session_state[key]
    return draft


def _place(context: Context, audience: Audience | None) -> str:
    return f"edit:audience:{context.name}:{audience.name if audience else ''}"


def _keep(key: str, draft: Draft, stem: str) -> None:
    """Let the rows be found again in another session, once anything was done to them."""
    if draft["next"] > draft["begun"] or drafts.is_typed(f"{stem}:"):
        drafts.hold(key, json.loads(json.dumps(draft, default=dict)))  # a copy of its own


def _blocks_of(rule: Rules) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """A rule as blocks: its single conditions together, then each group."""
    plain = [part.model_dump(mode="json") for part in rule.parts if not isinstance(part, Rules)]
    groups = [part for part in rule.parts if isinstance(part, Rules)]
    first = [(rule.on, plain)] if plain else []
    return [*first, *((g.on, [p.model_dump(mode="json") for p in g.parts]) for g in groups)]


def _add_block(draft: Draft, on: str, rows: list[Mapping[str, Any]]) -> None:
    block: Draft = {"id": _number(draft), "on": on, "rows": []}
    draft["blocks"].append(block)
    for start in rows:
        _add_row(draft, block, start)


def _add_row(draft: Draft, block: Draft, start: Mapping[str, Any]) -> None:
    block["rows"].append({"id": _number(draft), "start": start})


def _number(draft: Draft) -> int:
    draft["next"] += 1
    return int(draft["next"])


def _remove(draft: Draft, block: Draft, row: Draft) -> None:
    """Take a row away, and its block with the last one; one block stays."""
    block["rows"].remove(row)
    if not block["rows"]:
        draft["blocks"].remove(block)
    if not draft["blocks"]:
        _add_block(draft, "and", [_NEW])


def _blocks(desk: Desk) -> dict[str, object] | None:
    """Draw every block; the rule they make, or None while nothing is filled in."""
    draft, stem = desk.draft, desk.stem
    parts: list[dict[str, object]] = []
    on = _join(f"{stem}:on", draft["on"], "几组条件之间") if len(draft["blocks"]) > 1 else "and"
    for block in draft["blocks"]:
        with st.container(border=True):
            told = _block(desk, block)
        parts += [told] if told else []
    changing.button("再加一组条件", key=f"{stem}:block", type="tertiary", icon=":material/library_add:", on_click=_add_block, args=(draft, "or", [_NEW]))  # fmt: skip
    if len(parts) > 1:
        return {"on": on, "parts": parts}
    return parts[0] if parts else None


def _join(key: str, begun: str, label: str) -> str:
    picked = entry.segmented_control(label, list(_JOINS), default=begun, format_func=_JOINS.__getitem__, required=True, key=kept(key))  # fmt: skip
    return str(picked)


def _block(desk: Desk, block: Draft) -> dict[str, object] | None:
    own = f"{desk.stem}:{block['id']}"
    several = len(block["rows"]) > 1
    on = _join(f"{own}:on", block["on"], "这一组里") if several else "and"
    filled = [_row(desk, block, row=row) for row in list(block["rows"])]
    changing.button("再加一条", key=f"{own}:row", type="tertiary", icon=":material/add:", on_click=_add_row, args=(desk.draft, block, _NEW))  # fmt: skip
    parts = [one for one in filled if one]
    return {"on": on, "parts": parts} if parts else None


def _row(desk: Desk, block: Draft, *, row: Draft) -> dict[str, object] | None:
    """One condition: its kind, its widgets, and the button that takes it away."""
    offered = conditions.offered(desk.names)
    begun = conditions.kind_of(row["start"])
    own = f"{desk.stem}:{row['id']}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        at = list(offered).index(begun) if begun in offered else 0
        kind = str(entry.selectbox("条件", list(offered), at, offered.__getitem__, key=kept(f"{own}:kind"), width=160))  # fmt: skip
        start = row["start"] if kind == begun else {}
        drawn = conditions.Row(desk.context, desk.names, f"{own}:{kind}", start)
        fields = conditions.filled(drawn, kind)
        changing.button("去掉这一条", key=f"{own}:gone", type="tertiary", icon=":material/close:", on_click=_remove, args=(desk.draft, block, row))  # fmt: skip
    return fields


def _live(context: Context, rule: Rules) -> pipeline.Tried | InsightError:
    """What the rule comes to, asked once for what is on the screen."""
    asked = (context.study.id, context.revision, rule.model_dump_json())
    kept: tuple[object, pipeline.Tried] | None = st.session_state.get("kept:audience")
    if kept is not None and kept[0] == asked:
        return kept[1]
    with st.spinner("正在数人"):
        found = tried(lambda: pipeline.try_audience(context.study, rule))
    if not isinstance(found, InsightError):
        st.session_state["kept:audience"] = (asked, found)
    return found


def _count(found: pipeline.Tried) -> None:
    """The sentence, the live count, and what each condition takes away."""
    st.markdown(f"**{md_text(found.sentence)}**")
    what = _COUNTED[found.unit]
    with st.grid(4, min_column_width=150):
        st.metric(f"符合的{what}", count(found.n), border=True)
        st.metric(f"占全部{what}", percent(found.n / found.base if found.base else None), border=True)  # fmt: skip
        if found.spend is not None:
            st.metric(
                f"消费（占全部的 {percent(found.share_of_spend)}）", money(found.spend), border=True
            )
        st.metric("无法判断", count(found.n_unclear), border=True, help="缺少答卷、文本或订单，看不出符不符合；不计入人群。")  # fmt: skip
    for sentence in found.unclear:
        st.warning(md_text(sentence), icon=":material/help:")
    if found.n == 0:
        st.warning("没有人符合这些条件：看看下面哪一条人数太少，或有没有互相矛盾的条件。", icon=":material/person_off:")  # fmt: skip
    if found.steps.height > 1:
        tables.draw(found.steps, alt="每条条件的人数")


def _some_people(context: Context, rule: Rules) -> None:
    """The first of them, masked, on request."""
    if st.toggle("看看是哪些人", key=f"edit:aud:{context.name}:people"):
        found = pipeline.audience_people(context.study, rule)
        tables.listed(found, alt="符合条件的人", leave=("key", "customer_id"))
        st.caption(
            "消费最高的至多 50 位，编号是加密后的末 6 位；保存后可以看订单、原话并导出名单。"
        )


def _save(context: Context, rule: Rules, *, of: str, parent: int, has_anybody: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = entry.text_input("人群名称", of, max_chars=LONGEST_NAME, placeholder="如：高额但不满售后", key=kept(f"edit:aud:{context.name}:{of}:name"), width=320)  # fmt: skip
        wanted = changing.button("保存修改" if of else "保存人群", type="primary", disabled=not (name.strip() and has_anybody), icon=":material/save:")  # fmt: skip
    if not wanted:
        return
    done = tried(lambda: pipeline.save_audience(context.study, audience_of({"name": name, "rule": rule}), instead_of=of, parent=parent))  # fmt: skip
    if isinstance(done, InsightError):
        st.error(md_text(done), icon=":material/error:")
        return
    forget()
    st.query_params["view"] = "audiences"
    st.session_state.pop("choose:view", None)
    st.rerun()
