"""Bring a text into one plain form; the caller keeps the raw one."""

from __future__ import annotations

import html
import re
import unicodedata

_LINK = re.compile(r"(?:https?://|www\.)[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+", re.IGNORECASE)
_TAG = re.compile(r"<(?:br|/?p|/?div|/?span|/?b|/?i|/?em|/?strong)\b[^<>]{0,80}>", re.IGNORECASE)
_ZERO_WIDTH = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060\ufe00-\ufe0f\ufeff]")
_PICTURE = re.compile(  # emoji, dingbats, arrows and private signs; skin tones and flags as well
    r"[\U0001F000-\U0001FAFF\u2190-\u21FF\u2300-\u23FF\u2500-\u27BF\u2B00-\u2BFF\uE000-\uF8FF]"
)
_REPEATED = re.compile(r"([^\W\d_])\1{3,}")  # 好好好好好: letters, never digits
_REPEATED_MARK = re.compile(r"([^\w\s])\1+")  # !!!!
_BLANK = re.compile(r"[^\S\n]+")
_CLAUSE = re.compile(r"(?<=[。.!?！？;；…\n])(?!\d)|(?=但是|不过|可是|然而)")


def normalise(text: str) -> str:
    """One plain form of a text: NFKC, no links, no pictures, repeats shortened.

    >>> normalise("ＡＢＣ　手机好好好好好用！！！ https://a.cn/x 👍🏻物流&nbsp;快")
    'ABC 手机好好用! 物流 快'
    """
    plain = _TAG.sub("\n", html.unescape(text))
    plain = _ZERO_WIDTH.sub("", _LINK.sub(" ", unicodedata.normalize("NFKC", plain)))
    plain = _REPEATED_MARK.sub(r"\1", _REPEATED.sub(r"\1\1", _PICTURE.sub(" ", plain)))
    return "\n".join(s for line in plain.splitlines() if (s := _BLANK.sub(" ", line).strip()))


def clauses(text: str, *, least: int = 12) -> list[str]:
    """Cut a normalised text after 。！？； and line ends and before 但是/不过.

    Pieces shorter than ``least`` characters join the next one, for they hold too few words to
    place; a text without any cut is one clause.

    >>> clauses("物流很快,第二天就收到了。但是屏幕有两道划痕,客服不理人")
    ['物流很快,第二天就收到了。', '但是屏幕有两道划痕,客服不理人']
    """
    found: list[str] = []
    pending = ""
    for piece in _CLAUSE.split(text):
        pending += piece
        if len(pending.strip()) >= least:
            found.append(pending.strip())
            pending = ""
    if rest := pending.strip():
        found = [*found[:-1], f"{found[-1]} {rest}"] if found else [rest]
    return found or [text]
