"""Conversations (docx, txt, srt, vtt) as turns: who said what, when, in which line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from insight.errors import EmptyFile
from insight.masking import mask_series
from insight.readers.documents import Paragraph
from insight.readers.raw import LINE, RawTable, issue_table
from insight.readers.speakers import Label, accepted, inline_labels, label_of, roles

_CUE = re.compile(
    r"((?:\d{1,2}:)?\d{1,2}:\d{2})[.,]\d{1,3}\s*-->\s*(?:\d{1,2}:)?\d{1,2}:\d{2}[.,]\d{1,3}.*"
)
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_LISTED = re.compile(
    r"^\s*(?:[>•*-]\s+|\d{1,3}[.、)）]\s*)+(?=\D)"
)  # how Markdown and Word mark an item
_TAG = re.compile(r"</?[a-z][^>]*>|\{\\[^}]*\}")
_SCHEMA = {
    "speaker": pl.String,
    "role": pl.String,
    "said_at": pl.String,
    "text": pl.String,
    LINE: pl.UInt32,
}


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn: its first line, who speaks (None if the file does not say), when, and the words."""

    line: int
    speaker: str | None
    said_at: str | None
    text: str


def to_transcript(
    paragraphs: Sequence[Paragraph], stem: str, file: str, *, notes: Sequence[str] = ()
) -> RawTable:
    """Gather the paragraphs of a conversation into turns.

    Parameters
    ----------
    paragraphs : in order; blank ones are skipped
    stem : name of the table
    file : for messages
    notes : what was noticed before

    Returns
    -------
    RawTable of speaker, role ("interviewer" or "participant"), said_at ("00:01:23"), text,
        ``__line__``; without recognised speakers every paragraph is a participant's turn, else
        the lines above the first speaker have no role

    Raises
    ------
    EmptyFile : no text
    """
    turns = _turns([part for p in paragraphs for part in _parts(p)])
    if not turns:
        raise EmptyFile(file)
    role = roles([(t.speaker, t.text) for t in turns])
    frame = pl.DataFrame(
        {
            "speaker": [t.speaker for t in turns],
            "role": [None if t is None else role.get(t, "participant") for t in _voices_of(turns)],
            "said_at": [t.said_at for t in turns],
            "text": [t.text for t in turns],
            LINE: [t.line for t in turns],
        },
        schema=_SCHEMA,
    ).with_columns(pl.col("speaker").map_batches(mask_series, return_dtype=pl.String))
    return RawTable(stem, "transcript", frame, (*notes, *_notes(frame)), issue_table())


def _voices_of(turns: Sequence[Turn]) -> list[str | None]:
    """Who is heard in each turn, "" = somebody without a name; None for lines above the first speaker."""
    named = next((i for i, turn in enumerate(turns) if turn.speaker), 0)
    return [
        None if i < named and turn.said_at is None else turn.speaker or ""
        for i, turn in enumerate(turns)
    ]


def lines_of(text: str) -> list[Paragraph]:
    """The lines of a text, or the cues of subtitles (SRT, WebVTT), as paragraphs."""
    lines = text.split("\n")
    if is_subtitle(text):
        return list(_cues(lines))
    return [Paragraph(number, line) for number, line in enumerate(lines, 1)]


def is_subtitle(text: str) -> bool:
    """Whether a text is SRT or WebVTT: its first cue stands within the first lines."""
    return any(_CUE.fullmatch(line.strip()) for line in text[:5000].split("\n")[:30])


def speaks(text: str) -> bool:
    """Whether at least two lines of a text begin with a speaker, and at least a tenth of them do."""
    lines = [line for line in text[:200_000].split("\n") if line.strip()][:400]
    labels = [label_of(line.strip()) for line in lines]
    names = accepted(labels)
    n = sum(bool(label and (label.name in names or label.said_at)) for label in labels)
    return n >= 2 and 10 * n >= len(lines)


