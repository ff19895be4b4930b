"""The coder of a study, learnt once from what people coded and kept in the study."""

from __future__ import annotations

import json
from functools import partial
from hashlib import sha256

import polars as pl

from insight.coding.coded import Coded, by_hand, code_with
from insight.coding.coder import Coder, Lesson, Truth, learn, lesson_of
from insight.coding.packing import taught_as_bytes, taught_from
from insight.dataset import Dataset, Form, Memo
from insight.schema.codebook import Codebook
from insight.schema.lexicon import Lexicon
from insight.sentiment.scoring import lexicon as judging
from insight.text.tokenize import tagger

_FORM = Form(taught_as_bytes, taught_from)


def coded_of(said: pl.DataFrame, dataset: Dataset, book: Codebook, *, seed: int = 0) -> Coded:
    """Texts of a study with their needs.

    Parameters
    ----------
    said : (n) text_id [sorted], text
    """
    truth = by_hand(dataset.codes, "code")
    lesson = lesson_of([said], truth)
    coder = coder_of(lesson, book, truth=truth, words=dataset.lexicon, memo=dataset.memo, seed=seed)
    judged = judging(book.positive, book.negative)
    tag = tagger(dataset.lexicon) if coder.has_model else None
    return code_with(coder, said, lexicon=judged, tag=tag)


def coder_of(
    lesson: Lesson, book: Codebook, *, truth: Truth, words: Lexicon, memo: Memo, seed: int = 0
) -> Coder:
    """Who codes the texts of a study; the model is on its shelf under all that it was learnt from."""
    told = {
        "book": book.model_dump(mode="json"),
        "truth": {text_id: sorted(needs) for text_id, needs in sorted(truth.items())},
        "words": words.model_dump(mode="json"),
        "texts": lesson.texts.rows(),
        "n": lesson.n_all,
        "seed": seed,
    }
    inputs = sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()
    keep = partial(memo.kept, "coder", inputs, form=_FORM)
    return learn(lesson, book, truth=truth, words=words, seed=seed, keep=keep)
