"""Keyness of ten segments over all shop reviews: against cutting them, and how often planted words are found.

Run ``python -m benchmarks.keyness`` in the project's root; it needs the shared real data. Both steps run in
one process, in turn; printed are processor seconds, their ratio, and, over draws of planted words, the
precision of the first twenty words and the share of false flags, beside chi-square on tokens.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np
from scipy.stats import chi2_contingency, false_discovery_control

from insight.text.keyness import keyness
from insight.text.normalize import normalise
from insight.text.tokenize import content_words, tagger

DATA = Path(__file__).parents[2] / "shared" / "data"
ROUNDS, DRAWS, EACH, PLANTED, LEVEL = 3, 10, 300, 5, 0.05


def reviews() -> tuple[list[str], list[str]]:
    """Every review and its category."""
    path = DATA / "online_shopping_10_cats" / "online_shopping_10_cats.csv"
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["review"]]
    return [row["review"] for row in rows], [row["cat"] for row in rows]


def race(texts: list[str], segments: list[str]) -> list[list[str]]:
    """Print both steps; give back the words of each review."""
    tag, took = tagger(), []
    for _ in range(ROUNDS):
        start = process_time()
        words = [content_words(tag(normalise(text))) for text in texts]
        cut = process_time() - start
        start = process_time()
        found = keyness(words, segments, segments=sorted(set(segments)))
        took.append((cut, process_time() - start))
    cut, key = (median(part) for part in zip(*took, strict=True))
    print(
        f"{len(texts):,} reviews, {found.height:,} rows: cutting {cut:.1f} s, keyness {key:.1f} s, {key / cut:.2f}×"
    )
    return words


def draws(words: list[list[str]]) -> Iterator[tuple[list[list[str]], list[str], set[str]]]:
    """Reviews at random in two groups; five words are put into 12 % more texts of one group."""
    often = [w for w, n in Counter(w for said in words for w in set(said)).most_common(900)]
    for seed in range(DRAWS):
        rng = np.random.default_rng(seed)
        picked = rng.choice(len(words), 2 * EACH, replace=False)
        own = set(rng.choice(often[100:], PLANTED, replace=False).tolist())
        groups = ["a"] * EACH + ["b"] * EACH
        said = [[*words[i], *(w for w in sorted(own) if g == "a" and rng.random() < 0.12)] for i, g in zip(picked, groups, strict=True)]  # fmt: skip
        yield said, groups, own


def by_people(said: list[list[str]], groups: list[str]) -> tuple[list[str], set[str]]:
    """The words of group a in the order of z, and those flagged."""
    rows = [
        r for r in keyness(said, groups, segments=["a"]).to_dicts() if r["share"] > r["share_rest"]
    ]
    return [r["word"] for r in rows], {r["word"] for r in rows if r["p_adjusted"] < LEVEL}


def by_tokens(said: list[list[str]], groups: list[str]) -> tuple[list[str], set[str]]:
    """The same by chi-square of token counts, as concordance programs do it."""
    counts = {g: Counter(w for words, of in zip(said, groups, strict=True) if of == g for w in words) for g in "ab"}  # fmt: skip
    total = {g: sum(counts[g].values()) for g in "ab"}
    shared = [w for w in counts["a"] if counts["a"][w] + counts["b"][w] >= 5 and counts["a"][w] / total["a"] > counts["b"][w] / total["b"]]  # fmt: skip
    tests = [chi2_contingency([[counts[g][w], total[g] - counts[g][w]] for g in "ab"], correction=False) for w in shared]  # fmt: skip
    adjusted = false_discovery_control([t.pvalue for t in tests])
    ranked = [w for _, w in sorted(zip((-t.statistic for t in tests), shared, strict=True))]
    return ranked, {w for w, p in zip(shared, adjusted, strict=True) if p < LEVEL}


def main() -> None:
    """Speed, then planted words."""
    words = race(*reviews())
    for method in (by_people, by_tokens):
        first, flags, false = 0, 0, 0
        for said, groups, own in draws(words):
            ranked, flagged = method(said, groups)
            first += len(own & set(ranked[:PLANTED]))
            flags, false = flags + len(flagged), false + len(flagged - own)
        print(
            f"{method.__name__}: precision@{PLANTED} {first / (DRAWS * PLANTED):.2f}, flags {flags}, false {false / max(flags, 1):.2f}"
        )


if __name__ == "__main__":
    main()
