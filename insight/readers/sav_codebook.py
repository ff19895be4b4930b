"""What an SPSS file says about its variables: labels, codes, missing values, multi-response sets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from insight.readers.headers import clean_name
from insight.readers.raw import AnswerSet, Codebook, Variable

_DATES = frozenset({"DATE", "ADATE", "EDATE", "JDATE", "SDATE", "DATETIME", "YMDHMS", "MOYR", "QYR", "WKYR"})  # fmt: skip
_CLOCKS = frozenset({"TIME", "DTIME", "MTIME"})
_MEASURES = frozenset({"nominal", "ordinal", "scale"})
_SHOWN = 5  # variables named in a note

Code = float | str


@dataclass(frozen=True, slots=True)
class Described:
    """One variable as the file describes it.

    Attributes
    ----------
    form : display format without its width: "F", "A", "DATE"
    options : (code, label) in the order of the codes
    missing : (lowest, highest) user-missing value, both ends included
    """

    name: str
    label: str
    form: str
    is_text: bool
    options: tuple[tuple[Code, str], ...]
    missing: tuple[tuple[Code, Code], ...]
    measure: str

    @property
    def is_date(self) -> bool:
        return self.form in _DATES

    @property
    def is_clock(self) -> bool:
        return self.form in _CLOCKS

    @property
    def is_number(self) -> bool:
        """A number that is neither a date nor a time."""
        return not (self.is_text or self.is_date or self.is_clock)

    @property
    def header(self) -> str:
        """``Q1｜总体满意度``, or the name alone where the label says no more."""
        label = clean_name(self.label)
        same = _bare(label) in ("", _bare(self.name))
        return self.name if same else f"{self.name}｜{label}"

    def labels(self) -> Iterator[tuple[Code, str]]:
        """Code and what its cells say; a label that two codes share carries the code."""
        n = Counter(label for _, label in self.options)
        for code, label in self.options:
            yield code, label if n[label] == 1 else f"{label}（{_code(code)}）"


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def _code(code: Code) -> str:
    return code if isinstance(code, str) else f"{code:.15g}"


def described(meta: Any) -> tuple[Described, ...]:  # noqa: ANN401 (pyreadstat's metadata)
    """Every variable, in the order of the file."""
    return tuple(_described(meta, name) for name in meta.column_names)


def _described(meta: Any, name: str) -> Described:  # noqa: ANN401
    labels = meta.variable_value_labels.get(name, {})
    spoken = sorted((code, clean_name(label)) for code, label in labels.items())
    measure = meta.variable_measure.get(name)
    return Described(
        name=name,
        label=meta.column_names_to_labels.get(name) or "",
        form=re.sub(r"[\d.]+$", "", meta.original_variable_types.get(name) or "").upper(),
        is_text=meta.readstat_variable_types[name] == "string",
        options=tuple((code, label) for code, label in spoken if label),
        missing=tuple((gap["lo"], gap["hi"]) for gap in meta.missing_ranges.get(name, ())),
        measure=measure if measure in _MEASURES else "",
    )


def variable(one: Described, names: Mapping[Code, str]) -> Variable:
    """The entry of a variable in the codebook; ``names``: code -> what its cells say."""
    return Variable(
        name=one.name,
        wording=clean_name(one.label) or one.name,
        options=tuple((_code(code), text) for code, text in one.labels()),
        missing=tuple(text for code, text in names.items() if _is_missing(code, one)),
        rule="、".join(_gap(low, high) for low, high in one.missing),
        measure=one.measure,
    )


def _is_missing(code: Code, one: Described) -> bool:
    return any(type(low) is type(code) and low <= code <= high for low, high in one.missing)  # type: ignore[operator]


def _gap(low: Code, high: Code) -> str:
    if low == high:
        return _code(low).strip()
    if low == float("-inf"):
        return f"≤{_code(high)}"
    return f"≥{_code(low)}" if high == float("inf") else f"{_code(low)}–{_code(high)}"


def answer_sets(
    sets: Mapping[str, Any], variables: Mapping[str, Variable]
) -> tuple[AnswerSet, ...]:
    """The multi-response sets over the columns that are there."""
    columns = {v.name.casefold(): column for column, v in variables.items()}
    found = []
    for name, one in sets.items():
        held = tuple(columns[v.casefold()] for v in one["variable_list"] if v.casefold() in columns)
        if len(held) > 1:
            wording = clean_name(one["label"]) or name.lstrip("$")
            found.append(AnswerSet(name.lstrip("$"), wording, held, _counted(one, variables[held[0]])))  # fmt: skip
    return tuple(found)


def _counted(one: Mapping[str, Any], first: Variable) -> str | None:
    if not one["is_dichotomy"]:
        return None
    code = _code(one["counted_value"])
    return dict(first.options).get(code, code)


def notes(book: Codebook, names: Mapping[str, Mapping[Code, str]]) -> list[str]:
    """What was found, and which values have no label though others of their variable do."""
    variables = book.variables.values()
    labelled = sum(bool(v.options) for v in variables)
    said = [f"SPSS 文件：{len(book.variables)} 个变量，{labelled} 个有值标签，{len(book.sets)} 个多选题集。"]  # fmt: skip
    if ruled := [f"{v.name}（{v.rule}）" for v in variables if v.rule]:
        said.append(f"有 {len(ruled)} 个变量定义了用户缺失值：{_listed(ruled)}。")
    if bare := [text for v in variables if (text := _unlabelled(v, names.get(v.name, {})))]:
        said.append(f"有 {len(bare)} 个变量的部分取值没有标签，按原码显示：{_listed(bare)}。")
    return said


def _unlabelled(one: Variable, names: Mapping[Code, str]) -> str:
    spoken = {text for _, text in one.options} | set(one.missing)
    bare = [text for text in names.values() if text not in spoken] if one.options else []
    return f"{one.name}（{'、'.join(bare[:3])}{'……' if len(bare) > 3 else ''}）" if bare else ""


def _listed(names: list[str]) -> str:
    return "、".join(names[:_SHOWN]) + ("等" if len(names) > _SHOWN else "")
