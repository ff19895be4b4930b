"""The topics of a study as people edit them: every edit a step of the recipe that can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from insight import study as store
from insight.errors import BadParameter, UnknownName
from insight.pipeline.apart import apart
from insight.pipeline.changing import change, newest
from insight.pipeline.joined import load
from insight.pipeline.running import run
from insight.schema.topic_edits import MOST_EDITS, Known, TopicEdit, told, topic_edit_of
from insight.study import Revision, Study
from insight.text.corpus import content_key
from insight.text.tokenize import plain_form
from insight.voices import edits_of, voices

_SHOWN = 20  # characters of a comment that was moved


@dataclass(frozen=True, slots=True)
class Edited:
    """One edit of the recipe.

    Attributes
    ----------
    index : its place among all edits, 0-based
    told : what it does; with the first words of the comment, where one was moved
    why : why it does not fit the topics of today; "" where it does
    """

    index: int
    told: str
    why: str


def topics(study: Study, *, question: str = "") -> pl.DataFrame:
    """The topics of today, see ``insight.text.topic_tables.topic_table``; worked out once."""
    return run(study, "topics", changes={"question": question}).tables["topics"]


@apart("列出主题编辑")
def topic_edits(study: Study, *, question: str = "") -> tuple[Edited, ...]:
    """The edits of the topics of one question in the order they are applied; "" = of all texts."""
    recipe = store.head(study).recipe
    dataset = load(study)
    own = edits_of(dataset, question)
    if not own:
        return ()
    shown = run(study, "topics", changes={"question": question}).tables["edits"]["reason"]
    plain = _by_key(study, {e.text for e in own if e.do == "move"})
    places = [at for at, edit in enumerate(recipe.topic_edits) if edit in own]
    return tuple(
        Edited(at, _told(edit, plain), why)
        for at, edit, why in zip(places, own, shown, strict=True)
    )


def _told(edit: TopicEdit, plain: dict[str, str]) -> str:
    quoted = plain.get(edit.text, "") if edit.do == "move" else ""
    cut = "……" if len(quoted) > _SHOWN else ""
    return f"{told(edit)}（{quoted[:_SHOWN]}{cut}）" if quoted else told(edit)


def _by_key(study: Study, keys: set[str]) -> dict[str, str]:
    """The texts (masked) behind some keys."""
    if not keys:
        return {}
    words = store.head(study).recipe.lexicon
    texts = voices(load(study))["text"].unique().sort()
    return {key: text for text in texts if (key := content_key(plain_form(text, words))) in keys}


def add_topic_edit(
    study: Study, fields: dict[str, object], *, question: str = "", parent: int | None = None
) -> Revision:
    """Record one more edit, as a new revision on top of ``parent``.

    Parameters
    ----------
    fields : as ``schema.topic_edits`` writes an edit, but topics by their label or number ("2"), and a
        comment by its text_id

    Raises
    ------
    UnknownName : there is no such topic or comment.
    BadParameter : a field cannot be, or the edit does nothing with these texts.
    Conflict : somebody changed the study since ``parent``.
    """
    before = newest(study, parent)
    if len(before.recipe.topic_edits) >= MOST_EDITS:
        raise BadParameter("主题编辑", f"一个研究最多 {MOST_EDITS} 步")
    edit = topic_edit_of({**_stable(study, fields, question=question), "question": question})
    steps = (*before.recipe.topic_edits, edit)
    return change(study, before, note=f"主题：{told(edit)}", topic_edits=steps)


@apart("核对主题和评论")
def _stable(study: Study, fields: dict[str, object], *, question: str) -> dict[str, object]:
    """The fields with topics and texts as they are found again after another fit."""
    kept = dict(fields)
    shown = topics(study, question=question)
    for name in ("topic", "to"):
        if kept.get(name):
            kept[name] = known_topic(shown, str(kept[name]))
    if isinstance(listed := kept.get("topics"), list | tuple):
        kept["topics"] = tuple(known_topic(shown, str(one)) for one in listed)
    if kept.get("do") == "move":
        kept["text"] = _key_of(study, str(kept.get("text", "")), question=question)
    return kept


def known_topic(shown: pl.DataFrame, wanted: str) -> Known:
    """A topic of today by its label, or by its number (UnknownName)."""
    named = shown.filter(pl.col("topic") > 0)
    found = named.filter((pl.col("label") == wanted) | (pl.col("topic").cast(pl.String) == wanted))
    if found.is_empty():
        raise UnknownName("主题", wanted, named["label"].to_list())
    row = found.sort(pl.col("label") != wanted).row(0, named=True)
    return Known(label=row["label"], words=tuple(row["top_words"].split("、")))


def _key_of(study: Study, text_id: str, *, question: str) -> str:
    """The key of a comment's content (UnknownName)."""
    said = voices(load(study), question=question).filter(pl.col("text_id") == text_id)
    if said.is_empty():
        raise UnknownName("文本", text_id, ())
    return content_key(plain_form(said["text"][0], store.head(study).recipe.lexicon))


def remove_topic_edits(
    study: Study, indices: Sequence[int], *, parent: int | None = None
) -> Revision:
    """Take edits (0-based among all) out of the recipe, as a new revision on top of ``parent``.

    Raises
    ------
    BadParameter : there is no such edit.
    Conflict : somebody changed the study since ``parent``.
    """
    before = newest(study, parent)
    steps = before.recipe.topic_edits
    if absent := [at for at in indices if not 0 <= at < len(steps)]:
        raise BadParameter("主题编辑", f"没有第 {absent[0] + 1} 步，一共 {len(steps)} 步")
    gone = "；".join(told(steps[at]) for at in sorted(set(indices)))
    left = tuple(step for at, step in enumerate(steps) if at not in set(indices))
    return change(study, before, note=f"撤销主题编辑：{gone}"[:200], topic_edits=left)


@apart("列出主题的原话")
def comments_of(
    study: Study, topic: int, *, question: str = "", find: str = "", most: int = 200
) -> pl.DataFrame:
    """The comments of one topic, the most typical first; those that hold ``find`` only.

    Returns
    -------
    (<= most) text_id, text [masked], weight [0..1]
    """
    texts = run(study, "topics", changes={"question": question}).tables["texts"]
    said = voices(load(study), question=question).select("text_id", "text")
    own = texts.filter(pl.col("topic") == topic).join(said, on="text_id", maintain_order="left")
    held = own.filter(pl.col("text").str.contains(find, literal=True))
    ranked = held.sort(["weight", "text_id"], descending=[True, False])
    return ranked.select("text_id", "text", "weight").head(most)
