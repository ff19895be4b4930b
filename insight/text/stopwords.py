"""Lists of what is left out: words without a topic, words that name one badly, non-answers."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import stopwordsiso


@cache
def stop_words() -> frozenset[str]:
    """Words without a topic: our own Chinese list beside stopwordsiso (Chinese and English)."""
    return _listed("stopwords.txt") | frozenset(stopwordsiso.stopwords(["zh", "en"]))


@cache
def generic_words() -> frozenset[str]:
    """Praise, blame and words of buying in general; they count as words, but name no topic."""
    return _listed("generic.txt")


@cache
def non_answers() -> frozenset[str]:
    """Whole answers that say nothing about any topic, without signs and in lower case."""
    return _listed("non_answers.txt")


def _listed(name: str) -> frozenset[str]:
    lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
