"""Codebooks as tables (csv, xlsx) and as YAML: out and in again without a loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from pydantic import ValidationError

from insight.coding.building import Row, expression, listed
from insight.coding.rules import parsed
from insight.errors import BadCodebook, BadRule
from insight.readers import RawTable, read
from insight.schema.codebook import Codebook

POSITIVE, NEGATIVE = "（行业褒义词）", "（行业贬义词）"
_COLUMNS = {
    "name": ("需求", "需求名称", "名称", "编码", "name", "need", "code"),
    "description": ("说明", "定义", "描述", "description"),
    "rule": ("规则", "表达式", "rule", "rules"),
    "words": ("关键词", "词", "words", "keywords"),
    "key": ("编号", "key", "id"),
}
_YAML = ("yaml", "yml")


def table_of(codebook: Codebook) -> pl.DataFrame:
    """One line a rule: name, description, rule, key; the words of the trade stand at the end."""
    lines = [
        (c.name, c.description, rule, c.key) for c in codebook.codes for rule in c.rules or ("",)
    ]
    trade = {POSITIVE: codebook.positive, NEGATIVE: codebook.negative}
    lines += [
        (name, "", expression([Row("any", words)]), "") for name, words in trade.items() if words
    ]
    schema = dict.fromkeys(("需求", "说明", "规则", "编号"), pl.String)
    return pl.DataFrame(lines, schema=schema, orient="row")


def yaml_of(codebook: Codebook) -> str:
    """The same as YAML, to be read and written by hand."""
    import yaml  # type: ignore[import-untyped, unused-ignore]

    told = codebook.model_dump(mode="json")
    return str(yaml.safe_dump(told, allow_unicode=True, sort_keys=False, width=1_000))


def read_codebook(data: bytes, name: str) -> Codebook:
    """A codebook of a csv, xlsx or YAML file; every rule is checked.

    Parameters
    ----------
    name : of the file; its ending says whether it is YAML. A table has the columns 需求 and 规则, or
        关键词 (words separated by 、), one line a rule; 说明 and 编号 are optional.

    Raises
    ------
    InsightError : the file cannot be read.
    BadCodebook : it holds no codebook.
    """
    made = (
        _from_yaml(data)
        if name.rsplit(".", 1)[-1].lower() in _YAML
        else _from_tables(read(data, name))
    )
    return checked(made)


def checked(codebook: Codebook) -> Codebook:
    """The same codebook, if every rule can be read (BadCodebook names the need whose rule cannot)."""
    for code in codebook.codes:
        for rule in code.rules:
            try:
                parsed(rule)
            except BadRule as error:
                raise BadCodebook(
                    f"需求“{code.name}”里，{error.message.rstrip('。')}", error.hint
                ) from error
    return codebook


def codebook_of(told: Mapping[str, Any]) -> Codebook:
    """A codebook of plain data (BadCodebook)."""
    try:
        return Codebook.model_validate(told)
    except ValidationError as error:
        raise BadCodebook(_first(error)) from error


def _first(error: ValidationError) -> str:
    found = error.errors()[0]
    where = "".join(
        f"第 {part + 1} 项的" if isinstance(part, int) else f" {part} " for part in found["loc"]
    )
    if found["type"] == "value_error":
        return str(found["ctx"]["error"])
    reasons = {
        "string_too_short": "没有填写", "string_too_long": "太长（名称最多 30 个字）", "too_long": "太多",
        "extra_forbidden": "不认识这一项", "missing": "没有填写",
    }  # fmt: skip
    return f"{where.strip()}{reasons.get(found['type'], '写法不对')}"


def _from_yaml(data: bytes) -> Codebook:
    import yaml  # type: ignore[import-untyped, unused-ignore]

    try:
        told = yaml.safe_load(data.decode("utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise BadCodebook(
            "文件不是可以读懂的 YAML", "请参照导出的文件书写，用 UTF-8 保存。"
        ) from error
    if not isinstance(told, dict):
        raise BadCodebook("文件里没有 codes（需求）这一项", "请参照导出的文件书写。")
    return codebook_of(told)


def _from_tables(tables: Sequence[RawTable]) -> Codebook:
    frame = next(
        (t.frame for t in tables if t.kind == "table" and "name" in _places(t.frame)), None
    )
    if frame is None:
        raise BadCodebook(
            "没有找到“需求”这一列", "表头请写：需求、说明、规则（或关键词），一行一条规则。"
        )
    places = _places(frame)
    needs: dict[str, dict[str, Any]] = {}
    trade: dict[str, tuple[str, ...]] = {POSITIVE: (), NEGATIVE: ()}
    for row in frame.iter_rows(named=True):
        told = {
            what: (row[column] or "").strip().removeprefix("'") for what, column in places.items()
        }
        if not told["name"]:
            continue
        if told["name"] in trade:
            words = told.get("rule", "").strip("()") or told.get("words", "")
            trade[told["name"]] += listed(words)
            continue
        _take(needs.setdefault(told["name"], {"name": told["name"], "rules": []}), told)
    positive, negative = trade[POSITIVE], trade[NEGATIVE]
    return codebook_of({"codes": list(needs.values()), "positive": positive, "negative": negative})


def _take(need: dict[str, Any], told: Mapping[str, str]) -> None:
    """Add one line of the table to its need."""
    for what in ("description", "key"):
        if told.get(what):
            need.setdefault(what, told[what])
    need["rules"] += [line for line in told.get("rule", "").splitlines() if line.strip()]
    if words := listed(told.get("words", "")):
        need["rules"].append(expression([Row("any", words)]))


def _places(frame: pl.DataFrame) -> dict[str, str]:
    """What a column holds -> its name in the file."""
    there = {column.strip().lower(): column for column in frame.columns}
    return {
        what: there[name]
        for what, names in _COLUMNS.items()
        for name in reversed(names)
        if name in there
    }


def starter() -> Codebook:
    """A codebook of what customers of any trade speak of, to begin with."""
    from importlib.resources import files

    return _from_yaml((files("insight.coding") / "starter.yaml").read_bytes())
