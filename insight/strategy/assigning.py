"""Who is touched and who is left alone: by a hash, so that everybody can work it out again."""

from __future__ import annotations

from hashlib import sha256

import polars as pl

ARMS = TOUCHED, HELD_OUT = ("触达", "对照")
_WHOLE = float(2**64)


def arms(ids: pl.Series, *, campaign: str, hold_out: int, seed: int) -> pl.Series:
    """The arm of each customer: the hash of seed, campaign and customer below ``hold_out`` percent is left alone.

    Parameters
    ----------
    campaign : its name; another campaign leaves other people alone

    Returns
    -------
    (n) "触达" | "对照", the same for a customer whoever else is listed
    """
    shares = (_share(f"{seed}|{campaign}|{one}") for one in ids)
    told = [HELD_OUT if share < hold_out / 100 else TOUCHED for share in shares]
    return pl.Series("arm", told, dtype=pl.String)


def _share(text: str) -> float:
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big") / _WHOLE
