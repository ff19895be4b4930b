"""Many sources, one table each: stack what several files hold, join it to customers, collect all words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from insight.clean import Cleaned, merge_twins
from insight.join import Joined, join
from insight.schema import Question, QuestionKind, Questionnaire


@dataclass(frozen=True, slots=True)
class Part:
    """One cleaned source: its file, and the canonical table it belongs to."""

    table: str
    cleaned: Cleaned
    name: str = ""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The joined tables of a study and the questions behind the answers.

    Attributes
    ----------
    notes : (file, table, sentence) of what was found in two files and counted once
    """

    joined: Joined
    questionnaire: Questionnaire
    notes: tuple[tuple[str, str, str], ...] = ()


def gather(parts: Sequence[Part]) -> Gathered:
    """Make one table of each kind from all sources and give every row its customer.

    Parameters
    ----------
    parts : cleaned sources in the order they were added; rows that two exports share count once

    Returns
    -------
    Gathered; orders also have ordered_month [yyyymm], texts also hold every open answer
    """
    once, notes = _counted_once(parts)
    frames = {t: [p.cleaned.frame for p in once if p.table == t] for t in ("orders", "customers")}
    tables = {t: _stacked(found) for t, found in frames.items() if found}
    surveys = _surveys([p.cleaned for p in once if p.table == "responses"])
    questionnaire = _one_questionnaire(surveys)
    if surveys:
        tables["responses"] = _stacked([_offered(s.frame, questionnaire) for s in surveys])
    texts = [p.cleaned.frame for p in once if p.table == "texts"]
    texts = _unique_ids(texts, "text_id") + _open_answers(tables.get("responses"), questionnaire)
    if texts:
        tables["texts"] = _stacked(texts)
    if "orders" in tables:
        tables["orders"] = tables["orders"].with_columns(ordered_month=_month())
    joined, n = _one_row_a_customer(join(tables))
    if n:
        last = next(p.name for p in reversed(parts) if p.table == "customers")
        notes.append((last, "customers", f"有 {n:,} 位客户已在其他行出现，保留最先导入的一行"))
    return Gathered(joined, questionnaire, tuple(notes))


def _counted_once(parts: Sequence[Part]) -> tuple[list[Part], list[tuple[str, str, str]]]:
    """Drop from every later file the rows that an earlier file of the same kind already holds."""
    once: list[Part] = []
    notes = []
    for part in parts:
        frame = part.cleaned.frame
        for earlier in (p for p in once if p.table == part.table):
            frame, n = _without(frame, earlier.cleaned.frame)
            if n:
                sentence = f"有 {n:,} 行与“{earlier.name}”完全相同，只计一次"
                notes.append((part.name, part.table, sentence))
        once.append(replace(part, cleaned=replace(part.cleaned, frame=frame)))
    return once, notes


def _without(frame: pl.DataFrame, earlier: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """``frame`` without the rows of ``earlier``; a row that stands there twice is taken off twice."""
    if set(frame.columns) != set(earlier.columns) or frame.is_empty():
        return frame, 0
    columns = frame.columns
    types = (
        _stacked([earlier.clear(), frame.clear()]).select(columns).schema
    )  # 7 here may be 7.0 there
    turn = pl.int_range(pl.len()).over(columns).alias("__turn__")
    now, before = (f.select(columns).cast(types).with_columns(turn) for f in (frame, earlier))
    is_new = (
        now.with_row_index("__row__")
        .join(before, on=[*columns, "__turn__"], how="anti", nulls_equal=True)
        .select("__row__")
        .sort("__row__")["__row__"]
    )
    return frame[is_new], frame.height - len(is_new)


def _one_row_a_customer(joined: Joined) -> tuple[Joined, int]:
    """The first row of each customer in the customers table, and how many rows that leaves out."""
    customers = joined.tables.get("customers")
    if customers is None or "customer_id" not in customers.columns:
        return joined, 0
    first = pl.col("customer_id").is_null() | pl.col("customer_id").is_first_distinct()
    kept = customers.filter(first)
    return replace(
        joined, tables={**joined.tables, "customers": kept}
    ), customers.height - kept.height


def _stacked(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frames, how="diagonal_relaxed")


def _month() -> pl.Expr:
    at = pl.from_epoch("ordered_at", time_unit="s")
    return (at.dt.year() * 100 + at.dt.month().cast(pl.Int32)).cast(pl.Int64)


def _unique_ids(frames: list[pl.DataFrame], column: str) -> list[pl.DataFrame]:
    """Keep ids as they are if no two frames share one; else put the frame's number before them."""
    ids = pl.concat([f[column] for f in frames]) if frames else pl.Series([], dtype=pl.String)
    if ids.n_unique() == len(ids):
        return frames
    return [
        f.with_columns(pl.format("{}-{}", pl.lit(i), pl.col(column)).alias(column))
        for i, f in enumerate(frames, start=1)
    ]


def _surveys(parts: list[Cleaned]) -> list[Cleaned]:
    """Merge the two styles of one export; keep other questionnaires side by side under own ids."""
    kept: list[Cleaned] = []
    for part in parts:
        for i, earlier in enumerate(kept):
            merged = merge_twins(earlier, part) or merge_twins(part, earlier)
            if merged:
                kept[i] = merged
                break
        else:
            kept.append(part)
    frames = _unique_ids([p.frame for p in kept], "respondent_id")
    kept = [replace(p, frame=f) for p, f in zip(kept, frames, strict=True)]
    return [
        p if i == 0 or _same_questions(kept[0], p) else _renamed(p, f"S{i + 1}")
        for i, p in enumerate(kept)
    ]


def _same_questions(first: Cleaned, other: Cleaned) -> bool:
    shapes = [
        [(q.id, q.wording, q.kind) for q in c.questionnaire.questions] if c.questionnaire else []
        for c in (first, other)
    ]
    return shapes[0] == shapes[1]


def _renamed(part: Cleaned, prefix: str) -> Cleaned:
    """Put ``prefix`` before every question id and column, so that two questionnaires do not mix."""
    assert part.questionnaire is not None
    columns = [c for q in part.questionnaire.questions for c in q.columns]
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


def _one_questionnaire(surveys: Sequence[Cleaned]) -> Questionnaire:
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


def _offered(responses: pl.DataFrame, questionnaire: Questionnaire) -> pl.DataFrame:
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


def _open_answers(
    responses: pl.DataFrame | None, questionnaire: Questionnaire
) -> list[pl.DataFrame]:
    """Every non-empty open answer as a text of its respondent."""
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
        for question in questionnaire.of_kind(QuestionKind.OPEN)
    ]
    return [a for a in answers if a.height]
