"""Which row of a grid is its header, what the columns are called, and which rows are no data."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import polars as pl

from insight.errors import EmptyFile, HeaderOnly
from insight.readers import gate
from insight.readers.header_rows import Header, find_header, header_at
from insight.readers.header_text import clean_name, is_value, unique_name
from insight.readers.raw import LINE, Grid, RawTable, issue_table

__all__ = ["clean_name", "find_header", "header_at", "is_value", "to_table", "unique_name"]

_TOTALS = frozenset(
    {
        "合计",
        "总计",
        "总和",
        "共计",
        "合计：",
        "合計",
        "總計",
        "總和",
        "共計",
        "total",
        "grand total",
        "sum",
    }
)


def to_table(grid: Grid, file: str) -> RawTable:
    """Name the columns of a grid and set aside what is no data.

    Raises
    ------
    EmptyFile : nothing but blank cells
    HeaderOnly : no row below the header
    FileTooLarge : more columns or cells than the settings allow
    """
    frame, n_blank = _without_blank_rows(grid)
    if frame.is_empty():
        raise EmptyFile(file)
    gate.refuse_area(frame.height, frame.width - 1, file)
    header = find_header(frame, grid.merged)
    below = frame.slice(header.at + header.depth)
    if below.is_empty():
        raise HeaderOnly(file)
    body, total = _without_total(below)
    named, renamed = _named(body, header.names)
    issues = _issues(grid, header.names, frame["__line__"][header.at], total)
    notes = (
        *grid.notes,
        *_header_notes(header, grid.n_blank + n_blank),
        *renamed,
        *_issue_notes(issues),
    )
    line = int(frame[LINE][header.at])
    notes = (*notes, *_merge_notes(grid, body))
    return RawTable(grid.name, "table", named, notes, issues, header_row=line)


def _without_blank_rows(grid: Grid) -> tuple[pl.DataFrame, int]:
    """The frame without blank rows, and how many rows went.

    A row that is blank only because an error value was emptied stays.
    """
    frame = grid.frame
    if frame.width == 1:
        return frame.clear(), 0
    said = frame.select(pl.any_horizontal(pl.exclude(LINE).is_not_null()).alias("said"))["said"]
    if said.all():
        return frame, 0
    emptied = [] if grid.issues is None else grid.issues.filter(action="已置空")["line"].to_list()
    kept = frame.filter(said | frame[LINE].is_in(emptied))
    return kept, frame.height - kept.height


def _named(body: pl.DataFrame, names: Sequence[str]) -> tuple[pl.DataFrame, list[str]]:
    """The body under unique names, without nameless empty columns, and notes on what was renamed."""
    empty = {c for c in body.columns if body[c].null_count() == body.height}
    kept = [(str(i), name) for i, name in enumerate(names) if name or str(i) not in empty]
    taken, renamed, notes = {LINE}, [], []
    mapping = {}
    for position, name in kept:
        unique = unique_name(name or f"列{int(position) + 1}", taken)
        taken.add(unique)
        mapping[position] = unique
        if name == LINE:
            notes.append(f"表头“{LINE}”是本工具留给行号的名字，这一列已改名为“{unique}”。")
        elif unique != name:
            renamed.append(
                f"“{name}”→“{unique}”" if name else f"第 {int(position) + 1} 列→“{unique}”"
            )
    note = f"有 {len(renamed)} 个表头重复或为空，已改名：{'、'.join(renamed[:5])}。"
    named = body.select(LINE, *mapping).rename(mapping)
    return named, [*([note] if renamed else []), *notes]


def _without_total(body: pl.DataFrame) -> tuple[pl.DataFrame, tuple[int, str] | None]:
    """The body without a last row of totals, and (line, its cells) of that row."""
    last = [cell for cell in body.row(-1)[1:] if cell is not None]
    first = unicodedata.normalize("NFKC", last[0]).strip().lower() if last else ""
    if first not in _TOTALS or body.height < 3:
        return body, None
    return body[:-1], (body[LINE][-1], "，".join(last)[:200])


def _issues(
    grid: Grid, names: Sequence[str], header_line: int, total: tuple[int, str] | None
) -> pl.DataFrame:
    """The issues of the grid under the names of the columns, and the row of totals."""
    positions = [str(i) for i in range(len(names))]
    labels = [name or f"列{i + 1}" for i, name in enumerate(names)]
    found = (
        issue_table() if grid.issues is None else grid.issues.filter(pl.col("line") > header_line)
    )
    renamed = found.with_columns(pl.col("column").replace(positions, labels))
    rows = [] if total is None else [(total[0], "", total[1], "合计行", "未导入")]
    return pl.concat([renamed, issue_table(rows)]).sort("line", maintain_order=True)


def _issue_notes(issues: pl.DataFrame) -> list[str]:
    cells = issues.filter(pl.col("action").is_in(["已置空", "保留"]), pl.col("value").is_not_null())
    groups = cells.group_by("column", "action", "reason", maintain_order=True).agg(
        pl.len(), pl.col("value").first()
    )
    notes = [
        f"“{column}”列有 {n} 个{reason}"
        + (f"：{example} 等，已按空值处理。" if done == "已置空" else "。")
        for column, done, reason, n, example in groups.rows()
    ]
    if "合计行" in issues["reason"]:
        notes.append("最后一行是合计，没有作为数据导入。")
    return notes


def _header_notes(header: Header, n_blank: int) -> list[str]:
    notes = []
    if header.at:
        notes.append(f"表头上方有 {header.at} 行说明文字，没有导入。")
    if header.depth > 1:
        notes.append(f"表头有 {header.depth} 行，已合并成一行，如“{max(header.names, key=len)}”。")
    if n_blank:
        notes.append(f"去掉了 {n_blank} 个空行。")
    return notes


def _merge_notes(grid: Grid, body: pl.DataFrame) -> list[str]:
    first, last = int(body[LINE][0]), int(body[LINE][-1])
    n = sum(first <= m.top <= last for m in grid.merged)
    return [f"数据里有 {n} 处合并单元格，只有左上角的一格有值。"] if n else []
