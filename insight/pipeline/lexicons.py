"""The words of a study: looked at before they are taken, recorded in the recipe, read from and written to text files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from insight import study as store
from insight.errors import BadLexicon
from insight.pipeline.changing import change, newest
from insight.pipeline.joined import load
from insight.readers.encodings import decode
from insight.readers.raw import Source
from insight.schema.lexicon import MOST_WORDS, Lexicon, Part, UserWord, lexicon_of
from insight.study import Revision, Study
from insight.text.recut import affected
from insight.text.tokenize import plain_form
from insight.text.word_lists import WordList, lines, read_words, said_in, with_list, written
from insight.voices import voices


@dataclass(frozen=True, slots=True)
class Recut:
    """What an edit of the lexicon would do.

    Attributes
    ----------
    texts : (<= 20) text_id, text [as written, masked], before, after, n_changed; the most changed first
    n_texts : how many texts change
    base : of how many
    """

    texts: pl.DataFrame
    n_texts: int
    base: int


@dataclass(frozen=True, slots=True)
class Imported:
    """What was read from a word list.

    Attributes
    ----------
    lexicon : with the entries of the file
    n_read, n_taken : entries; fewer are taken where a long list has words that no text says
    bad : (line, text, reason)
    """

    lexicon: Lexicon
    n_read: int
    n_taken: int
    bad: tuple[tuple[int, str, str], ...]


def lexicon(study: Study) -> Lexicon:
    """The words of the newest revision."""
    return store.head(study).recipe.lexicon


def set_lexicon(study: Study, edited: Lexicon, *, parent: int | None = None) -> Revision:
    """Record the words of a study, as a new revision on top of ``parent`` (Conflict)."""
    before = newest(study, parent)
    return change(study, before, note="修改词库", lexicon=edited)


def lexicon_text(study: Study) -> str:
    """All words of a study as text, to be edited and read back."""
    return written(lexicon(study))


def try_lexicon(study: Study, edited: Lexicon) -> Recut:
    """How other words would cut what participants said (MissingColumns)."""
    said = voices(load(study))
    found, n_texts = affected(said["text"].to_list(), lexicon(study), edited)
    numbered = said.select("text_id", "text").with_columns(
        at=pl.int_range(pl.len(), dtype=pl.Int64)
    )
    told = found.join(numbered, on="at", maintain_order="left")
    return Recut(
        told.select("text_id", "text", "before", "after", "n_changed"), n_texts, said.height
    )


def part_text(study: Study, part: Part) -> str:
    """One part of the words of a study as text, a line an entry."""
    return "\n".join(lines(lexicon(study), part))


def edit_lexicon(study: Study, part: Part, text: str) -> Imported:
    """The words of a study with one part as a person wrote it; nothing is recorded (BadLexicon)."""
    listed = read_words(text, part=part)
    whole = WordList({part: [], **listed.fields}, listed.bad)
    edited = with_list(lexicon(study), whole, instead=True)
    return Imported(edited, len(listed), len(listed), listed.bad)


def read_lexicon(
    study: Study, data: bytes | Path, *, name: str, part: Part = "words", instead: bool = False
) -> Imported:
    """The words of a study with those of a file; nothing is recorded.

    Parameters
    ----------
    data : a text file in any encoding a table may be in
    part : what its lines are up to the first heading
    instead : whether the parts it holds take the place of those the study has

    Notes
    -----
    Of more than 20,000 user words those are taken that the study's texts say; others cut nothing.

    Raises
    ------
    BadLexicon : it holds no entry, or the entries contradict each other.
    """
    listed = read_words(decode(Source(data, name)).text, part=part)
    n_read = len(listed)
    if not n_read:
        raise BadLexicon(
            f"“{name}”里没有可用的词", "每行写一个词；同义词写成 标准词 = 同义词, 同义词。"
        )
    if len(listed.fields.get("words", ())) > MOST_WORDS:
        listed = _said(study, listed)
    edited = with_list(lexicon(study), listed, instead=instead)
    return Imported(edited, n_read, len(listed), listed.bad)


def _said(study: Study, listed: WordList) -> WordList:
    dataset = load(study)
    texts = [] if dataset.texts is None else voices(dataset)["text"].to_list()
    return said_in(listed, [*texts, *map(plain_form, texts)])


def accept_words(study: Study, words: Sequence[str], *, parent: int | None = None) -> Revision:
    """Let suggested words be words of the study (BadLexicon, Conflict)."""
    before = newest(study, parent)
    old = before.recipe.lexicon
    fields = old.model_dump() | {
        "words": [*old.words, *(UserWord(word=word) for word in words)],
        "rejected": [word for word in old.rejected if word not in words],
    }
    edited = lexicon_of(fields)
    return change(study, before, note=f"收入新词 {'、'.join(words[:5])}", lexicon=edited)


def reject_words(study: Study, words: Sequence[str], *, parent: int | None = None) -> Revision:
    """Do not suggest these words again (BadLexicon, Conflict)."""
    before = newest(study, parent)
    old = before.recipe.lexicon
    edited = lexicon_of(old.model_dump() | {"rejected": [*old.rejected, *words]})
    return change(study, before, note=f"不收新词 {'、'.join(words[:5])}", lexicon=edited)
