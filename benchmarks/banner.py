"""A banner of 200 questions by 10 segment variables over 100,000 weighted respondents, with all letters.

Run: python -m benchmarks.banner [questions]. The engines run in processes of their own in turn and tell how many
pairs of columns they found to differ, which must be the same. The peer is the loop that a careful analyst writes:
``pandas.crosstab`` for counts, sums of weights and sums of squared weights, then statsmodels' z test of every two
columns in every row on the effective base, with Bonferroni's correction. It gets integer codes. "codes" counts and
tests from the same codes; "book" is what the product does: it starts from the answers in words and ends with the
long table of all cells. Every engine does all questions; nothing is scaled.
"""

from __future__ import annotations

import sys
import warnings
from itertools import combinations

import numpy as np
import polars as pl

from benchmarks import measure

PEOPLE, QUESTIONS, SEGMENTS, OPTIONS, GROUPS, ROUNDS = 100_000, 200, 10, 5, 5, 3
LEVEL = 0.05
WORDS, GROUP_NAMES = ("很不满意", "不满意", "一般", "满意", "很满意"), "甲乙丙丁戊"


def answers(people: int = PEOPLE, questions: int = QUESTIONS) -> tuple[np.ndarray, ...]:
    """Seeded answers (questions x people), segments (10 x people) that some answers depend on, and weights."""
    rng = np.random.default_rng(0)
    segments = rng.integers(0, GROUPS, (SEGMENTS, people))
    given = rng.integers(0, OPTIONS, (questions, people))
    for at in range(0, questions, 5):
        leans = rng.random(people) < 0.03
        given[at, leans] = segments[at % SEGMENTS, leans]
    return given, segments, rng.uniform(0.3, 3.0, people)


def codes(given: np.ndarray, segments: np.ndarray, weight: np.ndarray) -> int:
    """Pairs of columns that differ, in all tables."""
    from insight.stats.banner import compare
    from insight.stats.cells import Coded, Columns
    from insight.stats.counting import count_each
    from insight.stats.proportions import Rule

    order = np.argsort(weight)
    rows = np.eye(OPTIONS, dtype=bool)
    stubs = [Coded(answers[order].astype(np.intp), rows) for answers in given]
    breaks = [Columns(segment[order].astype(np.intp), GROUPS) for segment in segments]
    found = 0
    for counted in count_each(stubs, breaks, weight=weight[order]):
        made = compare(counted, Rule(), tables=[OPTIONS] * len(stubs))
        found += sum(len(mark) for line in made.letters for mark in line)
    return found


def book(given: pl.DataFrame, segments: np.ndarray, weight: np.ndarray) -> int:
    """The same by the door of the product, from answers in words to the table with letters."""
    from insight.answers import Sample
    from insight.schema import Option, Question, QuestionKind
    from insight.stats.cells import Columns
    from insight.stats.proportions import Rule
    from insight.tabulation import Family, crossed, stubs_of

    order = np.argsort(weight)
    people = Sample(given[order], pl.Series(weight[order]), is_weighted=True, note="")
    options = tuple(Option(label=word) for word in WORDS)
    asked = [
        Question(id=name, wording=name, kind=QuestionKind.SINGLE, columns=(name,), options=options)
        for name in given.columns
    ]
    families = [
        Family(f"S{at}", f"S{at}", tuple(GROUP_NAMES), "总计", Columns(segment[order].astype(np.intp), GROUPS))
        for at, segment in enumerate(segments)
    ]  # fmt: skip
    stubs = stubs_of(people.responses, asked)
    cells, _ = crossed(stubs, families, people=people, rule=Rule())
    return int(cells["letters"].str.len_chars().sum())


def in_words(given: np.ndarray) -> pl.DataFrame:
    """The answers as a study holds them."""
    words = np.array(WORDS, dtype=object)
    return pl.DataFrame([pl.Series(f"Q{at}", words[codes], dtype=pl.String) for at, codes in enumerate(given)])  # fmt: skip


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


ENGINES = {"codes": codes, "book": book, "pandas+statsmodels": peer}


def main() -> None:
    if sys.argv[1:2] == [measure.ONE]:
        warnings.simplefilter("ignore")
        engine, questions = ENGINES[sys.argv[2]], int(sys.argv[3])
        given, small = answers(questions=questions), answers(1_000, 2)
        if engine is book:  # the words lie ready, as they do in a study
            given, small = ((in_words(codes), *rest) for codes, *rest in (given, small))
        measure.report(measure.run(lambda: engine(*given), warm=lambda: engine(*small)))
        return
    questions = int(sys.argv[1]) if len(sys.argv) > 1 else QUESTIONS
    rounds = 1 if questions == QUESTIONS else ROUNDS
    runs = measure.race("benchmarks.banner", list(ENGINES), str(questions), rounds=rounds)
    print(
        f"{questions} questions x {SEGMENTS} segments, {PEOPLE:,} weighted respondents, {rounds} rounds"
    )
    print("\n".join(measure.table(runs, peer="pandas+statsmodels")))
    print({engine: own[0].told for engine, own in runs.items()})


if __name__ == "__main__":
    main()
