"""What people find too much, find too little, cannot find, fear or miss."""

from __future__ import annotations

import re
from collections.abc import Iterator

from insight.sentiment.scoring import Lexicon, judged
from insight.statements.lists import implied, listed
from insight.statements.phrases import (
    SIZES,
    Tokens,
    head_of,
    joined,
    noun_before,
    phrase_after,
    told_short,
)
from insight.statements.ways import FEAR, LACK, NOT_ENOUGH, NOT_FOUND, TOO, Statement
from insight.text.tokenize import Tagger

_FEARED = 7  # characters of what is feared
_NUMBER = r"[\d一两二三四五六七八九十几]"
_TOO = re.compile(
    r"(?<![不没莫])(?<!不会)(?<!不是)(?<!不算)(?<!没有)(?:太+|过于|偏(?=[大小贵高低长短重轻薄厚硬软咸甜淡辣]))"
)
_NOT_VERY = re.compile(r"不太|不够|不是很|不怎么|不是太")
_PEOPLE = frozenset("人生员者学")
_MILD = listed("mild")
_SHORT = re.compile(rf"(?<![美之中])不足(?!为|以|之|{_NUMBER})")
_NOT_FOUND = re.compile(rf"(?<![再没到会])(?<!担心)(?<!怕)(?!用不[着到])([找买搜查看收订连打用装约抢听换充])不(?:到|着|上|了|见|清楚?|出|开|通)(?!多|{_NUMBER}|的|比|这么|这样|如此|什么|怎|任何|更|最|好|就|错|\1)")  # fmt: skip
_FEAR = re.compile(
    r"(?<![不别可恐哪生只没无用必何你])(?:担心|怕|担忧|顾虑)(?![热冷吃水的是黑了我他她你用])"
)
_LACK = re.compile(
    r"(?<![不很要个是的家种我人])(?<!幸[好亏])(?<!还好)(?:缺少|缺乏|欠缺|(?<!有)没有|(?<!有)没(?![有法]))(?![那这什任])"
)
_UNLESS = re.compile(r"手边|手头|自己|我们?|如果|要是|除非|即使|就算|以前|当时|时候")
_NONE_AT_ALL = re.compile(
    r"连(.{1,8}?)(?:都|也)(?:没有|没|木有|不给|不送|不带)(?:给|送|带|配|附)?$"
)
_BARELY = re.compile("几乎|基本|一点|噪|外面|隔壁")  # 几乎听不到噪音 is praise
WHOSE = re.compile(r"的(?:人|同学|朋友|亲|话|孩子)")
_MORE_SAID = re.compile("慎|可以|就|所以|但|而|不要|快跑|麻烦|我|老公|老婆|故事")
_UNKNOWN = listed("vague")
_PERCEIVED = listed("perceived")
_IMAGINED = listed("compared")


def too_much(clause: str, tag: Tagger, lexicon: Lexicon) -> Iterator[Statement]:
    """价格太贵: blamed, or out of measure; 太好 and 太划算 are no needs."""
    for found in _TOO.finditer(clause):
        rest = tag(clause[found.end() :])
        how = _adjective(rest) or (rest[0][0] if rest and _blames(rest[0][0], lexicon) else "")
        if how and not _praises(how, lexicon):
            topic = noun_before(tag(clause[: found.start()])) or implied().get(how, "")
            if topic:
                yield Statement(TOO, how, topic, f"{topic}太{how}")


def _adjective(tokens: Tokens) -> str:
    """The adjective that the words begin with; "" where they begin with none."""
    if not tokens or len(tokens[0][0]) > 4 or tokens[0][0] in _UNKNOWN:
        return ""
    word, kind = tokens[0][0].removesuffix("了"), tokens[0][1]
    is_counted = word in ("多", "少") and len(tokens) > 1 and tokens[1][1][:1] in "nm"
    is_one = kind[:1] in "azil" or word in SIZES
    return word if is_one and not is_counted else ""


