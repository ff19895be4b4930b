"""Who speaks in a line of a transcript, and which of the speakers asks the questions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

_CLOCK = r"(?<!\d)(?:\d{1,2}[:：])?\d{1,2}[:：]\d{2}(?:[.,]\d{1,3})?(?![:：]?\d)"
_DATE = r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?\s*"
_DAY = rf"(?:{_DATE})?"
_TO = rf"(?:\s*(?:-+>?|–|~|至|到)\s*{_CLOCK})?"
_TIME = rf"(?:[\[【(（]\s*{_DAY}(?P<t0>{_CLOCK}){_TO}\s*[\]】)）]|{_DAY}(?P<t1>{_CLOCK}){_TO})"
_WORD = r"[^\s:：,，。！？!?;；、“”\"'‘’《》()（）\[\]【】<>|/\\=]"
_LATIN = r"[A-Za-z][\w.'-]*(?: [A-Za-z0-9][\w.'-]*){0,3}"
_NAME = rf"(?P<name>{_LATIN}|{_WORD}{{1,12}}(?: ?[A-Za-z0-9]{{1,3}})?)"
_HAN_NAME = rf"(?P<name>(?=[^\x00-\x7f]){_WORD}{{1,12}}|(?i:speaker) ?\d+)"
_ASIDE = r"(?:\s*[(（][^()（）]{1,30}[)）])?"  # A（女，32岁）

# The ways to write a turn, the surest first: (pattern, whether the time beside a name proves it).
_TIMED = tuple(
    (re.compile(pattern, re.DOTALL), proven)
    for pattern, proven in (
        (rf"{_NAME}{_ASIDE}\s*{_TIME}\s*[:：]?\s*(?P<text>)", True),  # 发言人1 00:00:05
        (rf"{_NAME}{_ASIDE}\s*{_TIME}\s*[:：]\s*(?P<text>.*)", True),  # 张三(00:00:05): …
        (rf"{_NAME}{_ASIDE}\s*{_TIME}(?:\s{{2,}}|\t)(?P<text>.*)", True),  # 张三  00:00:05  …
        (rf"[【\[<]{_NAME}{_ASIDE}[】\]>]\s*{_TIME}\s*[:：]?\s*(?P<text>.*)", True),  # [张三] 00:05
        (rf"{_TIME}\s*[【\[<]{_NAME}{_ASIDE}[】\]>]\s*(?P<text>.*)", True),  # [00:05] <张三> …
        (
            rf"{_DATE}(?P<t0>{_CLOCK})(?P<t1>)\s+{_NAME}{_ASIDE}\s*(?P<text>)",
            True,
        ),  # 2024-01-05 10:00:05 张三
        (
            rf"{_TIME}\s*[【\[]?{_NAME}{_ASIDE}[】\]]?\s*[:：]\s*(?P<text>.*)",
            True,
        ),  # [00:05] 张三：…
        (rf"{_TIME}\s*{_NAME}{_ASIDE}(?:\s{{2,}}|\t)(?P<text>.*)", True),  # 00:05 张三  …
        (rf"{_TIME}\s+{_HAN_NAME}{_ASIDE}\s+(?P<text>.+)", False),  # 00:05 发言人1 …
        (rf"{_TIME}\s*(?=\S\S){_NAME}{_ASIDE}\s*(?P<text>)", False),  # 00:05 张三
    )
)
_UNTIMED = tuple(
    (re.compile(pattern, re.DOTALL), False)
    for pattern in (
        rf"[【\[<]{_NAME}{_ASIDE}[】\]>]\s*[:：]?\s*(?P<text>.*)",  # 【受访者A】…
        rf"{_NAME}{_ASIDE}\s*[:：]\s*(?P<text>.*)",  # 张三：…
    )
)
_TIME_FIRST = re.compile(rf"{_TIME}\s*(?P<text>.*)", re.DOTALL)
_SURE_TIME = re.compile(r"[\[【(（]|\d{1,2}[:：]\d\d[:：]")
_HEAD = 100  # characters in which a label must end
_HINT = re.compile(r"[:：\]】>]")
_CLOCK_HINT = re.compile(r"\d[:：]\d")

_ASKS = (
    "主持人|主持|访问员|访问者|访谈员|访谈者|访谈人|采访者|采访人|采访员|记者|调研员|研究员|研究者|"
    "督导|提问者|提问|问|Q|M|Moderator|Interviewer|Facilitator|Researcher|Host"
)
_ANSWERS = (
    "受访者|被访者|受访人|被访人|受访对象|参与者|参会者|嘉宾|用户|客户|顾客|消费者|玩家|家长|"
    "回答者|回答|答|Respondent|Interviewee|Participant|Guest|Customer|User"
)
_NUMBERED = "发言人|说话人|讲话人|讲者|speaker|P|R"
_INDEX = r"\s?[A-Za-z0-9一二三四五六七八九十]{0,3}"
_ASKING = re.compile(rf"(?:{_ASKS}){_INDEX}", re.IGNORECASE)
_ANSWERING = re.compile(rf"(?:{_ANSWERS}){_INDEX}", re.IGNORECASE)
_COUNTED = re.compile(rf"(?:{_NUMBERED})\s?\d{{1,3}}", re.IGNORECASE)
_LETTER = re.compile(r"[A-Z]\d{0,2}")
_PHONE = re.compile(r"1[3-9]\d{9}")
_DATE_WORD = re.compile(
    r"\d{1,4}[年月日号点]|星期|周[一二三四五六日]|[上下]午|第[\d一二三四五六七八九十]+[题部]"
)
_NO_NAMES = frozenset((
    "时间", "日期", "地点", "主题", "题目", "标题", "备注", "注", "注意", "说明", "例如", "比如", "譬如", "问题", "结论",
    "总结", "小结", "目的", "背景", "对象", "访谈对象", "访谈时间", "访谈地点", "会议时间", "会议地点", "记录人", "整理人",
    "编号", "文件名", "录音", "时长", "优点", "缺点", "优势", "劣势", "原因", "建议", "意见", "第一", "第二", "第三",
    "首先", "其次", "最后", "其中", "包括", "因此", "所以", "http", "https", "ftp", "mailto", "note",
    "ps", "tip", "姓名", "性别", "年龄", "职业", "城市", "地区", "电话", "手机", "手机号", "邮箱", "会员号",
    "会员编号", "客户编号", "用户编号", "编码", "产品", "品牌", "价格", "数量", "金额",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Label:
    """What stands before the words of a line: a name, a time, or both."""

    name: str | None
    said_at: str | None
    text: str
    proven: bool  # the time beside the name shows that it is a speaker
    without_name: str  # the words if the name turns out to be none

    @property
    def is_bare(self) -> bool:
        """Whether a time and a word stand alone: 00:05 张三, or somebody who says 好的."""
        return bool(self.said_at) and not self.text and not self.proven

    def nameless(self) -> Label:
        """The same label where the name is none."""
        return replace(self, name=None, text=self.without_name)


def label_of(line: str) -> Label | None:
    """Read the label of a line, or None where it has none; whether the name counts is decided later."""
    head = line[:_HEAD]
    if not _HINT.search(head):
        return None
    timed = bool(_CLOCK_HINT.search(head))
    behind_time = _TIME_FIRST.fullmatch(line) if timed else None
    for form, proven in (*_TIMED, *_UNTIMED) if timed else _UNTIMED:
        if (found := form.fullmatch(line)) and not _is_no_name(found["name"]):
            said_at = _clock(found) if "t0" in form.groupindex else None
            without = behind_time["text"].strip() if behind_time else line
            return Label(_tidy(found["name"]), said_at, found["text"].strip(), proven, without)
    if behind_time and _SURE_TIME.match(line):
        text = behind_time["text"].strip()
        return Label(None, _clock(behind_time), text, True, text)
    return None


def _clock(found: re.Match[str]) -> str:
    parts = (found["t0"] or found["t1"]).replace("：", ":").replace(",", ".").split(":")
    hours, minutes, seconds = ["0", *parts][-3:]
    return f"{int(hours):02d}:{int(minutes):02d}:{seconds.split('.')[0]}"


def _is_no_name(name: str) -> bool:
    if _PHONE.fullmatch(name):
        return False
    letters = re.search(r"[^\W\d_]", name)
    return not letters or name.lower() in _NO_NAMES or bool(_DATE_WORD.match(name))


def _tidy(name: str) -> str:
    return " ".join(name.split())


def accepted(labels: Sequence[Label | None]) -> frozenset[str]:
    """The names that are speakers: they come again, carry a time, or are words for a role.

    A bare letter (A, B1) is a role where somebody else is known to ask. Names that only come
    again must stand before a tenth of the lines: in prose some words do so by chance.

    Parameters
    ----------
    labels : one a line, None for a line without
    """
    counts = Counter(label.name for label in labels if label and label.name)
    proven = {label.name for label in labels if label and label.proven}
    led = any(_ASKING.fullmatch(name) for name in counts)
    sure = {
        name
        for name in counts
        if name in proven or is_role(name) or (led and _LETTER.fullmatch(name))
    }
    again = {name for name, n in counts.items() if n > 1}
    often = 10 * sum(counts[name] for name in again | sure) >= len(labels)
    return frozenset(sure | again if often else sure)


def is_role(name: str) -> bool:
    """Whether a name is a word for who asks or answers: 主持人, 受访者2, 发言人 1."""
    return any(p.fullmatch(name) for p in (_ASKING, _ANSWERING, _COUNTED))


def inline_labels(text: str) -> str:
    """Start a new line at every word for a role within a paragraph: …。受访者：… (unsegmented dictation)."""
    return _INLINE.sub(r"\n\1", text)


_INLINE = re.compile(rf"(?<=[。！？!?”])\s*((?:{_ASKS}|{_ANSWERS}|发言人|说话人){_INDEX}[:：])")


def roles(turns: Sequence[tuple[str | None, str]]) -> Mapping[str, str]:
    """Who asks and who answers.

    Parameters
    ----------
    turns : (speaker, text) in order

    Returns
    -------
    speaker -> "interviewer" or "participant": by the name; else the interviewer is the one who
    asks most, in short turns, if that is clear; else everybody is a participant
    """
    names = sorted({name for name, _ in turns if name})
    asking = {name for name in names if _ASKING.fullmatch(name)}
    if not asking and (leader := _leader(turns, names)):
        asking = {leader}
    return {name: "interviewer" if name in asking else "participant" for name in names}


def _leader(turns: Sequence[tuple[str | None, str]], names: Sequence[str]) -> str | None:
    """The speaker with at least 3 questions, half of the turns asking, twice the next one's, and shorter turns."""
    if len(names) < 2:
        return None
    texts: dict[str, list[str]] = {name: [] for name in names}
    for who, text in turns:
        if who:
            texts[who].append(text)
    asked = {name: sum(map(_asks, said)) for name, said in texts.items()}
    first, second = sorted(names, key=lambda name: (-asked[name], name))[:2]
    others = [len(text) for name in names if name != first for text in texts[name]]
    clear = asked[first] >= 3 and asked[first] >= 2 * asked[second]
    often = 2 * asked[first] >= len(texts[first])
    brief = median(len(text) for text in texts[first]) < median(others)
    return first if clear and often and brief else None


def _asks(text: str) -> bool:
    return bool(re.search(r"[?？]|[吗呢][。.]?$", text))
