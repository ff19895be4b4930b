"""Which answered questionnaires are left out of every analysis, and why."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Exclusions(BaseModel):
    """Respondents that no analysis counts; their answers stay in the study.

    Attributes
    ----------
    least_doubt : doubt from which a respondent is left out [1..100]; 0 = nobody by score
    checks : checks that leave a respondent out whatever the score
    respondents : left out by hand
    kept : kept by hand, whatever the checks say
    """

    model_config = ConfigDict(frozen=True)

    least_doubt: int = 0
    checks: tuple[str, ...] = ()
    respondents: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nobody can be left out."""
        return not (self.least_doubt or self.checks or self.respondents)
