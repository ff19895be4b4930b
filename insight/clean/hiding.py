"""What personal data the words of a file held: hidden wherever words are kept, and told by kind."""

from __future__ import annotations

import polars as pl

from insight.clean.cleaned import MENDED, note, together
from insight.clean.proposal import ATTRIBUTE, QUESTION, Proposal
from insight.masking import counted, in_words
from insight.readers import RawTable

_WORDS = frozenset({QUESTION, ATTRIBUTE, "text"})


def hidden(raw: RawTable, proposal: Proposal) -> pl.DataFrame:
    """One note for each column of words in answers or texts that held personal data."""
    if proposal.table not in {"responses", "texts"}:
        return together([])
    told = {c: counted(raw.frame[c]) for c, role in proposal.roles.items() if role in _WORDS}
    return together(
        note(f"文字中有个人信息，已遮盖：{in_words(n)}", column=c, action=MENDED)
        for c, n in told.items()
        if n
    )
