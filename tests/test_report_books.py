"""Books of several questions and breaks in print: one matrix, with the letters and the cited cells in it."""

from __future__ import annotations

import polars as pl

from insight.report.layout import lay, limits

BREAKS = {"客户分层": ("总计", "金卡", "银卡"), "城市": ("总计", "北京", "上海", "广州")}


def _book(breaks: dict[str, tuple[str, ...]]) -> pl.DataFrame:
    """Two questions with the same options by several breaks; every share is another."""
    cells = [(q, r, b, c) for q in ("Q1", "Q2") for r in ("是", "否") for b, columns in breaks.items() for c in columns]  # fmt: skip
    frame = pl.DataFrame(cells, schema=["question", "row", "break", "column"], orient="row")
    return frame.with_columns(share=pl.int_range(pl.len()) / 100, base=100, letters=pl.lit(""), n=pl.int_range(pl.len()))  # fmt: skip


def test_a_book_is_one_matrix_of_questions_by_breaks():
    table = _book(BREAKS)
    laid = lay(table, wanted=[(9, "share")])
    assert laid.is_matrix
    assert [row[0] for row in laid.texts] == ["Q1｜是", "Q1｜否", "Q2｜是", "Q2｜否"]
    heads = [head.text.split("\n") for head in laid.heads[1:]]
    assert [h[0] for h in heads] == [f"{b}｜{c}" for b, columns in BREAKS.items() for c in columns]
    assert [h[1].partition(" ")[0] for h in heads] == ["n=100", "(A)", "(B)", "n=100", "(A)", "(B)", "(C)"]  # fmt: skip
    place = laid.places[9, "share"]
    assert laid.texts[place.row][place.column] == "9.0%"
    assert (laid.texts[place.row][0], heads[place.column - 1][0]) == ("Q1｜否", "客户分层｜银卡")


def test_of_many_columns_the_first_break_and_the_cited_ones_are_printed():
    wide = BREAKS | {"月份": ("总计", *(f"{m} 月" for m in range(1, 13)))}
    table = _book(wide)
    at = table.with_row_index("at").filter(question="Q2", **{"break": "城市", "column": "上海"})["at"][0]  # fmt: skip
    laid = lay(table, wanted=[(at, "share")])
    printed = {head.text.split("\n")[0].partition("｜")[0] for head in laid.heads[1:]}
    assert printed == {"客户分层", "城市"}
    assert "另有 13 列见导出的 csv。" in limits(laid, len(laid.texts))
    assert "城市" not in {head.text.partition("｜")[0] for head in lay(table).heads}


def test_one_question_by_one_break_keeps_its_plain_names():
    table = _book({"城市": BREAKS["城市"]}).filter(question="Q1")
    laid = lay(table, letters={"北京": "A"})
    assert [row[0] for row in laid.texts] == ["是", "否"]
    assert laid.heads[2].text == "北京\n(A) n=100"
