"""The cells of some rows of a worksheet, from the XML of those rows, a column at a time."""

from __future__ import annotations

import html
import re

import polars as pl

_REFERENCE = r"""\sr=["']([A-Z]{1,3})\d*["']"""
_KIND = re.compile(r"""\st=["']([A-Za-z]+)["']""")
_STYLE = re.compile(r"""\ss=["'](\d{1,6})["']""")
_VALUE = r"<v(?:\s[^>]*)?>([^<]*)"
_TEXT = r"<t(?:\s[^>]*)?>([^<]*)"

# One row a cell that holds something. ``style`` is the number of its cell format, ``kind`` the
# ``t`` attribute of ECMA-376 18.18.11 (b, d, e, inlineStr, n, s, str), or "u": a formula without a result.
CELLS = {
    "line": pl.UInt32,
    "column": pl.UInt32,
    "kind": pl.String,
    "style": pl.UInt32,
    "value": pl.String,
}


def column_number(letters: str) -> int:
    """Position of a column from 0: A -> 0, Z -> 25, AA -> 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def row_table(block: str, *, after: int) -> pl.DataFrame:
    """(n_rows) line and the XML of each row, up to the next."""
    data = block.partition("</sheetData>")[0]
    pieces = pl.Series("row", [data]).str.split("<row").explode()[1:]
    rows = pieces.to_frame().filter(pl.col("row").str.contains(r"^[\s/>]"))
    stated = pl.col("row").str.extract(r"""^[^>]*?\sr=["'](\d{1,7})["']""").cast(pl.UInt32)
    counted = pl.int_range(after + 1, pl.len() + after + 1, dtype=pl.UInt32)
    return rows.select(pl.coalesce(stated, counted).alias("line"), "row")


def cell_table(rows: pl.DataFrame) -> pl.DataFrame:
    """CELLS of some rows; those that hold nothing are left out."""
    split = rows.select("line", pl.col("row").str.split("<c").list.slice(1).alias("cell"))
    cells = split.explode("cell").filter(pl.col("cell").str.contains(r"^[\s/>]"))
    parts = cells.select("line", pl.col("cell").str.splitn(">", 2)).unnest("cell")
    letters, attributes = _heads(parts["field_0"])
    facts = parts.select("line", pl.col("field_1").fill_null("").alias("body"))
    facts = facts.select(
        "line",
        _positions(letters).alias("column"),
        _each(attributes, _KIND).fill_null("n").alias("kind"),
        _each(attributes, _STYLE).cast(pl.UInt32).alias("style"),
        _values(facts["body"]).alias("value"),
        pl.col("body").str.contains("<f", literal=True).alias("formula"),
    )
    kind = pl.col("kind")
    unsolved = pl.col("formula") & (kind != "str") & (pl.col("value") == "")
    return facts.select(
        "line",
        "column",
        pl.when(unsolved).then(pl.lit("u")).otherwise(kind).alias("kind"),
        "style",
        "value",
    ).filter((pl.col("value") != "") | (kind == "u"))


def _heads(heads: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Column letters, null where a cell has no reference, and the other attributes (few unlike each other)."""
    parts = heads.str.splitn('"', 3).struct.unnest()
    if (parts["field_0"] == " r=").all():
        return parts["field_1"].str.extract("^([A-Z]{1,3})"), parts["field_2"].fill_null("")
    return heads.str.extract(_REFERENCE), heads.str.replace(_REFERENCE, "")


def _each(attributes: pl.Series, pattern: re.Pattern[str]) -> pl.Series:
    """What a pattern finds in each text, worked out once for equal texts (n) -> (n)."""
    known = attributes.unique()
    found = [m[1] if (m := pattern.search(text)) else None for text in known]
    return attributes.replace_strict(
        known, pl.Series(found, dtype=pl.String), default=None, return_dtype=pl.String
    )


def _positions(letters: pl.Series) -> pl.Expr:
    """Column positions; a row without references counts its cells from the left."""
    known = letters.drop_nulls().unique().sort()
    numbers = pl.Series([column_number(text) for text in known], dtype=pl.UInt32)
    position = letters.replace_strict(known, numbers, default=None)
    if letters.has_nulls():
        return pl.coalesce(position, pl.int_range(pl.len(), dtype=pl.UInt32).over("line"))
    return pl.lit(position)


def _values(bodies: pl.Series) -> pl.Series:
    """The text of each cell: its ``<v>``, or the ``<is>`` of a cell that carries its own string."""
    first = bodies.str.splitn("<", 3).struct["field_1"].fill_null("")
    plain = first.str.starts_with("v>")
    values = first.str.strip_prefix("v>")
    if not plain.all():
        values = values.scatter((~plain).arg_true(), _other_values(bodies.filter(~plain)))
    return unescaped(values)


def _other_values(bodies: pl.Series) -> pl.Series:
    """As ``_values`` for cells that do not begin with a bare ``<v>``; entities are left as they are."""
    values = bodies.str.extract(_VALUE).fill_null("")
    own = bodies.str.contains("<is", literal=True)
    return values.scatter(own.arg_true(), _runs(bodies.filter(own))) if own.any() else values


def said(items: pl.Series) -> pl.Series:
    """The text of strings with runs; null stays null."""
    return unescaped(_runs(items))


def _runs(items: pl.Series) -> pl.Series:
    """The runs of strings joined, without their phonetic hints; entities are left as they are."""
    runs = items.str.replace_all(r"(?s)<rPh\b.*?</rPh>", "").str.extract_all(_TEXT)
    return runs.list.eval(pl.element().str.replace(r"(?s)^<[^>]*>", "")).list.join("")


def unescaped(values: pl.Series) -> pl.Series:
    """Undo XML entities and the ``_xHHHH_`` of ECMA-376 22.9.2.19; control characters go."""
    odd = values.str.contains(r"&|_x[0-9A-Fa-f]{4}_|\r").fill_null(False)
    if not odd.any():
        return values
    known = values.filter(odd).unique().sort()
    plain = [_unescape(text) for text in known]
    return values.replace(known, pl.Series(plain, dtype=pl.String))


def _unescape(text: str) -> str:
    text = re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), html.unescape(text))
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return re.sub(
        r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text.replace("\r\n", "\n").replace("\r", "\n")
    )
