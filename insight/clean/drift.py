"""Last month's columns and this month's: which are new, gone, or only called differently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from insight.clean.contents import EMAIL, MOBILE, Profile, number_share, share, time_share
from insight.clean.headers import fold, names, question_header
from insight.presets import OwnPreset
from insight.schema import TABLES

ALIKE = 0.5  # a file and an own preset must be more alike than this
_SIMILAR = 0.6  # of two names, Ratcliff-Obershelp
_MOSTLY = 0.8


@dataclass(frozen=True, slots=True)
class Drift:
    """How the columns of a file differ from those it was expected to have.

    Attributes
    ----------
    new : columns that were not there
    missing : columns that are gone
    renamed : present name -> former name
    lost : those of ``missing`` that played a role
    """

    new: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    lost: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.missing or self.renamed)


NO_DRIFT = Drift()


def content(values: Profile) -> str:
    """What the values of a column are: "phone", "email", "time", "number", "text"; "" where it is empty."""
    if not len(values.sample):
        return ""
    if share(values.sample, MOBILE) >= _MOSTLY:
        return "phone"
    if share(values.sample, EMAIL) >= _MOSTLY:
        return "email"
    if number_share(values) >= _MOSTLY:
        return "number"
    return "time" if time_share(values) >= _MOSTLY else "text"


def closest(
    own: Sequence[OwnPreset], seen: Mapping[str, Profile]
) -> tuple[OwnPreset, float] | None:
    """The own preset whose columns are most like those of a file, and their likeness; None up to ``ALIKE``."""
    alike = [(likeness(preset, seen), preset) for preset in own]
    best = max(alike, key=lambda found: found[0], default=None)
    return (best[1], best[0]) if best and best[0] > ALIKE else None


def likeness(own: OwnPreset, seen: Mapping[str, Profile]) -> float:
    """Share of all columns of an own preset and a file that both have; a renamed one counts half.

    Notes
    -----
    Without renamed columns this is the Jaccard index of the two sets; 1 where they are equal.
    """
    changed = drift(own, seen)
    n_renamed = len(changed.renamed)
    n_same = len(seen) - len(changed.new) - n_renamed
    n_all = n_same + n_renamed + len(changed.new) + len(changed.missing)
    return round((n_same + n_renamed / 2) / n_all, 4)


def drift(own: OwnPreset, seen: Mapping[str, Profile]) -> Drift:
    """Compare the columns of a file with those an own preset knows.

    Parameters
    ----------
    own : what was there before
    seen : raw column -> profile, in the order of the file
    """
    kept = same_columns(own, list(seen))
    gone = [c for c in own.columns if c not in kept.values()]
    fresh = [c for c in seen if c not in kept]
    renamed = _renamed(own, gone, {c: seen[c] for c in fresh})
    missing = tuple(c for c in gone if c not in renamed.values())
    return Drift(
        new=tuple(c for c in fresh if c not in renamed),
        missing=missing,
        renamed=renamed,
        lost=tuple(c for c in missing if own.columns[c]),
    )


def same_columns(own: OwnPreset, headers: Sequence[str]) -> Mapping[str, str]:
    """Present column -> column of the preset, where they are called the same."""
    known = {c: c for c in headers if c in own.columns}
    free = {fold(c): c for c in own.columns if c not in known}
    alike = {c: free.pop(fold(c)) for c in headers if c not in known and fold(c) in free}
    return known | alike


def _renamed(own: OwnPreset, gone: Sequence[str], fresh: Mapping[str, Profile]) -> dict[str, str]:
    """Present name -> former name of the most similar pairs of equal content, each column once."""
    pairs = [
        (_similarity(old, new, table=own.table), -place, new, old)
        for place, (new, values) in enumerate(fresh.items())
        for old in gone
        if _same_content(own.contents.get(old, ""), content(values))
    ]
    renamed: dict[str, str] = {}
    for similarity, _, new, old in sorted(pairs, reverse=True):
        if similarity >= _SIMILAR and new not in renamed and old not in renamed.values():
            renamed[new] = old
    return renamed


def _same_content(before: str, now: str) -> bool:
    return before == now or "" in {before, now}


def _similarity(old: str, new: str, *, table: str) -> float:
    """Of two names: that of their letters, or sure where both name one role."""
    if any(
        _names_role(old, c.aliases) and _names_role(new, c.aliases) for c in TABLES[table].columns
    ):
        return 1.0
    before, now = _wording(old), _wording(new)
    return SequenceMatcher(None, before, now, autojunk=False).ratio() if before and now else 0.0


def _wording(header: str) -> str:
    """What a header says beyond the number of a question: Q1 and Q11 are not alike, 年龄 and 年龄 are."""
    asked = question_header(header)
    return fold(header) if asked.number is None else fold(f"{asked.stem}{asked.part or ''}")


def _names_role(header: str, aliases: Sequence[str]) -> bool:
    return bool(names(header) & {fold(alias) for alias in aliases})
