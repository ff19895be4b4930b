"""Raw questionnaire export to one typed row per respondent and the questions behind its columns."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from insight.clean.built import Built, joined
from insight.clean.cleaned import DROPPED, EMPTIED, Cleaned, flag, note, together
from insight.clean.codebook import decoded, with_codes
from insight.clean.columns import Typed, attributes, typed
from insight.clean.contents import Profile, profiles
from insight.clean.grids import grid_question, part_ids
from insight.clean.identities import keys
from insight.clean.network import network
from insight.clean.others import with_others
from insight.clean.personal import why_personal
from insight.clean.proposal import IGNORED, QUESTION, Proposal
from insight.clean.questions import blocks
from insight.clean.reading import WJX_CODES, Reading
from insight.clean.recognise import is_coded
from insight.clean.records import records
from insight.clean.singles import column_question
from insight.clean.trials import without_trials
from insight.clean.values import codes
from insight.presets import facts
from insight.readers import RawTable
from insight.schema import Missing, QuestionKind, Questionnaire

_ONLY_NUMBERS = "单选题只有选项序号：再导入同一份问卷按文本导出的文件，就会显示选项文字"
_ONLY_SCORES = "单选题只有选项分数：再导入同一份问卷按文本导出的文件，才能看到选了哪一项"


def clean_responses(raw: RawTable, proposal: Proposal, *, secret: bytes) -> Cleaned:
    """Make one typed row per respondent.

    Parameters
    ----------
    raw : questionnaire export, one row per answered questionnaire
    proposal : roles of its columns; at least one question
    secret : key of the identity tokens

    Returns
    -------
    Cleaned : frame (n_respondents) respondent_id, key_*, the other roles present, attributes, and
        the columns of each question as ``schema.QuestionKind`` says, named "Q6" or
        "Q6[option]", and "Q6?" where it is known why answers are absent; respondents without any
        answer and repeated ones are in the issues

    Raises
    ------
    BadKind : the user gave a question a kind that its answers cannot be.
    """
    asked = proposal.columns_of(QUESTION)
    identities = proposal.identities()
    given_id = proposal.column_of("respondent_id")
    telling = [c for c in (given_id, *identities.values(), *asked[:3]) if c]
    frame, dropped = records(raw.frame, facts=telling)
    frame, trials = without_trials(frame, rules=facts(proposal.preset, table="responses").trials)
    seen = profiles(frame)
    reading = reading_of(raw, proposal)
    answered = {c: reading.answers(frame[c]).values.is_not_null() for c in asked}
    silent = tuple(c for c, answers in answered.items() if not answers.any())
    frame, doubtful = _answered_once(frame, proposal, answered=list(answered.values()))
    questions = build(frame, asked, reading=reading)
    columns = _mended(typed(frame.drop("__respondent__"), proposal), frame, proposal=proposal)
    columns = _timed(columns)
    columns, weighted = _weighted(columns, questions)
    hashed = keys(frame, identities, secret=secret)
    taken = {*columns.frame.columns, *(c.name for c in questions.columns)}
    extras = attributes(frame, proposal, taken=frozenset(taken), numeric=True)
    roles = columns.frame.drop("respondent_id", strict=False)
    ids = frame.select(respondent_id="__respondent__")
    parts = [ids, hashed.frame, roles, extras.frame, pl.DataFrame(questions.columns)]
    if (header := proposal.column_of("ip")) is not None:
        parts.append(network(frame[header], secret=secret))
    issues = (
        dropped, trials, doubtful, _empty_columns(raw), _unanswered(raw, silent, reading=reading), _personal_columns(seen, proposal),
        _told(questions, reading), weighted, columns.issues, hashed.issues, extras.issues, questions.issues,
    )  # fmt: skip
    told = Questionnaire(questions=questions.questions, answers=reading.answers_are, counts_rows=given_id is None)  # fmt: skip
    return Cleaned(pl.concat(parts, how="horizontal"), together(issues), told)


def reading_of(raw: RawTable, proposal: Proposal) -> Reading:
    """How the cells of a questionnaire export are to be read: platform, codebook, decisions."""
    coded = is_coded(proposal.columns_of(QUESTION), preset=proposal.preset)
    platform = facts(proposal.preset, table="responses")
    missing = {cell: Missing(why) for cell, why in platform.missing.items()}
    return Reading(
        answers_are=("score" if platform.answers == "score" else "code") if coded else "text",
        missing={**(WJX_CODES if coded else {}), **missing},
        separators=platform.separators if proposal.preset else (),
        kinds={**platform.kinds, **facts("", table="responses").kinds},
        decisions=proposal.decisions,
        codebook=raw.codebook,
    )


def build(frame: pl.DataFrame, asked: tuple[str, ...], *, reading: Reading) -> Built:
    """Type every question of the file.

    Parameters
    ----------
    frame : (n) ``__line__`` and raw columns
    asked : the question columns, in the order of the file

    Raises
    ------
    BadKind : the user gave a question a kind that its answers cannot be.
    """
    told = decoded(frame, asked, reading=reading) if reading.codebook else None
    if told is not None:
        frame, reading = told.frame, told.reading
    found = told.blocks if told else blocks(asked)
    known = {b.id for b in found} | {i for b in found for i in part_ids(b)}
    unused = sorted({*reading.decisions.kinds, *reading.decisions.separators} - known)
    notes = together(note(f"没有题目 {id_}，为它指定的题型或分隔符没有用上") for id_ in unused)
    typed_ = joined(
        (grid_question if block.parts else column_question)(frame, block, reading=reading)
        for block in found
    )
    questions = with_codes(typed_, told) if told else typed_
    return with_others(joined([questions, Built((), (), notes)]))


def _weighted(columns: Typed, questions: Built) -> tuple[Typed, pl.DataFrame]:
    """A question of weights plays the role of the weight, unless a column already does."""
    asked = next((q for q in questions.questions if q.kind is QuestionKind.WEIGHT), None)
    if asked is None:
        return columns, together([])
    if "weight" in columns.frame.columns:
        return columns, note(f"已有权重列，{asked.id} 没有用作权重", column=asked.id)
    values = next(c for c in questions.columns if c.name == asked.id)
    weight = values.set((values <= 0).fill_null(value=False), None).alias("weight")
    frame = columns.frame.with_columns(weight) if columns.frame.width else weight.to_frame()
    return Typed(frame, columns.issues), note(f"{asked.id} 是权重，用作答卷的权重", column=asked.id)


def _told(questions: Built, reading: Reading) -> pl.DataFrame:
    """That numbers or scores of options stand without their texts."""
    numbered = any(
        q.kind is QuestionKind.SINGLE and q.options and all(o.code for o in q.options)
        for q in questions.questions
    )
    told = _ONLY_SCORES if reading.answers_are == "score" else _ONLY_NUMBERS
    return note(told) if reading.coded and numbered else together([])


def _answered_once(
    frame: pl.DataFrame, proposal: Proposal, *, answered: list[pl.Series]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Respondents with an answer, each once, with ``__respondent__``; and issues of the others.

    ``answered`` says of each question column who gave an answer (n, Boolean).
    """
    given = proposal.column_of("respondent_id")
    place = pl.int_range(1, frame.height + 1, eager=True).cast(pl.String)
    ids = codes(frame[given]).fill_null("") if given else place
    ids = ids.zip_with(ids != "", pl.Series([f"L{line}" for line in frame["__line__"]]))
    frame = frame.with_columns(__respondent__=ids)
    anything = pl.select(pl.any_horizontal(answered)).to_series()
    first = ids.to_frame("id").filter(anything).select(pl.col("id").is_first_distinct()).to_series()
    silent = flag(frame, ~anything, column=given or "", reason="没有回答任何问题", action=DROPPED)
    kept = frame.filter(anything)
    again = flag(
        kept, ~first, column=given or "", reason="答卷编号重复，保留了第一份", action=DROPPED
    )
    return kept.filter(first), together([silent, again])


