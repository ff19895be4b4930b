"""What a user decided about one source, beyond the roles of its columns."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from insight.schema.questionnaire import Missing, QuestionKind


class Decisions(BaseModel):
    """Decisions about one table of one file; recorded in the recipe and replayed with it.

    Attributes
    ----------
    preset : key of the platform preset to use instead of the recognised one; "" = none at all
    day_first : how 3/5/2024 is read; None = not decided
    kinds : question id -> measurement type
    separators : question id -> what joins several options in one cell; "" = each cell is one option
    options : question id -> its options, which stay whole where they hold the separator themselves
    missing : question id ("" = every one) -> what stands in a cell -> why there is no answer
    speakers : speaker -> "interviewer" | "participant" | "" (left out)
    rules : order-cleaning rule -> whether it applies; absent = its default
    """

    model_config = ConfigDict(frozen=True)

    preset: str | None = None
    day_first: bool | None = None
    kinds: dict[str, QuestionKind] = {}
    separators: dict[str, str] = {}
    options: dict[str, tuple[str, ...]] = {}
    missing: dict[str, dict[str, Missing]] = {}
    speakers: dict[str, str] = {}
    rules: dict[str, bool] = {}


UNDECIDED = Decisions()
