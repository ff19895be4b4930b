"""Find phrases in a text, whole and whatever the case of their letters; the longest wins."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

Spans = Callable[[str], Iterator[tuple[int, int]]]


def spans(phrases: Iterable[str]) -> Spans:
    """A function text -> (start, end) of every phrase in it, from left to right, none within another.

    Letters and digits beside a phrase that begins or ends with one keep it from being found: ``usb c``
    is not in ``usb cable``.

    >>> list(spans(["usb c", "Type-C 口", "type-c"])("TYPE-C 口不是usb cable"))
    [(0, 8)]
    """
    known = frozenset(phrase.lower() for phrase in phrases if phrase)
    if not known:
        return lambda _text: iter(())
    lengths: defaultdict[str, set[int]] = defaultdict(set)
    for phrase in known:
        lengths[phrase[0]].add(len(phrase))
    longest_first = {first: sorted(n, reverse=True) for first, n in lengths.items()}
    begin = re.compile(f"[{re.escape(''.join(sorted(lengths)))}]")
    return lambda text: _found(text, begin, longest_first, known=known)


def _found(
    text: str, begin: re.Pattern[str], lengths: Mapping[str, list[int]], *, known: frozenset[str]
) -> Iterator[tuple[int, int]]:
    low = text.lower()
    if len(low) != len(text):  # İ becomes two characters
        low = text
    at = 0
    while met := begin.search(low, at):
        start = met.start()
        at = start + 1
        for length in lengths[low[start]]:
            stop = start + length
            if low[start:stop] in known and not _goes_on(low, start, stop):
                yield start, stop
                at = stop
                break


def _goes_on(text: str, start: int, stop: int) -> bool:
    """Whether a Latin word or a number reaches over one of the ends."""
    return (
        (start > 0 and _is_latin(text[start - 1]) and _is_latin(text[start]))
        or (stop < len(text) and _is_latin(text[stop]) and _is_latin(text[stop - 1]))
    )  # fmt: skip


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
