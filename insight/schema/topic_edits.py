"""Edits of topics: merged, split, renamed, dropped, seeded, and comments that were moved; plain data for the recipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from insight.errors import BadParameter

LONGEST_NAME, MOST_PARTS, MOST_SEEDS, MOST_EDITS = 40, 6, 50, 1_000


def _on_one_line(name: object) -> object:
    return " ".join(str(name).split())


Name = Annotated[str, Field(max_length=LONGEST_NAME), BeforeValidator(_on_one_line)]
SeedWord = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), BeforeValidator(_on_one_line)]  # fmt: skip


class Known(BaseModel):
    """A topic as it was when somebody edited it: found again by its label, else by its top words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    words: tuple[str, ...] = ()


class _Edit(BaseModel):
    """What all edits share; ``question`` : of which answers the topics are, "" = of all texts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str = ""


class Rename(_Edit):
    """A topic gets another name."""

    do: Literal["rename"] = "rename"
    topic: Known
    name: Annotated[Name, Field(min_length=1)]


class Merge(_Edit):
    """Several topics become one; ``name`` "" = named by its words."""

    do: Literal["merge"] = "merge"
    topics: tuple[Known, ...] = Field(min_length=2)
    name: Name = ""


class Split(_Edit):
    """A topic is parted by what its texts say."""

    do: Literal["split"] = "split"
    topic: Known
    parts: int = Field(default=2, ge=2, le=MOST_PARTS)


class Drop(_Edit):
    """A topic is no topic: what is about it only is in none."""

    do: Literal["drop"] = "drop"
    topic: Known


class Seed(_Edit):
    """A topic of a person's own: what says one of the words, and what speaks like that."""

    do: Literal["seed"] = "seed"
    name: Annotated[Name, Field(min_length=1)]
    words: tuple[SeedWord, ...] = Field(min_length=1, max_length=MOST_SEEDS)


class Move(_Edit):
    """One comment belongs to another topic.

    Attributes
    ----------
    text : key of its content (see ``insight.text.corpus.content_key``), so that no words are kept
    to : None = to no topic
    """

    do: Literal["move"] = "move"
    text: str = Field(pattern=r"^[0-9a-f]{16}$")
    to: Known | None = None


TopicEdit = Annotated[Rename | Merge | Split | Drop | Seed | Move, Field(discriminator="do")]
_ANY: TypeAdapter[TopicEdit] = TypeAdapter(TopicEdit)


def topic_edit_of(fields: Mapping[str, object]) -> TopicEdit:
    """An edit from plain data, as the recipe writes it.

    Raises
    ------
    BadParameter : a field is missing, unknown or out of its range.
    """
    try:
        return _ANY.validate_python(fields)
    except ValidationError as error:
        raise BadParameter(
            "主题编辑", _WRONG.get(str(fields.get("do")), "不认识这种编辑")
        ) from error


_WRONG: Mapping[str, str] = {
    "rename": f"新名称要写 1 到 {LONGEST_NAME} 个字",
    "merge": f"至少选两个主题，名称最多 {LONGEST_NAME} 个字",
    "split": f"可以拆成 2 到 {MOST_PARTS} 个主题",
    "drop": "要选一个主题",
    "seed": f"要有名称和 1 到 {MOST_SEEDS} 个种子词，各最多 {LONGEST_NAME} 个字",
    "move": "要选一条文本和一个主题",
}


def told(edit: TopicEdit) -> str:
    """What an edit does, in Chinese: "合并“物流”和“快递”为“配送”"."""
    match edit:
        case Rename():
            return f"“{edit.topic.label}”改名为“{edit.name}”"
        case Merge():
            named = "和".join(f"“{one.label}”" for one in edit.topics)
            return f"合并{named}" + (f"为“{edit.name}”" if edit.name else "")
        case Split():
            return f"“{edit.topic.label}”拆成 {edit.parts} 个主题"
        case Drop():
            return f"删除主题“{edit.topic.label}”"
        case Seed():
            return f"新主题“{edit.name}”，种子词 {'、'.join(edit.words)}"
        case Move():
            where = f"“{edit.to.label}”" if edit.to else "其他/无信息"
            return f"把文本 {edit.text[:6]} 移到{where}"
