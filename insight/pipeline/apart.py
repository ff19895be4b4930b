"""Questions of a page that read whole tables: they are answered in a child, so that the server's own process only waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from insight.pipeline.paying import in_its_currency
from insight.study import Study
from insight.worker import call, inside

P = ParamSpec("P")
T = TypeVar("T")
Asked = Callable[Concatenate[Study, P], T]


def apart(about: str) -> Callable[[Asked[P, T]], Asked[P, T]]:
    """Let a function of a study be answered in a child, whoever asks; what it takes and gives must go through a pipe.

    Parameters
    ----------
    about : what the work is called
    """

    def decorated(function: Asked[P, T]) -> Asked[P, T]:
        @wraps(function)
        def asked(study: Study, /, *args: P.args, **named: P.kwargs) -> T:
            if inside():
                return function(study, *args, **named)
            value: T = call(_answered, asked, study, args, named, about=about, is_quick=True)
            return value

        return asked

    return decorated


def _answered(asked: Callable[..., T], study: Study, args: tuple[Any, ...], named: Mapping[str, Any]) -> T:  # fmt: skip
    """In the child: money is written as the page around it would write it."""
    with in_its_currency(study):
        return asked(study, *args, **named)
