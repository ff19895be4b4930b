"""jieba itself behind the interface of its Rust port: where the port is not there, and to compare with."""

from __future__ import annotations

import logging
from typing import Any

import jieba
from jieba import posseg

jieba.setLogLevel(logging.ERROR)


class Jieba:
    """A dictionary of its own that cuts as ``jieba.lcut`` does and tags each word as the dictionary has it."""

    def __init__(self) -> None:
        self._words: Any = jieba.Tokenizer()
        self._words.initialize()
        self._guess: Any = posseg.POSTokenizer(self._words)
        self._tags: dict[str, str] = dict(self._guess.word_tag_tab)

    def add_word(self, word: str, freq: int | None, tag: str) -> None:
        """Let the dictionary know a word; without a frequency it gets the least that keeps it whole."""
        self._words.add_word(word, freq, tag)
        self._tags[word] = tag

    def suggest_freq(self, word: str) -> int:
        """The least frequency that keeps a word whole."""
        return int(self._words.suggest_freq(word))

    def has_word(self, word: str) -> bool:
        """Whether the dictionary knows it."""
        return bool(self._words.FREQ.get(word))

    def cut(self, text: str) -> list[str]:
        """Words of a text."""
        return list(self._words.lcut(text))

    def tag(self, text: str) -> list[tuple[str, str]]:
        """Words with their tags; of an unknown one that of its last part, as ``jieba.posseg`` cuts it."""
        return [(word, self._tag_of(word)) for word in self.cut(text)]

    def _tag_of(self, word: str) -> str:
        if known := self._tags.get(word):
            return known
        *_, last = self._guess.cut(word)
        return str(last.flag)
