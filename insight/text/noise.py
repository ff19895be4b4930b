"""Which texts say nothing that could be a topic: non-answers, single signs, too few words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from insight.text.stopwords import generic_words, non_answers
from insight.text.tokenize import content_words

NON_ANSWER, TOO_SHORT = "无实质内容", "有效词不足 2 个"
_LEAST_WORDS = 2
_SIGNS = re.compile(r"[\W_]+")


def noise(text: str, tagged: Sequence[tuple[str, str]]) -> str:
    """Why a text stays out of the topics; "" for one that stays in.

    Parameters
    ----------
    text : normalised
    tagged : its words with their tags

    Returns
    -------
    "", NON_ANSWER, or TOO_SHORT where it has fewer than two different effective words. Praise and
    blame count as one word beside something they speak of (质量很好), never alone (很好很满意).
    """
    letters = _SIGNS.sub("", text).lower()
    halves = {letters, letters[: len(letters) // 2]} if _doubled(letters) else {letters}
    one_sign = not letters or (len(letters) > 1 and len(set(letters)) == 1)
    if one_sign or letters.isdecimal() or halves & non_answers():
        return NON_ANSWER
    matters = set(content_words(tagged)) - generic_words()
    judged = any(word.lower() in generic_words() for word, _ in tagged)
    return "" if matters and len(matters) + judged >= _LEAST_WORDS else TOO_SHORT


def _doubled(letters: str) -> bool:
    """很好很好 is 很好 said twice."""
    half = len(letters) // 2
    return len(letters) % 2 == 0 and letters[:half] == letters[half:]
