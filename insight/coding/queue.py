"""Which texts a person should code next: first those that show the whole range, then the doubtful ones."""

from __future__ import annotations

import random
from collections.abc import Sequence, Set
from hashlib import sha256

import numpy as np
import polars as pl

from insight.coding.matching import raised, trees_of
from insight.schema.codebook import Codebook
from insight.schema.lexicon import Lexicon
from insight.text.tokenize import content_words, tagger
from insight.text.vectors import count_matrix, inverse_document_frequency, unit, vocabulary

SPREAD = 50  # texts that show the range
_LOOKED_AT, _DIMENSIONS, _SHORTEST = 2_000, 50, 4


def audit_sample(ids: Sequence[str], *, n: int, seed: int) -> tuple[str, ...]:
    """A random sample without replacement; the order of ``ids`` does not matter."""
    known = sorted(set(ids))
    return tuple(random.Random(seed).sample(known, min(n, len(known))))


def next_texts(
    texts: pl.DataFrame,
    clauses: pl.DataFrame,
    book: Codebook,
    *,
    done: Set[str],
    most: int,
    words: Lexicon | None = None,
) -> tuple[str, ...]:
    """Ids of the texts to code, in the order to code them.

    Parameters
    ----------
    texts : (n) text_id, text
    clauses : (n_clauses) at, clause
    done : ids that are not to be asked for
    words : the words of the study

    Notes
    -----
    Until 50 are coded: the texts nearest to 50 k-means centres, for rules and a model learn little from
    fifty times the same praise. Then those where the rules are least sure: several needs at once, or none
    in a long text. Of at most 2,000 texts, taken by a hash of their content.
    """
    rules = trees_of(book)
    flags = raised(clauses, rules, n_texts=len(texts))
    found = (
        flags.select(pl.sum_horizontal(pl.all().cast(pl.Int64)).alias("n")) if flags.width else None
    )
    n_needs = found["n"] if found is not None else pl.Series([0] * len(texts))
    open_ = texts.with_columns(n_needs.alias("n_needs")).filter(
        ~pl.col("text_id").is_in(list(done)) & (pl.col("text").str.len_chars() >= _SHORTEST)
    )
    fair = open_.with_columns(at=_hashes(open_["text"])).sort("at", "text_id").unique("text", keep="first", maintain_order=True).head(_LOOKED_AT)  # fmt: skip
    if len(fair) <= most:
        return tuple(fair["text_id"])
    if len(done) < SPREAD:
        return tuple(
            fair["text_id"][row] for row in _spread(fair["text"].to_list(), k=most, words=words)
        )
    length = pl.col("text").str.len_chars().clip(upper_bound=80)
    doubt = pl.when(pl.col("n_needs") == 0).then(length / 40).otherwise(pl.col("n_needs") - 1)
    return tuple(fair.sort(doubt, "at", descending=[True, False])["text_id"].head(most))


def _hashes(texts: pl.Series) -> pl.Series:
    return pl.Series([sha256(text.encode()).hexdigest() for text in texts], dtype=pl.String)


def _spread(texts: Sequence[str], *, k: int, words: Lexicon | None) -> list[int]:
    """Rows of the texts nearest to k centres, those of the largest groups first."""
    from sklearn.cluster import KMeans
    from sklearn.decomposition import TruncatedSVD

    tag = tagger(words)
    documents = [content_words(tag(text)) for text in texts]
    counts = count_matrix(documents, vocabulary(documents))
    if counts.shape[1] < 3:
        return list(range(k))
    weighted = counts * inverse_document_frequency(counts)[None, :]
    size = min(_DIMENSIONS, counts.shape[1] - 1)
    vectors = unit(TruncatedSVD(size, random_state=0).fit_transform(weighted))
    k = min(k, len(np.unique(vectors.round(6), axis=0)))
    model = KMeans(k, n_init=1, random_state=0).fit(vectors)
    apart = model.transform(vectors)
    groups = np.bincount(model.labels_, minlength=k)
    nearest = {int(apart[:, group].argmin()): None for group in np.argsort(-groups, kind="stable")}
    return list(nearest)
