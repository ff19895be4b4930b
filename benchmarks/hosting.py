"""The app over the example study on a port of its own, for the benchmarks that visit it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]


def example(home: Path) -> None:
    """The example with every result worked out, and a copy for the heavy job, unless they are there."""
    study = home / "studies" / "demo"
    if not study.exists():
        _insight(home, "demo", str(study))
    _insight(home, "run", str(study), "--out", str(home / "out"))
    if not (busy := study.with_name("busy")).exists():
        shutil.copytree(study, busy)


def _environment(home: Path) -> dict[str, str]:
    own = {"INSIGHT_STUDIES_DIR": str(home / "studies"), "INSIGHT_KEYS_DIR": str(home / "keys")}
    return os.environ | own


def _insight(home: Path, *words: str) -> None:
    command = [sys.executable, "-m", "insight", *words]
    subprocess.run(command, cwd=ROOT, env=_environment(home), check=True, capture_output=True)


@contextmanager
def served(home: Path, script: str) -> Iterator[tuple[int, psutil.Process, float]]:
    """A script on a free port, its process, and the seconds until it answered."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.headless", "true", "--server.port", str(port)]  # fmt: skip
    began = time.perf_counter()
    log = (home / f"{Path(script).stem}.log").open("w")
    with log, subprocess.Popen(command, cwd=ROOT, env=_environment(home), stdout=log, stderr=log) as process:  # fmt: skip
        while not _answers(port):
            time.sleep(0.05)
        try:
            yield port, psutil.Process(process.pid), time.perf_counter() - began
        finally:
            process.terminate()


def _answers(port: int) -> bool:
    with suppress(OSError):
        return urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health").status == 200
    return False
