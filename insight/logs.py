"""What reaches a log holds no personal data, whoever writes it: every record is masked where it is made."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from types import TracebackType
from typing import Any
from urllib.parse import unquote


class _Masked(logging.LogRecord):
    """A record whose message, arguments and traceback are masked before any handler sees them.

    A handler may write the arguments without asking for the message, as the web server does with addresses.
    """

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 (whatever logging gives)
        super().__init__(*args, **named)
        if isinstance(self.args, tuple):
            self.args = tuple(_of_address(one) if isinstance(one, str) else one for one in self.args)  # fmt: skip
        if self.stack_info:
            self.stack_info = _masked(self.stack_info)

    def getMessage(self) -> str:  # noqa: N802 (the name that logging calls)
        """The message with its arguments, masked."""
        if self.exc_info and not self.exc_text:
            self.exc_text = _masked("".join(traceback.format_exception(*self.exc_info)))
        return _masked(super().getMessage())


def redact() -> None:
    """From here on no log, no warning and no traceback of this process shows a phone number or the like."""
    logging.setLogRecordFactory(_Masked)
    logging.captureWarnings(capture=True)
    sys.excepthook = _told
    threading.excepthook = _told_of_thread


def _told(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
    sys.stderr.write(_masked("".join(traceback.format_exception(kind, error, where))))


def _told_of_thread(failed: threading.ExceptHookArgs) -> None:
    if failed.exc_value is not None and failed.exc_type is not SystemExit:
        _told(failed.exc_type, failed.exc_value, failed.exc_traceback)


def _of_address(text: str) -> str:
    """A text, or an address whose signs are written as %40, masked."""
    plain = unquote(text)
    hidden = _masked(plain)
    return hidden if hidden != plain else text


def _masked(text: str) -> str:
    """Loaded where something is said, so that the start does not wait for the tables that masking knows."""
    from insight.masking import mask

    return mask(text)
