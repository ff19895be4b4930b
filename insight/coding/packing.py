"""What a model of coded answers learnt, as bytes and back: exact, and nothing in it can run."""

from __future__ import annotations

import io
import json

import numpy as np

from insight.coding.coder import Taught
from insight.coding.features import WIDTH, Reader
from insight.coding.learning import Judge, Learned


def taught_as_bytes(taught: Taught) -> bytes:
    """A model with the reader of its texts."""
    judge, reader = taught.learned.judge, taught.reader
    assert reader is not None, "only models are kept"
    told = {"words": reader.words, "is_encoded": reader.is_encoded, "known": list(reader.known)}
    buffer = io.BytesIO()
    of_words, of_meaning = judge.models
    np.savez(
        buffer, allow_pickle=False, rates=judge.rates, of_words=of_words, of_meaning=of_meaning, is_ruled=judge.is_ruled,
        held_out=taught.learned.held_out, rarity=reader.rarity,
        meant=np.array(list(reader.known.values())).reshape(-1, WIDTH),
        told=np.frombuffer(json.dumps(told, ensure_ascii=False).encode(), dtype=np.uint8),
    )  # fmt: skip
    return buffer.getvalue()


def taught_from(data: bytes) -> Taught:
    """What ``taught_as_bytes`` wrote."""
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        one = {name: stored[name] for name in stored.files}
    told = json.loads(one["told"].tobytes().decode())
    known = dict(zip(told["known"], one["meant"], strict=True))
    judge = Judge(one["rates"], (one["of_words"], one["of_meaning"]), one["is_ruled"])
    reader = Reader(tuple(told["words"]), one["rarity"], told["is_encoded"], known)
    return Taught(Learned(judge, one["held_out"]), reader)
