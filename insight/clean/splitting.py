"""How a cell that holds several options is taken apart."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

SEPARATORS = ("┋", "¦", ";", "；", "|", "\n", "、", ", ", ",", "，", "/")
SURE = "┋"  # joins options and nothing else
_LEAST_TOGETHER = 3  # cells that speak for two pieces being one option
_ONE, _KEPT = "\x1f", "\x1e"  # stand for a mark, and for a mark inside an option


def pieces(answers: pl.Series, mark: str, *, whole: Sequence[str] = ()) -> pl.Series:
    """The options of each cell.

    Parameters
    ----------
    answers : (n) text
    mark : what joins options; inside brackets it belongs to the option; "" joins nothing
    whole : options that hold the mark themselves; of several that fit, the longest one counts

    Returns
    -------
    (n) lists of different options, in the order of the cell

    Examples
    --------
    >>> pieces(pl.Series(["价格低, 省钱, 物流快"]), ", ", whole=["价格低, 省钱"]).to_list()
    [['价格低, 省钱', '物流快']]
    """
    if not mark:
        return answers.str.strip_chars().str.split(_ONE)
    if mark == SURE:
        parts = answers.str.split(mark)
    else:
        parts = _outside_brackets(_protected(answers, mark, whole=whole), mark)
    stripped = parts.list.eval(pl.element().str.replace_all(_KEPT, mark).str.strip_chars())
    return stripped.list.eval(pl.element().filter(pl.element() != "")).list.unique(maintain_order=True)  # fmt: skip


def _outside_brackets(answers: pl.Series, mark: str) -> pl.Series:
    """Cells taken apart at every mark that no bracket encloses."""
    joint = mark if len(mark) == 1 else _ONE
    inside = r"\([^()]*\)|（[^（）]*）|【[^】]*】|〖[^〗]*〗"
    parts = answers.str.replace_all(mark, joint, literal=True).str.extract_all(
        rf"(?:[^{re.escape(joint)}()（）【】〖〗]|{inside}|[()（）【】〖〗])+"
    )
    return parts.list.eval(pl.element().str.replace_all(joint, mark, literal=True))


def _protected(answers: pl.Series, mark: str, *, whole: Sequence[str]) -> pl.Series:
    """Cells in which the marks inside known options cannot be mistaken for joints."""
    edge = re.escape(mark.strip() or mark)
    holding = (o for o in sorted(set(whole), key=lambda o: (-len(o), o)) if mark in o)
    for option in holding:
        pattern = rf"(^|{edge}\s*)({re.escape(option)})(\s*{edge}|〖|\s*$)"
        kept = option.replace(mark, _KEPT).replace("$", "$$")
        for _ in range(2):  # neighbours share a mark
            answers = answers.str.replace_all(pattern, f"${{1}}{kept}${{3}}")
    return answers


def inseparable(answers: pl.Series, mark: str) -> tuple[str, ...]:
    """Options that hold the mark themselves, learnt from the cells that hold one option alone.

    A cell is one option where at least three cells hold all its pieces one after the other, and no
    piece stands anywhere without the others.

    Parameters
    ----------
    answers : (n) non-null text cells
    mark : what joins options
    """
    cells = pieces(answers, mark).to_list()
    joined = [f"{_ONE}{_ONE.join(cell)}{_ONE}" for cell in cells]
    n_with: dict[str, int] = {}
    for cell in cells:
        for piece in cell:
            n_with[piece] = n_with.get(piece, 0) + 1
    alone = sorted({tuple(cell) for cell in cells if len(cell) > 1 and {n_with[p] for p in cell} == {n_with[cell[0]]}})  # fmt: skip
    return tuple(
        mark.join(option)
        for option in alone
        if _LEAST_TOGETHER <= n_with[option[0]] == sum(f"{_ONE}{_ONE.join(option)}{_ONE}" in cell for cell in joined)
    )  # fmt: skip
