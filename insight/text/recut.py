"""What an edit of the lexicon does to texts: the words before and after, the most affected first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import polars as pl

from insight.schema.lexicon import Lexicon
from insight.text.tokenize import STOP, Tagged, plain_form, tagger

AFFECTED = {"at": pl.Int64, "before": pl.String, "after": pl.String, "n_changed": pl.Int64}


def surfaces(lexicon: Lexicon) -> set[str]:
    """Everything a lexicon says something about, in the form of the texts and in lower case."""
    merged = [w for one in lexicon.synonyms for w in (one.word, *one.variants)]
    parts = (lexicon.apart, lexicon.phrases, lexicon.stop_words, lexicon.kept_words, merged)
    words = {one.word for one in lexicon.words}.union(*parts)
    return {plain_form(word, lexicon).lower() for word in words}


def touched(before: Lexicon, after: Lexicon) -> list[str]:
    """What two lexicons say something different about; sorted."""
    told = [_told(lexicon) for lexicon in (before, after)]
    return sorted({w for one, other in (told, told[::-1]) for w, what in one.items() if other.get(w) != what})  # fmt: skip


def _told(lexicon: Lexicon) -> dict[str, str]:
    """Surface form -> all that is said of it."""
    told: dict[str, str] = {}
    for part in ("words", "apart", "phrases", "stop_words", "kept_words", "synonyms"):
        for one in getattr(lexicon, part):
            forms = [one] if isinstance(one, str) else [one.word, *getattr(one, "variants", ())]
            for form in forms:
                plain = plain_form(form, lexicon).lower()
                told[plain] = f"{told.get(plain, '')} {part} {one}"
    return told


def affected(
    texts: Sequence[str], before: Lexicon, after: Lexicon, *, most: int = 20
) -> tuple[pl.DataFrame, int]:
    """The texts whose words an edit changes.

    Parameters
    ----------
    texts : (n) as they were written

    Returns
    -------
    (<= most) at [position in ``texts``], before, after [words parted by " / ", what is left out in
        brackets], n_changed [words that one has and the other has not], most changed first; and how
        many texts change in all
    """
    words = touched(before, after)
    if not words and before.simplify == after.simplify:
        return pl.DataFrame(schema=AFFECTED), 0
    plain = pl.Series([plain_form(text, after) for text in texts], dtype=pl.String)
    met = plain.str.to_lowercase().str.contains_any(words)
    everything = before.simplify != after.simplify
    old, new = tagger(before), tagger(after)
    rows = []
    for at in range(len(texts)) if everything else met.arg_true().to_list():
        one, other = _words(old(plain_form(texts[at], before))), _words(new(plain[at]))
        n_changed = (Counter(one) - Counter(other)).total() + (
            Counter(other) - Counter(one)
        ).total()
        if n_changed or one != other:
            rows.append((at, " / ".join(one), " / ".join(other), n_changed))
    table = pl.DataFrame(rows, schema=AFFECTED, orient="row")
    ranked = table.sort(["n_changed", "before", "at"], descending=[True, False, False])
    return ranked.head(most), len(rows)


def _words(tagged: Tagged) -> list[str]:
    return [f"（{word}）" if tag == STOP else word for word, tag in tagged if word.strip()]
