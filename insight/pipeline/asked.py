"""The questions of a study as they were typed, and what the user decides about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from insight.bases import why_missing
from insight.clean import Cleaned, contents_of, merge_twins
from insight.clean.splitting import SEPARATORS
from insight.errors import BadParameter, UnknownName
from insight.pipeline.changing import change, newest, source_at, source_now
from insight.pipeline.joined import load
from insight.pipeline.kept import (
    Manifest,
    cleaned_from,
    cleaned_of,
    keep_cleaned,
    proposal_of,
    put_cleaned,
    raw_of,
    secret_of,
)
from insight.pipeline.mapped_before import redecided
from insight.recoding import counts
from insight.schema import (
    QUESTION_KIND_LABELS,
    Decisions,
    Missing,
    Question,
    QuestionKind,
    Questionnaire,
)
from insight.study import Revision, Source, Study
from insight.worker import call

SEPARATOR_LABELS: Mapping[str, str] = {
    "": "不拆分", "\n": "换行", ", ": "逗号加空格", **{s: s for s in SEPARATORS if s not in ("\n", ", ")},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, what it became, and how it was answered.

    Attributes
    ----------
    base : whom its shares are of, in Chinese
    separator : what joined several options in one cell; "" where nothing did
    options : option, code ("" where it has none), n [respondents, unweighted]
    n_base, n_shown, n_answered, n_missing, n_refused, n_not_asked : respondents
    """

    id: str
    wording: str
    kind: QuestionKind
    kind_label: str
    base: str
    separator: str
    options: tuple[tuple[str, str, int], ...]
    n_base: int
    n_shown: int
    n_answered: int
    n_missing: int
    n_refused: int
    n_not_asked: int


def questions(study: Study, index: int | None = None) -> tuple[Asked, ...]:
    """Every question.

    Parameters
    ----------
    index : of one source, whose own questions are told; None = all sources together, recoded
    """
    if index is not None:
        cleaned = cleaned_of(study, source_now(study, index))
        asked, responses = cleaned.questionnaire or Questionnaire(), cleaned.frame
        return tuple(_asked(responses, q) for q in asked.questions)
    dataset = load(study)
    if dataset.responses is None:
        return ()
    return tuple(_asked(dataset.responses, q) for q in dataset.questionnaire.questions)


def _asked(responses: pl.DataFrame, question: Question) -> Asked:
    why = why_missing(responses, question)
    n = {m: int((why == m.value).sum()) for m in Missing}
    held = pl.any_horizontal(pl.col(c).is_not_null() for c in question.columns)
    codes = {o.label: o.code or "" for o in question.options}
    rows = counts(responses, question).iter_rows()
    return Asked(
        id=question.id,
        wording=question.wording,
        kind=question.kind,
        kind_label=QUESTION_KIND_LABELS[question.kind],
        base=question.base,
        separator=question.separator,
        options=tuple((label, codes.get(label, ""), count) for label, count in rows),
        n_shown=len(why) - n[Missing.NOT_ASKED],
        n_base=int(responses.select(held.sum()).item()),
        n_answered=why.null_count(),
        n_missing=n[Missing.NO_ANSWER],
        n_refused=n[Missing.REFUSED],
        n_not_asked=n[Missing.NOT_ASKED],
    )


def kind_of(written: str) -> QuestionKind:
    """A kind by its name ("multi") or its Chinese label ("多选").

    Raises
    ------
    UnknownName : there is none.
    """
    known = {label: QuestionKind(name) for name, label in QUESTION_KIND_LABELS.items()}
    known |= {name.lower(): kind for name, kind in known.items()} | {k.value: k for k in QuestionKind}  # fmt: skip
    found = known.get(written.strip()) or known.get(written.strip().lower())
    if found is None:
        raise UnknownName("题型", written, tuple(QUESTION_KIND_LABELS.values()))
    return found


def check_asked(decisions: Decisions, asked: Questionnaire | None) -> None:
    """Refuse a decision about a question that there is not (UnknownName), or a separator that is none."""
    ids = tuple(q.id for q in asked.questions) if asked else ()
    decided = (decisions.kinds, decisions.separators, decisions.options, decisions.missing)
    for question in sorted({i for about in decided for i in about if i} - set(ids)):
        raise UnknownName("题目", question, ids)
    if any(len(mark) > 3 for mark in decisions.separators.values()):
        raise BadParameter("分隔符", "最多三个字符")