def _cues(lines: Sequence[str]) -> Iterator[Paragraph]:
    """One paragraph a cue, on the line of its time."""
    starts = [i for i, line in enumerate(lines) if _CUE.fullmatch(line.strip())]
    for i, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        said = []
        for line in lines[i + 1 : end]:
            if not line.strip():
                break
            said.append(line.strip())
        clock = _CUE.fullmatch(lines[i].strip())
        assert clock is not None
        hours = clock[1] if clock[1].count(":") == 2 else f"00:{clock[1]}"
        for speaker, words in _voices(" ".join(said)):
            yield Paragraph(i + 1, _TAG.sub("", words).strip(), speaker, hours.zfill(8))


def _voices(text: str) -> list[tuple[str | None, str]]:
    """(speaker, words) of a cue: one for each ``<v name>``, one without a name where there is none."""
    first, *pieces = _VOICE.split(text)
    named = [(name.strip(), words) for name, words in zip(pieces[::2], pieces[1::2], strict=True)]
    return named or [(None, first)]


def _parts(paragraph: Paragraph) -> list[Paragraph]:
    """A paragraph cut where a role is named within it."""
    if paragraph.speaker:
        return [paragraph]
    texts = inline_labels(paragraph.text).split("\n")
    return [replace(paragraph, text=text.strip()) for text in texts if text.strip()]


def _turns(paragraphs: Sequence[Paragraph]) -> list[Turn]:
    labels = _with_words([_label(p) for p in paragraphs])
    names = accepted(labels)
    turns: list[Turn] = []
    for paragraph, label in zip(paragraphs, labels, strict=True):
        turn = _turn(paragraph, label, names)
        if turn.speaker is None and turn.said_at is None and turns and _goes_on(turns[-1]):
            turns[-1] = _longer(turns[-1], turn.text)
        else:
            turns.append(turn)
    return [turn for turn in turns if turn.text]


def _with_words(labels: list[Label | None]) -> list[Label | None]:
    """A short word after a time is a name only where its words follow on a line of their own."""
    nexts = [*labels[1:], Label(None, None, "", False, "")][: len(labels)]
    return [
        label if label is None or after is None or not label.is_bare else label.nameless()
        for label, after in zip(labels, nexts, strict=True)
    ]


def _turn(paragraph: Paragraph, label: Label | None, names: frozenset[str]) -> Turn:
    if label is None:
        return Turn(paragraph.line, None, paragraph.said_at, paragraph.text)
    said_at = label.said_at or paragraph.said_at
    if label.name is None or label.name in names:
        return Turn(paragraph.line, label.name, said_at, label.text)
    return Turn(paragraph.line, None, said_at, label.without_name)


def _label(paragraph: Paragraph) -> Label | None:
    text = paragraph.text
    if paragraph.speaker:
        return Label(paragraph.speaker, paragraph.said_at, text, True, text)
    bare = _LISTED.sub("", text)
    return label_of(bare.replace("**", "") if bare.startswith("**") else bare)


def _goes_on(turn: Turn) -> bool:
    return turn.speaker is not None or turn.said_at is not None


def _longer(turn: Turn, text: str) -> Turn:
    return replace(turn, text=f"{turn.text}\n{text}" if turn.text else text)


def _notes(frame: pl.DataFrame) -> list[str]:
    frame = frame.drop_nulls("role")
    named = frame["speaker"].drop_nulls()
    share = len(named) / frame.height
    notes = [
        f"按对话读入：{frame.height} 段话，{share:.0%} 识别出说话人（共 {named.n_unique()} 位）。"
    ]
    if named.is_empty():
        notes = [f"按对话读入：{frame.height} 段话，没有识别出说话人，按段落读入。"]
    asking = frame.filter(role="interviewer")["speaker"].unique().sort().to_list()
    notes.append(f"提问的一方：{'、'.join(asking)}。" if asking else "没有识别出提问的一方。")
    if n := int((mask_series(frame["text"]) != frame["text"]).sum()):
        notes.append(f"有 {n} 段话疑似含个人信息（手机号、证件号、银行卡、邮箱或车牌）。")
    return notes
