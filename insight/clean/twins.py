"""The 问卷星 exports of the same answers, 按文本, 按序号 and 按分数, become one table with one codebook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from insight.clean.built import Built, built, joined
from insight.clean.cleaned import Cleaned, note, together
from insight.schema import Option, Question, QuestionKind, Questionnaire

_MERGED = "与另一种导出方式（按序号）的文件逐格一致，已合并选项的文字、编码和顺序"
_SCORED = "与另一种导出方式（按分数）的文件逐格一致，已合并选项的分数"
_LABELLED = "选项文字取自同一份问卷的另一个文件，按选项序号对应"
_CHOICES = (QuestionKind.SINGLE, QuestionKind.SCALE, QuestionKind.MATRIX)


def merge_twins(text_style: Cleaned, number_style: Cleaned) -> Cleaned | None:
    """One responses table with the labels of the text file and the codes, order or scores of the other.

    Parameters
    ----------
    text_style : cleaned 按文本 export, or one that was merged before
    number_style : cleaned 按序号 or 按分数 export

    Returns
    -------
    None where they are no twins: other respondents, no ids, or a cell on which they disagree
    """
    asked, coded = text_style.questionnaire, number_style.questionnaire
    if asked is None or coded is None or asked.answers == "score":
        return None
    if asked.counts_rows or coded.counts_rows:  # nothing says that the rows are of the same people
        return None
    ids = text_style.frame.select("respondent_id")
    numbers = ids.join(number_style.frame, on="respondent_id", how="inner", maintain_order="left")
    if not len(ids) == len(numbers) == len(number_style.frame):
        return None
    by_score = coded.answers == "score"
    merged = _agreed(_Pair((asked, text_style.frame), (coded, numbers), by_score=by_score))
    if merged is None:
        return None
    stored = {c for q in asked.questions for c in (*q.columns, *q.marks)}
    frame = text_style.frame.drop(stored, strict=False).with_columns(merged.columns)
    issues = together([note(_SCORED if by_score else _MERGED), text_style.issues])
    return Cleaned(frame, issues, asked.model_copy(update={"questions": merged.questions}))


@dataclass(frozen=True, slots=True)
class _Pair:
    """Both questionnaires with the rows of both, aligned; whether the numbers are scores."""

    written: tuple[Questionnaire, pl.DataFrame]
    numbered: tuple[Questionnaire, pl.DataFrame]
    by_score: bool


def _agreed(pair: _Pair) -> Built | None:
    """All questions merged, None where one of them disagrees or none is in both files."""
    (asked, text), (coded, numbers) = pair.written, pair.numbered
    parts: list[Built] = []
    n_common = 0
    for question in asked.questions:
        other = coded.find(question.id)
        n_common += other is not None
        merged = (
            _as_is(question, text)
            if other is None
            else _merged((question, text), (other, numbers), by_score=pair.by_score)
        )
        if merged is None:
            return None
        parts.append(merged)
    if not pair.by_score:
        parts += [_as_is(q, numbers) for q in coded.questions if asked.find(q.id) is None]
    return joined(parts) if n_common else None


_Asked = tuple[Question, pl.DataFrame]


def _as_is(question: Question, frame: pl.DataFrame, *others: pl.DataFrame) -> Built:
    """A question as ``frame`` has it; why answers are absent is known from any of the frames."""
    why = [
        pl.select(
            pl.coalesce(*(f[mark] for f in (frame, *others) if mark in f.columns), None)
        ).to_series()
        if any(mark in f.columns for f in (frame, *others))
        else pl.Series([None] * len(frame), dtype=pl.Null)
        for mark in question.marks
    ]
    return built(question, (frame[c] for c in question.columns), why=why)


def _merged(written: _Asked, numbered: _Asked, *, by_score: bool) -> Built | None:
    question, text = written
    other, numbers = numbered
    if QuestionKind.MULTI in (other.kind, question.kind):
        if by_score:
            return _as_is(question, text)
        return _merged_ticks(written, numbered) if _same_ticks(written, numbered) else None
    if len(question.columns) != len(other.columns):
        return None
    labels = [text[c] for c in question.columns]
    values = [numbers[c] for c in other.columns]
    if all(_equal(t, c) for t, c in zip(labels, values, strict=True)):
        return _as_is(question, text, numbers)
    known = _number_of(labels, values, one_to_one=not by_score)
    if known is None:
        return None
    kind = QuestionKind.MATRIX if question.kind is QuestionKind.MATRIX else QuestionKind.SINGLE
    options = _scored(question, known) if by_score else _coded(question, known)
    return _as_is(question.model_copy(update={"options": options, "kind": kind}), text, numbers)


def _equal(left: pl.Series, right: pl.Series) -> bool:
    return bool(left.cast(pl.String).eq_missing(right.cast(pl.String)).all())


def _coded(question: Question, codes: Mapping[str, float]) -> tuple[Option, ...]:
    """The options in the order of their codes; a score they have stays."""
    scores = {o.label: o.score for o in question.options}
    return tuple(
        Option(label=label, code=f"{code:g}", score=scores.get(label))
        for label, code in codes.items()
    )


def _scored(question: Question, scores: Mapping[str, float]) -> tuple[Option, ...]:
    return tuple(o.model_copy(update={"score": scores.get(o.label)}) for o in question.options)


def _number_of(
    labels: list[pl.Series], numbers: list[pl.Series], *, one_to_one: bool
) -> dict[str, float] | None:
    """Label -> number, by number; None where a label has two, a cell is in one file only, or two
    labels share a number that should be one to one."""
    cells = pl.DataFrame({
        "label": pl.concat([s.cast(pl.String).rename("label") for s in labels]),
        "number": pl.concat([s.cast(pl.String).rename("number") for s in numbers]).cast(pl.Float64, strict=False),
    })  # fmt: skip
    pairs = cells.unique().drop_nulls().sort("number", "label")
    holes = cells.select((pl.col("label").is_null() != pl.col("number").is_null()).any()).item()
    if holes or pairs.is_empty() or len(pairs) != pairs["label"].n_unique():
        return None
    if one_to_one and len(pairs) != pairs["number"].n_unique():
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
    merged = {"options": options, "wording": written[0].wording, "separator": written[0].separator}
    return _as_is(other.model_copy(update=merged), codes, written[1])


def labelled(part: Cleaned, known: Questionnaire) -> Cleaned | None:
    """A 按序号 export under the option texts that another file of the same questionnaire has given.

    Parameters
    ----------
    part : cleaned; its single choices hold option numbers
    known : a questionnaire whose options have both label and code

    Returns
    -------
    None where it is another questionnaire, or ``known`` does not know every number
    """
    if part.questionnaire is None or part.questionnaire.answers != "code":
        return None
    frame, questions, n_changed = part.frame, [], 0
    for question in part.questionnaire.questions:
        pattern = known.find(question.id)
        if not is_numbered(question) or (pattern is not None and is_numbered(pattern)):
            questions.append(_worded(question, pattern))
            continue
        if pattern is None or not _fits(question, pattern):
            return None
        texts = (
            pl.col(question.columns).cast(pl.String).replace_strict(_texts(pattern), default=None)
        )
        frame, n_changed = frame.with_columns(texts), n_changed + 1
        told = {"options": pattern.options, "kind": pattern.kind}
        questions.append(question.model_copy(update=told))
    if not n_changed:
        return None
    issues = together([note(_LABELLED), part.issues])
    asked = Questionnaire(questions=tuple(questions), answers="text")
    return Cleaned(frame, issues, asked)


def _worded(question: Question, pattern: Question | None) -> Question:
    """A multiple choice, whose columns do not say what was asked, in the words of the same one."""
    labels = {o.label for o in question.options}
    if pattern is None or {pattern.kind, question.kind} != {QuestionKind.MULTI}:
        return question
    same = bool(labels & {o.label for o in pattern.options})
    return question.model_copy(update={"wording": pattern.wording}) if same else question


def _fits(question: Question, pattern: Question) -> bool:
    """Whether a pattern asks the same and has a text for every option number."""
    same = pattern.wording == question.wording and len(pattern.columns) == len(question.columns)
    return same and {o.label for o in question.options} <= _texts(pattern).keys()


def is_numbered(question: Question) -> bool:
    """Whether a choice among options knows their numbers only."""
    return (
        question.kind in _CHOICES
        and bool(question.options)
        and all(o.code is not None and o.label == o.code for o in question.options)
    )


def _texts(question: Question) -> dict[str, str]:
    """Option number -> text."""
    return {o.code: o.label for o in question.options if o.code is not None and o.label != o.code}
