"""A user's own presets: what the columns of a file were said to be, kept for the next file; never data."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Self

import tomli_w
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from insight.errors import BadParameter, UnknownName, UnreadableFile
from insight.schema import UNDECIDED, Decisions

_NAME = re.compile(r"[\w()（）·\- ]{1,40}")
_PRIVATE = {"preset", "speakers"}  # a person's name is data


class OwnPreset(BaseModel):
    """The columns of one kind of file and what they are.

    Attributes
    ----------
    name : as the user calls it; of a file of the study, that of the file
    table : canonical table
    base : key of the platform preset that says how to read it; "" = none
    columns : raw column -> role, in the order of the file
    contents : raw column -> what its values are ("time", "number", …)
    decisions : what was decided beyond the roles
    of_study : whether it is the mapping of a file of the study, not one that was saved
    exporter : key of the platform that must have written the file, "" = none; None = whoever did
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    table: str
    base: str = ""
    columns: dict[str, str]
    contents: dict[str, str] = {}
    decisions: Decisions = UNDECIDED
    of_study: bool = False
    exporter: str | None = None

    @model_validator(mode="after")
    def _can_be_kept(self) -> Self:
        if not (self.of_study or _NAME.fullmatch(self.name)):
            raise ValueError(f"no name of a preset: {self.name}")
        return self

    @property
    def label(self) -> str:
        """How the screen calls it."""
        return f"本研究的“{self.name}”" if self.of_study else f"我的预设“{self.name}”"


def checked_name(name: str) -> str:
    """A name that can be that of a file (BadParameter otherwise)."""
    tidy = " ".join(name.split())
    if not _NAME.fullmatch(tidy):
        raise BadParameter("预设名称", "要用 1 到 40 个文字、数字、空格、括号或短横")
    return tidy


def save(own: OwnPreset, *, folder: Path) -> Path:
    """Write a preset to its TOML file; an earlier one of the same name is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{own.name}.toml"
    fresh = path.with_suffix(".part")
    fresh.write_text(written(own), "utf-8")
    fresh.replace(path)
    return path


def written(preset: BaseModel) -> str:
    """A preset, own or a platform's, as TOML; what has its default is left out."""
    said = preset.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    decided = {k: v for k, v in said.pop("decisions", {}).items() if k not in _PRIVATE}
    return tomli_w.dumps(said | ({"decisions": decided} if decided else {}))


def stored(folder: Path) -> tuple[OwnPreset, ...]:
    """Every preset of the folder, by name.

    Raises
    ------
    UnreadableFile : a file was edited into something that is no preset.
    """
    return tuple(_read(path) for path in sorted(folder.glob("*.toml")))


def _read(path: Path) -> OwnPreset:
    try:
        return OwnPreset.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise UnreadableFile(path.name, "不是有效的预设", "请改正或删除这个预设文件。") from error


def remove(name: str, *, folder: Path) -> None:
    """Delete the preset called ``name`` (UnknownName)."""
    known = [own.name for own in stored(folder)]
    if name not in known:
        raise UnknownName("我的预设", name, known)
    (folder / f"{name}.toml").unlink()
