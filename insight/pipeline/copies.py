"""Studies with the same files as one, as far as whoever acts may know of them, and which of them still hold a person."""

from __future__ import annotations

from dataclasses import dataclass

from insight import access
from insight import study as store
from insight.errors import InsightError
from insight.pipeline.kept import secret_of
from insight.pipeline.one_person import Kind, Known, identities, is_there
from insight.settings import settings
from insight.study import Study
from insight.worker import call


@dataclass(frozen=True, slots=True)
class Held:
    """Copies of a study.

    Attributes
    ----------
    names : of those that whoever acts may open
    n_hidden : the others
    """

    names: tuple[str, ...] = ()
    n_hidden: int = 0

    @property
    def n(self) -> int:
        """All of them."""
        return len(self.names) + self.n_hidden


NO_COPIES = Held()


def copies(study: Study) -> Held:
    """Every study beside this one, or in the folder of the studies, that holds the same files."""
    return _named(_copies(study))


def held_in_copies(study: Study, known: Known, kind: Kind, value: str) -> Held:
    """The copies that hold a person, or of which that cannot be told.

    Parameters
    ----------
    known : what the person is known by in this study, before it is deleted there
    """
    secret = secret_of(study)
    return _named([one for one in _copies(study) if _holds(one, known, kind, value, secret=secret)])


def copies_in_words(held: Held) -> str:
    """Where else the person is to be deleted; "" where there is no such place."""
    hidden = f"另有 {held.n_hidden} 份您无权打开的，请管理员处理" if held.n_hidden else ""
    named = (
        f"{'、'.join(f'“{name}”' for name in held.names)}，请到那里再删除一次" if held.names else ""
    )
    return (
        f"这个人还在本研究的副本里：{'；'.join(part for part in (named, hidden) if part)}。"
        if held.n
        else ""
    )


def _copies(study: Study) -> list[Study]:
    folders = {study.path.resolve().parent, settings().studies_dir.resolve()}
    return store.relatives(study, sorted(folders))


def _holds(study: Study, known: Known, kind: Kind, value: str, *, secret: bytes) -> bool:
    try:
        own = identities(study, kind, value)
        if secret_of(study) == secret:
            own = {key: sorted({*tokens, *known.get(key, ())}) for key, tokens in own.items()}
        return call(is_there, study, own, kind, value, about="查找副本")
    except InsightError:  # several customers share it, the key is not here, a file is damaged
        return True


def _named(found: list[Study]) -> Held:
    seen = [one.path.name for one in found if _may_know(one)]
    return Held(tuple(seen), len(found) - len(seen))


def _may_know(study: Study) -> bool:
    who = access.actor()
    return (
        settings().mode == "local"
        or who.at_terminal
        or access.role_of(who.name, study.id) is not None
    )
