"""The words of one study: what is kept whole, cut apart, left out or counted together; plain data for the recipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from insight.errors import BadLexicon

LONGEST_WORD = 40  # characters
MOST_WORDS = 20_000  # of each list
COMMONEST = 5_000  # a higher frequency would push other words aside

Part = Literal["words", "apart", "phrases", "stop_words", "kept_words", "synonyms", "rejected"]
PART_LABELS: Mapping[Part, str] = {
    "words": "用户词", "apart": "不合并的词", "phrases": "锁定短语", "stop_words": "停用词",
    "kept_words": "不停用的词", "synonyms": "同义词", "rejected": "不收的新词",
}  # fmt: skip


def _on_one_line(word: object) -> object:
    return " ".join(str(word).split())


Word = Annotated[str, Field(min_length=1, max_length=LONGEST_WORD), BeforeValidator(_on_one_line)]
Words = Annotated[
    tuple[Word, ...], Field(max_length=MOST_WORDS), AfterValidator(lambda w: tuple(sorted(set(w))))
]


class UserWord(BaseModel):
    """A word that the dictionary shall know.

    Attributes
    ----------
    frequency : how often it is said in a corpus; it counts for at least as much as keeps the word whole
    tag : part of speech as in jieba's dictionary
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    word: Word
    frequency: int = Field(default=0, ge=0)
    tag: str = Field(default="n", pattern=r"^[a-z]{1,5}$")


class Synonyms(BaseModel):
    """Words that are counted as one; ``variants`` are kept whole, too."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    word: Word
    variants: Words = Field(min_length=1)


class Lexicon(BaseModel):
    """Every decision about words that a study has made; the order of no list matters.

    Attributes
    ----------
    words : added to the dictionary
    apart : never one word, although the dictionary has it
    phrases : one word wherever they stand, whatever the dictionary says
    stop_words, kept_words : left out beside the built-in list; not left out although they are in it
    synonyms : no word is a variant twice
    rejected : suggested new words that a person did not want
    simplify : whether traditional characters are read as simplified ones
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: tuple[UserWord, ...] = Field(default=(), max_length=MOST_WORDS)
    apart: Words = ()
    phrases: Words = ()
    stop_words: Words = ()
    kept_words: Words = ()
    synonyms: tuple[Synonyms, ...] = Field(default=(), max_length=MOST_WORDS)
    rejected: Words = ()
    simplify: bool = True

    @model_validator(mode="after")
    def _once_each(self) -> Self:
        """Words in order, the last entry of each; sets of synonyms with one name are one."""
        words = {one.word: one for one in self.words}
        merged: dict[str, list[str]] = {}
        for one in self.synonyms:
            merged.setdefault(one.word, []).extend(v for v in one.variants if v != one.word)
        whose: dict[str, str] = {}
        for word, variants in merged.items():
            for variant in variants:
                if whose.setdefault(variant.lower(), word) != word:
                    raise ValueError(f"“{variant}”既并入“{whose[variant.lower()]}”又并入“{word}”")
                if variant in merged:
                    raise ValueError(f"“{variant}”有自己的同义词，又并入“{word}”")
        rows = [Synonyms(word=w, variants=tuple(v)) for w, v in sorted(merged.items()) if v]
        object.__setattr__(self, "words", tuple(words[w] for w in sorted(words)))
        object.__setattr__(self, "synonyms", tuple(rows))
        return self


def lexicon_of(fields: Mapping[str, object]) -> Lexicon:
    """A lexicon of plain data, checked (BadLexicon)."""
    try:
        return Lexicon.model_validate(fields)
    except ValidationError as error:
        raise BadLexicon(_in_chinese(error)) from error


def _in_chinese(error: ValidationError) -> str:
    first = error.errors()[0]
    part = PART_LABELS.get(first["loc"][0], "词库") if first["loc"] else "词库"  # type: ignore[call-overload]
    sentences = {
        "string_too_short": "有一个词是空的",
        "string_too_long": f"“{str(first['input'])[:12]}……”超过 {LONGEST_WORD} 个字",
        "too_long": f"超过 {MOST_WORDS:,} 个",
        "too_short": "有一个标准词没有写同义词",
        "string_pattern_mismatch": f"词性“{first['input']}”应为 1 到 5 个小写字母，如 n、v、a",
    }
    if first["type"] == "value_error":
        return str(first["ctx"]["error"])
    unusable = f"“{first['input']}”不能用"
    return f"{part}：{sentences.get(first['type'], unusable)}"
