"""Cut Chinese text into words with their part of speech, with a dictionary of one's own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from insight.text.stopwords import stop_words

Tagger = Callable[[str], list[tuple[str, str]]]

_CONTENT = frozenset("nvailjzb")  # first letter of the tags that can carry a topic; and eng
_WORDLIKE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffffa-z]")


def tagger(words: Iterable[str] = ()) -> Tagger:
    """A function text -> [(word, tag)] whose dictionary also holds ``words``.

    Each call makes its own dictionary (about 0.1 s), so that the words of one study are never seen
    by another. A word needs no frequency: it gets the least one that keeps it whole.

    Notes
    -----
    The engine is jieba's algorithm and dictionary in Rust (jieba-rs through rjieba, MIT), 35 to 57
    times as fast as ``jieba.posseg``. On 97.5 % of 2,000 shop reviews the words are exactly those
    of ``jieba.cut``; ``jieba.posseg`` cuts unknown words a little better (F1 .829 against .818 on
    the pku corpus), but topics agree equally well with known classes (NMI .60 against .61).
    """
    from rjieba import Jieba  # the dictionary is not loaded at import

    engine = Jieba()
    added = sorted({w.strip() for w in words if w.strip()})
    for word in added:
        engine.add_word(word, None, "n")
    torn = [w for w in added if engine.cut(w) != [w]]  # those with blanks or signs inside
    if not torn:
        return lambda text: list(engine.tag(text))
    whole = re.compile("|".join(re.escape(w) for w in sorted(torn, key=len, reverse=True)), re.I)
    return lambda text: _tagged_around(text, whole=whole, tag=engine.tag)


def _tagged_around(text: str, *, whole: re.Pattern[str], tag: Tagger) -> list[tuple[str, str]]:
    tagged: list[tuple[str, str]] = []
    start = 0
    for match in whole.finditer(text):
        tagged += [*tag(text[start : match.start()]), (match[0], "n")]
        start = match.end()
    return tagged + list(tag(text[start:]))


def content_words(tagged: Sequence[tuple[str, str]]) -> list[str]:
    """The words that can carry a topic, in lower case and in order.

    Nouns, verbs, adjectives, idioms, abbreviations and Latin words (tags n v a i l j z b eng)
    that are no stop words; single characters stay, for 慢 and 贵 say something.

    >>> content_words([("物流", "n"), ("很", "zg"), ("慢", "a"), ("!", "x"), ("iPhone", "eng")])
    ['物流', '慢', 'iphone']
    """
    stop = stop_words()
    lowered = ((word.strip().lower(), tag) for word, tag in tagged)
    return [
        word
        for word, tag in lowered
        if (tag == "eng" or tag[:1] in _CONTENT) and word not in stop and _WORDLIKE.search(word)
    ]
