"""What a code of R, F and M is called: maps that name every code exactly once, read from and written to TOML."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from insight.errors import BadSegmentNames
from insight.schema import NamedGroup

Scheme = Literal["eight", "eleven"]
Groups = tuple[NamedGroup, ...]
SCHEME_LABELS: Mapping[Scheme, str] = MappingProxyType({"eight": "八类", "eleven": "十一类"})
MOST_NAMES, LONGEST_NAME = 20, 20
_DIGITS: Mapping[Scheme, str] = MappingProxyType({"eight": "01", "eleven": "12345"})
_POSITION = r"(?:[{digits}*]|\[[{digits}](?:-?[{digits}])*\])"


class _File(BaseModel):
    """The TOML file of names: one array of tables per scheme."""

    model_config = ConfigDict(extra="forbid")

    eight: Groups = ()
    eleven: Groups = ()


@cache
def default_groups(scheme: Scheme) -> Groups:
    """The groups of ``scheme`` as rfm_names.toml lists them, most valuable first."""
    return read_toml(Path(__file__).with_name("rfm_names.toml").read_text("utf-8"))[scheme]


def groups_of(scheme: Scheme, edited: Mapping[str, Groups]) -> Groups:
    """The user's groups of ``scheme``, else the default ones."""
    return edited.get(scheme) or default_groups(scheme)


def codes_of(scheme: Scheme) -> tuple[str, ...]:
    """Every code of R, F and M: 8 of "0" and "1" for "eight", 125 of "1" to "5" for "eleven"."""
    return tuple("".join(code) for code in product(_DIGITS[scheme], repeat=3))


def named_codes(groups: Groups, *, scheme: Scheme) -> dict[str, str]:
    """Code -> group name, in the order of the groups.

    Parameters
    ----------
    groups : their patterns hold one position for R, F and M each: a digit, * for any, [45] or
        [4-5] for some

    Raises
    ------
    BadSegmentNames : a code has no name or two, a pattern or a name cannot be used.
    """
    _check_names(groups)
    owners: defaultdict[str, list[str]] = defaultdict(list)
    for group in groups:
        codes = {c for pattern in group.codes.split() for c in _matching(pattern, scheme)}
        for code in sorted(codes, reverse=True):
            owners[code].append(group.name)
    if doubled := next((c for c in codes_of(scheme) if len(owners[c]) > 1), None):
        first, second, *_ = owners[doubled]
        where = f"在“{first}”里出现了两次" if first == second else f"同时属于“{first}”和“{second}”"
        raise BadSegmentNames(f"得分组合 {doubled} {where}")
    if unnamed := [c for c in codes_of(scheme) if not owners[c]]:
        told = "、".join(unnamed[:5]) + (f" 等 {len(unnamed)} 个" if len(unnamed) > 5 else "")
        raise BadSegmentNames(f"{SCHEME_LABELS[scheme]}里得分组合 {told} 没有名称")
    return {code: names[0] for code, names in owners.items() if names}


def group_order(scheme: Scheme, *, edited: Mapping[str, Groups] | None = None) -> tuple[str, ...]:
    """The group names of ``scheme``, most valuable first."""
    return tuple(dict.fromkeys(g.name for g in groups_of(scheme, edited or {})))


def default_names(groups: Groups, *, scheme: Scheme) -> dict[str, str]:
    """Group name -> the default group that most of its codes belong to; of two, the more valuable one."""
    known = named_codes(default_groups(scheme), scheme=scheme)
    n_codes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for code, name in named_codes(groups, scheme=scheme).items():
        n_codes[name][known[code]] += 1
    order = group_order(scheme)
    return {name: max(order, key=own.__getitem__) for name, own in n_codes.items()}


def valuable_and_gone(groups: Groups, *, scheme: Scheme) -> tuple[str, ...]:
    """The groups that spent much and stay away: no high R in their codes, M above the middle on average."""
    top = int(_DIGITS[scheme][-1])
    codes: defaultdict[str, list[str]] = defaultdict(list)
    for code, name in named_codes(groups, scheme=scheme).items():
        codes[name].append(code)
    middle = (top + int(_DIGITS[scheme][0])) / 2
    return tuple(
        name
        for name, own in codes.items()
        if max(int(c[0]) for c in own) < middle and sum(int(c[2]) for c in own) / len(own) > middle
    )


def read_toml(text: str) -> dict[Scheme, Groups]:
    """The maps of a TOML file, those schemes that it has.

    Raises
    ------
    BadSegmentNames : it is no TOML, or its tables are not name and codes.
    """
    try:
        file = _File.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise BadSegmentNames(
            "文件应是 TOML，由若干 [[eight]] 或 [[eleven]] 组成，每组写 name 和 codes"
        ) from error
    found: dict[Scheme, Groups] = {"eight": file.eight, "eleven": file.eleven}
    return {scheme: groups for scheme, groups in found.items() if groups}


def written_toml(maps: Mapping[Scheme, Groups]) -> str:
    """The maps as ``read_toml`` reads them."""
    return "\n".join(
        f"[[{scheme}]]\nname = {_quoted(group.name)}\ncodes = {_quoted(group.codes)}\n"
        for scheme, groups in maps.items()
        for group in groups
    )


def _quoted(text: str) -> str:
    """A TOML basic string; printable text is written in it as in JSON."""
    return json.dumps(text, ensure_ascii=False)


def _matching(pattern: str, scheme: Scheme) -> Sequence[str]:
    position = _POSITION.format(digits=_DIGITS[scheme])
    if not re.fullmatch(position * 3, pattern):
        low, high = _DIGITS[scheme][0], _DIGITS[scheme][-1]
        raise BadSegmentNames(
            f"“{pattern}”不是得分组合：R、F、M 各写一位，可以是 {low}–{high} 的数字、*（任意）或 [{low}-{high}] 这样的范围"
        )
    try:
        wanted = re.compile(pattern.replace("*", "."))
    except re.error as error:
        raise BadSegmentNames(f"“{pattern}”里的范围应从小写到大") from error
    return [code for code in codes_of(scheme) if wanted.fullmatch(code)]


def _check_names(groups: Groups) -> None:
    for group in groups:
        if not group.name.strip() or group.name != group.name.strip():
            raise BadSegmentNames("名称不能为空，前后也不能有空格")
        if len(group.name) > LONGEST_NAME or not group.name.isprintable():
            raise BadSegmentNames(
                f"名称“{group.name[:LONGEST_NAME]}”应是不超过 {LONGEST_NAME} 个字的普通文字"
            )
    if len({group.name for group in groups}) > MOST_NAMES:
        raise BadSegmentNames(f"名称多于 {MOST_NAMES} 个，表格和图会看不清")
