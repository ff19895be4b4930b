"""Question columns to blocks: which columns belong to one question, what it is called, what it asks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from string import ascii_lowercase

from insight.clean.headers import QuestionHeader, question_header
from insight.simplified import simplified

_INSIDE_STEM = re.compile(r"(.*?)\s*(?:—+|--|:|：)\s*(.+)")
_OTHER = re.compile(
    r"(?:^|_)(?:other|text)$|^其[他它]$|请注明|请说明|please (?:specify|explain)", re.IGNORECASE
)
OTHER_TEXT = "_其他_文本"
_LEADING = re.compile(r"(.+?(?:\s-\s|—|:|：))(.+)")


@dataclass(frozen=True, slots=True)
class Block:
    """One question as it lies in the file.

    Attributes
    ----------
    id : "Q6" from its number, else from its place; unique in the file
    wording : what was asked, as far as the headers say it
    columns : raw columns, in the order of the file
    parts : option or row label of each column; empty where one column holds the question
    """

    id: str
    wording: str
    columns: tuple[str, ...]
    parts: tuple[str, ...] = ()


def blocks(headers: Sequence[str]) -> tuple[Block, ...]:
    """Group question headers, in the order of the file.

    >>> [b.id for b in blocks(["6、兴趣爱好", "第8题(时尚)", "第8题(财经)", "满意度"])]
    ['Q6', 'Q8', 'Q3']
    >>> blocks(["4、评价—外观", "4、评价—价格"])[0].parts
    ('外观', '价格')
    """
    groups = list(_grouped(headers))
    ids = _ids([read for _, read in groups])
    found = [_block(i, columns, read=read) for i, (columns, read) in zip(ids, groups, strict=True)]
    wording = {block.id: block.wording for block in found}
    return tuple(
        replace(block, wording=wording.get(block.id.removesuffix(OTHER_TEXT), block.wording))
        for block in found
    )


def _grouped(headers: Sequence[str]) -> Iterator[tuple[list[str], list[QuestionHeader]]]:
    """Columns of one question with their headers, parts filled in."""
    groups: dict[tuple[str | None, str], list[str]] = {}
    read = dict(zip(headers, _read(headers), strict=True))
    for place, (column, header) in enumerate(read.items()):
        alone = "" if header.part is not None else f"{place}"
        stem = header.stem if header.number is None or header.part is None else ""
        groups.setdefault((header.number, f"{stem}\0{alone}"), []).append(column)
    for columns in groups.values():
        yield columns, [read[c] for c in columns]


def _read(headers: Sequence[str]) -> list[QuestionHeader]:
    """Headers taken apart; ``4、题干—外观`` has a part only where other columns share its stem."""
    plain = _grouped_only([question_header(h) for h in headers])
    split = [_INSIDE_STEM.fullmatch(h.stem) if h.number and h.part is None else None for h in plain]
    stems = [(h.number, m[1]) if m else None for h, m in zip(plain, split, strict=True)]
    return [
        QuestionHeader(h.number, m[1], m[2]) if m and stems.count(stem) > 1 else h
        for h, m, stem in zip(plain, split, stems, strict=True)
    ]


def _grouped_only(read: list[QuestionHeader]) -> list[QuestionHeader]:
    """Without a number, a part counts only where other columns share the stem."""
    stems = [h.stem for h in read if h.number is None]
    return [
        QuestionHeader(None, f"{h.stem}：{h.part}") if h.number is None and h.part and not is_other(h.part) and stems.count(h.stem) == 1 else h
        for h in read
    ]  # fmt: skip


def is_other(part: str) -> bool:
    """Whether a part is the "other, please specify" of its question."""
    return _OTHER.search(simplified(part)) is not None


def _ids(groups: Sequence[list[QuestionHeader]]) -> Iterator[str]:
    """One id a question: its number, with a letter where it occurs again; else its place.

    What stands alone behind the "other" of an earlier question is called after that question.
    """
    taken = {f"Q{read[0].number.upper()}" for read in groups if read[0].number}
    used: dict[str, str] = {}  # id -> stem
    for place, read in enumerate(groups, start=1):
        stem, number = read[0].stem, read[0].number
        plain = f"Q{number.upper()}" if number else next((i for i, s in used.items() if s == stem), "")  # fmt: skip
        if plain in used and all(is_other(h.part or "") for h in read):
            chosen = _free(f"{plain}{OTHER_TEXT}", used)
        elif number:
            chosen = _free(plain, used)
        else:
            chosen = next(i for n in count(place) if (i := f"Q{n}") not in taken | used.keys())
        used[chosen] = stem
        yield chosen


def _free(id_: str, used: Mapping[str, str]) -> str:
    """The id, with a letter behind it where it is used already."""
    again = (f"{id_}{letter}" for letter in ("", *ascii_lowercase[1:]))
    return next((i for i in again if i not in used), f"{id_}z{len(used)}")


def _block(id_: str, columns: list[str], *, read: list[QuestionHeader]) -> Block:
    number = read[0].number
    parts = [h.part or "" for h in read]
    lead = _lead(parts).rstrip(" -—:：")
    wording = read[0].stem or lead or (f"第{number}题" if number else id_)
    if read[0].part is None:
        return Block(id_, wording, tuple(columns))
    return Block(id_, wording, tuple(columns), unique(_bare(parts)))


def _lead(parts: Sequence[str]) -> str:
    """The wording that all parts of a question repeat (``Which brands? - ``), or ""."""
    leads = [m[1] if (m := _LEADING.fullmatch(part)) else "" for part in parts]
    return leads[0] if len(parts) > 1 and len(set(leads)) == 1 else ""


def _bare(parts: Sequence[str]) -> list[str]:
    """Parts without the wording that all of them repeat."""
    lead = _lead(parts)
    return [part[len(lead) :].strip() for part in parts]


def unique(labels: Iterable[str]) -> tuple[str, ...]:
    """Labels in order; a repeated one gets its count behind it."""
    seen: dict[str, int] = {}
    named = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        named.append(label if seen[label] == 1 else f"{label}（{seen[label]}）")
    return tuple(named)
