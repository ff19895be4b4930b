"""The two 问卷星 exports of the same answers, 按文本 and 按序号, become one table with labels and codes."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from insight.clean.built import Built, joined
from insight.clean.cleaned import Cleaned, note, together
from insight.schema import Option, Question, QuestionKind, Questionnaire

_MERGED = "与另一种导出方式（按序号）的文件逐格一致，已合并选项的文字、编码和顺序"


def merge_twins(text_style: Cleaned, code_style: Cleaned) -> Cleaned | None:
    """One responses table with the labels of the text file and the codes and order of the code file.

    Parameters
    ----------
    text_style, code_style : cleaned 按文本 and 按序号 exports

    Returns
    -------
    None where they are no twins: other respondents, or a cell on which they disagree
    """
    asked, coded = text_style.questionnaire, code_style.questionnaire
    if asked is None or coded is None:
        return None
    ids = text_style.frame.select("respondent_id")
    codes = ids.join(code_style.frame, on="respondent_id", how="inner", maintain_order="left")
    if not len(ids) == len(codes) == len(code_style.frame):
        return None
    built = _agreed((asked, text_style.frame), (coded, codes))
    if built is None:
        return None
    stored = [c for q in asked.questions for c in q.columns]
    frame = text_style.frame.drop(stored).with_columns(built.columns)
    issues = together([note(_MERGED), text_style.issues])
    return Cleaned(frame, issues, Questionnaire(questions=built.questions))


def _agreed(
    written: tuple[Questionnaire, pl.DataFrame], numbered: tuple[Questionnaire, pl.DataFrame]
) -> Built | None:
    """All questions merged, None where one of them disagrees or none is in both files."""
    (asked, text), (coded, codes) = written, numbered
    parts: list[Built] = []
    n_common = 0
    for question in asked.questions:
        other = coded.find(question.id)
        n_common += other is not None
        merged = (
            _as_is(question, text) if other is None else _merged((question, text), (other, codes))
        )
        if merged is None:
            return None
        parts.append(merged)
    parts += [_as_is(q, codes) for q in coded.questions if asked.find(q.id) is None]
    return joined(parts) if n_common else None


_Asked = tuple[Question, pl.DataFrame]


def _as_is(question: Question, frame: pl.DataFrame) -> Built:
    return Built((question,), tuple(frame[c] for c in question.columns), together([]))


def _merged(written: _Asked, numbered: _Asked) -> Built | None:
    question, text = written
    other, codes = numbered
    if other.kind is QuestionKind.MULTI:
        return _merged_ticks(written, numbered) if _same_ticks(written, numbered) else None
    if len(question.columns) != len(other.columns):
        return None
    labels = [text[c] for c in question.columns]
    numbers = [codes[c] for c in other.columns]
    if all(_equal(t, c) for t, c in zip(labels, numbers, strict=True)):
        return _as_is(question, text)
    order = _code_of(labels, numbers)
    if order is None:
        return None
    options = tuple(Option(label=label, code=str(code)) for label, code in order.items())
    kind = QuestionKind.MATRIX if question.kind is QuestionKind.MATRIX else QuestionKind.SINGLE
    return _as_is(question.model_copy(update={"options": options, "kind": kind}), text)


def _equal(left: pl.Series, right: pl.Series) -> bool:
    return bool(left.cast(pl.String).eq_missing(right.cast(pl.String)).all())


def _code_of(labels: list[pl.Series], numbers: list[pl.Series]) -> dict[str, int] | None:
    """Label -> option number, by number; None where the two are not one to one in every cell."""
    cells = pl.DataFrame({
        "label": pl.concat([s.cast(pl.String).rename("label") for s in labels]),
        "code": pl.concat([s.cast(pl.String).rename("code") for s in numbers]).cast(pl.Int64, strict=False),
    })  # fmt: skip
    pairs = cells.unique().drop_nulls().sort("code")
    holes = cells.select((pl.col("label").is_null() != pl.col("code").is_null()).any()).item()
    if holes or pairs.is_empty() or not len(pairs) == pairs["label"].n_unique() == pairs["code"].n_unique():  # fmt: skip
        return None
    return dict(pairs.iter_rows())


def _same_ticks(written: _Asked, numbered: _Asked) -> bool:
    """Whether the same options are ticked in both; an option nobody chose is in one file only."""
    texts, codes = dict(_ticks(*written)), dict(_ticks(*numbered))
    nobody = pl.repeat(value=False, n=written[1].height, eager=True)
    return all(
        (texts.get(label, nobody) == codes.get(label, nobody)).all() for label in {**texts, **codes}
    )


def _ticks(question: Question, frame: pl.DataFrame) -> Iterator[tuple[str, pl.Series]]:
    """Label and who ticked it; a single answer is one tick."""
    for option in question.options:
        if option.column is not None:
            yield option.label, frame[option.column].fill_null(value=False)
        else:
            yield option.label, (frame[question.id] == option.label).fill_null(value=False)


def _merged_ticks(written: _Asked, numbered: _Asked) -> Built:
    other, codes = numbered
    options = tuple(
        o.model_copy(update={"code": str(place)}) for place, o in enumerate(other.options, start=1)
    )
    return _as_is(
        other.model_copy(update={"options": options, "wording": written[0].wording}), codes
    )
