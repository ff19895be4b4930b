"""What files were mapped as before: by hand in the study at hand, and by the presets that the user saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from insight import presets
from insight.clean import Proposal
from insight.pipeline.uploads import Hints
from insight.presets import OwnPreset
from insight.schema import UNDECIDED, Decisions
from insight.settings import settings
from insight.study import Source


def mappings(sources: Sequence[Source]) -> tuple[OwnPreset, ...]:
    """Every mapping that the next file may follow, the one that counts first of equals.

    Parameters
    ----------
    sources : of the study, oldest first; those as they were proposed say nothing of their own

    Returns
    -------
    the sources that the user corrected, newest first, then the saved presets; a source that says
        the same as a saved preset is left to that one

    Raises
    ------
    UnreadableFile : a saved preset was damaged.
    """
    saved = presets.stored(settings().presets_dir)
    known = [_said(own) for own in saved]
    by_hand = (_of(source) for source in reversed(sources) if source.corrected)
    return (*(own for own in by_hand if _said(own) not in known), *saved)


def _of(source: Source) -> OwnPreset:
    forced = source.decisions.preset is not None
    return OwnPreset(
        name=source.name,
        table=source.table,
        base=source.preset or "",
        columns=source.roles,
        contents=source.contents,
        decisions=_about_columns(source.decisions),
        of_study=True,
        exporter=None if forced else source.preset or "",
    )


def _said(own: OwnPreset) -> tuple[str, str, dict[str, str], Decisions]:
    decided = own.decisions.model_copy(update={"preset": None, "speakers": {}})
    return own.table, own.base, own.columns, decided


def _about_columns(decisions: Decisions) -> Decisions:
    """What was decided, without who speaks: that is of one file only."""
    return decisions.model_copy(update={"speakers": {}})


def redecided(source: Source, decisions: Decisions, *, contents: Mapping[str, str]) -> Source:
    """A source with other decisions; from now on it is one that the user corrected, if they are about its columns."""
    by_hand = _about_columns(decisions) != _about_columns(source.decisions)
    known = {"corrected": True, "contents": contents} if by_hand else {}
    return source.model_copy(update={"decisions": decisions, **known})


def is_corrected(
    hints: Hints, *, proposed: Proposal | None, final: Proposal, sources: Sequence[Source]
) -> bool:
    """Whether a file is mapped as the user, not the proposal, wants it; be it because an earlier one was.

    Parameters
    ----------
    proposed : what would be proposed without any hint; None where nothing would
    final : what it is taken for
    sources : those that were known when it was proposed
    """
    by_hand = proposed is None or (proposed.table, proposed.roles) != (final.table, final.roles)
    decided = _about_columns(hints.decisions) != UNDECIDED
    follows = final.own in {source.name for source in sources if source.corrected}
    return by_hand or decided or follows
