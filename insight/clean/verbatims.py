"""Raw reviews, comments and transcripts to one row per utterance, personal data masked."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b

import polars as pl

from insight.clean.cleaned import DROPPED, MENDED, Cleaned, flag, together
from insight.clean.columns import Typed, attributes, typed
from insight.clean.identities import keys
from insight.clean.preamble import Named, named
from insight.clean.proposal import Proposal
from insight.clean.records import records
from insight.clean.speaking import with_decided_roles, without_left_out
from insight.clean.values import durations
from insight.masking import mask_series
from insight.readers import RawTable

_INTERVIEWER = r"(?i)^(interviewer|moderator|host|q|主持人?|访问员|访员|采访者?|研究员|提问者?|问)$"
_ASIDE = r"[嗯啊哦呃噢唔哎诶唉好的对是吧呢哈行可以明白了谢继续还有然后那就这个样子\s\p{P}]"
_PREAMBLE = "第一位说话人之前的文字，不是任何人的发言"
_SUBSTANTIVE = 4  # characters left of a turn without asides


def clean_texts(raw: RawTable, proposal: Proposal, *, secret: bytes) -> Cleaned:
    """Make one typed row per utterance.

    Parameters
    ----------
    raw : reviews, comments, feedback; or the turns of a transcript
    proposal : roles of its columns; at least "text"
    secret : key of the identity tokens

    Returns
    -------
    Cleaned : frame (n_texts) text_id [unique; made from the content where the file has none],
        text [masked], role ["participant" | "interviewer"], key_* and the other roles present.
        Turns of a transcript have document, said_at [s from its start] and, for participants,
        question: the last question of the interviewer that is more than an aside
    """
    is_transcript = raw.kind == "transcript"
    raw, proposal = with_decided_roles(raw, proposal)
    person = named(raw, proposal) if is_transcript else Named(raw, proposal, together([]))
    raw, proposal = person.raw, person.proposal
    raw, left_out = without_left_out(raw, proposal)
    header = proposal.column_of("text") or ""
    raw, above = _without_preamble(raw, proposal) if is_transcript else (raw, together([]))
    frame, dropped = records(raw.frame, facts=(header, *proposal.identities().values()))
    columns = typed(frame, _without_clock(proposal) if is_transcript else proposal)
    empty = columns.frame["text"].is_null()
    issues = [
        person.issues,
        left_out,
        above,
        dropped,
        flag(frame, empty, column=header, reason="内容为空", action=DROPPED),
    ]
    frame, columns = frame.filter(~empty), Typed(columns.frame.filter(~empty), columns.issues)
    hashed = keys(frame, proposal.identities(), secret=secret)
    spoken = _spoken(columns.frame)
    if is_transcript:
        spoken = _turns(spoken, raw, said_at=frame["said_at"])
    extras = attributes(frame, proposal, taken=frozenset(spoken.columns), numeric=False)
    result = pl.concat([spoken, hashed.frame, extras.frame], how="horizontal")
    result, again = _identified(frame, result, column=proposal.column_of("text_id") or "")
    issues += [columns.issues, hashed.issues, extras.issues, again]
    return Cleaned(
        result.select("text_id", "text", pl.exclude("text_id", "text")), together(issues)
    )


def _without_preamble(raw: RawTable, proposal: Proposal) -> tuple[RawTable, pl.DataFrame]:
    """The turns of a transcript without the lines that nobody says (titles, notes on the recording)."""
    role, text = proposal.column_of("role"), proposal.column_of("text") or ""
    if role is None:
        return raw, together([])
    silent = raw.frame[role].is_null()
    issues = flag(raw.frame, silent, column=text, reason=_PREAMBLE, action=DROPPED)
    return replace(raw, frame=raw.frame.filter(~silent)), issues


def _spoken(columns: pl.DataFrame) -> pl.DataFrame:
    """Text masked, everybody a participant unless marked as interviewer."""
    role = pl.col("role") if "role" in columns.columns else pl.lit(None, pl.String)
    asks = role.str.contains(_INTERVIEWER).fill_null(value=False)
    return columns.with_columns(
        mask_series(columns["text"]),
        role=pl.when(asks).then(pl.lit("interviewer")).otherwise(pl.lit("participant")),
    )


def _without_clock(proposal: Proposal) -> Proposal:
    """The times of a transcript count from its start; they are no dates."""
    roles = {c: "" if role == "said_at" else role for c, role in proposal.roles.items()}
    return replace(proposal, roles=roles)


def _turns(spoken: pl.DataFrame, raw: RawTable, *, said_at: pl.Series) -> pl.DataFrame:
    """Turns of one transcript with its name, seconds and the question each answers."""
    asks = pl.col("role") == "interviewer"
    left = pl.col("text").str.replace_all(_ASIDE, "").str.len_chars()
    asked = pl.when(asks & (left >= _SUBSTANTIVE)).then("text").forward_fill()
    return spoken.with_columns(
        durations(said_at).round().cast(pl.Int64).alias("said_at"),
        document=pl.lit(raw.name),
        question=pl.when(~asks).then(asked),
    )


def _identified(
    frame: pl.DataFrame, texts: pl.DataFrame, *, column: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Texts with unique ids, and issues of repeated ids.

    A repeated id with the same text is the same text; with another text it gets a number. Texts
    without an id get one from their content, and a number where the same content comes again.
    """
    made = _digests(texts)
    given = texts["text_id"] if "text_id" in texts.columns else made.clear(len(texts))
    rows = texts.with_columns(text_id=pl.coalesce(given, made), __given__=given.is_not_null())
    same = ~rows.select("text_id", "text").is_unique() & rows["__given__"]
    same &= ~rows.select(pl.struct("text_id", "text").is_first_distinct()).to_series()
    issues = [flag(frame, same, column=column, reason="文本编号和内容都重复，保留了第一条", action=DROPPED)]  # fmt: skip
    frame, rows = frame.filter(~same), rows.filter(~same)
    turn = rows.select(pl.int_range(1, pl.len() + 1).over("text_id")).to_series()
    again = (turn > 1) & rows["__given__"]
    issues.append(flag(frame, again, column=column, reason="文本编号重复但内容不同，编号后加了序号", action=MENDED))  # fmt: skip
    numbered = rows.with_columns(
        text_id=pl.when(turn > 1).then(pl.format("{}-{}", "text_id", turn)).otherwise("text_id")
    )
    return numbered.drop("__given__"), together(issues)


def _digests(texts: pl.DataFrame) -> pl.Series:
    """ "T" and 12 hex digits of the content of each row: the same wherever the row stands."""
    content = texts.select(
        pl.concat_str(pl.all().cast(pl.String), separator="\0", ignore_nulls=True).alias("content")
    )["content"]
    digests = [f"T{blake2b(c.encode(), digest_size=6).hexdigest()}" for c in content]
    return pl.Series("text_id", digests, dtype=pl.String)
