"""Which words are said how often, and by how many people."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import polars as pl


def word_counts(tokens: Sequence[Sequence[str]], people: Sequence[str]) -> pl.DataFrame:
    """Count every word once per person and once per mention.

    Parameters
    ----------
    tokens : (n_texts) the words of each text
    people : (n_texts) who said it; several texts of one person count once

    Returns
    -------
    (n_words) word, document_frequency [people], term_frequency [mentions], most people first
    """
    mentions: Counter[str] = Counter()
    speakers: defaultdict[str, set[str]] = defaultdict(set)
    for words, person in zip(tokens, people, strict=True):
        mentions.update(words)
        for word in set(words):
            speakers[word].add(person)
    return pl.DataFrame(
        {
            "word": list(mentions),
            "document_frequency": [len(speakers[w]) for w in mentions],
            "term_frequency": list(mentions.values()),
        },
        schema={"word": pl.String, "document_frequency": pl.Int64, "term_frequency": pl.Int64},
    ).sort(["document_frequency", "term_frequency", "word"], descending=[True, True, False])
