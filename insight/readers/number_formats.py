"""What a cell format makes of a number: a date, a time, a duration, leading zeros, or nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

# ECMA-376 18.8.30: formats without a code in the file; 27-36 and 50-58 are dates in Chinese editions.
_BUILT_IN: Mapping[int, str] = MappingProxyType(
    dict.fromkeys((*range(14, 18), 22, *range(27, 37), *range(50, 59)), "date")
    | dict.fromkeys(range(18, 22), "time")
    | {32: "time", 33: "time", 45: "time", 46: "elapsed", 47: "time", 55: "time", 56: "time"}
)


def meaning(number: int, code: str | None) -> str:
    """What a number format shows.

    Parameters
    ----------
    number : id of the format
    code : its code where the file states one

    Returns
    -------
    "date", "time", "elapsed", "000000" (that many digits at least), or "" for a plain number
    """
    if code is None:
        return _BUILT_IN.get(number, "")
    first = code.split(";")[0]
    if re.search(r"\[(?:h+|m+|s+)\]", first, re.IGNORECASE):
        return "elapsed"
    bare = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.|E[+-]', "", first, flags=re.IGNORECASE)
    if re.fullmatch(r"0{2,20}", bare.strip()):
        return bare.strip()
    if "general" in bare.lower() or re.search(r"[#?0@]", bare):
        return ""
    if re.search(r"[ydeg年日]", bare, re.IGNORECASE):
        return "date"
    return "time" if re.search(r"[hs时秒]", bare, re.IGNORECASE) else _month(bare)


def _month(bare: str) -> str:
    return "date" if re.search(r"m", bare, re.IGNORECASE) else ""
