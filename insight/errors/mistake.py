"""The one kind of error whose sentence is meant for the user."""

from __future__ import annotations


class InsightError(Exception):
    """A mistake that a user can mend.

    Attributes
    ----------
    message : one Chinese sentence that says what is wrong
    hint : one Chinese sentence that says what to do, in words of the screen; may be empty
    told_there : the sentence, and what to do in words of the command line
    """

    def __init__(self, message: str, hint: str = "", *, terminal: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.told_there = f"{message}{terminal or hint}"

    def __str__(self) -> str:
        return f"{self.message}{self.hint}"

    def __reduce__(self) -> tuple[object, ...]:
        """Travel between processes as it is: made again from its facts, not through its arguments."""
        return _remade, (type(self), self.args), self.__dict__


def _remade(kind: type[InsightError], args: tuple[object, ...]) -> InsightError:
    return kind.__new__(kind, *args)
