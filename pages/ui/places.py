"""Where everything is: the groups of the sidebar, their pages, and links that keep the study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import streamlit as st


@dataclass(frozen=True, slots=True)
class Place:
    """One page: its file, its ASCII address, its name and icon, and what it is for."""

    file: str
    path: str
    title: str
    icon: str
    purpose: str


OVERVIEW = Place(
    "pages/home/overview.py", "overview", "概览", "dashboard", "手里有什么数据，还缺什么，下一步做什么。"
)  # fmt: skip
IMPORT = Place(
    "pages/data/import.py", "import", "导入", "upload_file", "上传订单、问卷、访谈和评论，先看识别结果再导入。"
)  # fmt: skip
MAPPING = Place(
    "pages/data/mapping.py", "mapping", "映射", "rule", "每一列是什么，哪些行没有用上，为什么。"
)  # fmt: skip
QUESTIONS = Place(
    "pages/data/questions.py", "questions", "题目", "quiz", "每道题的题型、基数和选项，可以改；合并选项、反向、分段等重编码。"
)  # fmt: skip
QUALITY = Place(
    "pages/data/quality.py", "quality", "答卷质量", "fact_check", "哪些答卷答得太快、互相雷同或前后矛盾，要不要排除。"
)  # fmt: skip
CLEANING = Place(
    "pages/data/cleaning.py", "cleaning", "清洗", "cleaning_services", "原始订单经过哪些规则，剩下多少行多少钱；规则可以改。"
)  # fmt: skip
MATCH = Place(
    "pages/data/match.py", "match", "匹配", "join", "答卷和文本对应上了多少位买过的客户。"
)  # fmt: skip
SEGMENTS = Place(
    "pages/customers/segments.py", "segments", "分层", "groups", "按最近一单、订单数和金额把客户分层，并看各层的样子。"
)  # fmt: skip
BEHAVIOUR = Place(
    "pages/customers/behaviour.py", "behaviour", "行为", "trending_up", "销售额、订单数和客户数随时间怎么变。"
)  # fmt: skip
TABLES = Place(
    "pages/voices/tables.py", "tables", "问卷表", "table_chart", "每道题的总体结果，以及各人群之间的差异。"
)  # fmt: skip
TOPICS = Place(
    "pages/voices/topics.py", "topics", "主题与原话", "forum", "开放题、评论和访谈在说什么，附原话。"
)  # fmt: skip
INTERVIEWS = Place(
    "pages/voices/interviews.py", "interviews", "访谈", "record_voice_over", "每份访谈里谁在提问、谁在回答，按时间读原话。"
)  # fmt: skip
MATRIX = Place(
    "pages/needs/matrix.py", "needs", "需求×人群", "grid_on", "每个人群最需要什么，背后有多少消费。"
)  # fmt: skip
REPORT = Place(
    "pages/actions/report.py", "report", "报告", "description", "把全部结果写成一份可以交付的报告。"
)  # fmt: skip

GROUPS: Mapping[str, tuple[Place, ...]] = MappingProxyType(
    {
        "工作台": (OVERVIEW,),
        "数据": (IMPORT, MAPPING, CLEANING, QUESTIONS, QUALITY, MATCH),
        "客户": (SEGMENTS, BEHAVIOUR),
        "声音": (TABLES, TOPICS, INTERVIEWS),
        "需求": (MATRIX,),
        "行动": (REPORT,),
    }
)

# Analysis -> the page that shows it, for the workbench.
SHOWN_ON: Mapping[str, Place] = MappingProxyType(
    {
        "response_quality": QUALITY, "waterfall": CLEANING, "match": MATCH, "match_bias": MATCH, "rfm": SEGMENTS, "segment_profile": SEGMENTS, "segment_compare": SEGMENTS, "high_ticket": SEGMENTS, "sales_trend": BEHAVIOUR,
        "topline": TABLES, "crosstab": TABLES, "topics": TOPICS, "word_cloud": TOPICS,
        "keyness": TOPICS, "needs_by_segment": MATRIX,
    }
)  # fmt: skip

# Analyses that are one of several views of their page.
VIEWS = frozenset(
    {
        "match",
        "match_bias",
        "rfm",
        "segment_profile",
        "segment_compare",
        "high_ticket",
        "topline",
        "crosstab",
        "topics",
        "word_cloud",
        "keyness",
    }
)


def link(place: Place, *, study: str, label: str = "", **choice: str) -> None:
    """Draw a link to ``place`` that keeps the study; ``choice`` goes into the address too."""
    st.page_link(
        place.file,
        label=label or place.title,
        icon=f":material/{place.icon}:",
        help="" if label else None,
        query_params=_query(study, choice),
    )


def open_analysis(key: str, *, study: str, label: str) -> None:
    """Draw a link to the page, and the view of it, that shows an analysis."""
    choice = {"view": key} if key in VIEWS else {}
    link(SHOWN_ON.get(key, REPORT), study=study, label=label, **choice)


def go(place: Place, *, study: str, **choice: str) -> None:
    """Switch to ``place`` at once; ends this run of the page."""
    st.switch_page(place.file, query_params=_query(study, choice))


def _query(study: str, choice: Mapping[str, str]) -> dict[str, str]:
    return {"study": study, **choice} if study else dict(choice)
