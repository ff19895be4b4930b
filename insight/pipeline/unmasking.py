"""The people behind a row in the clear: for those who may, with a reason, and with a line in the log before anything is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from insight import access
from insight import study as store
from insight.clean.identities import keys
from insight.errors import NoReason
from insight.join.owners import BASE, SURE, directory
from insight.masking import mask
from insight.pipeline.keeping import noted
from insight.pipeline.kept import cleaned_of, proposal_of, raw_of, secret_of
from insight.pipeline.people import People
from insight.privacy import comparable
from insight.study import Source, Study
from insight.worker import call

SHORTEST = 4  # characters of a reason
_SHOWN = (
    "phone",
    "customer_id",
    "email",
)  # identities that are shown, as far as the files have them


def unmasked(study: Study, found: People, *, reason: str) -> pl.DataFrame:
    """Who some people are; the study keeps nothing of the answer.

    Parameters
    ----------
    reason : what the numbers are needed for, in words; it stands in the log, masked

    Returns
    -------
    (n_people) person [as the list shows it], phone, member_number, email [as in the files; null where unknown]

    Raises
    ------
    NotAllowed : whoever acts has no right to numbers in the clear.
    NoReason : the reason is empty.
    """
    access.demand("export_pii")
    if len(reason.strip()) < SHORTEST:
        raise NoReason
    people = found.persons.drop_nulls("customer_id").select("customer_id", "person")
    noted(study, "unmask", rows=people.height, reason=mask(reason.strip()))
    sources = [s for s in store.head(study).recipe.sources if s.table in BASE]
    owners = _owners(study, sources, people["customer_id"].to_list())
    told = call(_read, study, sources, owners, about="查看完整号码")
    schema = dict.fromkeys(("customer_id", *(f"own_{kind}" for kind in _SHOWN)), pl.String)
    rows = [{"customer_id": own, **{f"own_{kind}": one.get(kind) for kind in _SHOWN}} for own, one in told.items()]  # fmt: skip
    known = people.join(pl.DataFrame(rows, schema=schema), on="customer_id", how="left", maintain_order="left")  # fmt: skip
    return known.select("person", phone="own_phone", member_number="own_customer_id", email="own_email")  # fmt: skip


def _owners(study: Study, sources: Sequence[Source], wanted: list[str]) -> dict[str, str]:
    """Token -> customer, of every sure token of the wanted customers."""
    frames: dict[str, list[pl.DataFrame]] = {}
    for source in sources:
        frames.setdefault(source.table, []).append(cleaned_of(study, source).frame)
    each = {table: pl.concat(own, how="diagonal_relaxed") for table, own in frames.items()}
    known = directory(each).filter(pl.col("owner").is_in(wanted), pl.col("key").is_in(SURE))
    return dict(known.select("token", "owner").rows())


def _read(study: Study, sources: Sequence[Source], owners: Mapping[str, str]) -> dict[str, dict[str, str]]:  # fmt: skip
    """Customer -> kind of identity -> as it is compared, read from the raw files; in a child only."""
    told: dict[str, dict[str, str]] = {owner: {} for owner in owners.values()}
    for source in sources:
        raw = raw_of(study, source)
        columns = proposal_of(source, raw).identities()
        hashed = keys(raw.frame, columns, secret=secret_of(study)).frame
        for kind in (kind for kind in _SHOWN if kind in columns):
            who = hashed[f"key_{kind}"].replace_strict(owners, default=None, return_dtype=pl.String)
            clear = comparable(raw.frame[columns[kind]], kind)
            pairs = pl.DataFrame({"who": who, "clear": clear}).drop_nulls().unique().sort("who", "clear")  # fmt: skip
            for owner, value in pairs.iter_rows():
                told[owner].setdefault(kind, value)
    return told
