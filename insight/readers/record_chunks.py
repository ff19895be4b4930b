"""A long delimited text in chunks that end where a record ends."""

from __future__ import annotations

from collections.abc import Iterator

from insight.errors import FileTooLarge

CHUNK = 2**22  # bytes that are cut into cells at once, at least
_OPEN_QUOTE = 2**25  # bytes in which an open quote has the chance to close
_MAX_LINE = 2**27
_TRIES = 8


def record_chunks(blocks: list[bytes], n_blanked: int, *, file: str) -> Iterator[bytes]:
    """The same text cut at ends of records: of lines that leave no quote open.

    Parameters
    ----------
    blocks : the text, given away block by block
    n_blanked : of its first lines, those that are made blank
    file : for messages

    Raises
    ------
    FileTooLarge : a line of more than 128 MB
    """
    waiting: list[bytes] = []
    for block in _taken(blocks, n_blanked):
        waiting.append(block)
        if sum(map(len, waiting)) < CHUNK:
            continue
        whole = b"".join(waiting)
        cut = record_end(whole)
        if not cut and len(whole) > CHUNK + _OPEN_QUOTE:
            cut = whole.rfind(b"\n") + 1
        if not cut and len(whole) > _MAX_LINE:
            raise FileTooLarge(file, "有一行内容过长", f"{_MAX_LINE // 2**20} MB")
        waiting = [whole[cut:]] if cut < len(whole) else []
        if cut:
            yield whole[:cut]
    yield b"".join(waiting)


def _taken(blocks: list[bytes], n_blanked: int) -> Iterator[bytes]:
    """The blocks of a text, given away one by one; the first lines are made blank."""
    blocks.reverse()
    if n_blanked:
        blocks[-1] = b"\n" * n_blanked + blocks[-1].split(b"\n", n_blanked)[-1]
    while blocks:
        yield blocks.pop()


def record_end(text: bytes) -> int:
    """Where the last line ends that leaves no quote open; 0 where there is none close to the end."""
    end = text.rfind(b"\n") + 1
    if b'"' not in text:
        return end
    for _ in range(_TRIES):
        if text.count(b'"', 0, end) % 2 == 0:
            return end
        end = text.rfind(b"\n", 0, text.rfind(b'"', 0, end)) + 1
    return 0
