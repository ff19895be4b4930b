"""Real servers on loopback for as long as the tests run: PostgreSQL, MariaDB, object stores."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path
from threading import Thread

import adbc_driver_postgresql.dbapi as driver
import pytest

PASSWORD = "loopback"


def _program(name: str, *, folders: str = "/nowhere", product: str) -> str:
    """The newest program of that name; Debian keeps some of them off the path."""
    root, _, pattern = folders.partition("*")
    known = sorted(Path(root).glob(f"*{pattern}/{name}")) if pattern else []
    found = str(known[-1]) if known else shutil.which(name)
    if not found:
        pytest.skip(f"{product} is not installed here: no {name}")
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _postgresql(name: str) -> str:
    return _program(name, folders="/usr/lib/postgresql/*/bin", product="PostgreSQL")


def _nobody() -> str | None:
    """Whom to run a database as: they refuse root."""
    return "nobody" if os.name == "posix" and os.geteuid() == 0 else None


def _given(user: str | None, *paths: Path) -> None:
    """Hand paths to ``user``, who can then walk down to them."""
    for path in paths if user else ():
        shutil.chown(path, user)
        for above in path.parents[:4]:
            above.chmod(above.stat().st_mode | 0o011)


def _wait(server: subprocess.Popen[str], word: str) -> None:
    """Read what the server says until it says ``word``; a thread reads the rest."""
    for line in server.stderr or server.stdout or ():
        if word in line:
            break
    Thread(target=server.communicate, daemon=True).start()


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Start a server in ``folder`` and give the address of its only database."""
    user = _nobody()
    data, secret = folder / "data", folder / "password"
    data.mkdir()
    secret.write_text(PASSWORD)
    _given(user, data, secret)
    init = [_postgresql("initdb"), "-D", data, "-U", "reader", "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--locale=C", "--no-sync"]  # fmt: skip
    subprocess.run(init, check=True, user=user, capture_output=True)
    port = _free_port()
    serve = [_postgresql("postgres"), "-D", data, "-p", str(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"]  # fmt: skip
    with subprocess.Popen(serve, user=user, stderr=subprocess.PIPE, text=True) as server:
        _wait(server, "ready to accept connections")
        try:
            yield f"postgresql://reader:{PASSWORD}@127.0.0.1:{port}/postgres"
        finally:
            server.terminate()


def filled(url: str, *statements: str) -> None:
    """Run statements that write."""
    with driver.connect(url) as session:
        for statement in statements:
            with session.cursor() as cursor:
                cursor.execute(statement)
        session.commit()


@contextmanager
def mariadb(folder: Path, *statements: str) -> Iterator[str]:
    """Start MariaDB, which speaks MySQL's protocol, run statements and give the address."""
    user, data, start = _nobody(), folder / "data", folder / "start.sql"
    data.mkdir()
    first = ("CREATE DATABASE shop", f"CREATE USER reader@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'", "GRANT ALL ON shop.* TO reader@'127.0.0.1'", "USE shop")  # fmt: skip
    start.write_text("".join(f"{statement};\n" for statement in (*first, *statements)), "utf-8")
    _given(user, data, start)
    install = [_program("mariadb-install-db", product="MariaDB"), "--no-defaults", f"--datadir={data}", "--skip-test-db"]  # fmt: skip
    subprocess.run(install, check=True, user=user, capture_output=True)
    port = _free_port()
    serve = [_program("mariadbd", product="MariaDB"), "--no-defaults", f"--datadir={data}", f"--port={port}", "--bind-address=127.0.0.1", "--skip-name-resolve", f"--socket={data}/s", f"--pid-file={data}/p", f"--init-file={start}", "--character-set-server=utf8mb4"]  # fmt: skip
    with subprocess.Popen(serve, user=user, stderr=subprocess.PIPE, text=True) as server:
        _wait(server, "ready for connections")
        try:
            yield f"mysql://reader:{PASSWORD}@127.0.0.1:{port}/shop"
        finally:
            server.terminate()


@contextmanager
def object_store() -> Iterator[str]:
    """Start an S3 of its own process and give its address."""
    pytest.importorskip("moto.server", reason="moto is not installed here")
    port = _free_port()
    serve = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(serve, stderr=subprocess.PIPE, text=True) as server:
        _wait(server, "Running on")
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


AZURE_ACCOUNT, AZURE_KEY = "devstoreaccount1", base64.b64encode(PASSWORD.encode()).decode()
_AZURE_PORT = 10_000  # where Azure's own tools look for the emulator


@contextmanager
def azure_store(container: str) -> Iterator[None]:
    """Start Azurite, Microsoft's emulator of Azure's blobs, with an empty container."""
    program = _program("azurite-blob", product="Azurite")
    serve = [program, "--inMemoryPersistence", "--blobHost", "127.0.0.1", "--skipApiVersionCheck", "--disableTelemetry"]  # fmt: skip
    accounts = {"AZURITE_ACCOUNTS": f"{AZURE_ACCOUNT}:{AZURE_KEY}"}
    with subprocess.Popen(serve, env=os.environ | accounts, stdout=subprocess.PIPE, text=True) as server:  # fmt: skip
        try:
            _wait(server, "successfully listens")
            _new_container(container)
            yield
        finally:
            server.terminate()


def _new_container(name: str) -> None:
    """Put a container, signed as Azure wants it ("Authorize with Shared Key")."""
    sent = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": "2021-08-06"}
    headers = "".join(f"{key}:{value}\n" for key, value in sent.items())
    about = f"/{AZURE_ACCOUNT}/{AZURE_ACCOUNT}/{name}\nrestype:container"
    text = f"PUT{12 * chr(10)}{headers}{about}".encode()
    signed = base64.b64encode(hmac.digest(base64.b64decode(AZURE_KEY), text, hashlib.sha256))
    sent["Authorization"] = f"SharedKey {AZURE_ACCOUNT}:{signed.decode()}"
    address = f"http://127.0.0.1:{_AZURE_PORT}/{AZURE_ACCOUNT}/{name}?restype=container"
    urllib.request.urlopen(urllib.request.Request(address, method="PUT", headers=sent)).close()
