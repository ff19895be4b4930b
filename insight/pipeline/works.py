"""The long work of a study: what goes on here, what another server does, and what a server left unfinished."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import psutil

from insight import access, worker
from insight import study as store
from insight.study import Study, Work
from insight.worker import Job, Told

__all__ = ["Told", "Works", "begun", "end", "settle", "works"]


@dataclass(frozen=True, slots=True)
class Works:
    """The works of one study.

    Attributes
    ----------
    here : of this server, with how far they are; what is over, too
    elsewhere : of another server on the same folder
    broken : whose server has ended; they changed nothing, and can be begun again
    """

    here: tuple[tuple[Work, Told], ...]
    elsewhere: tuple[Work, ...]
    broken: tuple[Work, ...]


def begun(study: Study, job: Job[object], *, page: str, query: Mapping[str, str]) -> None:
    """Note that work of a study began, and where it was asked for."""
    work = Work(job.id, access.actor().name, job.about, page, query, store.now(), _server())
    store.begin_work(study, work)


def works(study: Study) -> Works:
    """How all work of a study stands; what is known to be over is told once and then forgotten (OnlyOwnCustomers)."""
    told = {one.id: one for one in worker.told()}
    known = store.works(study)
    own = tuple(one for one in known if one.server == _server())
    over = [one.id for one in own if one.id not in told or told[one.id].state != "going"]
    if over:
        store.end_work(study, *over)
    others = tuple(one for one in known if one.server != _server())
    alive = {one.server for one in others if _lives(one.server)}
    return Works(
        here=tuple((one, told[one.id]) for one in own if one.id in told),
        elsewhere=tuple(one for one in others if one.server in alive),
        broken=tuple(one for one in others if one.server not in alive),
    )


def end(id_: str) -> None:
    """End work that goes on here, whoever waits for it; it changes nothing then (OnlyOwnCustomers)."""
    access.demand_all()
    worker.end(id_)


def settle(study: Study, id_: str) -> None:
    """Tell no more of work that was broken off (OnlyOwnCustomers)."""
    access.demand_all()
    store.end_work(study, id_)


@cache
def _server() -> str:
    """This process: its number and when it began, since numbers come again."""
    return f"{os.getpid()}@{psutil.Process().create_time():.2f}"


def _lives(server: str) -> bool:
    number, _, began = server.partition("@")
    try:
        return f"{psutil.Process(int(number)).create_time():.2f}" == began
    except psutil.NoSuchProcess:
        return False
