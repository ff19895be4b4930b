"""The words of a study's texts: each different text is cut once, and what was cut stays in the study."""

from __future__ import annotations

import io
from hashlib import sha256

import polars as pl

from insight.dataset import Memo
from insight.schema.lexicon import Lexicon
from insight.text.tokens import TOKENS, tokens

_KIND = "words"
_KEY = "key"


def tokens_of(texts: pl.Series, lexicon: Lexicon | None, memo: Memo) -> pl.DataFrame:
    """The content words of texts: those that were cut before as they are kept, the others cut now.

    Parameters
    ----------
    texts : (n) as they were written, personal data masked
    memo : of the dataset; what is cut now is put on its shelf

    Returns
    -------
    (n) words, tags; see ``insight.text.tokens``

    Notes
    -----
    What is kept stands under the words of the study and, in it, under a hash of each text's content:
    another question, a filter or one more file cuts only what was never cut.
    """
    lexicon = lexicon or Lexicon()
    asked = texts.to_frame("text").with_columns(_keys(texts))
    inputs = lexicon.model_dump_json()
    known = memo.once((_KIND, inputs), lambda: _kept(memo, inputs))
    different = asked.unique(_KEY, maintain_order=True)
    new = different.join(known, on=_KEY, how="anti", maintain_order="left")
    if new.height:
        made = tokens(new["text"], lexicon).with_columns(new[_KEY])
        memo.shelf.add(_KIND, inputs, _written(made))
        known = pl.concat([known, made])
        memo.hold((_KIND, inputs), known)
    return asked.join(known, on=_KEY, how="left", maintain_order="left").select(*TOKENS)


def _keys(texts: pl.Series) -> pl.Series:
    """128 bits of the hash of each text."""
    keys = [sha256(text.encode()).digest()[:16] for text in texts]
    return pl.Series(_KEY, keys, dtype=pl.Binary)


def _kept(memo: Memo, inputs: str) -> pl.DataFrame:
    """What was cut with these words before: key, words, tags."""
    parts = [pl.read_parquet(io.BytesIO(part)) for part in memo.shelf.found(_KIND, inputs)]
    empty = pl.DataFrame(schema={**TOKENS, _KEY: pl.Binary})
    return pl.concat([empty, *parts]).unique(_KEY, keep="first", maintain_order=True)


def _written(made: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    made.write_parquet(buffer, compression="lz4")
    return buffer.getvalue()
