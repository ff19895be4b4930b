"""What headers and wording say of the kind of a question, before its cells are looked at."""

from __future__ import annotations

import re

from insight.clean.headers import tidy
from insight.clean.kinds import SURELY_OPEN
from insight.clean.questions import Block
from insight.clean.reading import Reading
from insight.clean.separators import Hints
from insight.schema import QuestionKind
from insight.simplified import simplified

_PLURAL = re.compile(r"哪些|哪几|\bwhich of\b|\bwhat (?:kinds|types|sorts) of\b", re.IGNORECASE)


def told_kind(block: Block, reading: Reading) -> QuestionKind | None:
    """The kind that all headers of a question name (``[多选题]``, ``Open-Ended Response``), or None.

    The forms of headers are those of the preset (``presets.Preset.kinds``), the first one counts.
    """
    said = [simplified(tidy(column)) for column in block.columns]
    return next(
        (kind for form, kind in reading.kinds.items() if all(re.search(form, s) for s in said)),
        None,
    )


def hints(block: Block, reading: Reading) -> Hints:
    """What is known of the options of a question that one column holds."""
    chosen = reading.kind(block.id) or told_kind(block, reading)
    wording = simplified(block.wording)
    return Hints(
        likely=reading.separators,
        several=chosen is QuestionKind.MULTI,
        plural=_PLURAL.search(wording) is not None,
        is_open=chosen is QuestionKind.OPEN or SURELY_OPEN.search(wording) is not None,
    )
