"""Files on their way in: what each was recognised as, what the user knows better, and the import itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from insight import pipeline
from insight.errors import InsightError, UnknownEncoding
from insight.pipeline import jobs
from insight.schema import TABLES
from insight.settings import settings
from pages.ui import decoding, places, recognising, roles, ruling, uploading, waiting
from pages.ui.gate import Context
from pages.ui.states import tried, unpaired
from pages.ui.words import folder_name, md_text

AUTO = "自动"
_GUIDE = (
    ("订单", "客户、下单时间、实付金额；有订单号、商品、渠道更好。订单列表和商品明细分两个文件的（如淘宝），都放进来。", "可以看：分层、行为、各层画像"),
    ("问卷", "问卷星、腾讯问卷等导出的答卷，SPSS 文件；有客户编号或手机号才能与订单对应。", "可以看：问卷表、按人群比较、需求×人群"),
    ("文本", "评论、开放题、访谈记录：Excel、CSV、JSON、Word、PDF、txt、字幕，或放进一个 zip。", "可以看：主题与原话、人群特征词、需求×人群"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Incoming:
    """One uploaded file that can be imported, with what the user said about it."""

    file: Any  # Streamlit's uploaded file, or one that was fetched
    hints: pipeline.Hints

    @property
    def upload(self) -> pipeline.Upload:
        """The file as it is handed over: by its place on disk."""
        origin = getattr(self.file, "origin", None)
        return pipeline.Upload(uploading.on_disk(self.file), self.file.name, self.hints, origin)


@dataclass(frozen=True, slots=True)
class Arrived:
    """What one file brought, in words."""

    name: str
    told: str


def show(file: Any, into: Context | None) -> Incoming | None:  # noqa: ANN401 (Streamlit's uploaded file)
    """Draw what an uploaded file was recognised as; None where it cannot be imported as it stands.

    Parameters
    ----------
    into : the study it goes into, whose corrected mappings are followed; None = a new one
    """
    with st.container(border=True, gap="xsmall"):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            st.markdown(f"**{md_text(file.name)}**", width="stretch")
            hints = _known_better(file)
        found = _previewed(file, hints, into)
        if found is None:
            return None
        if isinstance(found, InsightError):
            st.error(f"{md_text(found.message)}{md_text(found.hint)}", icon=":material/error:")
            if isinstance(found, UnknownEncoding):
                decoding.offer(file, found)
            return None
        previews, passed = found
        drawn = [_preview(file, item, is_only=len(previews) == 1) for item in previews]
        if passed:
            st.caption(f"没有用上的工作表：{md_text('、'.join(passed))}")
        changes = {column: role for own, _ in drawn for column, role in own.items()}
        whole = all(ok for _, ok in drawn) or len(drawn) > 1
        kept = ruling.dated(file, replace(hints, roles=changes))
        return Incoming(file, kept) if whole else None


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
        encoding = decoding.chosen(file)
    return pipeline.Hints(
        table=kinds[kind],
        sheet=None if sheet == "全部" else sheet,
        encoding=encoding,
        decisions=recognising.chosen(file, kinds[kind]),
    )


def _previewed(file: Any, hints: pipeline.Hints, into: Context | None) -> Any:  # noqa: ANN401
    """What a preview says about a file, asked once for each study and set of hints; None while it is read."""
    seen = st.session_state.setdefault("edit:previews", {})
    place = (into.study.id, into.revision) if into else None
    asked = (file.file_id, hints.table, hints.sheet, hints.encoding, hints.decisions.preset, place)
    if asked not in seen:
        found = tried(
            lambda: waiting.awaited(
                f"preview:{file.file_id}",
                asked,
                lambda: jobs.preview(
                    uploading.on_disk(file), file.name, hints=hints, study=into.study if into else None
                ),
            )
        )  # fmt: skip
        if isinstance(found, InsightError):
            uploading.let_go([file])
        if found is None or isinstance(found, InsightError):
            return found
        _remember_sheets(file, hints, found)
        seen[asked] = found
    return seen[asked]


def _remember_sheets(file: Any, hints: pipeline.Hints, found: Any) -> None:  # noqa: ANN401
    if hints.sheet is None:
        previews, passed = found
        names = [*(item.raw.name for item in previews), *passed]
        st.session_state[f"edit:sheets:{file.file_id}"] = tuple(names)


def _preview(
    file: Any,  # noqa: ANN401
    item: pipeline.Preview,
    *,
    is_only: bool,
) -> tuple[dict[str, str], bool]:
    """Draw one table of a file; returns the corrected roles and whether nothing required is missing."""
    proposal, raw = item.proposal, item.raw
    label = TABLES[proposal.table].label
    st.markdown(
        f":blue-badge[{label}] {md_text(raw.name)}：{item.n_rows:,} 行，{len(proposal.roles)} 列"
    )
    recognising.show(file, item, is_only=is_only)
    is_dated = ruling.ask_dates(file, item.unclear)
    if raw.notes:
        st.caption(md_text("".join(raw.notes)))
    with st.expander("每一列是什么", icon=":material/rule:"):
        changes = roles.edit(
            proposal.table,
            item.columns,
            key=f"edit:{file.file_id}:{raw.name}:{proposal.table}:{proposal.recognised}",
        )
    lacks = roles.missing(proposal.table, item.columns, changes)
    if lacks:
        st.warning(
            f"作为{label}还缺：{md_text('、'.join(lacks))}。展开“每一列是什么”指定，或在“识别得不对？”里换一种表。",
            icon=":material/rule:",
        )
    return changes, is_dated and not lacks


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
    unpaired(context)
    if ready := context.ready:
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button(
                f"看结果：{ready[0].title}", type="primary", icon=":material/arrow_forward:"
            ):
                places.go(places.place_of(ready[0].key), study=context.name)
            places.link(places.MAPPING, study=context.name, label="检查映射")


def bring_in(context: Context, files: Sequence[Incoming], name: str) -> None:
    """Begin to import the files, all or none.

    Parameters
    ----------
    name : of the new study that shall hold them; "" for the present one
    """
    uploads = [one.upload for one in files]
    if name:
        folder = folder_name(name)
        waiting.started("import", folder, jobs.add_to_new(settings().studies_dir / folder, uploads))
    else:
        waiting.started("import", context.name, jobs.add_all(context.study, uploads))


def goes_on() -> bool:
    """Whether an import goes on in this session."""
    return waiting.waits_for("import") is not None


def brought() -> tuple[str, tuple[Arrived, ...]] | None:
    """The study that was imported into, and what each file brought; None while it goes on.

    Raises
    ------
    InsightError : one of the files cannot be used, or the import was cancelled; nothing was changed.
    """
    folder = waiting.waits_for("import")
    added = tried(lambda: waiting.fetched("import"))
    if isinstance(added, InsightError):
        waiting.drop("import")
        uploading.let_go()
        raise added
    return added and (folder, tuple(Arrived(one.sources[0].name, _told(one)) for one in added))


def _told(added: pipeline.Added) -> str:
    parts = [
        f"{TABLES[source.table].label} {rows:,} 行"
        + (f"（{issues:,} 处问题已列出）" if issues else "")
        for source, rows, issues in zip(added.sources, added.n_rows, added.n_issues, strict=True)
    ]
    return "，".join(parts)
