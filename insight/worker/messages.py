"""What parent and child say to each other: pickles, one after the other; a pickle knows its own end."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, Any

Progress = Callable[[str, float | None], None]
"""Called with the step that begins and, where it is known, the share that is done [0–1]."""


def silent(step: str, share: float | None) -> None:
    """Tell nobody how far the work is."""


@dataclass(frozen=True, slots=True)
class Task:
    """A function to call, and where the caller stands: its folder and its settings."""

    function: Callable[..., object]
    args: tuple[object, ...]
    is_told: bool  # whether the function takes ``progress``
    folder: str
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """How far the work is."""

    step: str
    share: float | None


@dataclass(frozen=True, slots=True)
class Done:
    """The work is done; ``value`` is the pickled result, ``resident`` the child's memory in bytes."""

    value: bytes
    resident: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The work ended in a mistake that the user can mend (pickled)."""

    error: bytes
    resident: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The work ended in a fault of ours: its kind and its place, never its data; the child ends."""

    kind: str
    place: str
    is_out_of_room: bool  # the memory or the largest file it may have


Answer = Done | Refused | Failed


def send(pipe: IO[bytes], message: object) -> None:
    """Write one message; large bytes in it are not copied."""
    pickle.dump(message, pipe, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.flush()


def receive(pipe: IO[bytes]) -> Any:  # noqa: ANN401 (any of the messages)
    """Read one message (EOFError at the end of the pipe, UnpicklingError in the middle of one)."""
    return pickle.load(pipe)
