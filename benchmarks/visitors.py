"""People at the app without a browser: they speak Streamlit's own protocol over the websocket.

A visitor opens pages, follows links and presses what only changes the view, as the front end would: it
sends the state of the widgets it moved and the hashes of the messages it keeps, and reads until the
script has finished. Private to the benchmarks, because the protocol belongs to Streamlit's version.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

from pages.ui import waiting

VIEWS = ("choose:", "chart", "table", "trivial")  # keys of widgets that change no study
MOST_BYTES = 64 * 2**20
_ENDS = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_WITH_COMPILE_ERROR)
PATIENCE = 60.0  # seconds until a rerun counts as lost


@dataclass(frozen=True, slots=True)
class Seen:
    """What one rerun gave.

    Attributes
    ----------
    seconds : from sending to the message that the script has finished
    n_bytes : that arrived meanwhile
    is_waiting : the page shows work that goes on
    faults : what the page said in red
    """

    seconds: float
    n_bytes: int
    is_waiting: bool
    faults: tuple[str, ...]
    moves: tuple[WidgetState, ...] = field(repr=False)


@dataclass(slots=True)
class Visitor:
    """One open tab: where it is, what it moved, what it keeps."""

    socket: ClientConnection
    page: str = ""
    query: str = ""
    moved: dict[str, WidgetState] = field(default_factory=dict)
    kept: dict[str, ForwardMsg] = field(default_factory=dict)


@asynccontextmanager
async def visiting(port: int) -> Any:  # noqa: ANN401 (an async iterator of one visitor)
    """A tab that is connected to the app of ``port``, until the block ends."""
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    async with connect(address, subprotocols=["streamlit"], max_size=MOST_BYTES) as socket:  # type: ignore[list-item]
        yield Visitor(socket)


async def opened(visitor: Visitor, page: str, query: str) -> Seen:
    """Go to a page by its address; what was moved on the last page is forgotten."""
    visitor.page, visitor.query = page, query
    visitor.moved.clear()
    return await _rerun(visitor)


async def pressed(visitor: Visitor, move: WidgetState) -> Seen:
    """Move one widget of the page."""
    visitor.moved[move.id] = move
    return await _rerun(visitor)


async def settled(visitor: Visitor, page: str, query: str, *, within: float) -> Seen:
    """Open a page again and again until nothing on it is being worked out."""
    until = time.monotonic() + within
    while (seen := await opened(visitor, page, query)).is_waiting:
        if time.monotonic() > until:
            raise TimeoutError(f"{page} was not worked out within {within:.0f} s")
        await asyncio.sleep(0.2)
    return seen


async def _rerun(visitor: Visitor) -> Seen:
    asked = BackMsg()
    state = asked.rerun_script
    state.query_string, state.page_name = visitor.query, visitor.page
    state.widget_states.widgets.extend(visitor.moved.values())
    state.cached_message_hashes.extend(visitor.kept)
    began = time.perf_counter()
    await visitor.socket.send(asked.SerializeToString())
    return await _read(visitor, began)


async def _read(visitor: Visitor, began: float) -> Seen:
    """Everything up to the end of the run, also over reruns that the script itself asks for."""
    messages: list[ForwardMsg] = []
    n_bytes, deadline = 0, PATIENCE
    while True:
        try:
            data = await _next(visitor.socket, deadline - (time.perf_counter() - began))
        except TimeoutError:
            kinds = [m.WhichOneof("type") for m in messages[-5:]]
            raise TimeoutError(
                f"no end of the script of {visitor.page}; it sent {kinds} last"
            ) from None
        n_bytes += len(data)
        message = ForwardMsg.FromString(data)
        kind = message.WhichOneof("type")
        if kind == "ref_hash":
            message = visitor.kept[message.ref_hash]
        elif message.metadata.cacheable:
            visitor.kept[message.hash] = message
        if kind == "new_session":
            messages.clear()
        messages.append(message)
        if (
            kind == "script_finished"
            and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
        ):
            return _seen(messages, time.perf_counter() - began, n_bytes)


async def _next(socket: ClientConnection, seconds: float) -> bytes:
    data = await asyncio.wait_for(socket.recv(), max(seconds, 0.1))
    return data if isinstance(data, bytes) else data.encode()


def _seen(messages: list[ForwardMsg], seconds: float, n_bytes: int) -> Seen:
    elements = [m.delta.new_element for m in messages if m.WhichOneof("type") == "delta"]
    again = [m.auto_rerun.interval for m in messages if m.WhichOneof("type") == "auto_rerun"]
    is_waiting = waiting.EVERY in again  # who else is here is looked at less often, on every page
    faults = tuple(
        e.alert.body if e.WhichOneof("type") == "alert" else e.exception.message
        for e in elements
        if (e.WhichOneof("type") == "alert" and e.alert.format == e.alert.ERROR)
        or e.WhichOneof("type") == "exception"
    )
    moves = tuple(move for e in elements for move in _moves(e))
    return Seen(seconds, n_bytes, is_waiting, faults, moves)


def _moves(element: Any) -> Iterator[WidgetState]:  # noqa: ANN401 (a protobuf element)
    """The states that a control of the view can be put into."""
    kind = element.WhichOneof("type")
    if kind not in ("button_group", "selectbox", "button"):
        return
    control = getattr(element, kind)
    key = control.id.split("-", 2)[-1]
    if not key.startswith(VIEWS) or control.disabled:
        return
    if kind == "button":
        yield WidgetState(id=control.id, trigger_value=True)
    elif kind == "selectbox":
        for option in control.options:
            yield WidgetState(id=control.id, string_value=option)
    else:
        for option in control.options:
            state = WidgetState(id=control.id)
            state.string_array_value.data.append(option.content)
            yield state
