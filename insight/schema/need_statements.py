"""What customers want in one sentence each: when, what, what for; plain data for the recipe."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator

LONGEST_PART, LONGEST_NEED = 120, 200
_EDGES = " ，。；,.;…"


class NeedStatement(BaseModel):
    """The job behind one need, as its owner tells it.

    Attributes
    ----------
    need : as the matrix calls it
    when : the situation; want : what they want to do; so_that : what for. An empty part is not told yet
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    need: str = Field(min_length=1, max_length=LONGEST_NEED)
    when: str = Field(default="", max_length=LONGEST_PART)
    want: str = Field(default="", max_length=LONGEST_PART)
    so_that: str = Field(default="", max_length=LONGEST_PART)

    @field_validator("when", "want", "so_that", mode="before")
    @classmethod
    def _bare(cls, words: object) -> object:
        """On one line, without the words and signs that the sentence puts around the part."""
        return " ".join(str(words).split()).strip(_EDGES)

    @property
    def sentence(self) -> str:
        """All parts that are told: 当…时，我想…，以便…。"""
        parts = (
            ("当{}时", self.when.removeprefix("当").removesuffix("时")),
            ("我想{}", self.want.removeprefix("我想")),
            ("以便{}", self.so_that.removeprefix("以便")),
        )
        told = "，".join(frame.format(words) for frame, words in parts if words)
        return f"{told}。" if told else ""

    def __bool__(self) -> bool:
        return bool(self.when or self.want or self.so_that)
