"""Make, open and list studies."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

from insight import access
from insight import study as store
from insight.access import EDIT
from insight.pipeline.intake import add, add_all
from insight.pipeline.prepared import Added
from insight.pipeline.targeting import read_rule, save_audience
from insight.pipeline.uploads import Upload
from insight.schema.audiences import Audience
from insight.settings import settings
from insight.study import Study
from insight.worker import Progress, Stop, silent


def new(path: Path, *, name: str = "", secret: bytes | None = None) -> Study:
    """Make a study in an absent or empty folder (StudyExists otherwise)."""
    access.demand(EDIT)
    chosen = settings()
    own = None if chosen.key_file and secret is None else chosen.keys_dir
    return store.create(path, author=access.actor().name, keys_dir=own, name=name, secret=secret)


def new_with(
    path: Path, uploads: Sequence[Upload], *, progress: Progress = silent, stop: Stop | None = None
) -> tuple[Added, ...]:
    """A new study of these files; where they cannot be used there is none."""
    with ExitStack() as undo:
        study = new(path)
        undo.callback(_discard, study)
        added = add_all(study, uploads, progress=progress, stop=stop)
        undo.pop_all()
    return added


def _discard(study: Study) -> None:
    rmtree(study.path)
    store.key_path(study, settings().keys_dir).unlink(missing_ok=True)


def opened(path: Path) -> Study:
    """Open the study in a folder (NotAStudy, NewerStudy)."""
    return store.open_study(path)


def studies() -> dict[str, Path]:
    """Folder name -> path of every study in the folder of studies, newest change first."""
    found = list(settings().studies_dir.glob("*/study.db"))
    found.sort(key=lambda p: p.stat().st_mtime, reverse=True)
    return {p.parent.name: p.parent for p in found}


def demo(path: Path, *, progress: Progress = silent) -> Study:
    """Make the seeded example study in ``path``, or open the one that is there.

    Its key is fixed, so that the example gives the same figures and bytes on every machine; the
    people in it are invented. The study is made aside and then renamed: whoever interrupts the
    making leaves nothing half made, and of two who make it at once both get a whole one.
    """
    from insight.demo import AUDIENCES, files

    if (path / "study.db").is_file():
        return opened(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(
        prefix=".making-", dir=path.parent, ignore_cleanup_errors=True
    ) as aside:
        made = Path(aside) / path.name
        study = new(made, name="示例研究", secret=sha256(b"example study").digest())
        for file in files():
            progress(f"导入 {file.name}", None)
            add(study, file.data, file.name)
        for name, text in AUDIENCES.items():
            save_audience(study, Audience(name=name, rule=read_rule(study, text)))
        with suppress(OSError):  # somebody else was faster
            made.rename(path)
    return opened(path)
