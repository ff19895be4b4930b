"""What the columns of a table are called, and how a cell names those it lies above."""

from __future__ import annotations

from string import ascii_uppercase

import numpy as np
from numpy.typing import NDArray


def letter(position: int) -> str:
    """Name of a table column: A to Z, then AA, AB, ...

    >>> letter(0), letter(25), letter(26), letter(701), letter(702)
    ('A', 'Z', 'AA', 'ZZ', 'AAA')
    """
    before, last = divmod(position, 26)
    return (letter(before - 1) if before else "") + ascii_uppercase[last]


def columns_below(letters: str, n_columns: int) -> list[int]:
    """Positions of the columns that a cell's letters name.

    >>> columns_below("bC", 3), columns_below("b AB", 30), columns_below("—", 3)
    ([1, 2], [1, 27], [])
    """
    positions = {letter(at): at for at in range(n_columns)}
    names = letters.split() if n_columns > len(ascii_uppercase) else letters
    return [positions[name.upper()] for name in names if name.upper() in positions]


def written(
    higher: NDArray[np.intp], lower: NDArray[np.intp], p_values: NDArray[np.float64],
    *, n_columns: int, levels: tuple[float, float],
) -> list[list[str]]:  # fmt: skip
    """The letters of every cell.

    Parameters
    ----------
    higher, lower, p_values : (n_rows, n_pairs) the columns of each pair and its adjusted p [NaN: not tested]
    levels : p at or below the larger prints a small letter, at or below the smaller a capital

    Returns
    -------
    (n_rows, n_columns) letters in column order, "bC"; parted by spaces beyond 26 columns
    """
    marks: list[list[list[str]]] = [[[] for _ in range(n_columns)] for _ in range(len(p_values))]
    rows, at = np.nonzero(p_values <= max(levels))
    order = np.lexsort((lower[rows, at], rows))
    rows, at = rows[order], at[order]
    capital = p_values[rows, at] <= min(levels)
    names = [letter(position) for position in range(n_columns)]
    for row, winner, loser, strict in zip(
        rows.tolist(), higher[rows, at].tolist(), lower[rows, at].tolist(), capital.tolist(), strict=True
    ):  # fmt: skip
        marks[row][winner].append(names[loser] if strict else names[loser].lower())
    gap = " " if n_columns > len(ascii_uppercase) else ""
    return [[gap.join(cell) for cell in row] for row in marks]
