"""The lexicon of a study as a text file, to be edited and read back; and the word lists of other tools."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from insight.schema.lexicon import LONGEST_WORD, PART_LABELS, Lexicon, Part, UserWord, lexicon_of

_HEADING = re.compile(r"^\[(.+)\]$")
_ENTRY = re.compile(r"^(?P<word>.+?)(?:[ \t]+(?P<frequency>\d+))?(?:[ \t]+(?P<tag>[a-z]{1,5}))?$")
_MERGED = re.compile(r"\s*[=＝:：]\s*")
_COMMA = re.compile(r"\s*[,，、;；|\t]\s*")
_PARTS: Mapping[str, Part] = MappingProxyType({label: part for part, label in PART_LABELS.items()})
_EXPLAINED: Mapping[Part, str] = MappingProxyType({
    "words": "每行：词 [词频] [词性]，后两项可以不写",
    "apart": "词典里有、但这份研究里要拆开的词，每行一个",
    "phrases": "无论在哪里都当成一个词，每行一个",
    "stop_words": "不参加统计的词，每行一个",
    "kept_words": "内置停用词里要参加统计的词，每行一个",
    "synonyms": "每行：标准词 = 同义词, 同义词",
    "rejected": "新词发现里不再提示的词，每行一个",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class WordList:
    """What a file holds.

    Attributes
    ----------
    fields : part of a lexicon -> its entries, as ``lexicon_of`` takes them
    bad : (line, text, reason) of lines that are no entry
    """

    fields: Mapping[Part, list[Any]]
    bad: tuple[tuple[int, str, str], ...] = field(default=())

    def __len__(self) -> int:
        return sum(map(len, self.fields.values()))


def written(lexicon: Lexicon) -> str:
    """All of a lexicon as text, each part under its heading."""
    parts = (
        "\n".join([f"[{PART_LABELS[part]}]", f"# {told}", *lines(lexicon, part), ""])
        for part, told in _EXPLAINED.items()
    )
    return "\n".join(parts)


def lines(lexicon: Lexicon, part: Part) -> list[str]:
    """The entries of one part as lines of text."""
    if part == "words":
        return [_as_line(word) for word in lexicon.words]
    if part == "synonyms":
        return [f"{one.word} = {', '.join(one.variants)}" for one in lexicon.synonyms]
    return list(getattr(lexicon, part))


def _as_line(one: UserWord) -> str:
    """A word, with its frequency and tag where they say something or keep the line from being misread."""
    is_plain = not one.frequency and one.tag == "n" and _taken_apart(one.word) == (one.word, "", "")
    return one.word if is_plain else f"{one.word} {one.frequency} {one.tag}"


def read_words(text: str, *, part: Part = "words") -> WordList:
    """Read a word list.

    Parameters
    ----------
    text : lines as ``written`` writes them, or as jieba's user dictionary, or one word a line
    part : what lines above the first heading are
    """
    fields: dict[Part, list[Any]] = {}
    bad: list[tuple[int, str, str]] = []
    for number, line in _filled(text):
        if heading := _HEADING.match(line):
            if heading[1] in _PARTS:
                part = _PARTS[heading[1]]
            else:
                bad.append((number, line, f"没有这一节，可用：{'、'.join(_PARTS)}"))
            continue
        entry, reason = _entry(line, part)
        if reason:
            bad.append((number, line, reason))
        else:
            fields.setdefault(part, []).append(entry)
    return WordList(fields, tuple(bad))


def _filled(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        told = line.strip()
        if told and not told.startswith("#"):
            yield number, told


def _entry(line: str, part: Part) -> tuple[Any, str]:
    """The entry of a line, or why it is none."""
    if part == "synonyms":
        word, *rest = _MERGED.split(line, maxsplit=1)
        variants = [v for v in _COMMA.split(rest[0]) if v] if rest else []
        reason = "" if word and variants else "应写成 标准词 = 同义词, 同义词"
        return {"word": word, "variants": variants}, reason or _too_long(word, *variants)
    if part != "words":
        return line, _too_long(line)
    word, frequency, tag = _taken_apart(line)
    entry = {"word": word, "frequency": int(frequency[:9] or "0"), "tag": tag or "n"}
    return entry, _too_long(word)


def _taken_apart(line: str) -> tuple[str, str, str]:
    """Word, frequency and tag; ``iPhone 15`` and ``usb c`` are words, unless both others follow."""
    found = _ENTRY.match(line)
    assert found  # any filled line has a word
    word, frequency, tag = (found[name] or "" for name in ("word", "frequency", "tag"))
    return (line, "", "") if word.isascii() and not (frequency and tag) else (word, frequency, tag)


def _too_long(*words: str) -> str:
    return f"超过 {LONGEST_WORD} 个字" if any(len(w) > LONGEST_WORD for w in words) else ""


def with_list(lexicon: Lexicon, listed: WordList, *, instead: bool = False) -> Lexicon:
    """The lexicon with the entries of a list added, or in place of those of the same parts (BadLexicon)."""
    old = lexicon.model_dump()
    kept = {
        part: [] if instead and part in listed.fields else list(old[part]) for part in PART_LABELS
    }
    fields: dict[str, object] = {
        part: [*kept[part], *listed.fields.get(part, [])] for part in PART_LABELS
    }
    return lexicon_of({**fields, "simplify": lexicon.simplify})


def said_in(listed: WordList, texts: Sequence[str]) -> WordList:
    """The list without user words that no text says: they change nothing.

    Parameters
    ----------
    texts : as they were written, and in the form words are looked for in
    """
    entries = listed.fields.get("words", [])
    words = {entry["word"].lower() for entry in entries}
    lengths = sorted({len(word) for word in words})
    found = {
        piece
        for text in map(str.lower, texts)
        for n in lengths
        for at in range(len(text) - n + 1)
        if (piece := text[at : at + n]) in words
    }
    kept = [entry for entry in entries if entry["word"].lower() in found]
    return WordList({**listed.fields, "words": kept}, listed.bad)