def known_options(
    study: Study, sources: Sequence[Source], *, beside: Sequence[Cleaned] = ()
) -> dict[str, tuple[str, ...]]:
    """The options of multiple choices that other files already tell, where a separator may stand in them.

    Parameters
    ----------
    sources : of the study
    beside : files that come in at the same time, not yet kept
    """
    options: dict[str, tuple[str, ...]] = {}
    kept = [cleaned_of(study, source) for source in sources if source.table == "responses"]
    for cleaned in (*kept, *beside):
        asked = cleaned.questionnaire or Questionnaire()
        for question in asked.of_kind(QuestionKind.MULTI):
            labels = tuple(o.label for o in question.options)
            if any(mark in label for label in labels for mark in SEPARATORS):
                options.setdefault(question.id, labels)
    return options


def retype(
    study: Study, index: int, kinds: Mapping[str, QuestionKind | None], *, parent: int
) -> Revision:
    """Give questions of one source other kinds; None = as it was found.

    Raises
    ------
    BadKind : a question cannot be of that kind; nothing was changed.
    UnknownName, Conflict
    """
    source = source_at(study, newest(study, parent), index)
    kept = {q: k for q, k in {**source.decisions.kinds, **kinds}.items() if k is not None}
    return decide(study, index, source.decisions.model_copy(update={"kinds": kept}), parent=parent)


def decide(
    study: Study, index: int, decisions: Decisions, *, parent: int, what: str = "修改题型"
) -> Revision:
    """Read one source again with other decisions, as a new revision on top of ``parent``.

    Kinds of questions are given to the other exports of the same answers, too.

    Raises
    ------
    InsightError : the decisions do not fit the file (BadKind, UnknownName, BadParameter), or
        somebody changed the study since ``parent`` (Conflict); nothing was changed.
    """
    before = newest(study, parent)
    name = source_at(study, before, index).name
    sources = list(before.recipe.sources)
    for at, changed, kept in call(_all_decided, study, sources, index, decisions, about=name):
        keep_cleaned(study, changed, kept)
        sources[at] = changed
    return change(study, before, note=f"{what} {name}", sources=tuple(sources))


def _all_decided(
    study: Study, sources: Sequence[Source], index: int, decisions: Decisions
) -> list[tuple[int, Source, Manifest]]:
    """A source with other decisions, and its twins with other kinds of the same questions; in a child only."""
    before = sources[index].decisions.kinds
    names = [q for q in {**before, **decisions.kinds} if before.get(q) != decisions.kinds.get(q)]
    done = [(index, *_decided(study, sources[index], decisions))]
    for at in _twins(study, sources, index) if names else ():
        own = sources[at].decisions
        known = cleaned_of(study, sources[at]).questionnaire or Questionnaire()
        shared = {q: decisions.kinds.get(q) for q in names if known.find(q)}
        kinds = {q: k for q, k in {**own.kinds, **shared}.items() if k is not None}
        told = own.model_copy(update={"kinds": kinds})
        done.append((at, *_decided(study, sources[at], told)))
    return done


def _twins(study: Study, sources: Sequence[Source], index: int) -> list[int]:
    """The places of the other exports of the answers that the source at ``index`` holds."""
    if sources[index].table != "responses":
        return []
    parts = {i: cleaned_of(study, s) for i, s in enumerate(sources) if s.table == "responses"}
    found = [index]
    for one in found:
        for at, part in parts.items():
            if at not in found and (merge_twins(parts[one], part) or merge_twins(part, parts[one])):
                found.append(at)
    return found[1:]


def _decided(study: Study, source: Source, decisions: Decisions) -> tuple[Source, Manifest]:
    """A source with other decisions, cleaned again from its untouched bytes; in a child only."""
    raw = raw_of(study, source)
    changed = redecided(source, decisions, contents=contents_of(raw))
    cleaned = cleaned_from(raw, proposal_of(changed, raw), secret=secret_of(study))
    check_asked(decisions, cleaned.questionnaire)
    return changed, put_cleaned(study, cleaned)