def _mended(columns: Typed, frame: pl.DataFrame, *, proposal: Proposal) -> Typed:
    """A weight that is not positive counts nobody: it is emptied."""
    header = proposal.column_of("weight")
    if header is None:
        return columns
    wrong = columns.frame["weight"] <= 0
    weight = columns.frame["weight"].set(wrong.fill_null(value=False), None)
    issue = flag(frame, wrong, column=header, reason="权重不是正数", action=EMPTIED)
    return Typed(columns.frame.with_columns(weight), together([columns.issues, issue]))


def _timed(columns: Typed) -> Typed:
    """The time from start to end where the file does not say how long answering took."""
    known = set(columns.frame.columns)
    if "duration_s" in known or not {"started_at", "submitted_at"} <= known:
        return columns
    took = (columns.frame["submitted_at"] - columns.frame["started_at"]).cast(pl.Float64)
    took = took.set((took < 0).fill_null(value=False), None).alias("duration_s")
    said = note("答题用时由开始时间和提交时间算出")
    return Typed(columns.frame.with_columns(took), together([columns.issues, said]))


def _empty_columns(raw: RawTable) -> pl.DataFrame:
    empty = (c for c in raw.frame.columns if raw.frame[c].is_null().all())
    return together(note("整列为空，已忽略", column=c, action=DROPPED) for c in empty)


def _unanswered(raw: RawTable, asked: tuple[str, ...], *, reading: Reading) -> pl.DataFrame:
    """Notes on the question columns in which everybody was routed past or said nothing."""
    given = {c: reading.answers(raw.frame[c]) for c in asked if raw.frame[c].is_not_null().any()}
    silent = {c: a.skipped.any() for c, a in given.items() if a.values.is_null().all()}
    return together(
        note(
            f"整列为空（{'全部跳过' if skipped else '没有一份回答'}），已忽略",
            column=c,
            action=DROPPED,
        )
        for c, skipped in silent.items()
    )


def _personal_columns(seen: Mapping[str, Profile], proposal: Proposal) -> pl.DataFrame:
    """Notes on the columns that were left out because they tell who somebody is."""
    ignored = (
        c for c in proposal.columns_of(IGNORED) if why_personal(c, seen[c], table="responses")
    )
    return together(note("可能含个人信息，未导入", column=c, action=DROPPED) for c in ignored)
