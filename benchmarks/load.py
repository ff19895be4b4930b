"""Fifty people at once on the real pages of the example, with one heavy job running: how long a click takes.

Run: python -m benchmarks.load [--minutes 3] [--visitors 50] [--pause 12] [--seed 0] [--home FOLDER].
A rerun is timed from the click to the message that the script has finished. Beside it, in the same minutes,
a page with one button on a server of its own tells what this machine and Streamlit take for nothing.
The promise: p95 below 0.3 s, memory flat over 30 minutes, first page of a cold server below 3 s.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, quantiles

import psutil
from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.hosting import example, served
from benchmarks.visitors import PATIENCE, Seen, Visitor, opened, pressed, settled, visiting
from insight import pipeline
from insight import study as store
from pages.ui.places import GROUPS, JOBS

PAGES = tuple(
    place.path for group in GROUPS.values() for place in group if place.path != "overview"
)
TRIVIAL = (
    "import streamlit as st\nst.title('页面')\nst.button('再来', key='trivial')\nst.write('好')\n"
)
EVERY = 2.0  # seconds between two looks at the memory
LONGEST = 300.0  # seconds until the example's pages must be worked out


@dataclass(frozen=True, slots=True)
class Click:
    """One rerun of one visitor; ``is_waiting`` where the page showed work that goes on."""

    page: str
    seconds: float
    is_waiting: bool


@dataclass(slots=True)
class Record:
    """What the minutes gave."""

    clicks: list[Click] = field(default_factory=list)
    trivial: list[Click] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    n_heavy: int = 0
    cpu: float = 0.0  # seconds of processor time of the server
    memory: list[tuple[float, float, float]] = field(
        default_factory=list
    )  # s, server MB, children MB


async def first_page(port: int) -> float:
    """Seconds from the first visitor's arrival at a cold server until the page is whole."""
    began = time.perf_counter()
    async with visiting(port) as visitor:
        await settled(visitor, "", "study=demo", within=LONGEST)
    return time.perf_counter() - began


async def warmed(port: int) -> None:
    """Every page and every analysis on it opened once, so that what is kept need not be worked out."""
    async with visiting(port) as visitor:
        settling = (one for one in PAGES if one != JOBS.path)  # that one renews itself for ever
        for page in ("", *settling):
            seen = await settled(visitor, page, "study=demo", within=LONGEST)
            known = {move.id for move in seen.moves}
            for move in filter(_is_view, seen.moves):
                after = await _pressed_until_done(visitor, move)
                for below in filter(_is_view, after.moves):  # what a theme offers
                    if below.id not in known:
                        await _pressed_until_done(visitor, below)
                visitor.moved.clear()


def _is_view(move: WidgetState) -> bool:
    return any(name in move.id for name in ("choose:view", "choose:theme"))


async def _pressed_until_done(visitor: Visitor, move: WidgetState) -> Seen:
    while (seen := await pressed(visitor, move)).is_waiting:
        await asyncio.sleep(0.5)
    return seen


async def walks(port: int, record: Record, *, until: float, pause: float, rng: random.Random) -> None:  # fmt: skip
    """One person until the time is up; whoever gets no answer opens the app again, which counts as a fault."""
    await asyncio.sleep(rng.random() * pause)
    while time.monotonic() < until:
        try:
            async with visiting(port) as visitor:
                await _walk(visitor, record, until=until, pause=pause, rng=rng)
        except TimeoutError as lost:
            record.clicks.append(Click("no answer", PATIENCE, False))
            record.faults.append(str(lost))


async def _walk(visitor: Visitor, record: Record, *, until: float, pause: float, rng: random.Random) -> None:  # fmt: skip
    """A page, some of its views, the next page, with moments of reading between."""
    seen = _noted(record, visitor, await opened(visitor, "", "study=demo"))
    while time.monotonic() < until:
        await asyncio.sleep(rng.expovariate(1 / pause))
        if seen.moves and rng.random() < 0.6:
            seen = await pressed(visitor, rng.choice(seen.moves))
        else:
            seen = await opened(visitor, rng.choice(("", *PAGES)), "study=demo")
        _noted(record, visitor, seen)


def _noted(record: Record, visitor: Visitor, seen: Seen) -> Seen:
    record.clicks.append(Click(visitor.page or "overview", seen.seconds, seen.is_waiting))
    record.faults += [f"{visitor.page}: {fault}" for fault in seen.faults]
    return seen


async def presses(
    port: int, record: Record, *, until: float, pause: float, rng: random.Random
) -> None:
    """One person on the trivial page."""
    async with visiting(port) as visitor:
        seen = await opened(visitor, "", "")
        while time.monotonic() < until:
            await asyncio.sleep(rng.expovariate(1 / pause))
            seen = await pressed(visitor, seen.moves[0])
            record.trivial.append(Click("trivial", seen.seconds, False))
            visitor.moved.clear()


