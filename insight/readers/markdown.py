"""Markdown in a transcript: headings, rules, quotes and bold names taken for what they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from insight.masking import mask
from insight.readers.documents import Paragraph
from insight.readers.speakers import is_role, label_of

_HEADING = re.compile(r"\s{0,3}#{1,6}\s+(.+?)\s*#*\s*")
_RULE = re.compile(r"\s{0,3}([-*_=])(?:\s*\1){2,}\s*")
_QUOTE = re.compile(r"^\s{0,3}(?:>\s?)+")
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![*\w])\*(?=[^\s*])([^*]+?)(?<=[^\s*])\*(?![*\w])")
_LONGEST_NAME = 12


@dataclass(frozen=True, slots=True)
class Unmarked:
    """The lines that are words of somebody, and Chinese notes on those that are not."""

    paragraphs: list[Paragraph]
    notes: tuple[str, ...]


def unmarked(paragraphs: Sequence[Paragraph], *, suffix: str) -> Unmarked:
    """Take the marks of Markdown off the lines of a text; one without headings is none, unless called .md.

    A heading that names a speaker (``### 主持人``, a name that comes again, ``## 张三 00:05``)
    begins a turn; any other is left out, and so are rules. Line numbers stay.
    """
    headings = {p.line: found[1] for p in paragraphs if (found := _HEADING.fullmatch(p.text))}
    if suffix not in {"md", "markdown"} and not headings:
        return Unmarked(list(paragraphs), ())
    speakers = _speakers([_plain(text) for text in headings.values()])
    kept = [_line(p, speakers) for p in paragraphs if not _RULE.fullmatch(p.text)]
    titles = [_plain(t) for t in headings.values() if _plain(t) not in speakers and not _is_timed(t)]  # fmt: skip
    return Unmarked([p for p in kept if p is not None], tuple(_notes(titles)))


def _line(paragraph: Paragraph, speakers: frozenset[str]) -> Paragraph | None:
    """A line without its marks; None for a heading that is no speaker."""
    heading = _HEADING.fullmatch(paragraph.text)
    text = _plain(heading[1] if heading else paragraph.text)
    if heading is None or _is_timed(text):
        return replace(paragraph, text=text)
    return replace(paragraph, text=f"{text}：") if text in speakers else None


def _plain(text: str) -> str:
    for pattern, kept in ((_QUOTE, ""), (_STRONG, r"\2"), (_EMPHASIS, r"\1")):
        text = pattern.sub(kept, text)
    return text


def _speakers(headings: Sequence[str]) -> frozenset[str]:
    """The headings that are speakers: two and more that name a role, and short ones that come again."""
    roles = [text for text in headings if is_role(text)]
    again = {text for text, n in Counter(headings).items() if n > 1 and len(text) <= _LONGEST_NAME}
    return frozenset(again | (set(roles) if len(roles) > 1 else set()))


def _is_timed(heading: str) -> bool:
    label = label_of(_plain(heading))
    return bool(label and label.name and label.proven)


def _notes(titles: Sequence[str]) -> list[str]:
    if not titles:
        return []
    more = f"等 {len(titles)} 行" if len(titles) > 1 else ""
    return [f"标题“{mask(titles[0])}”{more}不是发言，没有计入。"]
