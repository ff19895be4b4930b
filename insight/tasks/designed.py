"""What was shown: the design file of a study, and the version of it each respondent saw."""

from __future__ import annotations

import re

import polars as pl

from insight.dataset import Dataset
from insight.errors import BadParameter, UnknownName

VERSION = re.compile(r"^(version|block|版本|版本号|问卷版本|设计版本|区组)$", re.IGNORECASE)
_ROLES = ("design", "version", "task", "alternative", "item")


def design_of(dataset: Dataset, name: str) -> pl.DataFrame | None:
    """The design called ``name``; "" = the only one there is, None where there is none.

    Returns
    -------
    (n_rows) version [text, "1" where there is one only], task, alternative [whole numbers from 1], and
        the columns that say what was shown

    Raises
    ------
    UnknownName : there is no such design.
    BadParameter : there are several, and none is named.
    """
    if dataset.designs is None:
        if name:
            raise UnknownName("选择题设计", name, ())
        return None
    known = dataset.designs["design"].unique().sort().to_list()
    if name and name not in known:
        raise UnknownName("选择题设计", name, known)
    if not name and len(known) > 1:
        raise BadParameter("设计", f"有 {len(known)} 个设计文件，请选择一个：{'、'.join(known)}")
    frame = dataset.designs.filter(design=name or known[0])
    frame = frame.select(c for c in frame if c.null_count() < len(c) or c.name in _ROLES)
    return numbered(frame.drop("design"))


def numbered(design: pl.DataFrame) -> pl.DataFrame:
    """A design whose version, task and alternative are all there; rows in that order.

    Tasks are counted within their version, also where the file counts them through all versions.
    """
    version = tidy(pl.col("version")) if _told(design, "version") else pl.lit("1")
    task = pl.col("task").cast(pl.Int64) if _told(design, "task") else pl.lit(1, pl.Int64)
    typed = design.with_columns(version=version, task=task, alternative=pl.col("alternative").cast(pl.Int64))  # fmt: skip
    whole = typed.drop_nulls(["version", "task", "alternative"])
    within = pl.col("task").rank("dense").over("version").cast(pl.Int64)
    return whole.with_columns(task=within).sort("version", "task", "alternative")  # fmt: skip


def attributes_of(design: pl.DataFrame) -> list[str]:
    """The columns that say what an alternative is like."""
    return [c for c in design.columns if c not in _ROLES]


def tidy(values: pl.Expr) -> pl.Expr:
    """Numbers and texts of versions alike: 20.0 and "20" are one."""
    return values.cast(pl.String).str.strip_chars().str.replace(r"\.0+$", "")


def versions_seen(dataset: Dataset, people: pl.DataFrame, design: pl.DataFrame) -> pl.Series:
    """(n) the version each respondent saw; null where it is not known.

    Raises
    ------
    BadParameter : the design has several versions and the answers do not say who saw which.
    """
    known = design["version"].unique().to_list()
    if len(known) == 1:
        return pl.repeat(known[0], len(people), dtype=pl.String, eager=True).alias("version")
    column = next((c for c in people.columns if VERSION.match(c)), None)
    asked = (q for q in dataset.questionnaire.questions if VERSION.match(q.wording.strip()))
    column = column or next((q.columns[0] for q in asked), None)
    if column is None or column not in people.columns:
        raise BadParameter(
            "设计",
            f"设计有 {len(known)} 个版本，答卷里却没有名为“版本”或“version”的列，不知道谁看的是哪一版",
        )
    return people.select(tidy(pl.col(column)).alias("version")).to_series()


def _told(design: pl.DataFrame, column: str) -> bool:
    return column in design.columns and design[column].null_count() < len(design)
