"""A banner of 200 questions by 10 segment variables over 100,000 weighted respondents, with all letters.

Run: python -m benchmarks.banner. Both engines get the same integer codes and weights, run in processes of their own
in turn, and tell how many pairs of columns they found to differ, which must be the same. The peer is the loop that a
careful analyst writes: ``pandas.crosstab`` for counts, sums of weights and sums of squared weights, then statsmodels'
z test of every two columns in every row on the effective base, with Bonferroni's correction. "ours" starts from the
codes that a study keeps; "ours+coding" also makes them from the words of the answers.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import polars as pl

from benchmarks import measure

PEOPLE, QUESTIONS, SEGMENTS, OPTIONS, GROUPS, ROUNDS = 100_000, 200, 10, 5, 5, 3
LEVEL = 0.05


def answers(people: int = PEOPLE, questions: int = QUESTIONS) -> tuple[np.ndarray, ...]:
    """Seeded answers (questions x people), segments (10 x people) that some answers depend on, and weights."""
    rng = np.random.default_rng(0)
    segments = rng.integers(0, GROUPS, (SEGMENTS, people))
    given = rng.integers(0, OPTIONS, (questions, people))
    for at in range(0, questions, 5):
        leans = rng.random(people) < 0.03
        given[at, leans] = segments[at % SEGMENTS, leans]
    return given, segments, rng.uniform(0.3, 3.0, people)


def ours(given: np.ndarray, segments: np.ndarray, weight: np.ndarray) -> int:
    """Pairs of columns that differ, in all tables."""
    from insight.stats.banner import compare
    from insight.stats.cells import Coded, Columns, count
    from insight.stats.proportions import Rule

    order = np.argsort(weight)
    rows = np.eye(OPTIONS, dtype=bool)
    stubs = [Coded(codes[order].astype(np.intp), rows) for codes in given]
    found = 0
    for segment in segments:
        counted = count(
            stubs, Columns(segment[order].astype(np.intp), GROUPS), weight=weight[order]
        )
        made = compare(counted, Rule(), tables=[OPTIONS] * len(stubs))
        found += sum(len(mark) for line in made.letters for mark in line)
    return found


def coded(given: Sequence[pl.Series], segments: np.ndarray, weight: np.ndarray) -> int:
    """The same from words, as they stand in a study."""
    from insight.stats.banner import codes_of

    known = [str(code) for code in range(OPTIONS)]
    return ours(np.stack([codes_of(words, known) for words in given]), segments, weight)


def in_words(given: np.ndarray) -> list[pl.Series]:
    """The answers as a study holds them."""
    return [pl.Series(codes).cast(pl.String) for codes in given]


def peer(given: np.ndarray, segments: np.ndarray, weight: np.ndarray) -> int:
    import pandas as pd

    w, squares = pd.Series(weight), pd.Series(weight**2)
    found = 0
    for segment in segments:
        columns = pd.Series(segment, name="segment")
        for codes in given:
            rows = pd.Series(codes, name="answer")
            n = pd.crosstab(rows, columns)
            sums, squared = (
                pd.crosstab(rows, columns, values=v, aggfunc="sum") for v in (w, squares)
            )
            bases = (sums.sum() ** 2 / squared.sum()).to_numpy()
            found += _differ((sums / sums.sum()).to_numpy(), bases) if n.size else 0
    return found


def _differ(shares: np.ndarray, bases: np.ndarray) -> int:
    from statsmodels.stats.multitest import multipletests
    from statsmodels.stats.proportion import proportions_ztest

    pairs = list(combinations(range(len(bases)), 2))
    found = 0
    for line in shares:
        p = [
            proportions_ztest(line[list(pair)] * bases[list(pair)], bases[list(pair)])[1]
            for pair in pairs
        ]
        found += int((multipletests(p, method="bonferroni")[1] <= LEVEL).sum())
    return found


ENGINES = {"ours": ours, "ours+coding": coded, "pandas+statsmodels": peer}


def main() -> None:
    if sys.argv[1:2] == [measure.ONE]:
        warnings.simplefilter("ignore")
        engine, questions = ENGINES[sys.argv[2]], int(sys.argv[3])
        given, small = answers(questions=questions), answers(1_000, 2)
        if engine is coded:  # the words lie ready, as they do in a study
            given, small = ((in_words(codes), *rest) for codes, *rest in (given, small))
        measure.report(measure.run(lambda: engine(*given), warm=lambda: engine(*small)))
        return
    questions = sys.argv[1] if len(sys.argv) > 1 else str(QUESTIONS)
    runs = measure.race("benchmarks.banner", list(ENGINES), questions, rounds=ROUNDS if questions == str(QUESTIONS) else 1)  # fmt: skip
    print(f"{questions} questions x {SEGMENTS} segments, {PEOPLE:,} weighted respondents")
    print("\n".join(measure.table(runs, peer="pandas+statsmodels")))
    print({engine: own[0].told for engine, own in runs.items()})


if __name__ == "__main__":
    main()
