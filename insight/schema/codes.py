"""How one person coded one text; plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Purpose = Literal["code", "audit"]


@dataclass(frozen=True, slots=True)
class PersonCode:
    """How one person coded one text.

    Attributes
    ----------
    needs : keys of the codebook, sorted; none = it speaks of no need
    polarity : "positive" | "negative" | "neutral" | "" (not said)
    purpose : "code" (the tool learns from it) | "audit" (the tool is measured by it)
    """

    text_id: str
    coder: str
    needs: tuple[str, ...]
    polarity: str = ""
    purpose: Purpose = "code"
