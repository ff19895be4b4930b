"""Multiple choice: options joined in one cell, or one column per option; and what stands behind "other"."""

from __future__ import annotations

import polars as pl

from insight.clean.built import (
    ANSWERED,
    NOTHING,
    SEEN,
    Built,
    built,
    counted,
    joined,
    masked,
    options,
)
from insight.clean.choices import OTHER, chosen, ordered
from insight.clean.questions import OTHER_TEXT, Block, unique
from insight.clean.reading import Answers, Reading, seen_of, why_of
from insight.clean.separators import separator
from insight.clean.splitting import inseparable, pieces
from insight.clean.told import hints
from insight.schema import Missing, Question, QuestionKind

_YES = r"(?i)^(1|1\.0|yes|y|t|true|是|有|√|✓|✔|☑|[选選]中|已[选選]中?|checked|selected)$"
_NO = (
    r"(?i)^(0|0\.0|no|n|f|false|否|×|✗|☐|未[选選]中?|不[选選]|[没沒][选選]|unchecked|not selected)$"
)


def is_ticks(filled: list[pl.Series]) -> bool:
    """Whether columns (non-null answers each) hold ticks: yes and no, or each its own option alone."""
    if all(is_tick(values) for values in filled):
        return True
    return len(filled) > 1 and all(values.n_unique() == 1 for values in filled)


def is_tick(values: pl.Series) -> bool:
    """Whether non-null answers are nothing but yes and no."""
    return bool(values.str.contains(f"{_YES}|{_NO}").all())


def tick_columns(
    block: Block, columns: list[Answers], *, written: pl.Series | None = None
) -> Built:
    """A multiple choice with a column per option.

    Parameters
    ----------
    block : the question; its parts name the options
    columns : answers of each of its columns
    written : (n) what stands behind "other" where that is no option of its own: it becomes one

    Notes
    -----
    Ticked is True; not ticked is False where the respondent saw the question, else null. Where the
    cells repeat the option itself, they name it.
    """
    filled = [a.values.drop_nulls() for a in columns]
    own = not all(is_tick(values) for values in filled) and all(f.n_unique() == 1 for f in filled)
    labels = unique(f[0] for f in filled) if own else block.parts
    saw = seen_of(columns)
    ticks = [_tick(answer, saw) for answer in columns]
    if written is not None:
        labels, saw_other = (*labels, OTHER), saw | written.is_not_null()
        ticks = [t.set(saw_other & t.is_null() & ~a.skipped, value=False) for t, a in zip(ticks, columns, strict=True)]  # fmt: skip
        ticks.append(written.is_not_null().set(~saw_other, None))
    return ticked(block, unique(labels), ticks=ticks, why=why_of(columns))


def _tick(answer: Answers, saw: pl.Series) -> pl.Series:
    yes = answer.values.is_not_null() & ~answer.values.str.contains(_NO).fill_null(value=False)
    return yes.set(~saw | answer.skipped, None)


def joined_choices(given: Answers, block: Block, *, reading: Reading, mark: str) -> Built:
    """A multiple choice whose options are joined by ``mark`` in one cell."""
    whole = reading.decisions.options.get(block.id, ()) or inseparable(given.values.drop_nulls(), mark)  # fmt: skip
    told = chosen(pieces(masked(given.values), mark, whole=whole))
    labels = told["labels"]
    order = _order(reading.decisions.options.get(block.id, ()), labels)
    saw_nothing = given.why.is_in([Missing.NO_ANSWER.value, Missing.REFUSED.value])
    ticks = [labels.list.contains(label).set(saw_nothing.fill_null(value=False), value=False) for label in order]  # fmt: skip
    core = ticked(block, order, ticks=ticks, why=given.why, mark=mark)
    return joined([core, other_text(told["written"], block)])


def _order(decided: tuple[str, ...], labels: pl.Series) -> tuple[str, ...]:
    """The options the user listed as they were listed, then the others."""
    found = ordered(counted(labels.explode(empty_as_null=True)))
    return tuple(dict.fromkeys((*decided, *found)))


def mark_in(answers: pl.Series, block: Block, *, reading: Reading) -> str | None:
    """What joins options in non-null cells: as decided, else as found; None where nothing does."""
    decided = reading.decisions.separators.get(block.id)
    if decided is not None:
        return decided or None
    return separator(answers, hints(block, reading))


def ticked(
    block: Block, labels: tuple[str, ...], *, ticks: list[pl.Series], why: pl.Series, mark: str = ""
) -> Built:
    """A multiple-choice question from its labels and Boolean columns (in the same order)."""
    names = tuple(f"{block.id}[{label}]" for label in labels)
    question = Question(
        id=block.id, wording=block.wording, kind=QuestionKind.MULTI, columns=names,
        options=options(labels, columns=names), base=SEEN, separator=mark,
    )  # fmt: skip
    columns = (tick.alias(name) for tick, name in zip(ticks, names, strict=True))
    return built(question, columns, why=[why])


def other_text(written: pl.Series, block: Block) -> Built:
    """The open question behind "other", if anybody wrote something; a respondent's text is masked."""
    if written.is_null().all():
        return NOTHING
    id_ = block.id if block.id.endswith(OTHER_TEXT) else f"{block.id}{OTHER_TEXT}"
    wording = f"{block.wording}（其他，请注明）"
    question = Question(
        id=id_, wording=wording, kind=QuestionKind.OPEN, columns=(id_,), base=ANSWERED
    )
    return built(question, [masked(written).alias(id_)])
