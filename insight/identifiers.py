"""Identifiers as text: what spreadsheets did to them is undone where no digit was lost, and told where one was."""

from __future__ import annotations

import polars as pl

from insight.distinct import numbered, whole_numbers

INVISIBLE = "[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]"
_WRAPPED = r"""^['’]*=?["']*(.*?)["']*$"""
_WHOLE = r"^(\d+)\.0+$"
_GROUPED = r"^\d{1,3}(,\d{3}){2,}$"
_POWER = r"^(\d)(?:\.(\d*))?[eE]\+?(\d{1,3})$"
_IS_POWER = r"^\d(\.\d*)?[eE]\+\d{1,3}$|^\d\.\d+[eE]\d{1,3}$"  # 1E5 may be somebody's code
_CUT = r"^\d{15}0+$"
_HEALTHY = r"^[A-Za-z]*[0-9][A-Za-z0-9_-]*$"  # nothing in it that anybody could have damaged
_KEPT = 15  # digits of a number that a spreadsheet keeps
_ENOUGH = 30  # ids of one length that show whether their last zeros are chance


def plain(values: pl.Series) -> pl.Series:
    """Text in one form (NFKC), trimmed, without invisible characters; empty becomes null."""
    text = values.str.normalize("NFKC").str.replace_all(INVISIBLE, "").str.strip_chars()
    return text.set(text == "", None)


def repaired(values: pl.Series) -> pl.Series:
    """Identifiers as they were before a spreadsheet or an export wrapped or rewrote them.

    Parameters
    ----------
    values : (n) text: ``="0123"``, ``'0123``, a trailing tab, ``13800000000.0``, ``13,800,000,000``,
        ``1.3812345678E+10`` (all digits are there)

    Returns
    -------
    (n) text; what has lost digits stays as it is (see ``lost``); empty becomes null

    Examples
    --------
    >>> repaired(pl.Series(['="0123"', "13800000000.0", "1.3812345678E+10", "1.38E+10"])).to_list()
    ['0123', '13800000000', '13812345678', '1.38E+10']
    """
    if is_healthy(values):
        return values
    text = plain(values).str.replace(_WRAPPED, "$1").str.strip_chars().str.replace(_WHOLE, "$1")
    text = text.zip_with(
        ~text.str.contains(_GROUPED).fill_null(value=False), text.str.replace_all(",", "")
    )
    return _written_out(text.set(text == "", None))


def is_healthy(values: pl.Series) -> bool:
    """Whether all identifiers are plain digits and letters, so that there is nothing to repair."""
    return whole_numbers(values) is not None or bool(values.str.contains(_HEALTHY).all())


def _written_out(text: pl.Series) -> pl.Series:
    """``1.3812345678E+10`` as 13812345678, if no digit is missing."""
    is_power = text.str.contains(_IS_POWER).fill_null(value=False)
    if not is_power.any():
        return text
    digits = pl.col("text").str.extract(_POWER, 1) + pl.col("text").str.extract(_POWER, 2).fill_null("")  # fmt: skip
    n = pl.col("text").str.extract(_POWER, 3).cast(pl.UInt32) + 1
    is_whole = (digits.str.len_chars() >= n) & digits.str.slice(n).str.contains("^0*$")
    whole = pl.when(is_power & is_whole).then(digits.str.slice(0, n)).otherwise("text")
    return text.to_frame("text").select(whole.alias(text.name)).to_series()


def lost(values: pl.Series) -> pl.Series:
    """Whether digits of an identifier are gone for good (n, Boolean): such a one ties nothing together.

    Parameters
    ----------
    values : (n) as ``repaired`` gives them: ``1.38E+10``, ``######``, and more than 15 digits of which
        all after the 15th are 0

    Notes
    -----
    One in ten healthy ids of 16 digits ends in 0. Where a column has 30 or more different ids of one
    length and no more of them end in zeros than twice what chance gives, the zeros are taken for real.
    """
    length = values.str.len_bytes()
    if (digits := whole_numbers(values)) is not None:
        gone, cut = None, (length > _KEPT) & (digits % _tens(length) == 0)
    else:
        doubtful = values.str.ends_with("0") | values.str.contains("[eE#]")
        gone = values.str.contains(f"{_IS_POWER}|^#{{2,}}$") & doubtful
        cut = values.str.contains(_CUT) & doubtful
    if cut.any():
        number = numbered(values) if digits is None else digits
        all_digits = values.str.contains(r"^\d+$") if digits is None else digits.is_not_null()
        ids = pl.DataFrame({"id": number, "length": length, "cut": cut, "all_digits": all_digits})
        cut &= ~length.is_in(_by_chance(ids.filter("all_digits")).implode())
    found = cut if gone is None else cut | gone
    return found.fill_null(value=False).alias(values.name)


def _tens(length: pl.Series) -> pl.Series:
    """10 to the power of the digits after the 15th (n, UInt64)."""
    powers = pl.Series([10**i for i in range(6)], dtype=pl.UInt64)
    return powers.gather((length.cast(pl.Int64) - _KEPT).clip(0, 5))


def _by_chance(ids: pl.DataFrame) -> pl.Series:
    """Lengths of ids of which no more end in zeros than twice what chance gives.

    Parameters
    ----------
    ids : (n) id [a number for each], length, cut [Boolean]
    """
    counted = (
        ids.filter(pl.col("length") > _KEPT)
        .group_by("length")
        .agg(n=pl.col("id").n_unique(), n_cut=pl.col("id").filter("cut").n_unique())
    )
    by_chance = 2 * pl.lit(0.1).pow(pl.col("length").cast(pl.Float64) - _KEPT)
    real = (pl.col("n") >= _ENOUGH) & (pl.col("n_cut") / pl.col("n") <= by_chance)
    return counted.filter(real)["length"]
