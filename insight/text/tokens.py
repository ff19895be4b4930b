"""The content words of texts as columns: what is kept of a text once it is cut, however many texts there are."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from insight.schema.lexicon import Lexicon
from insight.text.tokenize import Tagger, content_word, plain_form, tagger

LISTS = pl.List(pl.String)
TOKENS = {"words": LISTS, "tags": LISTS}


def tokens(
    texts: Iterable[str], lexicon: Lexicon | None = None, *, tag: Tagger | None = None
) -> pl.DataFrame:
    """Cut texts, once each.

    Parameters
    ----------
    texts : (n) as they were written, personal data masked
    lexicon : the words of the study
    tag : of that lexicon, where it is made already

    Returns
    -------
    (n) words [lists, in the order they are said, see ``tokenize.content_words``], tags [their parts of speech]
    """
    tag = tag or tagger(lexicon)
    words: list[list[str]] = []
    tags: list[list[str]] = []
    for text in texts:
        told = [(w, t) for word, t in tag(plain_form(text, lexicon)) if (w := content_word(word, t))]  # fmt: skip
        words.append([word for word, _ in told])
        tags.append([kind for _, kind in told])
    return pl.DataFrame({"words": words, "tags": tags}, schema=TOKENS)
