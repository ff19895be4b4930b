"""What a study is made of: sources, the recipe over them, and its revisions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from insight.schema import UNDECIDED, Decisions, Exclusions, Matching, NamedGroup, Origin, Weighting
from insight.schema.audiences import Audience
from insight.schema.campaigns import Campaign, Promise
from insight.schema.codebook import Codebook
from insight.schema.lexicon import Lexicon
from insight.schema.need_statements import NeedStatement
from insight.schema.recodes import Recode
from insight.schema.topic_edits import TopicEdit


class Source(BaseModel):
    """One table of one file, and what the user said its columns are."""

    model_config = ConfigDict(frozen=True)

    file: str  # sha256 of the untouched bytes
    name: str  # as the user called the file
    sheet: str
    table: str  # canonical table
    roles: dict[str, str]  # raw column -> role
    recognised: str = ""
    encoding: str | None = None
    decisions: Decisions = UNDECIDED
    preset: str | None = None  # key of the preset it was read with, "" = none; None: not recorded
    confidence: float = 0.0  # of the recognition
    origin: Origin | None = None  # the database or lake it came from
    currency: str = (
        ""  # code of the currency of its amounts (orders only); "" = the file does not say
    )
    corrected: bool = False  # whether the user changed what was proposed
    contents: dict[str, str] = {}  # raw column -> what its values are ("time", "number", …)


class Pick(BaseModel):
    """One result in the report, with all the parameters it was seen with."""

    model_config = ConfigDict(frozen=True)

    key: str
    params: dict[str, object] = {}


class Recipe(BaseModel):
    """Everything that turns the raw files into results; replays to the same results."""

    model_config = ConfigDict(frozen=True)

    sources: tuple[Source, ...] = ()
    recodes: tuple[Recode, ...] = ()  # in the order they are taken
    matching: Matching = Matching()
    weighting: Weighting = Weighting()
    exclusions: Exclusions = Exclusions()
    params: dict[
        str, dict[str, object]
    ] = {}  # analysis key -> parameters that differ from the defaults
    segment_names: dict[
        str, tuple[NamedGroup, ...]
    ] = {}  # scheme -> the user's map of RFM codes to names
    audiences: tuple[Audience, ...] = ()  # in the order they were saved
    banners: dict[
        str, tuple[str, ...]
    ] = {}  # name -> breaks side by side, "rfm × Q2" for nested ones
    currency: str = ""  # code of the currency of the orders; "" = as their files say
    filter: str = ""  # key of the audience that analyses of answers and texts count; "" = everybody
    lexicon: Lexicon = Lexicon()
    codebook: Codebook = Codebook()  # the needs that texts are coded into
    need_statements: tuple[NeedStatement, ...] = ()  # in the order they were written
    topic_edits: tuple[TopicEdit, ...] = ()  # in the order they are applied
    playbook: str = ""  # the rules of the strategy as YAML; "" = those that come with the product
    campaigns: tuple[Campaign, ...] = ()  # in the order they were started
    promises: tuple[Promise, ...] = ()  # in the order they were made
    report: tuple[Pick, ...] = ()  # the results the report holds, in order; none: all


class Unsaved(BaseModel):
    """A change that could not be saved, because somebody else was faster.

    Attributes
    ----------
    parent : number of the revision it was made on
    recipe : what it would have made
    """

    model_config = ConfigDict(frozen=True)

    parent: int
    note: str
    recipe: Recipe


@dataclass(frozen=True, slots=True)
class Study:
    """A study folder that was opened; all state is on disk."""

    path: Path
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Revision:
    """One state of the recipe, who made it and when."""

    id: int
    parent: int | None
    author: str
    at: str
    note: str
    recipe: Recipe
