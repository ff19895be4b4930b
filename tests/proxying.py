"""A reverse proxy on loopback that signs people in: it tells the app who asks, whatever the browser says of itself."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from socketserver import ThreadingTCPServer
from threading import Thread

HEADER = "X-Forwarded-User"
_MOST, _HEAD_ENDS = 2**16, b"\r\n\r\n"


@contextmanager
def proxied(port: int, *, source: str, person: str, forwarded: str = "203.0.113.9", keeps: bool = False) -> Iterator[str]:  # fmt: skip
    """The address under which the app of ``port`` is reached through a proxy.

    Parameters
    ----------
    source : the address that the proxy asks the app from
    person : whom it says to be asking
    forwarded : the address that it says the browser has
    keeps : a careless one, which also passes on whom the browser names
    """
    told = [f"{HEADER}: {person}", f"X-Forwarded-For: {forwarded}"]
    retold, open_ones = partial(_retold, drops="" if keeps else HEADER, told=told), list[socket.socket]()  # fmt: skip

    def passed(near: socket.socket, _address: object, _server: object) -> None:
        """One request with its answer, or a websocket until either side ends it."""
        open_ones.append(near)
        with suppress(OSError):
            head = _head(near)
            if not head.endswith(_HEAD_ENDS):
                return
            with socket.create_connection(("127.0.0.1", port), source_address=(source, 0)) as far:
                open_ones.append(far)
                far.sendall(retold(head))
                forth = Thread(target=_poured, args=[near, far])
                forth.start()
                _poured(far, near)
                forth.join()

    with ThreadingTCPServer(("127.0.0.1", 0), passed) as server:  # type: ignore[arg-type]
        serving = Thread(target=server.serve_forever, args=[0.05])
        serving.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        serving.join()
        for one in open_ones:
            _end(one)


def _head(near: socket.socket) -> bytes:
    """Everything up to the end of the head; less where the browser hangs up."""
    head = b""
    while not head.endswith(_HEAD_ENDS) and (byte := near.recv(1)):
        head += byte
    return head


def _retold(head: bytes, *, drops: str, told: Sequence[str]) -> bytes:
    """The head of a request as the app gets it; one connection carries one request."""
    request, *lines = head.removesuffix(_HEAD_ENDS).decode("latin-1").split("\r\n")
    is_socket = re.search(r"(?im)^upgrade: *websocket", "\n".join(lines))
    gone = {drops.lower(), "x-forwarded-for"} | (set() if is_socket else {"connection"})
    kept = [line for line in lines if line.partition(":")[0].lower() not in gone]
    closes = [] if is_socket else ["Connection: close"]
    return "\r\n".join([request, *kept, *closes, *told]).encode("latin-1") + _HEAD_ENDS


def _poured(here: socket.socket, there: socket.socket) -> None:
    with suppress(OSError):
        while data := here.recv(_MOST):
            there.sendall(data)
    _end(there)


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
