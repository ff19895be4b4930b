"""Which column of a raw table plays which role: the header says it, the values confirm it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from insight.clean.contents import Profile, described, fits, is_running_number
from insight.clean.headers import (
    alias_rank,
    fold,
    is_exact,
    is_numbered,
    is_unmistakable,
    known_as,
    question_header,
)
from insight.clean.personal import asks, usable_as, why_personal
from insight.clean.proposal import ATTRIBUTE, IGNORED, QUESTION
from insight.presets import Preset
from insight.schema import CUSTOMERS, RESPONSES, Column, Kind, Table

_MOSTLY_EMPTY = 0.5  # of the best filled candidate
_CIRCUMSTANCE = re.compile(
    r"来源详情|^来自ip|^ip|浏览器|操作系统|^ua$|设备|经纬度|地理位置|开始.*时间|^start|^status$|^progress$|"
    r"^finished$|^recipient|^location|distributionchannel|userlanguage|collector|customdata|"
    r"lastpage|seed|refurl|datestamp|信用分|审核状态|是否采纳|部门|^url$"
)


@dataclass(frozen=True, slots=True)
class Match:
    """Roles and evidence found so far, by raw column."""

    roles: dict[str, str] = field(default_factory=dict)
    evidence: dict[str, str] = field(default_factory=dict)

    def give(self, column: str, role: str, *, reason: str) -> None:
        """Note the role of a column and why."""
        self.roles[column], self.evidence[column] = role, reason


def match(seen: Mapping[str, Profile], table: Table, *, preset: Preset | None = None) -> Match:
    """Give the roles of ``table`` to columns whose header and values fit.

    Parameters
    ----------
    seen : raw column -> profile of its values, in the order of the file
    table : canonical table
    preset : what the platform's headers mean; it comes before the names of the roles

    Notes
    -----
    Where several columns fit a role, those less than half as well filled as the best are passed
    over, then the order of the preset and of the aliases decides, then the order of the file.
    """
    found = Match()
    meant = _meant(seen, preset) if preset and preset.table == table.name else {}
    for role in table.columns:
        if (column := _best(seen, role, found=found, meant=meant)) is not None:
            said = described(role)
            found.give(column, role.name, reason=f"表头“{column}”{'，' if said else ''}{said}")
    return found


_Meant = Mapping[str, tuple[int, str]]  # raw column -> its place in the preset, its role


def _meant(seen: Mapping[str, Profile], preset: Preset) -> _Meant:
    """What a preset says of the columns it knows."""
    known = {fold(h): (place, role) for place, (h, role) in enumerate(preset.roles.items())}
    hits = {header: known_as(header) & known.keys() for header in seen}
    return {header: min(known[name] for name in names) for header, names in hits.items() if names}


def _best(seen: Mapping[str, Profile], role: Column, *, found: Match, meant: _Meant) -> str | None:
    fitting = []
    for place, (header, values) in enumerate(seen.items()):
        rank = None if header in found.roles else _rank(header, role, meant=meant)
        if rank is None:
            continue
        sure = header in meant or _is_sure(header, role, found=found)
        if fits(values, role, header=header, sure=sure):
            fitting.append((rank, place, header))
        else:
            found.evidence[header] = f"表头像“{role.label}”，但内容不像，没有采用"
    fullest = max((seen[header].filled for *_, header in fitting), default=0)
    full = (f for f in fitting if seen[f[2]].filled >= _MOSTLY_EMPTY * fullest)
    return min(full, default=((0, 0), 0, None))[2]


def _rank(header: str, role: Column, *, meant: _Meant) -> tuple[int, int] | None:
    """Where a header stands among those that may play a role: the preset's first; None if it may not."""
    if header in meant:
        place, said = meant[header]
        return (0, place) if said == role.name else None
    rank = alias_rank(header, role)
    return None if rank is None else (1, rank)


def _is_sure(header: str, role: Column, *, found: Match) -> bool:
    """Whether the header alone settles the role; beside a text id, any name of a text does."""
    beside_id = role.name == "text" and "text_id" in found.roles.values()
    return is_unmistakable(header, role) or (beside_id and is_exact(header, role))


def complete(
    found: Match, seen: Mapping[str, Profile], *, table: Table, preset: Preset | None = None
) -> Match:
    """Say of every column without a role whether it is a question, an attribute, or left out."""
    if preset and preset.table == table.name:
        _give_fixed(found, seen, preset=preset)
    if table.name == "orders":
        _give_time_used(found)
    if table.name == "responses":
        _leave_out_twins(found, seen, preset=preset)
        _give_asked_identities(found, seen)
        asked = _questions(found, seen)
    for header, values in seen.items():
        if header in found.roles:
            continue
        if reason := _left_out(header, values, table=table.name):
            found.give(header, IGNORED, reason=reason)
        elif table.name == "responses" and header in asked:
            found.give(header, QUESTION, reason="题目")
        elif table.name in {"customers", "responses", "designs"}:
            found.give(header, ATTRIBUTE, reason=found.evidence.get(header, "其他列，作为属性保留"))
        else:
            found.give(header, IGNORED, reason=found.evidence.get(header, "没有用到"))
    return Match({c: found.roles[c] for c in seen}, {c: found.evidence[c] for c in seen})


