"""Which texts are probably no answer: repeats, digits, keys hit at random, non-answers; flagged, never left out here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain, pairwise

import numpy as np

from insight.text.noise import NON_ANSWER, TOO_SHORT, noise
from insight.text.tokenize import Tagged
from insight.text.vectors import Floats

PICTURES, REPEATS, DIGITS, MASHED, ODD = (
    "只有表情或符号",
    "重复字符",
    "只有数字",
    "疑似乱打",
    "用字反常",
)
REASONS = (PICTURES, DIGITS, REPEATS, MASHED, NON_ANSWER, TOO_SHORT, ODD)
_SIGNS = re.compile(r"[\W_]+")
_LATIN = re.compile(r"[a-z]{5,}")
_NO_VOWELS = re.compile(r"[^aeiouy]{5,}|([a-z]{2,4})\1{2,}")
_ODDEST, _LEAST_PAIRS, _LEAST_TEXTS = 0.995, 8, 200


def junk(texts: Sequence[str], tagged: Sequence[Tagged]) -> list[str]:
    """Why each text is probably no answer; "" for one that seems to be.

    Parameters
    ----------
    texts : (n) in plain form
    tagged : (n) their words with tags

    Notes
    -----
    The last reason is the surprise of a text's character pairs: above the 99.5 % quantile of the
    study's own texts and a third above its median; so where all texts are alike nobody is odd.
    """
    reasons = [
        _plainly(text) or noise(text, words) for text, words in zip(texts, tagged, strict=True)
    ]
    surprise = _surprise(texts)
    known = surprise[np.isfinite(surprise)]
    if len(known) < _LEAST_TEXTS:
        return reasons
    bound = max(np.quantile(known, _ODDEST), 1.35 * np.median(known))
    odd = np.isfinite(surprise) & (surprise > bound)
    return [reason or (ODD if is_odd else "") for reason, is_odd in zip(reasons, odd, strict=True)]


def _plainly(text: str) -> str:
    """What can be seen from the characters alone."""
    letters = _SIGNS.sub("", text).lower()
    if not letters:
        return PICTURES
    if letters.isdecimal():
        return DIGITS
    if len(letters) >= 4 and len(set(letters)) <= max(len(letters) // 6, 1):
        return REPEATS
    return MASHED if is_mashed(text) else ""


def is_mashed(text: str) -> bool:
    """Whether most of a text is keys hit at random: asdfghjkl, qwqwqw."""
    letters = _SIGNS.sub("", text).lower()
    mashed = [word for word in _LATIN.findall(letters) if _NO_VOWELS.search(word)]
    return bool(mashed) and sum(map(len, mashed)) >= 0.6 * len(letters)


def _surprise(texts: Sequence[str]) -> Floats:
    """Mean -ln p(character | character before), learnt from the different texts (n); nan for short ones."""
    pairs: Counter[tuple[str, str]] = Counter()
    for text in set(texts):
        pairs.update(pairwise(text))
    before: Counter[str] = Counter()
    for (first, _), n in pairs.items():
        before[first] += n
    n_characters = len(set(chain.from_iterable(pairs))) + 1

    def of(text: str) -> float:
        met = list(pairwise(text))
        if len(met) < _LEAST_PAIRS:
            return np.nan
        told = np.array([pairs[pair] for pair in met], dtype=float)
        said = np.array([before[first] for first, _ in met], dtype=float)
        return float(-np.log((told - 1 + 0.1) / (said - 1 + 0.1 * n_characters)).mean())

    return np.array([of(text) for text in texts])
