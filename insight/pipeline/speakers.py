"""Who speaks in an interview of the study, what role each has, and what was said: for the screen of roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from insight import study as store
from insight.clean.preamble import named
from insight.clean.speaking import LEFT_OUT, PARTICIPANT, ROLE_LABELS, spoken_by, spoken_roles
from insight.errors import BadParameter, UnknownName
from insight.masking import mask_series
from insight.pipeline.asked import decide
from insight.pipeline.changing import newest, source_at, source_now
from insight.pipeline.kept import cleaned_of, proposal_of, raw_of
from insight.study import Revision, Source, Study
from insight.worker import call

UNNAMED = "（没有标明）"
_LONGEST = 60  # characters of a sample


@dataclass(frozen=True, slots=True)
class Speaker:
    """One speaker of one document.

    Attributes
    ----------
    name : as the file shows it; "" for turns without a name
    label : the name, or that there is none
    role, proposed : "interviewer", "participant" or "" (left out): as it is now, as it was found
    n_turns : times that they speak
    n_characters : of all they say
    sample : the longest of what they say, cut and masked
    """

    name: str
    label: str
    role: str
    proposed: str
    n_turns: int
    n_characters: int
    sample: str


def interviews(study: Study) -> dict[int, str]:
    """The sources in which somebody speaks: place among the sources -> what it is called."""
    sources = store.head(study).recipe.sources
    return {
        at: source.name
        if source.name.startswith(source.sheet)
        else f"{source.name}｜{source.sheet}"
        for at, source in enumerate(sources)
        if source.table == "texts" and "speaker" in source.roles.values()
    }


def speakers(study: Study, index: int) -> tuple[Speaker, ...]:
    """Everybody who speaks in one source, who speaks most first; those left out are there too.

    Raises
    ------
    InsightError : the file cannot be read.
    """
    return _heard(study, source_now(study, index))


def _heard(study: Study, source: Source) -> tuple[Speaker, ...]:
    return call(_listed, study, source, about=source.name, is_quick=True)


def _listed(study: Study, source: Source) -> tuple[Speaker, ...]:
    """What the untouched file says of its speakers; in a child only."""
    raw = raw_of(study, source)
    proposal = proposal_of(source, raw)
    if raw.kind == "transcript":
        raw = named(raw, proposal).raw  # whose interview it is stays out of sight
    who, said = proposal.column_of("speaker"), proposal.column_of("text")
    if who is None or said is None:
        return ()
    role = proposal.column_of("role")
    nobody = LEFT_OUT if raw.kind == "transcript" else PARTICIPANT  # lines above the first speaker
    turns = raw.frame.select(
        name=spoken_by(who),
        role=pl.col(role).fill_null(nobody) if role else pl.lit(PARTICIPANT),
        text=pl.col(said).fill_null(""),
    )
    length = pl.col("text").str.len_chars()
    told = turns.group_by("name", maintain_order=True).agg(
        role=pl.col("role").first(),
        n_turns=pl.len(),
        n_characters=length.sum(),
        sample=pl.col("text").get(length.arg_max()),
    )
    told = told.with_columns(mask_series(told["sample"]))
    found = [_speaker(row, source.decisions.speakers) for row in told.iter_rows(named=True)]
    return tuple(sorted(found, key=lambda one: (-one.n_characters, one.name)))


def _speaker(row: dict[str, object], decided: Mapping[str, str]) -> Speaker:
    name, text = str(row["name"]), " ".join(str(row["sample"]).split())
    written = spoken_roles({name: str(row["role"])})[name]
    proposed = written if written in ROLE_LABELS else PARTICIPANT
    return Speaker(
        name=name,
        label=name or UNNAMED,
        role=decided.get(name, proposed),
        proposed=proposed,
        n_turns=int(str(row["n_turns"])),
        n_characters=int(str(row["n_characters"])),
        sample=text[:_LONGEST] + ("……" if len(text) > _LONGEST else ""),
    )


def check_roles(roles: Mapping[str, str]) -> dict[str, str]:
    """Speaker -> role by its name, from names and Chinese words (BadParameter for any other word)."""
    given = spoken_roles(roles)
    for who, role in given.items():
        if role not in ROLE_LABELS:
            words = "、".join(ROLE_LABELS.values())
            raise BadParameter("说话人", f"“{who}”的身份“{role}”不存在，可选：{words}")
    return given


def set_speakers(study: Study, index: int, roles: Mapping[str, str], *, parent: int) -> Revision:
    """Give speakers of one source other roles, as a new revision on top of ``parent``.

    Parameters
    ----------
    roles : speaker as shown, or "" for turns without one -> "interviewer" | "participant" | ""
        (left out), or the Chinese words for them; speakers not named keep theirs

    Raises
    ------
    UnknownName : nobody of that name speaks.
    BadParameter : no such role.
    Conflict : somebody changed the study since ``parent``; nothing was changed.
    """
    given = check_roles(roles)
    source = source_at(study, newest(study, parent), index)
    known = {one.name: one.proposed for one in _heard(study, source)}
    for who in given:
        if who not in known:
            raise UnknownName("说话人", who, tuple(name for name in known if name))
    merged = {**source.decisions.speakers, **given}
    kept = {who: role for who, role in merged.items() if known.get(who) != role}
    changed = source.decisions.model_copy(update={"speakers": kept})
    return decide(study, index, changed, parent=parent, what="指定说话人")


def turns(study: Study, index: int) -> pl.DataFrame:
    """What was said in one source, in its order, without who was left out.

    Returns
    -------
    (n_turns) said_at ["00:01:05", "" where unknown], speaker, role [Chinese], text [masked]
    """
    frame = cleaned_of(study, source_now(study, index)).frame
    at = _clock() if "said_at" in frame.columns and "document" in frame.columns else pl.lit("")
    who = pl.col("speaker") if "speaker" in frame.columns else pl.lit(None, pl.String)
    return frame.select(
        said_at=at,
        speaker=who.fill_null(UNNAMED),
        role=pl.col("role").replace_strict(ROLE_LABELS, default=""),
        text="text",
    )


def _clock() -> pl.Expr:
    seconds = pl.col("said_at")
    parts = (seconds // 3600, seconds // 60 % 60, seconds % 60)
    clock = pl.format("{}:{}:{}", *(part.cast(pl.String).str.zfill(2) for part in parts))
    return clock.fill_null("")
