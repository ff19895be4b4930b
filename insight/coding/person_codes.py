"""Codes that people gave, as tables: out to be checked elsewhere, in from another tool or coder."""

from __future__ import annotations

from collections.abc import Iterable, Set

import polars as pl

from insight.coding.building import listed
from insight.errors import BadCodebook
from insight.readers import read
from insight.schema.codebook import Codebook
from insight.schema.codes import PersonCode, Purpose

POLARITY_LABELS = {"positive": "正面", "negative": "负面", "neutral": "中性", "": ""}
PURPOSE_LABELS: dict[Purpose, str] = {"code": "编码", "audit": "抽查"}
NONE = "无"
_COLUMNS = {
    "text_id": ("文本编号", "text_id", "编号", "id"),
    "needs": ("需求", "编码", "needs", "need", "codes"),
    "polarity": ("情感", "polarity"),
    "coder": ("编码人", "coder"),
    "purpose": ("用途", "purpose"),
}


def table_of_codes(
    codes: Iterable[PersonCode], book: Codebook, *, texts: pl.DataFrame
) -> pl.DataFrame:
    """One line a code.

    Parameters
    ----------
    texts : (n) text_id, text
    """
    names = {code.key: code.name for code in book.codes}
    rows = [
        (
            c.text_id,
            "、".join(names.get(key, key) for key in c.needs) or NONE,
            POLARITY_LABELS[c.polarity],
            c.coder,
            PURPOSE_LABELS[c.purpose],
        )
        for c in codes
    ]
    schema = dict.fromkeys(("文本编号", "需求", "情感", "编码人", "用途"), pl.String)
    told = pl.DataFrame(rows, schema=schema, orient="row")
    return told.join(
        texts.rename({"text_id": "文本编号", "text": "原话"}), on="文本编号", how="left"
    )


def read_codes(
    data: bytes, name: str, book: Codebook, *, known: Set[str], coder: str
) -> list[PersonCode]:
    """Codes of a csv or xlsx file.

    Parameters
    ----------
    known : ids of the texts
    coder : of lines that name none

    Raises
    ------
    InsightError : the file cannot be read.
    BadCodebook : a column, a text or a need is unknown.
    """
    frame = read(data, name)[0].frame
    there = {c.strip().lower(): c for c in frame.columns}
    places = {
        what: there[n] for what, names in _COLUMNS.items() for n in reversed(names) if n in there
    }
    if not {"text_id", "needs"} <= set(places):
        raise BadCodebook("没有找到“文本编号”和“需求”两列", "请先导出编码表，照它的样子填写。")
    rows = [
        {what: (row[column] or "").strip().removeprefix("'") for what, column in places.items()}
        for row in frame.iter_rows(named=True)
    ]
    filled = [row for row in rows if row["needs"]]
    if absent := sorted({row["text_id"] for row in filled} - known):
        raise BadCodebook(f"有 {len(absent):,} 个文本编号不在这个研究里，如“{absent[0]}”")
    return [_code(row, book, coder=coder) for row in filled]


def _code(row: dict[str, str], book: Codebook, *, coder: str) -> PersonCode:
    purposes = {label: purpose for purpose, label in PURPOSE_LABELS.items()}
    moods = {label: mood for mood, label in POLARITY_LABELS.items()}
    names = () if row["needs"] == NONE else _names(row["needs"], book)
    keys = []
    for name in names:
        found = book.named(name)
        if found is None:
            raise BadCodebook(
                f"编码本里没有“{name}”这项需求", "请先在编码本里加上它，或改成已有的名称。"
            )
        keys.append(found.key)
    return PersonCode(
        row["text_id"],
        row.get("coder") or coder,
        tuple(keys),
        moods.get(row.get("polarity", ""), ""),
        purposes.get(row.get("purpose", ""), "code"),
    )


def _names(told: str, book: Codebook) -> tuple[str, ...]:
    """The needs of one cell; a name that holds a separator itself stays whole."""
    return (told,) if book.named(told) else listed(told)
