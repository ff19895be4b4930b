"""A quote with the words that a rule found marked in it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pages.ui.words import md_text


def marked(text: str, words: Iterable[str]) -> str:
    """Markdown of a text; the words, longest first, on a coloured ground."""
    known = sorted({word for word in words if word}, key=len, reverse=True)
    if not known:
        return md_text(text)
    pattern = re.compile("|".join(map(re.escape, known)), re.IGNORECASE)
    told, start = "", 0
    for match in pattern.finditer(text):
        told += f"{md_text(text[start : match.start()])}:orange-background[{md_text(match[0])}]"
        start = match.end()
    return told + md_text(text[start:])