def _give_time_used(found: Match) -> None:
    """The only time of an order is the one it was placed at, whatever its name says."""
    times = {role: column for column, role in found.roles.items() if role in _TIMES}
    if times and "ordered_at" not in times:
        column = next(times[role] for role in _TIMES if role in times)
        found.give(column, "ordered_at", reason=f"{found.evidence[column]}，没有别的时间列")


_TIMES = ("ordered_at", "paid_at", "created_at")


def _give_fixed(found: Match, seen: Mapping[str, Profile], *, preset: Preset) -> None:
    """The columns that a platform always writes and that are no answers of anybody."""
    apart = {fold(h): why for h, why in preset.not_the_buyer.items()}
    for header in seen:
        if any(re.fullmatch(form, header) for form in preset.derived):
            found.give(header, ATTRIBUTE, reason=f"{preset.platform}由别的题算出的列，作为属性保留")
    for header, (_, role) in _meant(seen, preset).items():
        if why := next((apart[n] for n in known_as(header) if n in apart), ""):
            before = found.evidence.get(header, "")
            found.evidence[header] = f"{before}；{why}" if before else why
        if header in found.roles or not seen[header].filled:
            continue
        if role == IGNORED:
            reason = found.evidence.get(header, f"{preset.platform}的固定列，不导入")
            found.give(header, IGNORED, reason=reason)
        elif role == ATTRIBUTE:
            found.give(header, ATTRIBUTE, reason=f"{preset.platform}的固定列，作为属性保留")


_ONCE = frozenset({"respondent_id", "submitted_at", "started_at", "duration_s"})


def _leave_out_twins(found: Match, seen: Mapping[str, Profile], *, preset: Preset | None) -> None:
    """A column that means the same as the one that plays a role is no fact of its own (EndDate beside RecordedDate)."""
    meant = _meant(seen, preset) if preset else {}
    known = {role.name: role for role in RESPONSES.columns}
    players = {role: column for column, role in found.roles.items() if role in known}
    for header, values in seen.items():
        if header in found.roles or not values.filled:
            continue
        said = meant[header][1] if header in meant else _alias_of(header, values)
        if said in players:
            reason = f"和“{players[said]}”都是{known[said].label}，采用了后者"
            found.give(header, IGNORED, reason=reason)


def _alias_of(header: str, values: Profile) -> str:
    """The fact about an answered questionnaire that a header names and its values bear out, or ""."""
    for role in RESPONSES.columns:
        if role.name in _ONCE and is_exact(header, role) and fits(values, role, header=header):
            is_id = role.name == "respondent_id"
            return "" if is_id and not is_running_number(values, least=1) else role.name
    return ""


def _left_out(header: str, values: Profile, *, table: str) -> str:
    """Why a column is not kept, or ""."""
    if not values.filled:
        return "整列为空"
    if personal := why_personal(header, values, table=table):
        return personal
    if table != "responses" or is_numbered(header) or asks(header):
        return ""
    if is_running_number(values):
        return "序号，不是题目，不导入"
    if not _CIRCUMSTANCE.search(fold(header)):
        return ""
    return "答题环境信息，不导入"


def _give_asked_identities(found: Match, seen: Mapping[str, Profile]) -> None:
    """A question such as “1、您的手机号” holds an identity, of several the one with most keys."""
    for role in RESPONSES.columns:
        if role.kind is not Kind.IDENTITY or role.name in found.roles.values():
            continue
        usable = {h: usable_as(role.name, h, v) for h, v in seen.items() if h not in found.roles}
        best = max(usable, key=lambda h: usable[h], default=None)
        if best is not None and usable[best] > 0:
            found.give(best, role.name, reason=f"题目“{best}”问的是{role.label}")


def _questions(found: Match, seen: Mapping[str, Profile]) -> frozenset[str]:
    """The columns that ask something: numbered ones, else worded ones, else all but attributes."""
    id_ = next(c for c in RESPONSES.columns if c.name == "respondent_id")
    free = [header for header in seen if header not in found.roles and not is_exact(header, id_)]
    numbered = [h for h in free if question_header(h).number or question_header(h).part]
    if any(is_numbered(h) for h in numbered):
        return frozenset(numbered)
    if asking := [h for h in free if asks(h)]:
        return frozenset(asking) | frozenset(numbered)
    return frozenset(free) - frozenset(customer_attributes(free))


def customer_attributes(headers: list[str]) -> Iterator[str]:
    """The headers that name a known attribute of customers, such as age."""
    known = [c for c in CUSTOMERS.columns if c.kind is not Kind.IDENTITY]
    return (h for h in headers if any(alias_rank(h, c) is not None for c in known))
