"""Names and labels that SPSS takes: legal, different whatever the case, no longer than it allows in bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

LONGEST_NAME, LONGEST_LABEL, LONGEST_VALUE_LABEL, LONGEST_TEXT = 64, 255, 120, 32_767  # bytes
_RESERVED = frozenset({"ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"})  # fmt: skip


def names_of(wanted: Iterable[str]) -> list[str]:
    """Legal names in the order of the wanted ones.

    >>> names_of(["Q1", "q1", "1题", "to", "满意 度", "a."])
    ['Q1', 'q1_2', 'V1题', 'to_', '满意_度', 'a']
    """
    taken: set[str] = set()
    names = []
    for text in wanted:
        plain = _legal(text)
        name, times = cut(plain, LONGEST_NAME), 1
        while name.casefold() in taken:
            times += 1
            name = f"{cut(plain, LONGEST_NAME - 6)}_{times}"
        taken.add(name.casefold())
        names.append(name)
    return names


def _legal(text: str) -> str:
    plain = re.sub(r"[^\w.@#$]", "_", text).rstrip(".") or "V"
    plain = plain if plain[0].isalpha() or plain[0] == "@" else f"V{plain}"
    return f"{plain}_" if plain.upper() in _RESERVED else plain


def cut(text: str, most: int) -> str:
    """As much of a text as ``most`` bytes of UTF-8 hold.

    >>> cut("满意度", 7), cut("abc", 7)
    ('满意', 'abc')
    """
    return text.encode()[:most].decode("utf-8", "ignore")


def value_labels(labels: Mapping[float, str]) -> dict[float, str]:
    """Labels that fit, still different from each other where they were.

    >>> value_labels({1: "好" * 41, 2: "好" * 41 + "的"})[2][-3:]
    '（2）'
    """
    made: dict[float, str] = {}
    for code, text in labels.items():
        short = cut(text, LONGEST_VALUE_LABEL)
        if short in made.values() and short != text:
            end = f"（{code:g}）"
            short = cut(text, LONGEST_VALUE_LABEL - len(end.encode())) + end
        made[code] = short
    return made
