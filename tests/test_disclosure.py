"""What leaves the tool: small cells are hidden, and nobody can work them out from what is still shown."""

from __future__ import annotations

import altair as alt
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import null_space
from scipy.optimize import linprog

from insight.analysis import Cell, Finding, Result
from insight.disclosure import alone, shared, shared_table
from insight.disclosure.cells import Sum, protected
from insight.disclosure.tables import hidden

FEWEST = 5


def _system(counts, sums, mask):
    """The equations that an attacker has for the hidden cells: matrix, right-hand side, their places."""
    places = np.flatnonzero(mask)
    signed = np.zeros((len(sums), len(counts)))
    for row, one in enumerate(sums):
        signed[row, list(one.parts)] = 1
        if one.total is not None:
            signed[row, one.total] = -1
    known = np.array(
        [sum(counts[i] for i in one.parts) if one.total is None else 0 for one in sums]
    )
    shown = np.where(mask, 0, counts)
    return signed[:, places], known - signed @ shown, places


def _reach(counts, sums, mask):
    """Hidden cell -> the least and the most that it can be for whoever knows all that is shown."""
    matrix, right, places = _system(counts, sums, mask)
    found = {}
    for i, place in enumerate(places):
        ends = []
        for sign in (1, -1):
            aim = np.zeros(len(places))
            aim[i] = sign
            solved = linprog(aim, A_eq=matrix, b_eq=right, bounds=(0, None), method="highs")
            ends.append(np.inf if solved.status == 3 else sign * solved.fun)
        found[int(place)] = (ends[0], abs(ends[1]))
    return found


def _crossed(inner):
    """A table with a total for every row, every column and the whole: counts and their sums."""
    full = np.block(
        [[inner, inner.sum(1, keepdims=True)], [inner.sum(0, keepdims=True), inner.sum()]]
    )
    at = np.arange(full.size).reshape(full.shape)
    sums = [Sum(tuple(int(c) for c in line[:-1]), int(line[-1])) for line in (*at, *at.T)]
    return full.ravel().tolist(), sums


tables = st.tuples(st.integers(2, 5), st.integers(2, 5)).flatmap(
    lambda shape: st.lists(st.integers(0, 30), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]).map(
        lambda cells: np.array(cells).reshape(shape)
    )
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(tables)
def test_no_hidden_cell_of_a_table_with_totals_can_be_worked_out(inner):
    counts, sums = _crossed(inner)
    mask = protected(counts, sums, fewest=FEWEST)
    for cell, (least, most) in _reach(counts, sums, mask).items():
        assert most - least >= 1, (inner, cell)
        if 0 < counts[cell] < FEWEST and inner.sum() >= 4 * FEWEST:
            assert most >= FEWEST, (inner, cell)


@settings(max_examples=15, deadline=None)
@given(tables)
def test_the_equations_leave_every_hidden_cell_free(inner):
    """Without using that counts are not negative: the null space moves each of them."""
    counts, sums = _crossed(inner)
    matrix, _, places = _system(counts, sums, protected(counts, sums, fewest=FEWEST))
    if len(places):
        assert (np.abs(null_space(matrix)).max(axis=1) > 1e-9).all()


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=4, max_size=8), st.integers(2, 3))
def test_a_net_of_some_answers_does_not_give_one_of_them_away(answers, n_in_net):
    counts = [*answers, sum(answers[:n_in_net]), sum(answers)]
    everything = tuple(range(len(answers)))
    sums = [Sum(everything[:n_in_net], len(answers)), Sum(everything, len(answers) + 1)]
    mask = protected(counts, sums, fewest=FEWEST)
    for least, most in _reach(counts, sums, mask).values():
        assert most - least >= 1


@given(st.lists(st.integers(5, 99), min_size=9, max_size=9))
def test_nothing_is_hidden_where_every_cell_is_large(cells):
    counts, sums = _crossed(np.array(cells).reshape(3, 3))
    assert not protected(counts, sums, fewest=FEWEST).any()


def test_one_small_cell_takes_the_three_cheapest_with_it():
    """Of this table the rectangle of the small cell and 6, 8, 20 is the cheapest that hides it."""
    counts, sums = _crossed(np.array([[2, 6, 90], [8, 20, 70], [50, 60, 80]]))
    mask = protected(counts, sums, fewest=FEWEST).reshape(4, 4)
    assert mask.nonzero()[0].tolist() == [0, 0, 1, 1]
    assert mask.nonzero()[1].tolist() == [0, 1, 0, 1]


def test_ten_is_the_least_for_a_sensitive_topic():
    counts, sums = _crossed(np.array([[7, 40], [60, 70]]))
    assert not protected(counts, sums, fewest=5).any()
    assert protected(counts, sums, fewest=10).reshape(3, 3)[:2, :2].all()


def _crosstab(inner, groups, answers):
    rows = [
        {"row": answer, "column": group, "n": int(n), "base": int(base), "share": n / base, "letters": "b", "question": "Q1", "break": "性别", "flag": ""}
        for answer, line in zip(answers, inner, strict=True)
        for group, n, base in zip(groups, line, inner.sum(0), strict=True)
    ]  # fmt: skip
    return pl.DataFrame(rows)


@pytest.fixture
def crosstab():
    inner = np.array([[2, 30, 40], [60, 50, 70], [80, 90, 65]])
    whole = np.hstack([inner.sum(1, keepdims=True), inner])
    return _crosstab(whole, ("总计", "男", "女", "不愿透露"), ("满意", "一般", "不满意"))


