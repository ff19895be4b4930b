"""The first sheet of the workbook: what it is about, every table with a link to it, and what is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from insight.masking import mask
from insight.tablebook.lines import Sheet
from insight.tablebook.styles import Styles

CONTENTS = "目录"
Places = Mapping[str, int]  # id of a question -> the line of its table


@dataclass(frozen=True, slots=True)
class Cover:
    """What the workbook is about.

    Attributes
    ----------
    facts : one Chinese sentence each: study, revision, people
    left_out : why a table is not in it, one Chinese sentence each
    """

    study: str
    made_at: datetime
    facts: tuple[str, ...]
    left_out: tuple[str, ...] = ()


def write_contents(
    page: Any,  # noqa: ANN401 (a worksheet)
    cover: Cover,
    sheets: Mapping[str, tuple[Sheet, Places]],
    *,
    extras: Sequence[str],
    styles: Styles,
) -> None:
    """Fill the sheet.

    Parameters
    ----------
    sheets : name in the workbook -> its tables and where each begins
    extras : the names of further sheets
    """
    page.write_string(0, 0, f"{cover.study}　交叉表册", styles["title"])
    line = 1
    for fact in cover.facts:
        page.write_string(line, 0, fact, styles["subtitle"])
        line += 1
    line = _listed(page, sheets, line=line + 1, styles=styles)
    for name in extras:
        page.write_url(line, 1, f"internal:'{name}'!A1", styles["link"], name)
        line += 1
    for sentence in cover.left_out:
        page.write_string(line + 1, 0, sentence, styles["subtitle"])
        line += 1
    page.set_column(0, 0, 8)
    page.set_column(1, 1, 60)
    page.set_column(2, 1 + max(1, len(sheets)), 18)


def _listed(page: Any, sheets: Mapping[str, tuple[Sheet, Places]], *, line: int, styles: Styles) -> int:  # noqa: ANN401  # fmt: skip
    """A line for every question with a link to its table on every sheet; returns the line below."""
    for at, word in enumerate(("表号", "题目", *sheets)):
        page.write_string(line, at, word, styles["head"])
    page.freeze_panes(line + 1, 2)
    page.repeat_rows(line)
    numbers = numbered([sheet for sheet, _ in sheets.values()])
    for id_, (number, heading) in numbers.items():
        line += 1
        page.write_number(line, 0, number, styles["count"])
        page.write_string(line, 1, mask(heading), styles["cell"])
        for at, (name, (_, places)) in enumerate(sheets.items(), start=2):
            if id_ in places:
                to = f"internal:'{name}'!A{places[id_] + 1}"
                page.write_url(line, at, to, styles["link"], "看表")
    return line + 1


def numbered(sheets: Sequence[Sheet]) -> dict[str, tuple[int, str]]:
    """Id of every question -> the number of its table, which is the same on all sheets, and its heading."""
    headings = {block.id: block.heading for sheet in sheets for block in sheet.blocks}
    return {id_: (at, heading) for at, (id_, heading) in enumerate(headings.items(), start=1)}
