"""Raw questionnaire export to one typed row per respondent and the questions behind its columns."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from insight.clean.built import Built, answers, joined
from insight.clean.cleaned import DROPPED, EMPTIED, Cleaned, flag, note, together
from insight.clean.columns import Typed, attributes, typed
from insight.clean.contents import Profile, profile
from insight.clean.grids import grid_question
from insight.clean.identities import keys
from insight.clean.personal import why_personal
from insight.clean.proposal import IGNORED, QUESTION, Proposal
from insight.clean.questions import blocks
from insight.clean.recognise import is_coded
from insight.clean.records import records
from insight.clean.singles import column_question, has_answer
from insight.clean.values import codes
from insight.readers import RawTable
from insight.schema import Questionnaire


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
        "Q6[option]"; respondents without any answer and repeated ones are in the issues
    """
    asked = proposal.columns_of(QUESTION)
    identities = proposal.identities()
    given_id = proposal.column_of("respondent_id")
    facts = [c for c in (given_id, *identities.values(), *asked[:3]) if c]
    frame, dropped = records(raw.frame, facts=facts)
    seen = {c: profile(frame[c]) for c in frame.columns if c != "__line__"}
    coded = is_coded(seen, asked)
    frame, doubtful = _answered_once(frame, proposal, coded=coded)
    built = build(frame, asked, coded=coded)
    columns = _mended(typed(frame.drop("__respondent__"), proposal), frame, proposal=proposal)
    hashed = keys(frame, identities, secret=secret)
    taken = {*columns.frame.columns, *(c.name for c in built.columns)}
    extras = attributes(frame, proposal, taken=frozenset(taken), numeric=True)
    roles = columns.frame.drop("respondent_id", strict=False)
    ids = frame.select(respondent_id="__respondent__")
    parts = [ids, hashed.frame, roles, extras.frame, pl.DataFrame(built.columns)]
    issues = (dropped, doubtful, _empty_columns(raw), _unanswered(raw, asked, coded=coded), _personal_columns(seen, proposal), columns.issues, hashed.issues, extras.issues, built.issues)  # fmt: skip
    return Cleaned(
        pl.concat(parts, how="horizontal"), together(issues), Questionnaire(questions=built.questions)
    )  # fmt: skip


def build(frame: pl.DataFrame, asked: tuple[str, ...], *, coded: bool) -> Built:
    """Type every question of the file.

    Parameters
    ----------
    frame : (n) ``__line__`` and raw columns
    asked : the question columns, in the order of the file
    coded : whether the file holds option numbers instead of option text
    """
    return joined(
        grid_question(frame, block, coded=coded)
        if block.parts
        else column_question(frame, block, coded=coded)
        for block in blocks(asked)
    )


def _answered_once(
    frame: pl.DataFrame, proposal: Proposal, *, coded: bool
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Respondents with an answer, each once, with ``__respondent__``; and issues of the others."""
    asked, given = proposal.columns_of(QUESTION), proposal.column_of("respondent_id")
    place = pl.int_range(1, frame.height + 1, eager=True).cast(pl.String)
    ids = codes(frame[given]).fill_null("") if given else place
    ids = ids.zip_with(ids != "", pl.Series([f"L{line}" for line in frame["__line__"]]))
    frame = frame.with_columns(__respondent__=ids)
    answered = frame.select(
        pl.any_horizontal(*(has_answer(frame[c], coded=coded) for c in asked))
    ).to_series()
    first = ids.to_frame("id").filter(answered).select(pl.col("id").is_first_distinct()).to_series()
    silent = flag(frame, ~answered, column=given or "", reason="没有回答任何问题", action=DROPPED)
    kept = frame.filter(answered)
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


def _empty_columns(raw: RawTable) -> pl.DataFrame:
    empty = (c for c in raw.frame.columns if raw.frame[c].is_null().all())
    return together(note("整列为空，已忽略", column=c, action=DROPPED) for c in empty)


def _unanswered(raw: RawTable, asked: tuple[str, ...], *, coded: bool) -> pl.DataFrame:
    """Notes on the question columns in which everybody was routed past or said nothing."""
    given = {
        c: answers(raw.frame[c], coded=coded) for c in asked if raw.frame[c].is_not_null().any()
    }
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
