"""What may be seen of a person: keys become tokens, and personal data in free text is masked."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType

import polars as pl

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}")


def _plain(value: str) -> str:
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", value)).strip()


def _whole_number(text: str) -> str:
    """Undo what spreadsheets do to an id that is still whole: ``="1"``, ``'1``, ``1.0``, ``1.38…E+10``."""
    text = re.fullmatch(r'="?(.*?)"?', text)[1] if text.startswith("=") else text.lstrip("'")  # type: ignore[index]
    text = re.sub(r"^(\d+)\.0+$", r"\1", text)
    if exact := re.fullmatch(r"(\d)\.(\d+)[eE]\+?(\d+)", text):
        digits, exponent = exact[1] + exact[2], int(exact[3])
        return digits if len(digits) == exponent + 1 else ""
    return text


def _mobile(value: str) -> str | None:
    digits = re.sub(r"[\s\-()+]", "", _whole_number(value))
    digits = re.sub(r"^(0086|86)(?=1[3-9]\d{9}$)", "", digits)
    return digits if _MOBILE.fullmatch(digits) else None


def _member(value: str) -> str | None:
    whole = _whole_number(value).strip().casefold()
    lost = len(whole) > 15 and whole.isdigit() and set(whole[15:]) == {"0"}
    return None if lost or whole in _NO_KEY else whole


def _email(value: str) -> str | None:
    mail = value.casefold()
    return mail if _EMAIL.fullmatch(mail) else None


_NO_KEY = frozenset(
    {"", "null", "none", "nan", "n/a", "na", "-", "--", "无", "匿名", "匿名用户", "(空)", "(跳过)"}
)
_KEYS: Mapping[str, Callable[[str], str | None]] = MappingProxyType(
    {"customer_id": _member, "phone": _mobile, "email": _email, "nickname": _member}
)


def normalise_key(kind: str, value: str) -> str | None:
    """The comparable form of an identity, or None where it cannot serve as a key.

    Parameters
    ----------
    kind : "customer_id", "phone", "email" or "nickname"
    value : as it stands in the file; damaged numbers that are still whole are repaired
        (``1.3812345678E+10``), lost ones (``1.38E+10``, 15 digits then zeros) give None.
    """
    return _KEYS[kind](_plain(value))


def token(kind: str, key: str, *, secret: bytes) -> str:
    """First 32 hex digits of HMAC-SHA256(secret, "kind:key") (RFC 2104)."""
    return hmac.new(secret, f"{kind}:{key}".encode(), hashlib.sha256).hexdigest()[:32]


def tokens(values: pl.Series, kind: str, *, secret: bytes) -> pl.Series:
    """Replace identities by their keyed hash; what is no key becomes null.

    Parameters
    ----------
    values : (n) identities as text, null allowed
    kind : "customer_id", "phone", "email" or "nickname"; equal keys of two kinds never meet

    Returns
    -------
    (n) 32 hex digits or null
    """
    known = values.drop_nulls().unique().sort().to_list()
    keys = [normalise_key(kind, v) for v in known]
    hashed = [None if k is None else token(kind, k, secret=secret) for k in keys]
    if not known:
        return pl.Series(values.name, [None] * len(values), dtype=pl.String)
    return values.replace_strict(known, hashed, default=None, return_dtype=pl.String)


_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999
_ID_CHECK = "10X98765432"


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


def _mask_digits(match: re.Match[str]) -> str:
    run = match[0]
    if len(run) == 18 and run[:17].isdigit() and is_id_card(run):
        return f"{run[:3]}***********{run[-4:]}"
    if run.isdigit() and 15 <= len(run) <= 19 and is_card_number(run):
        return f"{run[:4]}***{run[-4:]}"
    return f"{run[:3]}****{run[-4:]}" if _MOBILE.fullmatch(run) else run


_DIGITS = re.compile(r"(?<!\d)\d{11,19}[Xx]?(?!\d)")
_SPLIT_MOBILE = re.compile(r"(?<!\d)(1[3-9]\d)[ -](\d{4})[ -](\d{4})(?!\d)")
_MAIL_IN_TEXT = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·.]?[A-HJ-NP-Z0-9]{5,6}(?![A-Za-z0-9])"
)


def mask(text: str) -> str:
    """Hide mobile numbers, citizen numbers, bank cards, mail addresses and number plates in free text."""
    text = _SPLIT_MOBILE.sub(r"\1****\3", _DIGITS.sub(_mask_digits, text))
    return _PLATE.sub(lambda m: f"{m[0][:2]}*****", _MAIL_IN_TEXT.sub("***@***", text))


def mask_series(values: pl.Series) -> pl.Series:
    """``mask`` each text; texts without a digit or @ are left as they are (n) -> (n)."""
    suspect = values.str.contains(r"[0-9@]").fill_null(False)
    if not suspect.any():
        return values
    return pl.Series(
        values.name,
        [mask(v) if s and v else v for v, s in zip(values, suspect, strict=True)],
        dtype=pl.String,
    )
