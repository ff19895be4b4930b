"""Personal data in free text: found by their shape and check digits, hidden, and counted by kind."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType

import polars as pl

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999
_ID_CHECK = "10X98765432"
_DIGITS = re.compile(r"(?<![\dA-Za-z])\d{11,19}[Xx]?(?![\dA-Za-z])")
_GROUPED = re.compile(r"(?<!\d)(?:\d{4}[ -]){3,4}\d{1,4}(?!\d)")
_SPLIT_ID = re.compile(r"(?<!\d)\d{6}[ -]\d{8}[ -]\d{3}[\dXx](?![\dA-Za-z])")
_SPLIT_MOBILE = re.compile(r"(?<!\d)(?:(?:\+|00)?86[ -]?)?(1[3-9]\d)[ -]?(\d{4})[ -]?(\d{4})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(0\d{2,3})-(\d{4})(\d{3,4})(?!\d)")
_MAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_PLATE = re.compile(
    r"([京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z])[·.\s]?[A-HJ-NP-Z0-9]{5,6}(?![A-Za-z0-9])"
)
_H = r"[\u4e00-\u9fff]"
_PLACE = rf"({_H}{{2,7}}(?:省|自治区))?({_H}{{2,7}}市)?"
_STREET = rf"{_H}{{1,8}}(?:路|街|大道|巷|弄|胡同|村|小区|花园|公寓|大厦|苑|里)"
_DOOR = r"(?:\s*[A-Za-z]?\d+\s*(?:号楼|号院|号(?![线色柜机桌位码])|栋|幢|座|单元|弄|室|层|楼))"
_ADDRESS = re.compile(  # a street and a number below a place, or a street and two numbers
    rf"{_PLACE}(?:({_H}{{1,8}}(?:区|县|镇|乡)){_STREET}{_DOOR}+|{_STREET}{_DOOR}{{2,}}|(?<=市){_STREET}{_DOOR}+)\d{{0,4}}"
)
_HALF_WIDTH = {ord(wide): ord(wide) - 0xFEE0 for wide in "０１２３４５６７８９Ｘｘ＠．－＋"}
_SUSPECT = r"[0-9０-９@＠]"
_WIDE = re.compile("[０-９＠]")
KINDS: Mapping[str, str] = MappingProxyType({
    "id_card": "身份证号", "phone": "手机号", "bank_card": "银行卡号", "email": "邮箱", "landline": "座机号", "plate": "车牌号", "address": "详细地址",
})  # fmt: skip


def is_id_card(digits: str) -> bool:
    """Whether 17 digits and a check character form a citizen number (GB 11643-1999, mod 11)."""
    total = sum(w * int(d) for w, d in zip(_ID_WEIGHTS, digits[:17], strict=True))
    return digits[17].upper() == _ID_CHECK[total % 11]


def is_card_number(digits: str) -> bool:
    """Whether the digits pass the Luhn test of bank cards (ISO/IEC 7812-1)."""
    doubled = [
        int(d) if i % 2 == 0 else sum(divmod(2 * int(d), 10)) for i, d in enumerate(digits[::-1])
    ]
    return sum(doubled) % 10 == 0


def _run(match: re.Match[str]) -> tuple[str, str]:
    """The kind of a run of digits and what is shown of it; an order number is nobody's."""
    run = match[0]
    if len(run) == 18 and run[:17].isdigit() and is_id_card(run):
        return "id_card", f"{run[:3]}***********{run[-4:]}"
    if run.isdigit() and 15 <= len(run) <= 19 and is_card_number(run):
        return "bank_card", f"{run[:4]}***{run[-4:]}"
    return "", run


def _groups(match: re.Match[str]) -> tuple[str, str]:
    digits = re.sub(r"\D", "", match[0])
    if 15 <= len(digits) <= 19 and is_card_number(digits):
        return "bank_card", f"{digits[:4]}***{digits[-4:]}"
    return "", match[0]


def _split_id(match: re.Match[str]) -> tuple[str, str]:
    digits = re.sub(r"[ -]", "", match[0])
    return (
        ("id_card", f"{digits[:3]}***********{digits[-4:]}")
        if is_id_card(digits)
        else ("", match[0])
    )


_Found = Callable[[re.Match[str]], tuple[str, str]]
_RULES: tuple[tuple[re.Pattern[str], _Found], ...] = (
    (_MAIL, lambda _: ("email", "***@***")),
    (_DIGITS, _run),
    (_GROUPED, _groups),
    (_SPLIT_ID, _split_id),
    (_SPLIT_MOBILE, lambda m: ("phone", f"{m[1]}****{m[3]}")),
    (_LANDLINE, lambda m: ("landline", f"{m[1]}-****{m[3]}")),
    (_PLATE, lambda m: ("plate", f"{m[1]}*****")),
    (_ADDRESS, lambda m: ("address", f"{m[1] or ''}{m[2] or ''}***")),
)


def masked(text: str) -> tuple[str, Counter[str]]:
    """A text with personal data hidden, and how often each kind (a key of ``KINDS``) was in it."""
    counted: Counter[str] = Counter()

    def hidden(found: _Found) -> Callable[[re.Match[str]], str]:
        def one(match: re.Match[str]) -> str:
            kind, shown = found(match)
            counted.update([kind] if kind else [])
            return shown

        return one

    if _WIDE.search(text):
        text = text.translate(_HALF_WIDTH)
    for pattern, found in _RULES:
        text = pattern.sub(hidden(found), text)
    return text, counted


def mask(text: str) -> str:
    """Hide mobile and other phone numbers, citizen numbers, bank cards, mail addresses, number plates
    and street addresses in free text.
    """
    return masked(text)[0]


def mask_series(values: pl.Series) -> pl.Series:
    """``mask`` each text; texts without a digit or @ are left as they are (n) -> (n)."""
    suspect = values.str.contains(_SUSPECT).fill_null(False)
    if not suspect.any():
        return values
    return pl.Series(
        values.name,
        [mask(v) if s and v else v for v, s in zip(values, suspect, strict=True)],
        dtype=pl.String,
    )


def counted(values: pl.Series) -> dict[str, int]:
    """How often each kind of personal data stands in some texts: kind -> n, of ``KINDS``, found ones only."""
    total: Counter[str] = Counter()
    suspect = values.filter(values.str.contains(_SUSPECT).fill_null(False)).alias("text")
    for text, n in suspect.value_counts(name="n").iter_rows():
        for kind, times in masked(text)[1].items():
            total[kind] += n * times
    return {kind: total[kind] for kind in KINDS if total[kind]}


def in_words(counts: Mapping[str, int]) -> str:
    """``{"phone": 2}`` as "手机号 2 处"."""
    return "、".join(f"{KINDS[kind]} {n:,} 处" for kind, n in counts.items())
