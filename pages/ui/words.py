"""Words that come from data or from the user, made safe for the places that read Markdown."""

from __future__ import annotations

import re
import string

from insight.errors import BadParameter

_WORD_JOINER = "\u2060"
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+")
_MARKS = re.compile(f"[{re.escape(string.punctuation)}]")
_BARE_LINK = re.compile(r"(?<=www)(?=\.)", re.IGNORECASE)
_ARROW = re.compile("(?<=[<>~-])(?=[>=-])")  # "->" would be drawn as an arrow
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')
LONGEST_NAME = 40


def md_text(text: object) -> str:
    """Escape ``text`` so that Markdown shows it letter for letter, on one line.

    Every ASCII punctuation mark is escaped; a word joiner breaks emoji and icon codes (``:smile:``),
    addresses (``a@b.cn``, ``www.b.cn``) and arrows (``->``); control and direction characters become
    one space.

    >>> md_text("3~5 次")
    '3\\\\~5 次'
    """
    line = _UNSEEN.sub(" ", str(text)).strip()
    return _MARKS.sub(_escaped, _ARROW.sub(_WORD_JOINER, _BARE_LINK.sub(_WORD_JOINER, line)))


def _escaped(mark: re.Match[str]) -> str:
    sign = mark.group()
    if sign == "@":
        return f"{_WORD_JOINER}\\@{_WORD_JOINER}"
    return f"\\{sign}{_WORD_JOINER}" if sign == ":" else f"\\{sign}"


def folder_name(text: str) -> str:
    """The name of a study as the name of its folder.

    Raises
    ------
    BadParameter : empty, too long, or not a name a folder can have everywhere.
    """
    name = text.strip()
    if not name:
        raise BadParameter("研究名称", "不能为空")
    if len(name) > LONGEST_NAME:
        raise BadParameter("研究名称", f"不能超过 {LONGEST_NAME} 个字")
    if _NOT_IN_NAMES.search(name) or name.startswith(".") or name.endswith("."):
        raise BadParameter("研究名称", '不能含有 \\ / : * ? " < > | ，也不能以点开头或结尾')
    return name
