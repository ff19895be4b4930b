"""Where everything is: the groups of the sidebar, their pages, and links that keep the study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import streamlit as st

from insight.access import EDIT, Right
from insight.analyses import catalogue, room_of
from insight.analysis import Analysis


@dataclass(frozen=True, slots=True)
class Place:
    """One page: its file, its ASCII address, its name and icon, what it is for, and the right that opens it.

    The icon "label" is of no use: the menu writes ":material/label: 编码", in which the front end sees a style.
    ``in_part`` : it opens for somebody who may see some customers only, and shows those
    """

    file: str
    path: str
    title: str
    icon: str
    purpose: str
    right: Right = "view"
    in_part: bool = False


OVERVIEW = Place(
    "pages/home/overview.py", "overview", "概览", "dashboard", "手里有什么数据，还缺什么，下一步做什么。", in_part=True
)  # fmt: skip
STEPS = Place(
    "pages/home/steps.py", "steps", "步骤", "history", "每一步改了什么，比较两版，回到以前的一版。"
)  # fmt: skip
IMPORT = Place(
    "pages/data/import.py", "import", "导入", "upload_file", "上传订单、问卷、访谈和评论，先看识别结果再导入。", EDIT
)  # fmt: skip
MAPPING = Place(
    "pages/data/mapping.py", "mapping", "映射", "rule", "每一列是什么，哪些行没有用上，为什么。", EDIT
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
    "pages/customers/segments.py", "segments", "分层", "groups", "客户怎么分层，各层什么样，钱集中在谁手里，怎么变化。", in_part=True
)  # fmt: skip
AUDIENCES = Place(
    "pages/customers/audiences.py", "audiences", "人群", "person_search", "按消费、分层、答案和提到的话划出人群，各页都能用。"
)  # fmt: skip
BEHAVIOUR = Place(
    "pages/customers/behaviour.py", "behaviour", "行为", "trending_up", "销售怎么走，多久会再买，什么一起买，从哪里买。", in_part=True
)  # fmt: skip
LIFECYCLE = Place(
    "pages/customers/lifecycle.py", "lifecycle", "生命周期与价值", "timeline", "客户走到了哪个阶段，会不会再来，以后还值多少钱。", in_part=True
)  # fmt: skip
TABLES = Place(
    "pages/voices/tables.py", "tables", "问卷表", "table_chart", "每道题的总体结果，以及各人群之间的差异。", in_part=True
)  # fmt: skip
WEIGHTS = Place(
    "pages/voices/weights.py", "weights", "加权", "balance", "让答卷代表全部客户，或代表您填写的占比。"
)  # fmt: skip
RESEARCH = Place(
    "pages/voices/research.py", "research", "专项方法", "science", "哪些功能必不可少，哪些需求还没有满足，什么最影响满意度。", in_part=True
)  # fmt: skip
TOPICS = Place(
    "pages/voices/topics.py", "topics", "主题与原话", "forum", "开放题、评论和访谈在说什么，附原话。", in_part=True
)  # fmt: skip
WORDS = Place(
    "pages/voices/words.py", "words", "词与原话", "sell", "谁多说了哪些词，哪些词常在一起，每句原话在哪里、和谁的话相似。", in_part=True
)  # fmt: skip
LEXICON = Place(
    "pages/voices/lexicon.py", "lexicon", "词库", "dictionary", "哪些词当成一个词、不统计或合起来算，改之前先看影响哪些原话。"
)  # fmt: skip
INTERVIEWS = Place(
    "pages/voices/interviews.py", "interviews", "访谈", "record_voice_over", "每份访谈里谁在提问、谁在回答，按时间读原话。"
)  # fmt: skip
CODING = Place(
    "pages/voices/coding.py", "coding", "编码", "category", "把原话归入编码本里的需求：写规则、键盘编码、抽查、看情感。"
)  # fmt: skip
MATRIX = Place(
    "pages/needs/matrix.py", "needs", "需求×人群", "grid_on", "每个人群最需要什么，背后有多少消费。", in_part=True
)  # fmt: skip
STRATEGY = Place(
    "pages/actions/strategy.py", "strategy", "策略", "flag", "接下来对谁做什么，先做哪一件；规则库和登记过的行动。"
)  # fmt: skip
CAMPAIGNS = Place(
    "pages/actions/campaigns.py", "campaigns", "名单与效果", "campaign", "触达谁、留下谁作对照，带来了多少，划不划算。"
)  # fmt: skip
REPORT = Place(
    "pages/actions/report.py", "report", "报告", "description", "把全部结果写成一份可以交付的报告。", in_part=True
)  # fmt: skip

JOBS = Place(
    "pages/admin/jobs.py", "jobs", "任务", "pending_actions", "正在进行的计算到哪一步、还要多久，取消它，或重新开始。"
)  # fmt: skip
KEEPING = Place(
    "pages/admin/keeping.py", "keeping", "备份与审计", "shield_lock", "数据是否完好，备份和恢复，谁做过什么，按要求删除一个人。", "manage"
)  # fmt: skip
MEMBERS = Place(
    "pages/admin/members.py", "members", "成员", "manage_accounts", "谁能进来，各有什么角色，谁正在登录。", "manage"
)  # fmt: skip

GROUPS: Mapping[str, tuple[Place, ...]] = MappingProxyType(
    {
        "工作台": (OVERVIEW, STEPS),
        "数据": (IMPORT, MAPPING, CLEANING, QUESTIONS, QUALITY, MATCH),
        "客户": (SEGMENTS, AUDIENCES, BEHAVIOUR, LIFECYCLE),
        "声音": (TABLES, WEIGHTS, RESEARCH, TOPICS, WORDS, LEXICON, CODING, INTERVIEWS),
        "需求": (MATRIX,),
        "行动": (STRATEGY, CAMPAIGNS, REPORT),
        "管理": (JOBS, KEEPING, MEMBERS),
    }
)

# The page that shows the analyses of a room; those about the data, and the audiences, have pages of their own.
_ROOMS: Mapping[str, Place] = MappingProxyType(
    {
        "segments": SEGMENTS, "behaviour": BEHAVIOUR, "lifecycle": LIFECYCLE, "survey": TABLES,
        "research": RESEARCH, "text": WORDS, "coding": CODING, "needs": MATRIX, "strategy": CAMPAIGNS,
    }
)  # fmt: skip
_OWN: Mapping[str, Place] = MappingProxyType(
    {
        "response_quality": QUALITY, "waterfall": CLEANING, "match": MATCH, "match_bias": MATCH,
        "audiences": AUDIENCES, "topics": TOPICS, "topic_table": TOPICS, "new_words": LEXICON, "weights": WEIGHTS,
        "strategy": STRATEGY, "action_review": STRATEGY,
    }
)  # fmt: skip


def at(path: str) -> Place:
    """The page with that address; Streamlit calls the first one ""."""
    known = {place.path: place for group in GROUPS.values() for place in group}
    return known[path or OVERVIEW.path]


@cache
def place_of(key: str) -> Place:
    """The page that shows an analysis."""
    return _OWN[key] if key in _OWN else _ROOMS[room_of(key)]


@cache
def shown_on(place: Place) -> tuple[Analysis, ...]:
    """The analyses of a page, in the order of the report."""
    return tuple(one for key, one in catalogue().items() if place_of(key) == place)


def link(place: Place, *, study: str, label: str = "", **choice: str) -> None:
    """Draw a link to ``place`` that keeps the study; ``choice`` goes into the address too."""
    st.page_link(
        place.file,
        label=label or place.title,
        icon=f":material/{place.icon}:",
        help="" if label else None,
        query_params=_query(study, choice),
    )


def more_like(text_id: str, *, study: str) -> None:
    """Draw a link to the comments most like one: the address carries its number, never its words."""
    st.page_link(
        WORDS.file,
        label="找相似的话",
        icon=":material/manage_search:",
        query_params=_query(study, {"view": "similar", "like": text_id}),
    )


def open_analysis(key: str, *, study: str, label: str) -> None:
    """Draw a link to the page, and the view of it, that shows an analysis."""
    place = place_of(key)
    choice = {"view": key} if len(shown_on(place)) > 1 else {}
    st.page_link(place.file, label=label, query_params=_query(study, choice))


def go(place: Place, *, study: str, **choice: str) -> None:
    """Switch to ``place`` at once; ends this run of the page."""
    st.switch_page(place.file, query_params=_query(study, choice))


def _query(study: str, choice: Mapping[str, str]) -> dict[str, str]:
    return {"study": study, **choice} if study else dict(choice)