def test_a_hidden_cell_loses_its_share_and_letters_but_keeps_its_base(crosstab):
    out = shared_table(crosstab, fewest=5, tiny=10)
    cell = out.filter(row="满意", column="男").row(0, named=True)
    assert cell == {"row": "满意", "column": "男", "n": None, "base": 142, "share": None, "letters": None, "question": "Q1", "break": "性别", "flag": "—"}  # fmt: skip


def test_every_line_of_a_long_table_hides_two_cells_or_none(crosstab):
    out = shared_table(crosstab, fewest=5, tiny=10).filter(pl.col("column") != "总计")
    for name in ("row", "column"):
        assert 1 not in out.group_by(name).agg(pl.col("n").null_count())["n"].to_list()
    assert out["n"].null_count() == 4


def test_the_order_of_the_rows_does_not_matter(crosstab):
    there = shared_table(crosstab, fewest=5, tiny=10).sort("row", "column")
    back = shared_table(crosstab.reverse(), fewest=5, tiny=10).sort("row", "column")
    assert there.equals(back)


def test_a_group_of_three_loses_its_base_and_so_does_another():
    inner = np.array([[1, 30, 40], [2, 50, 70]])
    whole = np.hstack([inner.sum(1, keepdims=True), inner])
    out = shared_table(_crosstab(whole, ("总计", "A", "B", "C"), ("是", "否")), fewest=5, tiny=10)
    bases = {c: b for c, b in out.select("column", "base").unique().rows()}
    assert bases["A"] is None
    assert [bases["B"], bases["C"]].count(None) == 1
    assert bases["总计"] == 193


def test_a_list_of_segments_hides_a_second_one_because_the_number_of_customers_is_known():
    table = pl.DataFrame({"segment": ["甲", "乙", "丙"], "n_customers": [3, 500, 40], "spend": [9.0, 8.0, 7.0]})  # fmt: skip
    out = shared_table(table, fewest=5, tiny=10)
    assert out["n_customers"].to_list() == [None, 500, None]
    assert out["spend"].to_list() == [None, 8.0, None]


def test_answers_of_which_several_may_be_chosen_do_not_add_up_and_hide_only_themselves():
    table = pl.DataFrame({"option": ["甲", "乙", "丙"], "n": [3, 80, 60], "base": [100] * 3, "share": [0.03, 0.8, 0.6]})  # fmt: skip
    assert shared_table(table, fewest=5, tiny=10)["n"].to_list() == [None, 80, 60]


def test_figures_on_fewer_than_ten_people_are_not_shown():
    table = pl.DataFrame({"column": ["甲", "乙"], "base": [9, 200], "mean": [4.2, 3.9], "flag": ["", ""]})  # fmt: skip
    out = shared_table(table, fewest=5, tiny=10)
    assert out.rows() == [("甲", 9, None, "—"), ("乙", 200, 3.9, "")]


def test_promoters_that_are_three_people_hide_the_three_shares_and_leave_the_mean():
    table = pl.DataFrame({"column": ["甲", "乙"], "base": [60, 200], "top2_share": [0.05, 0.5], "mean": [2.0, 3.0]})  # fmt: skip
    out = shared_table(table, fewest=5, tiny=10)
    assert out["top2_share"].to_list()[0] is None
    assert out["mean"].to_list() == [2.0, 3.0]


def _result(table, **others):
    says = (
        Finding("男性里 2 人满意", 142, (Cell("table", 1, "n"),)),
        Finding("不满意的女性有 90 人", 170, (Cell("table", 10, "n"),)),
    )
    return Result({"table": table, **others}, {"table": _bars(table)}, says)


def _bars(table):
    return alt.Chart(alt.Data(values=table.to_dicts())).mark_bar().encode(x="row:N", y="n:Q")


def test_sentences_marks_and_comparisons_of_a_hidden_cell_stay_inside(crosstab):
    beside = pl.DataFrame({
        "row": ["满意", "不满意"], "column": ["男", "女"], "other": ["女", "不愿透露"], "share_difference": [-0.1, 0.2],
    })  # fmt: skip
    out = shared(_result(crosstab, comparisons=beside), fewest=5, tiny=10)
    assert [f.text for f in out.result.findings] == ["不满意的女性有 90 人"]
    assert out.n_findings == 1
    assert out.result.tables["comparisons"]["share_difference"].to_list()[0] is None
    told = str(out.result.charts["table"].to_dict())
    assert "'n': 2," not in told
    assert "'n': 70," in told
    assert "不满 5 人" in out.result.notes[-1]


def test_a_result_without_small_cells_is_left_as_it_is():
    table = pl.DataFrame({"segment": ["甲", "乙"], "n_customers": [30, 50]})
    result = Result({"segments": table})
    assert shared(result, fewest=5, tiny=10).result is result


def test_lists_of_people_are_judged_by_another_right():
    table = pl.DataFrame({"customer_id": ["a", "b"], "n_orders": [1, 2], "n": [1, 2]})
    assert not hidden(table, fewest=5, tiny=10).n


def test_people_who_stand_alone_in_region_and_age_are_counted():
    people = pl.DataFrame({
        "person": [f"p{i}" for i in range(11)],
        "region": ["广东"] * 6 + ["西藏"] * 2 + ["北京"] * 3,
        "gender": ["女"] * 6 + ["男"] * 5,
        "age": [None] * 11,
    })  # fmt: skip
    assert alone(people, fewest=5) == (5, ("gender", "region"))
    assert alone(people.select("person"), fewest=5) == (0, ())
