"""What customers say they need, from every source: by the codebook of the study, else by topics and options."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from insight.coders import coded_of
from insight.coding.matching import clauses_of, trees_of
from insight.coding.matching import raised as met_by
from insight.dataset import Dataset
from insight.errors import BadParameter, MissingColumns, TooFewRows, UnknownName
from insight.needs.raised import (
    CODEBOOK,
    INTERVIEW,
    OPEN_TEXT,
    REVIEW,
    SURVEY,
    Need,
    Raised,
    from_options,
    merged,
    need_questions,
    ordered,
    raised_by,
    together,
)
from insight.schema import Question, QuestionKind
from insight.schema.codebook import Codebook
from insight.schema.lexicon import Lexicon
from insight.schema.topic_edits import TopicEdit
from insight.text.noise import noise
from insight.text.tokenize import plain_form, tagger
from insight.text.topics import TopicModel, about, study_topics
from insight.voices import topics_of, voices

BY_CODEBOOK = (
    "需求来自这个研究的编码本：原话按规则和人工编码归入，多选题的选项按同一套规则归入（见“编码”）；"
    "归不进编码本的选项单独成一行。一项需求的基数是任何一种来源问到或听到过的客户。"
)


def heard(
    dataset: Dataset, *, title: str, questions: Sequence[str] = (), use_topics: bool = True, n_topics: int = 0
) -> tuple[Raised, tuple[str, ...]]:  # fmt: skip
    """Everything customers need, by any source, and notes on how it was found.

    Parameters
    ----------
    title : of the analysis that asks
    questions : ids of multi-selects; none = those whose wording speaks of needs
    use_topics : whether texts count
    n_topics : where the study has no codebook; 0 = chosen by the data

    Raises
    ------
    MissingColumns : neither texts nor multi-selects can be traced to customers.
    TooFewRows : there are only texts, and too few of them.
    UnknownName, BadParameter : a question is none, or no multi-select.
    """
    options = [from_options(_responses(dataset), q) for q in _asked(dataset, questions)]
    has_texts = use_topics and {"text_id", "text", "customer_id"} <= dataset.columns("texts")
    if not has_texts and not options:
        raise MissingColumns(
            title,
            ("文本：内容", "问卷：多选题"),
            "两者有其一即可，并且要能对应到客户，请在“导入数据”里补上。",
        )
    if dataset.codebook:
        texts = [_by_codebook(dataset, said_by(dataset))] if has_texts else []
        return in_codebook(together([*texts, *options]), dataset.codebook), (BY_CODEBOOK,)
    if not has_texts:
        return together(options), ()
    try:
        said = said_by(dataset)
        topics = from_topics(topics_of(dataset, said, n_topics=n_topics), said)
    except TooFewRows as few:
        if not options:
            raise
        return together(options), (f"开放文本没有参与：{few.message}",)
    return together([topics, *options]), ()


def said_by(dataset: Dataset) -> pl.DataFrame:
    """What participants say, personal data masked: text_id [sorted], text, person, customer_id, origin."""
    assert dataset.texts is not None
    had = dataset.texts.columns
    in_interview, in_survey = (
        pl.any_horizontal(
            pl.lit(value=False), *(pl.col(c).is_not_null() for c in names if c in had)
        )
        for names in (("document", "speaker"), ("question", "respondent_id"))
    )
    origin = pl.when(in_interview).then(pl.lit(INTERVIEW)).when(in_survey).then(pl.lit(SURVEY))
    known = dataset.texts.select("text_id", "customer_id", origin=origin.otherwise(pl.lit(REVIEW)))
    return voices(dataset).join(known, on="text_id", maintain_order="left")


def from_texts(
    said: pl.DataFrame, lexicon: Lexicon | None = None, *, edits: Sequence[TopicEdit] = (), n_topics: int = 0, seed: int = 0
) -> Raised:  # fmt: skip
    """Find the topics of what participants say, and which customers mention each.

    Parameters
    ----------
    said : (n_texts) text_id, text [of participants, personal data masked], customer_id [null where
        unknown] and, where known, person, origin
    edits : what people changed of the topics
    n_topics : 0 = chosen by the data

    Returns
    -------
    Topics are learnt from all texts; people are the customers with at least one text that is no
    noise. A customer raises every topic that one of their texts is about.

    Raises
    ------
    TooFewRows, BadParameter : as ``study_topics``.
    """
    texts = said["text"].to_list()
    return from_topics(
        study_topics(texts, lexicon, edits=edits, n_topics=n_topics, seed=seed), said
    )


def from_topics(model: TopicModel, said: pl.DataFrame) -> Raised:
    """Which customers mention each topic of a model of these texts; see ``from_texts``."""
    told = pl.DataFrame(about(model), schema=[str(at) for at in range(len(model.labels))])
    needs = tuple(Need(label, OPEN_TEXT) for label in model.labels)
    return raised_by(needs, said.with_columns(told).filter(pl.Series(model.says_something)))


def from_codes(
    said: pl.DataFrame, texts: pl.DataFrame, *, names: Sequence[str], lexicon: Lexicon | None = None
) -> Raised:
    """Which customers speak of each need of a codebook.

    Parameters
    ----------
    said : (n_texts) as for ``from_texts``
    texts : (n) text_id, need [name] and, where known, polarity
    names : the needs, in the order of the codebook; those that nobody speaks of are left out
    lexicon : the words of the study, which say what is no noise

    Returns
    -------
    people are the customers with at least one text that is coded or no noise.
    """
    there = set(texts["need"])
    needs = [name for name in names if name in there]
    raised = {name: set(part["text_id"]) for (name,), part in texts.group_by("need")}
    told = said.with_columns(pl.col("text_id").is_in(list(raised[n])).alias(str(at)) for at, n in enumerate(needs))  # fmt: skip
    tag, coded = tagger(lexicon), set(texts["text_id"])
    normal = [plain_form(text, lexicon) for text in said["text"]]
    speaks = pl.Series(
        [i in coded or not noise(t, tag(t)) for i, t in zip(said["text_id"], normal, strict=True)], dtype=pl.Boolean
    )  # fmt: skip
    found = raised_by(tuple(Need(n, OPEN_TEXT) for n in needs), told.filter(speaks))
    return found if "polarity" not in texts.columns else _with_moods(found, texts)


def _with_moods(raised: Raised, texts: pl.DataFrame) -> Raised:
    """The judgement of the clauses in which each need was found."""
    at = {need.label: str(at) for at, need in enumerate(raised.needs)}
    told = texts.select("text_id", "polarity", at=pl.col("need").replace(at))
    said = raised.said.drop("polarity").join(told, on=("text_id", "at"), how="left", maintain_order="left")  # fmt: skip
    return Raised(raised.needs, raised.people, said.select(raised.said.columns))


def _by_codebook(dataset: Dataset, said: pl.DataFrame) -> Raised:
    book = dataset.codebook
    coded = coded_of(said, dataset, book)
    return from_codes(
        said, coded.texts, names=[code.name for code in book.codes], lexicon=dataset.lexicon
    )


def in_codebook(raised: Raised, book: Codebook) -> Raised:
    """The needs of all sources under those of one codebook, in its order; options that fit none stay as they are."""
    homes = [_homes(need, book) for need in raised.needs]
    place = {code.name: at for at, code in enumerate(book.codes)}
    return ordered(merged(raised, homes), place)


def _homes(need: Need, book: Codebook) -> tuple[Need, ...]:
    if need.source == OPEN_TEXT:
        return (Need(need.label, CODEBOOK),)
    return tuple(Need(name, CODEBOOK) for name in codes_of(need.label, book)) or (need,)


def codes_of(label: str, book: Codebook) -> tuple[str, ...]:
    """The needs of a codebook that a label names or meets the rules of."""
    if named := book.named(label):
        return (named.name,)
    found = met_by(clauses_of(pl.Series([label])), trees_of(book), n_texts=1)
    return tuple(code.name for code in book.codes if code.key in found.columns and found[code.key][0])  # fmt: skip


def _responses(dataset: Dataset) -> pl.DataFrame:
    assert dataset.responses is not None
    return dataset.responses


def _asked(dataset: Dataset, questions: Sequence[str]) -> tuple[Question, ...]:
    """The multi-selects to use; none where the answers cannot be traced to customers."""
    chosen = [dataset.questionnaire.find(name) for name in questions]
    known = [q.id for q in dataset.questionnaire.of_kind(QuestionKind.MULTI)]
    for name, question in zip(questions, chosen, strict=True):
        if question is None:
            raise UnknownName("多选题", name, known)
        if question.kind is not QuestionKind.MULTI:
            raise BadParameter("需求题", f"{name} 不是多选题")
    there = dataset.columns("responses")
    asked = [q for q in chosen if q] or need_questions(dataset.questionnaire)
    return tuple(q for q in asked if "customer_id" in there and there & set(q.columns))