async def toils(port: int, home: Path, record: Record, *, until: float) -> None:
    """Ask the app for topics by ever new parameters: a child of its job table is always at work."""
    study = pipeline.opened(home / "studies" / "busy")
    async with visiting(port) as visitor:
        while time.monotonic() < until:
            _changed(study, record.n_heavy)
            while (await opened(visitor, "topics", "study=busy")).is_waiting and time.monotonic() < until:  # fmt: skip
                await asyncio.sleep(1)
            record.n_heavy += 1


def _changed(study: store.Study, turn: int) -> None:
    before = store.head(study)
    params = {**before.recipe.params, "topics": {"seed": turn + 1}}
    recipe = before.recipe.model_copy(update={"params": params})
    store.commit(study, recipe, parent=before.id, author="load", note="topics")


async def watches(process: psutil.Process, record: Record, *, until: float) -> None:
    """How much memory the server and its children hold."""
    began = time.monotonic()
    while time.monotonic() < until:
        children = 0
        for child in process.children(recursive=True):
            with suppress(psutil.Error):
                children += child.memory_info().rss
        record.memory.append((time.monotonic() - began, process.memory_info().rss / 2**20, children / 2**20))  # fmt: skip
        await asyncio.sleep(EVERY)


async def crowd(ports: tuple[int, int], process: psutil.Process, home: Path, args: argparse.Namespace) -> Record:  # fmt: skip
    """Everybody at once for the given minutes."""
    record, until = Record(), time.monotonic() + 60 * args.minutes
    before = sum(process.cpu_times()[:2])
    rngs = [random.Random(f"{args.seed} {n}") for n in range(args.visitors)]
    await asyncio.gather(
        watches(process, record, until=until),
        toils(ports[0], home, record, until=until),
        *(walks(ports[0], record, until=until, pause=args.pause, rng=rng) for rng in rngs),
        *(
            presses(ports[1], record, until=until, pause=args.pause / 4, rng=rng)
            for rng in rngs[:5]
        ),
    )
    record.cpu = sum(process.cpu_times()[:2]) - before
    return record


def told(name: str, clicks: Sequence[Click]) -> str:
    """One line: how many reruns, and their quantiles."""
    cuts = quantiles([c.seconds for c in clicks], n=100, method="inclusive") if len(clicks) > 1 else [clicks[0].seconds] * 99  # fmt: skip
    waiting = sum(c.is_waiting for c in clicks)
    return f"  {name:12} {len(clicks):6} reruns  p50 {cuts[49]:.3f} s  p95 {cuts[94]:.3f} s  p99 {cuts[98]:.3f} s" + (f"  {waiting} showed progress" if waiting else "")  # fmt: skip


def report(record: Record) -> None:
    """Print the minutes: all pages, the trivial one, each page, memory, faults."""
    print(told("all pages", record.clicks), told("trivial page", record.trivial), sep="\n")
    done = [click for click in record.clicks if not click.is_waiting]
    print(told("done at once", done))
    print(
        f"  {1000 * record.cpu / len(record.clicks):.0f} ms of the server's processor time a rerun"
    )
    by_page = defaultdict(list)
    for click in record.clicks:
        by_page[click.page].append(click)
    for page, clicks in sorted(by_page.items(), key=lambda one: -fmean(c.seconds for c in one[1])):
        print(told(page, clicks))
    print(f"  heavy job: worked out {record.n_heavy} times")
    for tenth in range(0, 10, 3):
        at, server, children = record.memory[len(record.memory) * tenth // 9 - (tenth == 9)]
        print(f"  memory after {at:5.0f} s: server {server:5.0f} MB, children {children:5.0f} MB")
    print(f"  {len(record.faults)} pages with a fault", *sorted(set(record.faults)), sep="\n    ")


def main() -> None:
    """Serve, warm, let everybody in, and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument(
        "--pause",
        type=float,
        default=12,
        help="mean seconds between two clicks: 50 visitors are 20 who click every 5 s",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--home", type=Path, help="keep the example here and use it again")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = args.home or Path(folder)
        example(home)
        trivial = home / "trivial.py"
        trivial.write_text(TRIVIAL, "utf-8")
        with served(home, "streamlit_app.py") as (port, process, started), served(home, str(trivial)) as (plain, _, _):  # fmt: skip
            print(f"cold server: answers after {started:.2f} s, first page {asyncio.run(first_page(port)):.2f} s later")  # fmt: skip
            asyncio.run(warmed(port))
            report(asyncio.run(crowd((port, plain), process, home, args)))


if __name__ == "__main__":
    main()
