"""Several questionnaire files become one: styles merged, waves stacked, others kept apart, words collected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

import polars as pl

from insight.answers import spoken
from insight.clean import Cleaned, merge_twins
from insight.clean.questions import OTHER_TEXT
from insight.clean.twins import is_numbered, labelled
from insight.schema import Question, QuestionKind, Questionnaire


def surveys(parts: list[Cleaned], *, files: Sequence[str] = ()) -> list[Cleaned]:
    """Merge the styles of one export; keep other questionnaires side by side under own ids.

    Option numbers whose texts stand in another file of the same questionnaire are shown by those.

    Parameters
    ----------
    files : the name of each part; where several parts stay, their rows tell it in a column ``file``
    """
    kept: list[Cleaned] = []
    names: list[str] = []
    for part, name in zip_longest(parts, files, fillvalue=""):
        assert isinstance(part, Cleaned)
        for i, earlier in enumerate(kept):
            merged = merge_twins(earlier, part) or merge_twins(part, earlier)
            if merged:
                kept[i] = merged
                break
        else:
            kept.append(part)
            names.append(str(name))
    kept = [_with_texts(part, kept) for part in kept]
    frames = unique_ids([p.frame for p in kept], "respondent_id")
    if len(frames) > 1 and len(set(names)) == len(names):
        frames = [f.with_columns(pl.lit(n).alias("file")) for f, n in zip(frames, names, strict=True)]  # fmt: skip
    kept = [replace(p, frame=f) for p, f in zip(kept, frames, strict=True)]
    return [
        p if i == 0 or _same_questions(kept[0], p) else _renamed(p, f"S{i + 1}")
        for i, p in enumerate(kept)
    ]


def _with_texts(part: Cleaned, others: Sequence[Cleaned]) -> Cleaned:
    known = (labelled(part, o.questionnaire) for o in others if o is not part and o.questionnaire)
    return next(filter(None, known), part)


def _same_questions(first: Cleaned, other: Cleaned) -> bool:
    """Whether both ask the same; what was written behind "other" is no question of the questionnaire."""
    shapes = [
        [
            (q.id, q.wording, q.kind, is_numbered(q))
            for q in (c.questionnaire.questions if c.questionnaire else ())
            if not q.id.endswith(OTHER_TEXT)
        ]
        for c in (first, other)
    ]
    return shapes[0] == shapes[1]


def _renamed(part: Cleaned, prefix: str) -> Cleaned:
    """Put ``prefix`` before every question id and column, so that two questionnaires do not mix."""
    assert part.questionnaire is not None
    stored = {c for q in part.questionnaire.questions for c in (*q.columns, *q.marks)}
    columns = [c for c in part.frame.columns if c in stored]
    names = {c: f"{prefix}_{c}" for c in columns}
    questions = tuple(
        q.model_copy(
            update={
                "id": f"{prefix}_{q.id}",
                "columns": tuple(names[c] for c in q.columns),
                "options": tuple(
                    o.model_copy(update={"column": names[o.column]}) if o.column else o
                    for o in q.options
                ),
            }
        )
        for q in part.questionnaire.questions
    )
    return replace(
        part, frame=part.frame.rename(names), questionnaire=Questionnaire(questions=questions)
    )


def one_questionnaire(surveys: Sequence[Cleaned]) -> Questionnaire:
    questions: dict[str, Question] = {}
    for survey in surveys:
        for question in survey.questionnaire.questions if survey.questionnaire else ():
            known = questions.setdefault(question.id, question)
            labels = {o.label for o in known.options}
            new = tuple(o for o in question.options if o.label not in labels)
            columns = known.columns + tuple(c for c in question.columns if c not in known.columns)
            update = {"options": known.options + new, "columns": columns}
            questions[question.id] = known.model_copy(update=update)
    return Questionnaire(questions=tuple(questions.values()))


def offered(responses: pl.DataFrame, questionnaire: Questionnaire) -> pl.DataFrame:
    """An option that only another wave offers was not ticked by those who answered the question."""
    for question in questionnaire.of_kind(QuestionKind.MULTI):
        own = [c for c in question.columns if c in responses.columns]
        others = [c for c in question.columns if c not in responses.columns]
        if own and others:
            answered = pl.any_horizontal(pl.col(c).is_not_null() for c in own)
            responses = responses.with_columns(
                pl.when(answered).then(False).alias(c) for c in others
            )
    return responses


def open_answers(
    responses: pl.DataFrame | None, questionnaire: Questionnaire
) -> list[pl.DataFrame]:
    """Every open answer, and every text filled in a blank, as a text of its respondent."""
    if responses is None:
        return []
    answers = [
        responses.select(
            text_id=pl.format("{}-{}", "respondent_id", pl.lit(question.id)),
            respondent_id="respondent_id",
            text=question.columns[0],
            question=pl.lit(question.wording),
            source=pl.lit("问卷"),
            role=pl.lit("participant"),
        ).drop_nulls("text")
        for question in spoken(questionnaire, responses)
    ]
    return [a for a in answers if a.height]


def unique_ids(frames: list[pl.DataFrame], column: str) -> list[pl.DataFrame]:
    """Keep ids as they are if no two frames share one; else put the frame's number before them."""
    ids = pl.concat([f[column] for f in frames]) if frames else pl.Series([], dtype=pl.String)
    if ids.n_unique() == len(ids):
        return frames
    return [
        f.with_columns(pl.format("{}-{}", pl.lit(i), pl.col(column)).alias(column))
        for i, f in enumerate(frames, start=1)
    ]
