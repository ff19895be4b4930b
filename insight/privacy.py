"""What may be seen of a person: keys become tokens, and personal data in free text is masked."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from types import MappingProxyType

import polars as pl

from insight.distinct import by_distinct, distinct
from insight.identifiers import lost, plain, repaired

_MOBILE_ONLY = r"^1[3-9]\d{9}$"
_EMAIL = r"^[^@\s*]+@[^@\s*]+\.[a-z]{2,}$"
_IP = r"^(\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})"
_MASKED_14, _MASKED_34 = r"^(1)\*{4,}(\d{4})$", r"^(1\d{2})\*{2,}(\d{4})$"
MASKED = ("key_masked14", "key_masked34")
"""Key columns of masked phones: first digit and last 4 (1******6198), first 3 and last 4 (137****3386)."""

_BLOCK = 64  # bytes that SHA-256 takes at once
_NO_KEY = (
    "null", "none", "nan", "n/a", "na", "-", "--", "无", "匿名", "匿名用户", "(空)", "(跳过)"
)  # fmt: skip


def _members(values: pl.Series) -> pl.Series:
    """Member numbers and names; what is masked or has lost digits tells nobody apart."""
    key = repaired(values).str.to_lowercase()
    return key.set(lost(repaired(values)) | key.is_in(_NO_KEY) | key.str.contains("*", literal=True), None)  # fmt: skip


def _bare(values: pl.Series) -> pl.Series:
    """Phone numbers without spaces, brackets and the country's prefix."""
    digits = repaired(values).str.replace_all(r"[\s\-()+]", "")
    return digits.str.replace(r"^(?:0086|86)(1[0-9*]{10})$", "$1")


def _mobiles(values: pl.Series) -> pl.Series:
    digits = _bare(values)
    return digits.set(~digits.str.contains(_MOBILE_ONLY), None)


def _emails(values: pl.Series) -> pl.Series:
    mail = plain(values).str.to_lowercase()
    return mail.set(~mail.str.contains(_EMAIL), None)


def _addresses(values: pl.Series) -> pl.Series:
    """IP addresses without the place that some platforms write behind them."""
    return plain(values).str.to_lowercase().str.extract(_IP, 1)


_KEYS: Mapping[str, Callable[[pl.Series], pl.Series]] = MappingProxyType(
    {
        "customer_id": _members,
        "phone": _mobiles,
        "email": _emails,
        "nickname": _members,
        "ip": _addresses,
    }
)


def comparable(values: pl.Series, kind: str) -> pl.Series:
    """The comparable form of identities, null where they cannot serve as a key.

    Parameters
    ----------
    values : (n) as they stand in the file; damaged numbers that are still whole are repaired
        (``1.3812345678E+10``); lost (``1.38E+10``), masked and virtual ones (``…_6603``) give null
    kind : "customer_id", "phone", "email", "nickname" or "ip"
    """
    return _KEYS[kind](values.cast(pl.String))


def normalise_key(kind: str, value: str) -> str | None:
    """``comparable`` of one value."""
    key: str | None = comparable(pl.Series([value]), kind)[0]
    return key


def token(kind: str, key: str, *, secret: bytes) -> str:
    """First 32 hex digits of HMAC-SHA256(secret, "kind:key") (RFC 2104)."""
    return hmac.digest(secret, f"{kind}:{key}".encode(), "sha256").hex()[:32]


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
    return by_distinct(values, lambda known: _hashed(comparable(known, kind), kind, secret=secret))


def _hashed(keys: pl.Series, kind: str, *, secret: bytes) -> pl.Series:
    """Each different key once through the hash (n) -> (n)."""
    return by_distinct(
        keys, lambda known: pl.Series(_tokens(known, kind, secret=secret), dtype=pl.String)
    )


def _tokens(keys: Iterable[str], kind: str, *, secret: bytes) -> list[str]:
    """``token`` of many keys: what is the same for all of them (RFC 2104, section 4) is hashed once."""
    padded = (secret if len(secret) <= _BLOCK else sha256(secret).digest()).ljust(_BLOCK, b"\0")
    inner = sha256(bytes(byte ^ 0x36 for byte in padded) + f"{kind}:".encode())
    outer = sha256(bytes(byte ^ 0x5C for byte in padded))

    def made(key: str) -> str:
        first, last = inner.copy(), outer.copy()
        first.update(key.encode())
        last.update(first.digest())
        return last.hexdigest()[:32]

    return [made(key) for key in keys]


def masked_forms(phone: str) -> tuple[str | None, str | None]:
    """What a phone looks like masked, with "…" for the middle, so that a masked and a whole one can meet.

    Returns
    -------
    first digit and last 4; first 3 and last 4 (None where a mask already hides them)

    >>> masked_forms("13712343386"), masked_forms("1******6198")
    (('1…3386', '137…3386'), ('1…6198', None))
    """
    short, long = _forms(pl.Series([phone]))
    return short[0], long[0]


def _forms(values: pl.Series) -> tuple[pl.Series, pl.Series]:
    shown = (
        _bare(values.cast(pl.String))
        .str.replace(_MASKED_14, "${1}…$2")
        .str.replace(_MASKED_34, "${1}…$2")
    )
    shown = shown.str.replace(r"^(1[3-9]\d)\d{4}(\d{4})$", "${1}…$2")
    long = shown.set(~shown.str.contains(r"^1\d{2}…\d{4}$"), None)
    short = shown.str.replace(r"^1\d{0,2}…(\d{4})$", "1…$1")
    return short.set(~short.str.contains(r"^1…\d{4}$"), None), long


def masked_tokens(phones: pl.Series, *, secret: bytes) -> pl.DataFrame:
    """Weak keys of phones, masked or whole: (n) key_masked14, key_masked34 [32 hex digits or null].

    Many people share one such key: it joins nobody by itself.
    """
    known, which = distinct(phones.cast(pl.String))
    return pl.DataFrame(
        [
            _hashed(forms, name.removeprefix("key_"), secret=secret).gather(which).alias(name)
            for name, forms in zip(MASKED, _forms(known), strict=True)
        ]
    )
