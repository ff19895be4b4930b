"""Everybody who speaks as the people of a book of tables: topics as a question, with their answers, months and spend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from insight import ledger
from insight.currency import with_unit
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.schema import Option, Question, QuestionKind
from insight.segmentation.breaks import MOST_GROUPS
from insight.segmentation.calendar import spans
from insight.tabulation.asking import Asked, asked

TOPICS, SAID_AT, SPEND = "topics", "said_at", "spend"
BASE = "说过有实质内容的话的人"


def speaking(
    dataset: Dataset, said: pl.DataFrame, about: pl.DataFrame, *, names: Sequence[str]
) -> Dataset:
    """The data with a row for everybody who says something in the place of the questionnaires.

    Parameters
    ----------
    said : (n_texts) text_id, person
    about : (n_texts x n_topics) Boolean, in the order of ``names``; null where the text says nothing
    names : of the topics

    Returns
    -------
    ``responses`` has one row per person as its respondent_id, with customer_id, the answers of the
    person's own questionnaire (of several the first) and these questions: "topics" [several
    answers], "said_at" [months or years, several; where texts tell at least two], "spend" [CNY, net;
    of customers]

    Raises
    ------
    TooFewRows : nobody says anything.
    """
    columns = [f"{TOPICS}[{at}]" for at in range(len(names))]
    texts = said.select("text_id", "person").with_columns(about.rename(dict(zip(about.columns, columns, strict=True))))  # fmt: skip
    spoken = texts.drop_nulls(columns)
    if spoken.is_empty():
        raise TooFewRows(BASE, 0, 1)
    known, months = _with_months(spoken.join(_ids(dataset), on="text_id", maintain_order="left"))
    first = [pl.col(c).drop_nulls().sort().first() for c in ("customer_id", "respondent_id")]
    people = known.group_by("person").agg(*first, pl.col([*columns, *months.values()]).max())
    people = _with_answers(dataset, _with_spend(dataset, people)).sort("person")
    questions = [_several(TOPICS, "谈到的主题", dict(zip(names, columns, strict=True)))]
    if months:
        questions.append(_several(SAID_AT, "发言时间", months))
    if SPEND in people.columns:
        questions.append(Question(id=SPEND, wording=with_unit("消费金额（元）"), kind=QuestionKind.NUMBER, columns=(SPEND,)))  # fmt: skip
    asked_of = (*dataset.questionnaire.questions, *questions)
    owners = said.select("text_id", respondent_id="person")
    told = None if dataset.texts is None else dataset.texts.drop("respondent_id", strict=False).join(owners, on="text_id", how="left", maintain_order="left")  # fmt: skip
    return replace(
        dataset,
        responses=people.rename({"person": "respondent_id"}),
        texts=told,
        questionnaire=dataset.questionnaire.model_copy(update={"questions": asked_of}),
    )


def _several(id_: str, wording: str, columns: dict[str, str]) -> Question:
    options = tuple(Option(label=label, column=column) for label, column in columns.items())
    return Question(id=id_, wording=wording, kind=QuestionKind.MULTI, columns=tuple(columns.values()), options=options)  # fmt: skip


def _ids(dataset: Dataset) -> pl.DataFrame:
    """text_id, customer_id, respondent_id, said_at; null where the texts do not tell."""
    assert dataset.texts is not None
    wanted = {"text_id": pl.String, "customer_id": pl.String, "respondent_id": pl.String, "said_at": pl.Int64}  # fmt: skip
    had = dataset.texts.columns
    return dataset.texts.select(
        pl.col(c) if c in had else pl.lit(None, dtype=kind).alias(c) for c, kind in wanted.items()
    )


def _with_months(spoken: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, str]]:
    """A column for every span of time somebody spoke in, if there are two at least."""
    made = spans(spoken["said_at"], most=MOST_GROUPS)
    if made is None:
        return spoken, {}
    spoken = spoken.with_columns(made[1].alias("span"))
    columns = {span: f"{SAID_AT}[{span}]" for span in spoken["span"].drop_nulls().unique().sort()}
    when = [pl.col("span").eq(span).alias(column) for span, column in columns.items()]
    return spoken.with_columns(when), columns


def _with_spend(dataset: Dataset, people: pl.DataFrame) -> pl.DataFrame:
    if "customer_id" not in dataset.columns("orders") or dataset.orders is None:
        return people
    worth = ledger.customer_table(dataset.orders).select("customer_id", pl.col("spend").alias(SPEND))  # fmt: skip
    return people.join(worth, on="customer_id", how="left")


def _with_answers(dataset: Dataset, people: pl.DataFrame) -> pl.DataFrame:
    """The answers of each person: of the questionnaire they wrote in, else of the one of that customer."""
    answers = dataset.responses
    if answers is None or answers.is_empty():
        return people.drop("respondent_id")
    if "customer_id" in answers.columns:
        ours = answers.select("customer_id", own="respondent_id").drop_nulls()
        ours = ours.sort("customer_id", "own").unique("customer_id", keep="first")
        people = people.join(ours, on="customer_id", how="left")
        people = people.with_columns(respondent_id=pl.coalesce("respondent_id", "own")).drop("own")
    taken = [c for c in people.columns if c != "respondent_id"]
    others = answers.drop(taken, strict=False)
    return people.join(others, on="respondent_id", how="left").drop("respondent_id")


def asked_of_speakers(
    dataset: Dataset, *, breaks: Sequence[str], banner: str, weight: str, least: int
) -> Asked:
    """The table of topics by any breaks; ``dataset`` as ``speaking`` gives it (see ``asking.asked``)."""
    question = dataset.questionnaire.find(TOPICS)
    assert question is not None
    book = asked(dataset, [question], breaks=breaks, banner=banner, weight=weight, least=least)
    families = tuple(replace(f, label=_reworded(f.label)) for f in book.families)
    people = replace(book.people, note=_reworded(book.people.note))
    return replace(book, people=people, families=families, notes=tuple(map(_reworded, book.notes)))


def _reworded(told: str) -> str:
    """A sentence about questionnaires as one about people who speak."""
    return told.replace(f"{SAID_AT} ", "").replace("份答卷", "人")
