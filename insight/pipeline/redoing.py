"""The two ways out of a conflict: make the change again on top of the newest revision, or keep it as a copy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from insight import access
from insight import study as store
from insight.pipeline.changing import change
from insight.pipeline.differences import place_of, told
from insight.pipeline.kept import secret_of
from insight.settings import settings
from insight.study import Change, Clash, Path, Recipe, Revision, Side, Study, Unsaved

NO_CHOICES: Mapping[Path, Side] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Touched:
    """One part of the recipe that two people changed in two ways.

    Attributes
    ----------
    place : what it is called
    mine, theirs : what each did to it, in words
    """

    path: Path
    place: str
    mine: str
    theirs: str


def read_unsaved(text: str) -> Unsaved:
    """The change that a Conflict carries."""
    return Unsaved.model_validate_json(text)


def touched(study: Study, unsaved: Unsaved) -> tuple[Touched, ...]:
    """Where the newest revision and an unsaved change of an older one touch the same part."""
    _, _, clashes = _laid(study, unsaved, NO_CHOICES)
    return tuple(_told(one) for one in clashes)


def redo(study: Study, unsaved: Unsaved, *, choices: Mapping[Path, Side] = NO_CHOICES) -> Revision:
    """Make a change again on top of the newest revision; parts that only one side touched are kept from both.

    Parameters
    ----------
    choices : path of a part that both touched -> whose counts; theirs where nothing is chosen

    Raises
    ------
    CannotMerge : each is possible alone, but not both together.
    DamagedStudy : what the change needs was deleted since, e.g. with a person.
    Conflict : somebody was faster once more.
    """
    head, recipe, _ = _laid(study, unsaved, choices)
    for source in recipe.sources:
        store.check_present(study, source.file)
    fields = {name: getattr(recipe, name) for name in Recipe.model_fields}
    return change(study, head, note=unsaved.note, **fields)


def save_copy(study: Study, unsaved: Unsaved, name: str) -> Study:
    """A new study beside this one: its revisions up to the one that was seen, and the change on top.

    On a server for a team everybody has the role in it that they have in this one, its maker first of all.

    Raises
    ------
    StudyExists : there is one of that name.
    """
    path, keys = study.path.parent / name, settings().keys_dir
    access.demand(access.EDIT)
    me = access.actor().name
    made = store.fork(study, path, unsaved, author=me, keys_dir=keys, secret=secret_of(study))
    if settings().mode == "team":
        access.carry_over(made.id, of=study.id)
    return made


def _laid(
    study: Study, unsaved: Unsaved, choices: Mapping[Path, Side]
) -> tuple[Revision, Recipe, tuple[Clash, ...]]:
    head, base = store.head(study), store.revision(study, unsaved.parent)
    found = store.merged(base.recipe, mine=unsaved.recipe, theirs=head.recipe, choices=choices)
    return head, found.recipe, found.clashes


def _told(one: Clash) -> Touched:
    place = place_of(one.path, Change(one.path, one.theirs, one.mine))
    mine, theirs = (_act(one, side) for side in (one.mine, one.theirs))
    return Touched(one.path, place, mine, theirs)


def _act(one: Clash, side: object) -> str:
    """What one side did to a part: "回看天数 默认 → 90"."""
    (sentence,) = told([Change(one.path, one.base, side)])
    return sentence.partition("：")[2]