def not_enough(clause: str, tag: Tagger, lexicon: Lexicon) -> Iterator[Statement]:
    """屏幕不够大, 米饭不够, 不太方便: of something good there is too little."""
    if clause.endswith("的话") or WHOSE.search(clause):
        return
    if found := _NOT_VERY.search(clause):
        rest = clause[found.end() :]
        how = (
            "不怎么样" if found[0] == "不怎么" and rest.startswith("样") else _adjective(tag(rest))
        )
        if not how and rest and _praises(word := tag(rest)[0][0], lexicon):
            how = word
        if (
            _blames(how, lexicon)
            or (how in _MILD and found[0] != "不够")
            or not (how or (found[0] == "不够" and not rest))
        ):
            return
        topic = noun_before(tag(clause[: found.start()]))
        if topic and topic[-1] not in _PEOPLE and (how or topic != "时间"):
            told = how if how.startswith("不") else found[0] + how
            yield Statement(NOT_ENOUGH, how or "够", topic, topic + told)
    elif (found := _SHORT.search(clause)) and (topic := noun_before(tag(clause[: found.start()]))):
        yield Statement(NOT_ENOUGH, "足", topic, f"{topic}不足")


def not_found(clause: str, tag: Tagger, lexicon: Lexicon) -> Iterator[Statement]:
    """找不到发票, 发票找不到."""
    if not (found := _NOT_FOUND.search(clause)):
        return
    verb, rest = found[0], clause[found.end() :].removesuffix("了")
    if verb[0] == "听" and _BARELY.search(clause):
        return
    phrase = phrase_after(tag(rest))
    if (head := head_of(phrase)) and not _blames(head, lexicon):
        yield Statement(NOT_FOUND, verb, head, verb + told_short(phrase, head))
    elif not rest and (topic := noun_before(tag(clause[: found.start()]))):
        yield Statement(NOT_FOUND, verb, topic, f"{topic}{verb}")


def fears(clause: str, tag: Tagger, _: Lexicon) -> Iterator[Statement]:
    """担心是假货, 怕味道太淡."""
    found = _FEAR.search(clause)
    if (
        not found
        or WHOSE.search(clause)
        or _MORE_SAID.search(clause[found.end() :])
        or len(said := clause[found.end() :]) > _FEARED
    ):
        return
    tokens = tag(said.replace("会", ""))
    phrases = (phrase_after(tokens[at:]) for at in range(len(tokens)))
    if head := head_of(next(filter(None, phrases), ())):
        yield Statement(FEAR, "担心", head, f"担心{said}")


def lacks(clause: str, tag: Tagger, lexicon: Lexicon) -> Iterator[Statement]:
    """缺少说明书, 没有发票, 连发票都没有: a thing that is not there, where its absence is no praise."""
    if found := _NONE_AT_ALL.search(clause):
        verb, tokens = "没有", tag(found[1])
    elif (found := _LACK.search(clause)) and not _UNLESS.search(clause[: found.start()]):
        verb, tokens = (
            "没有" if found[0][0] == "没" else "缺少",
            tag(clause[found.end() :].removesuffix("了")),
        )
    else:
        return
    phrase = phrase_after(tokens)
    head = head_of(phrase)
    is_missed = head and head not in listed("unwanted") and not _blames(joined(phrase), lexicon)
    if is_missed and _is_thing(phrase, tokens):
        yield Statement(LACK, verb, head, verb + told_short(phrase, head))


def _is_thing(phrase: Tokens, tokens: Tokens) -> bool:
    """Whether the phrase is all that is said, and neither pointed at (这个) nor compared with (以前的)."""
    is_whole = (
        len(phrase) == len(tokens)
        and all(tag != "r" for _, tag in phrase)
        and phrase[0][0] not in _PERCEIVED
        and (phrase[-1][1][0] in "nej" or phrase[-1][0] in listed("deeds"))
    )
    return is_whole and not any(word in _IMAGINED for word, _ in phrase)


def _praises(phrase: str, lexicon: Lexicon) -> bool:
    return judged(phrase, lexicon).polarity == "positive"


def _blames(phrase: str, lexicon: Lexicon) -> bool:
    return judged(phrase, lexicon).polarity == "negative"
