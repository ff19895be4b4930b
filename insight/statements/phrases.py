"""What a few tagged words speak of: the noun phrase after them, the noun before them."""

from __future__ import annotations

from collections.abc import Sequence

from insight.statements.lists import listed

Tokens = Sequence[tuple[str, str]]
_NOUNS = ("n", "vn", "an", "eng", "j")
_WITHIN = frozenset("mqabztfsrilk")  # first letters of tags that may stand within a noun phrase
_LINKS = ("d", "c", "y", "ul", "zg")  # tags that may stand between a noun and what is said of it
_NAMING = frozenset("nvabjzsefi")  # first letters of tags that tell which place or thing it is
SIZES = frozenset("快慢早晚大小长短多少好轻低高厚薄宽窄亮暗软硬甜淡咸辣贵热冷吵油腻")  # adjectives, whatever their tag  # fmt: skip
_ABOUT = listed("about")
_DE = frozenset({"的", "之"})
_LONGEST, HANDY = 8, 14  # words of a phrase; characters that are read at a glance


def is_noun(token: tuple[str, str]) -> bool:
    """Whether a word can be what a need is about."""
    word, tag = token
    is_named = tag.startswith(_NOUNS) or word in listed("deeds")
    return is_named and not word.isdigit() and word[0] != "太" and word not in listed("buyers")


def joined(tokens: Tokens) -> str:
    """The words as one text; a space stands only between Latin words.

    >>> joined([("iPhone", "eng"), ("case", "eng"), ("壳", "n")])
    'iPhone case壳'
    """
    told = ""
    for word, _ in tokens:
        is_latin = told[-1:].isascii() and told[-1:].isalnum() and word[:1].isascii()
        told += (" " if is_latin else "") + word
    return told.strip()


def phrase_after(tokens: Tokens) -> Tokens:
    """The noun phrase that the words begin with; empty where they begin with none.

    >>> joined(phrase_after([("夜间", "t"), ("配送", "vn"), ("就", "d"), ("好", "a")]))
    '夜间配送'
    """
    end = 0
    for at, token in enumerate(tokens[:_LONGEST]):
        if is_noun(token) or (at and tokens[at - 1][0] in _DE and token[1] == "v"):
            end = at + 1
        elif not (token[1][:1] in _WITHIN or (at and token[0] in _DE) or _is_bound(tokens, at)):
            break
    return tokens[:end]


def _is_bound(tokens: Tokens, at: int) -> bool:
    """Whether a verb or adverb stands in a clause that 的 binds to a noun behind it (充电的地方)."""
    if tokens[at][1][:1] not in "vd":
        return False
    behind = tokens[at + 1 : at + 5]
    place = next((i for i, (word, _) in enumerate(behind) if word in _DE), None)
    return place is not None and any(map(is_noun, behind[place + 1 : place + 3]))


def head_of(phrase: Tokens) -> str:
    """What a noun phrase is about: its last noun; with what stands before it where that says little alone.

    >>> head_of([("专门", "n"), ("充电", "v"), ("的", "uj"), ("地方", "n")])
    '充电的地方'
    """
    if not phrase:
        return ""
    last = phrase[-1][0]
    if last in _ABOUT and len(phrase) > 1:
        return head_of(phrase[:-1])
    if last in listed("empty") or last in listed("actors") or not is_noun(phrase[-1]):
        return ""
    if last not in listed("light"):
        return last
    size = 3 if len(phrase) > 2 and phrase[-2][0] in _DE else 2
    near = [t for t in phrase[-size:] if t[1][:1] not in "mqr"]
    is_named = (
        len(near) == size
        and near[0][1][:1] in _NAMING
        and near[0][0] not in listed("empty") | listed("actors") | listed("between")
    )
    return joined(near) if is_named else ""


def noun_before(tokens: Tokens) -> str:
    """The noun that the last words lead back to, over what may stand between; "" where another word is in the way.

    >>> noun_before([("这个", "r"), ("价格", "n"), ("真的", "d")])
    '价格'
    """
    end = len(tokens)
    while end and _leads_back(tokens[end - 1]):
        end -= 1
    if not end or not is_noun(tokens[end - 1]) or tokens[end - 1][0].endswith("时"):
        return ""
    return head_of(tokens[max(end - 3, 0) : end])


def _leads_back(token: tuple[str, str]) -> bool:
    return token[0] in listed("between") or (token[1] in _LINKS and not is_noun(token))


def told_short(phrase: Tokens, head: str) -> str:
    """The phrase without what counts at its begin; the head alone of a long one.

    >>> told_short([("一个", "m"), ("说明书", "n")], "说明书")
    '说明书'
    """
    start = next((at for at, (_, tag) in enumerate(phrase) if tag not in ("m", "q")), 0)
    start = 0 if phrase[start][0] in _DE else start
    told = joined(phrase[start:])
    return told if len(told) <= HANDY else head
