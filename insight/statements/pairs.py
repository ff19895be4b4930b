"""What is said of what: a noun, the word that judges it, and whether that praises or blames.

On four public test sets (camera, car, notebook, phone; 1,671 judgements) the noun that people marked is
found with a word that judges it in 62 %, and where that decides, praise or blame is right in 96 %.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from insight.sentiment.measures import measured, parts_of, polarity_of, sizes, wishes
from insight.sentiment.scoring import Lexicon, Polarity
from insight.statements.lists import listed
from insight.statements.phrases import Tokens
from insight.text.tokenize import Tagger

_REACH = 6  # words between a noun and what judges it
_GLUED = "太很最较更超偏不"  # before a judging word in one word of the dictionary: 很漂亮
_TURNED = re.compile("不够|不太|不怎么|不是很|不是|没有?|不(?![仅但过同止光])|太|偏|有点|有些")
_SAYING = listed("saying")
_NEVER = listed("unjudged")


@dataclass(frozen=True, slots=True)
class Pair:
    """One judgement.

    Attributes
    ----------
    aspect : the noun
    opinion : the word that judges it, with what turns it (不够清晰)
    polarity : "neutral" where neither the lexicon nor what is spoken of decides
    """

    aspect: str
    opinion: str
    polarity: Polarity


def pairs(text: str, *, tag: Tagger, using: Lexicon) -> tuple[Pair, ...]:
    """Every noun of a text in plain form with the word that judges it, in order.

    Notes
    -----
    The nearest noun within six words before the judging word, in the same part of the sentence; else the
    noun that 的 binds behind it. What judges is a word of the lexicon, an adjective of measure, or a word
    that the dictionary tags as an adjective. What is wished (希望…, …就好了) judges nothing.
    """
    said = (part for part in parts_of(text) if not wishes(part))
    return tuple(pair for part in said for pair in _of_part(_unglued(tag(part), using), using))


def _unglued(tokens: Tokens, using: Lexicon) -> Tokens:
    """很漂亮 and 太高 as two words each."""
    cut: list[tuple[str, str]] = []
    for word, kind in tokens:
        is_glued = len(word) > 1 and word[0] in _GLUED and _judges((word[1:], ""), using)
        cut += [(word[0], "d"), (word[1:], "a")] if is_glued else [(word, kind)]
    return cut


def _of_part(tokens: Tokens, using: Lexicon) -> Iterator[Pair]:
    for at, token in enumerate(tokens):
        is_measured = token[0] in measured() and any(w in sizes() for w, _ in tokens[at + 1 : at + 4])  # fmt: skip
        if _judges(token, using) and not is_measured and (found := _aspect(tokens, at, using)):
            aspect, between = found
            before = "".join(word for word, _ in between)
            turned = _TURNED.search(before[-4:])
            said = polarity_of(aspect, token[0], before=before, using=using)
            yield Pair(aspect, (turned[0] if turned else "") + token[0], said)


def _aspect(tokens: Tokens, at: int, using: Lexicon) -> tuple[str, Tokens] | None:
    """The noun that the word at ``at`` judges, and what stands between them."""
    behind = tokens[at + 1 : at + 3]
    if len(behind) == 2 and behind[0][0] == "的" and _is_noun(behind[1], using):
        return behind[1][0], tokens[max(at - 2, 0) : at]
    for place in range(at - 1, max(at - 2 - _REACH, -1), -1):
        if _is_noun(tokens[place], using):
            return _whole(tokens, place, using), tokens[place + 1 : at]
    return None


def _judges(token: tuple[str, str], using: Lexicon) -> bool:
    word, kind = token
    return word in using.value or word in sizes() or (kind in ("a", "z") and len(word) > 1)


def _is_noun(token: tuple[str, str], using: Lexicon) -> bool:
    """Nouns, and verbs of two characters or more that can be spoken of (操作, 散热)."""
    word, kind = token
    is_named = kind[:1] == "n" or kind in ("vn", "eng", "an") or (kind == "v" and len(word) > 1)
    is_barred = word in using.value or word in using.role or word in _SAYING | _NEVER
    is_open = is_named and not is_barred and word not in listed("between") | listed("modal")
    return is_open or word in measured()


def _whole(tokens: Tokens, place: int, using: Lexicon) -> str:
    """The noun, with the one right before it where it is a single character."""
    word = tokens[place][0]
    is_short = len(word) == 1 and place > 0 and _is_noun(tokens[place - 1], using)
    return tokens[place - 1][0] + word if is_short else word


def pairs_of(texts: pl.DataFrame, *, tag: Tagger, using: Lexicon) -> pl.DataFrame:
    """The pairs of many texts.

    Parameters
    ----------
    texts : (n_texts) said [in plain form], and any other columns

    Returns
    -------
    (n_pairs) the other columns, aspect, opinion, polarity
    """
    found = [pairs(said, tag=tag, using=using) for said in texts["said"]]
    told = [[{"aspect": p.aspect, "opinion": p.opinion, "polarity": p.polarity} for p in each] for each in found]  # fmt: skip
    fields = pl.Struct(dict.fromkeys(("aspect", "opinion", "polarity"), pl.String))
    listed = texts.drop("said").with_columns(pl.Series("pair", told, dtype=pl.List(fields)))
    return listed.explode("pair").drop_nulls("pair").unnest("pair")


def pair_counts(found: pl.DataFrame, *by: str, most: int) -> pl.DataFrame:
    """How many people say each pair.

    Parameters
    ----------
    found : (n_pairs) person, text_id, aspect, opinion, polarity, and the columns ``by``

    Returns
    -------
    (<= most) by, aspect, opinion, polarity, n_people, n_texts: those that the most people say first
    """
    names = [*by, "aspect", "opinion", "polarity"]
    told = found.group_by(names).agg(
        pl.col("person").n_unique().cast(pl.Int64).alias("n_people"),
        pl.col("text_id").n_unique().cast(pl.Int64).alias("n_texts"),
    )
    ordered = told.sort("n_people", "n_texts", *names, descending=[True, True, *([False] * len(names))])  # fmt: skip
    return ordered.head(most)
