"""Variables of a codebook to blocks: multi-response sets and numbered variables are one question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from string import ascii_lowercase

from insight.clean.headers import question_header
from insight.clean.questions import Block, unique
from insight.readers.raw import Codebook, Variable

_NUMBERED = re.compile(r"(.+?)[_.](\d+|[A-Za-z])(_[A-Za-z]+)?")  # Q6_1_r: stem, place, suffix
_LETTERED = re.compile(r"(.*\d)([a-z])")  # q1a, q1b
_LEAD_ENDS = (" - ", " – ", "—", "：", ": ", "｜", "？", "? ", "] ")


def codebook_blocks(asked: Sequence[str], codebook: Codebook) -> tuple[Block, ...]:
    """Group question columns by what the file says of them, in the order of the file.

    Parameters
    ----------
    asked : raw columns
    codebook : a column it does not know stands alone under its header; sets of which fewer than two are asked are no sets

    Returns
    -------
    Blocks called after their variables: "Q3" for Q3_1, Q3_2 or the set of them, "S1" for S1
    """
    names = {c: codebook.of(c) for c in asked}
    groups = [*_sets(asked, codebook), *_numbered(asked, codebook)]
    groups.sort(key=lambda group: asked.index(group[1][0]))
    used: set[str] = set()
    found = []
    for place, (wording, columns) in enumerate(groups, start=1):
        variables = [names[c] for c in columns]
        id_ = _free(_id(variables, place), used)
        used.add(id_.casefold())
        found.append(_block(id_, wording, columns, variables))
    return tuple(found)


_Group = tuple[str, tuple[str, ...]]  # wording of the set or "", columns


def _sets(asked: Sequence[str], codebook: Codebook) -> list[_Group]:
    """The sets that are asked; a column that two sets share belongs to the first."""
    free = set(asked)
    found = []
    for one in codebook.sets:
        columns = tuple(c for c in one.columns if c in free)
        if len(columns) > 1:
            free -= set(columns)
            found.append((one.wording, columns))
    return found


def _numbered(asked: Sequence[str], codebook: Codebook) -> list[_Group]:
    """Columns in no set: together where number or letter alone tells their variables apart."""
    taken = {c for _, columns in _sets(asked, codebook) for c in columns}
    groups: dict[tuple[object, ...], list[str]] = {}
    for column in asked:
        if column not in taken:
            groups.setdefault(_key(codebook.of(column)), []).append(column)
    return [("", tuple(columns)) for columns in groups.values()]


def _key(variable: Variable) -> tuple[object, ...]:
    """What the variables of one question share; the whole name where it stands alone."""
    if found := _NUMBERED.fullmatch(variable.name):
        return found[1], found[3], variable.options
    if variable.options and (found := _LETTERED.fullmatch(variable.name)):
        return found[1], "", variable.options
    return (variable.name,)


def _id(variables: Sequence[Variable], place: int) -> str:
    """The variable's name, or what the names of several begin with; by the place where that is no ASCII."""
    names = [variable.name for variable in variables]
    stem = names[0]
    if len(names) > 1:
        common = _common(names)
        found = _NUMBERED.fullmatch(names[0]) or _LETTERED.fullmatch(names[0])
        stem = found[1] if found and common.startswith(found[1]) else common.rstrip("_.")
    plain = re.sub(r"\W+", "_", stem).strip("_")
    if not plain or not plain.isascii():
        return f"Q{place}"
    return re.sub(r"^q(?=\d)", "Q", plain)


def _free(id_: str, used: Iterable[str]) -> str:
    again = (f"{id_}{letter}" for letter in ("", *ascii_lowercase[1:]))
    return next((i for i in again if i.casefold() not in used), f"{id_}z{len(list(used))}")


def _block(
    id_: str, wording: str, columns: tuple[str, ...], variables: Sequence[Variable]
) -> Block:
    labels = [_stem(v.wording) for v in variables]
    if len(columns) == 1:
        return Block(id_, labels[0], columns)
    lead = _lead(labels)
    said = wording or lead.rstrip(" -–—：:｜") or f"{labels[0]} 等 {len(labels)} 项"
    return Block(id_, _stem(said), columns, unique(label[len(lead) :].strip() for label in labels))


def _lead(labels: Sequence[str]) -> str:
    """The wording that all labels begin with, up to the mark that ends it."""
    common = _common(labels)
    ends = [common.rfind(mark) + len(mark) for mark in _LEAD_ENDS if mark in common]
    lead = common[: max(ends, default=0)]
    return lead if all(label[len(lead) :].strip() for label in labels) else ""


def _common(texts: Sequence[str]) -> str:
    """What all texts begin with."""
    first, last = min(texts), max(texts)
    ends = (i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b)
    return first[: next(ends, len(first))]


def _stem(wording: str) -> str:
    """A wording without the number before it."""
    return question_header(wording).stem or wording
