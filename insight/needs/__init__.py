"""Which customers raise which need, by any source, in which segment, what they spend and what is at stake."""

from insight.needs.evidence import evidence
from insight.needs.hearing import codes_of, from_codes, from_texts, heard, in_codebook, said_by
from insight.needs.matrix import need_matrix, need_ranking, people_of
from insight.needs.placing import Known, Wanted, placed
from insight.needs.raised import (
    CODEBOOK,
    OPEN_TEXT,
    Need,
    Raised,
    from_options,
    labels_of,
    merged,
    need_questions,
    together,
)
from insight.needs.satisfied import rated, satisfied
from insight.needs.stake import FEW, UNFOLLOWED, UPPER
from insight.needs.worth import VOTES, WORTHS, Vote, Worth, weights_of, worth_of

__all__ = [
    "CODEBOOK", "FEW", "OPEN_TEXT", "UNFOLLOWED", "UPPER", "VOTES", "WORTHS", "Known", "Need", "Raised", "Vote", "Wanted", "Worth",
    "codes_of", "evidence", "from_codes", "from_options", "from_texts", "heard", "in_codebook", "labels_of", "merged", "need_matrix",
    "need_questions", "need_ranking", "people_of", "placed", "rated", "said_by", "satisfied", "together", "weights_of", "worth_of",
]  # fmt: skip
