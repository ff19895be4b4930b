"""Files on their way in: what each was recognised as, what the user knows better, and the import itself."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any

import streamlit as st

from insight import pipeline
from insight.errors import InsightError
from insight.pipeline import offering
from insight.schema import TABLES
from insight.settings import settings
from insight.study import Study
from pages.ui import places, roles
from pages.ui.gate import Context
from pages.ui.states import tried
from pages.ui.words import md_text

AUTO = "自动"
ENCODINGS = {
    AUTO: None,
    "UTF-8": "utf-8",
    "GB18030（GBK）": "gb18030",
    "Big5": "big5",
    "UTF-16": "utf-16",
}
_GUIDE = (
    ("订单", "客户、下单时间、实付金额；有订单号、商品、渠道更好。Excel、CSV、Parquet。", "可以看：分层、行为、各层画像"),
    ("问卷", "问卷星、腾讯问卷等导出的答卷；有客户编号或手机号才能与订单对应。", "可以看：问卷表、按人群比较、需求×人群"),
    ("文本", "评论、开放题、访谈记录：Excel、CSV、Word、txt、字幕。", "可以看：主题与原话、人群特征词、需求×人群"),
)  # fmt: skip
_TEXT_FILES = (".csv", ".tsv", ".txt", ".srt", ".vtt", ".md")


@dataclass(frozen=True, slots=True)
class Incoming:
    """One uploaded file that can be imported, with what the user said about it."""

    name: str
    data: bytes
    hints: pipeline.Hints


@dataclass(frozen=True, slots=True)
class Arrived:
    """What one file brought, in words."""

    name: str
    told: str


def show(file: Any) -> Incoming | None:  # noqa: ANN401 (Streamlit's uploaded file)
    """Draw what an uploaded file was recognised as; None where it cannot be imported as it stands."""
    with st.container(border=True, gap="xsmall"):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            st.markdown(f"**{md_text(file.name)}**", width="stretch")
            hints = _known_better(file)
        found = _previewed(file, hints)
        if isinstance(found, InsightError):
            st.error(f"{md_text(found.message)}{md_text(found.hint)}", icon=":material/error:")
            return None
        previews, passed = found
        drawn = [_preview(file, item) for item in previews]
        if passed:
            st.caption(f"没有用上的工作表：{md_text('、'.join(passed))}")
        changes = {column: role for own, _ in drawn for column, role in own.items()}
        whole = all(ok for _, ok in drawn) or len(drawn) > 1
        kept = pipeline.Hints(hints.table, changes, hints.sheet, hints.encoding)
        return Incoming(file.name, file.getvalue(), kept) if whole else None


def _known_better(file: Any) -> pipeline.Hints:  # noqa: ANN401
    """The small panel of a file: its table, its sheet, its encoding."""
    kinds = {AUTO: None} | {table.label: name for name, table in TABLES.items()}
    with st.popover("识别得不对？", type="tertiary"):
        kind = st.selectbox("这是什么表", list(kinds), key=f"edit:kind:{file.file_id}")
        sheets = st.session_state.get(f"edit:sheets:{file.file_id}", ())
        sheet = (
            st.selectbox("工作表", ["全部", *sheets], key=f"edit:sheet:{file.file_id}")
            if len(sheets) > 1
            else "全部"
        )
        is_text = file.name.lower().endswith(_TEXT_FILES)
        code = (
            st.selectbox("文字编码", list(ENCODINGS), key=f"edit:code:{file.file_id}")
            if is_text
            else AUTO
        )
    return pipeline.Hints(
        table=kinds[kind], sheet=None if sheet == "全部" else sheet, encoding=ENCODINGS[code]
    )


def _previewed(file: Any, hints: pipeline.Hints) -> Any:  # noqa: ANN401
    """What ``pipeline.preview`` says about a file, asked once for each set of hints."""
    seen = st.session_state.setdefault("edit:previews", {})
    asked = (file.file_id, hints.table, hints.sheet, hints.encoding)
    if asked not in seen:
        with st.spinner(f"正在读取 {md_text(file.name)}", show_time=False):
            seen[asked] = tried(lambda: pipeline.preview(file.getvalue(), file.name, hints=hints))
        _remember_sheets(file, hints, seen[asked])
    return seen[asked]


def _remember_sheets(file: Any, hints: pipeline.Hints, found: Any) -> None:  # noqa: ANN401
    if hints.sheet is None and not isinstance(found, InsightError):
        previews, passed = found
        names = [*(item.raw.name for item in previews), *passed]
        st.session_state[f"edit:sheets:{file.file_id}"] = tuple(names)


def _preview(file: Any, item: pipeline.Preview) -> tuple[dict[str, str], bool]:  # noqa: ANN401
    """Draw one table of a file; returns the corrected roles and whether nothing required is missing."""
    proposal, raw = item.proposal, item.raw
    label = TABLES[proposal.table].label
    source = f"，{md_text(proposal.recognised)}" if proposal.recognised else ""
    st.markdown(
        f":blue-badge[{label}] {md_text(raw.name)}：{raw.frame.height:,} 行，{len(proposal.roles)} 列{source}"
    )
    if raw.notes:
        st.caption(md_text("".join(raw.notes)))
    columns = offering.columns(raw, proposal)
    with st.expander("每一列是什么", icon=":material/rule:"):
        changes = roles.edit(
            proposal.table, columns, key=f"edit:{file.file_id}:{raw.name}:{proposal.table}"
        )
    lacks = roles.missing(proposal.table, columns, changes)
    if lacks:
        st.warning(
            f"作为{label}还缺：{md_text('、'.join(lacks))}。展开“每一列是什么”指定，或在“识别得不对？”里换一种表。",
            icon=":material/rule:",
        )
    return changes, not lacks


def guide() -> None:
    """What files can be brought, and what each makes possible."""
    with st.grid(3, min_column_width=220, border=True):
        for title, needs, gives in _GUIDE:
            with st.container(gap="xsmall"):
                st.markdown(f"**{title}**")
                st.markdown(needs)
                st.caption(gives)


def arrived(context: Context) -> None:
    """What the last import brought, and the way to the first result."""
    told: tuple[Arrived, ...] = st.session_state.get("arrived", {}).get(context.name, ())
    if not told:
        return
    done = [f"- **{md_text(one.name)}**　{md_text(one.told)}" for one in told]
    st.success("\n".join(done), title="已导入", icon=":material/check_circle:")
    if ready := context.ready:
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button(
                f"看结果：{ready[0].title}", type="primary", icon=":material/arrow_forward:"
            ):
                places.go(places.SHOWN_ON.get(ready[0].key, places.OVERVIEW), study=context.name)
            places.link(places.MAPPING, study=context.name, label="检查清洗与映射")


def bring_in(study: Study, files: Sequence[Incoming]) -> tuple[Arrived, ...]:
    """Import the files, all or none; a mistake in one changes nothing."""
    uploads = [pipeline.Upload(file.data, file.name, file.hints) for file in files]
    with st.status("正在导入") as box:
        added = pipeline.add_all(
            study, uploads, progress=lambda step: box.update(label=md_text(step))
        )
        box.update(label="导入完成", state="complete")
    return tuple(Arrived(file.name, _told(one)) for file, one in zip(files, added, strict=True))


def bring_into_new(path: Path, files: Sequence[Incoming]) -> tuple[Arrived, ...]:
    """Import the files into a new study, which is taken away again where none could be used."""
    with ExitStack() as undo:
        study = pipeline.new(path)
        undo.callback(_discard, study)
        arrived = bring_in(study, files)
        undo.pop_all()
    return arrived


def _discard(study: Study) -> None:
    rmtree(study.path)
    (settings().keys_dir / f"{study.id}.key").unlink(missing_ok=True)


def _told(added: pipeline.Added) -> str:
    parts = [
        f"{TABLES[source.table].label} {rows:,} 行"
        + (f"（{issues:,} 处问题已列出）" if issues else "")
        for source, rows, issues in zip(added.sources, added.n_rows, added.n_issues, strict=True)
    ]
    return "，".join(parts)
