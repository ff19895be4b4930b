"""Texts cut, counted and encoded, before any topic is looked for: the same whatever the number of topics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insight.errors import TooFewRows
from insight.schema.lexicon import Lexicon
from insight.text.corpus import Corpus, Cut, Encoder, by_content, cut_up, make_corpus
from insight.text.junk import MASHED, is_mashed
from insight.text.tokenize import Tagger, plain_form, tagger
from insight.text.vectors import sentence_vectors

LEAST_TEXTS = 15


@dataclass(frozen=True, slots=True)
class Read:
    """n texts before any topic is looked for.

    Attributes
    ----------
    corpus : the different texts that say something
    plain : (n) the texts in plain form
    rows : (n) the row of the corpus each text is; -1 for those that say nothing
    noise : (n) why they say nothing; "" for those that do
    """

    corpus: Corpus
    plain: tuple[str, ...]
    rows: NDArray[np.int64]
    noise: tuple[str, ...]


def read_texts(
    texts: Sequence[str], *, tag: Tagger, plain: Callable[[str], str], encode: Encoder | None, seed: int
) -> Read:  # fmt: skip
    """Cut, count and encode the different texts, whatever the number of topics will be (TooFewRows)."""
    read = [plain(text) for text in texts]
    cuts = {text: _cut(text, tag) for text in dict.fromkeys(read)}
    different = by_content(text for text, cut in cuts.items() if not cut.why)
    if len(different) < LEAST_TEXTS:
        raise TooFewRows("有实质内容且互不重复的文本", len(different), LEAST_TEXTS)
    row = {text: at for at, text in enumerate(different)}
    rows = np.array([row.get(text, -1) for text in read])
    corpus = make_corpus([cuts[text] for text in different], encode=encode, seed=seed)
    return Read(corpus, tuple(read), rows, tuple(cuts[text].why for text in read))


def study_texts(texts: Sequence[str], lexicon: Lexicon | None = None, *, seed: int = 0) -> Read:
    """Texts read in the words of one study (TooFewRows)."""
    return read_texts(
        texts, tag=tagger(lexicon), plain=lambda text: plain_form(text, lexicon), encode=sentence_vectors, seed=seed
    )  # fmt: skip


def _cut(text: str, tag: Tagger) -> Cut:
    """A text in clauses; keys hit at random are not cut."""
    return Cut(text, (), (), MASHED) if is_mashed(text) else cut_up(text, tag)
