"""How far each answered questionnaire can be trusted: checks, a score of doubt, reasons; nothing is dropped here."""

from insight.quality.leaving_out import checked, left_out, without_doubtful
from insight.quality.scoring import CHECKS, Check, Thresholds, cases

__all__ = ["CHECKS", "Check", "Thresholds", "cases", "checked", "left_out", "without_doubtful"]
