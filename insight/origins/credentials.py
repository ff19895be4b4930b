"""Whether a text holds what opens a database or a cloud: such a text is written to no disk."""

from __future__ import annotations

import re

_NAMES = "|".join(
    ("pass(word|wd|phrase)?", "pwd", "secret", "token", "credential", "signature", "sig", "private_?key", "sas", "密码", "口令", "密钥")
)  # fmt: skip
_OPENS = re.compile(
    rf"""
    ://[^\s/@'"]*:[^\s/@'"]+@                                  # scheme://user:password@host
    | [\w.-]*(?:{_NAMES})[\w.-]*["'`]?\s*(?:=>?|:=?|：)\s*\S   # password=..., "SecretAccessKey": ..., ?sig=...
    | \b(?:{_NAMES}|secret_access_key|access_key(?:_id)?|key_id|account_key|api_?key|identified\s+by)\b\s*[=:：]?\s*['"]\S
    | \b(?:[\w.-]*access_?key(?:_?id)?|account_?key|api_?key)\b["'`]?\s*[=:]\s*\S
    | \b(?:AKIA|ASIA)[0-9A-Z]{{16}}\b                          # a key of Amazon's
    | -----BEGIN[\w ]*PRIVATE\ KEY-----
    | \beyJ[\w-]{{8,}}\.[\w-]{{8,}}\.                          # a JSON web token
    """,
    re.IGNORECASE | re.VERBOSE,
)


def holds_credentials(text: str) -> bool:
    """Whether a text seems to hold a password or a key; rather once too often than once too seldom."""
    return _OPENS.search(text) is not None
