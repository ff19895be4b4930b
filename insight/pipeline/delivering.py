"""Several files that belong together, put into a folder all at once or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from insight.errors import FileInUse
from insight.study.files import on_disk, staged, sync_folder


def write_together(folder: Path, files: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write every file beside its place first, then put all in their places; what was there before is replaced.

    Raises
    ------
    DiskFull : not one file was changed.
    FileInUse : a file cannot be replaced, because another program holds it open; those that were there are as before.
    """
    with on_disk(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        copies = {folder / n: stack.enter_context(staged(folder, d))[0] for n, d in files.items()}
        _put(copies)
    sync_folder(folder)
    return tuple(copies)


def _put(copies: Mapping[Path, Path]) -> None:
    """Rename each copy to its name; if one cannot be, put the former files back."""
    former: dict[Path, Path] = {}
    done: list[Path] = []
    try:
        for path, copy in copies.items():
            if path.exists():
                aside = copy.with_name(f"{copy.name}.former")
                path.replace(aside)
                former[path] = aside
            copy.replace(path)
            done.append(path)
    except OSError as error:
        for new in done:
            new.unlink(missing_ok=True)
        for own, aside in former.items():
            aside.replace(own)
        raise FileInUse(str(path)) from error
    for aside in former.values():
        aside.unlink(missing_ok=True)
