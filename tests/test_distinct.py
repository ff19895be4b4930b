"""Different values once, numbers for ids, and work on several cores: the same as one by one."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight.clean.contents import Profile, profile, profiles
from insight.distinct import by_distinct, distinct, is_each_once, numbered
from insight.threads import at_once

IDS = st.lists(st.none() | st.text("0123456789+-aé ", max_size=21))


def test_each_different_text_is_looked_at_once():
    seen: list[str] = []

    def upper(known: pl.Series) -> pl.Series:
        seen.extend(known)
        return known.str.to_uppercase()

    found = by_distinct(pl.Series("名", ["a", None, "b", "a", "a"]), upper)
    assert found.to_list() == ["A", None, "B", "A", "A"]
    assert (found.name, sorted(seen)) == ("名", ["a", "b"])


def test_a_column_of_nothing_stays_nothing():
    for values in ([], [None, None]):
        known, which = distinct(pl.Series("x", values, pl.String))
        assert known.is_empty()
        assert which.to_list() == values
        lengths = by_distinct(pl.Series("x", values, pl.String), lambda v: v.str.len_chars())
        assert lengths.to_list() == values


@given(IDS)
def test_two_ids_have_one_number_exactly_where_they_are_equal(values):
    ids = pl.Series(values, dtype=pl.String)
    numbers = numbered(ids).to_list()
    pairs = {(a, n) for a, n in zip(values, numbers, strict=True)}
    assert len(pairs) == len(set(values)) == len(set(numbers))
    assert [n is None for n in numbers] == [v is None for v in values]
    assert all(n is None or n < 2**62 for n in numbers)


def test_digits_that_begin_with_a_zero_or_a_sign_are_other_ids():
    assert numbered(pl.Series(["7", "007", "+7"])).n_unique() == 3
    assert numbered(pl.Series(["18446744073709551615", "1"])).max() < 2**62


def test_whether_each_number_stands_once():
    assert is_each_once(pl.Series([3, 1, 2]))
    assert not is_each_once(pl.Series([3, 1, 3]))


def test_work_on_several_cores_comes_in_the_order_given():
    assert list(at_once(lambda n: n * n, range(50))) == [n * n for n in range(50)]


def test_items_are_taken_no_faster_than_results_are_fetched():
    taken: list[int] = []

    def items():
        for n in range(1_000):
            taken.append(n)
            yield n

    results = at_once(lambda n: n, items())
    assert next(results) == 0
    assert len(taken) <= pl.thread_pool_size() + 1
    results.close()


def test_the_first_error_in_the_order_of_the_items_is_raised():
    def work(n: int) -> int:
        if n >= 3:
            raise ValueError(n)
        return n

    with pytest.raises(ValueError, match=r"^3$"):
        list(at_once(work, range(9)))


def test_of_a_very_long_table_some_rows_are_looked_at_whatever_their_order():
    n = 150_000
    rows = pl.int_range(n, eager=True)
    frame = pl.DataFrame(
        {
            "__line__": rows.cast(pl.UInt32),
            "编号": rows.cast(pl.String),
            "省份": (rows % 5).cast(pl.String),
            "客户": (rows % 40_000).cast(pl.String),
            "备注": pl.Series(["加急", *[None] * (n - 1)]),
        }
    )
    seen = profiles(frame)
    mixed = profiles(frame.sample(fraction=1, shuffle=True, seed=3))

    def told(one: Profile) -> tuple[object, ...]:
        return (one.rows, one.filled, one.distinct, one.of, one.sample.to_list())

    assert {c: told(p) for c, p in seen.items()} == {c: told(p) for c, p in mixed.items()}
    assert (seen["编号"].rows, seen["编号"].distinct) == (n, n)
    assert seen["客户"].of == n
    assert seen["客户"].distinct < 0.9 * seen["客户"].filled
    assert (seen["省份"].distinct, seen["省份"].of) == (5, n)
    assert told(seen["备注"]) == told(profile(frame["备注"]))
