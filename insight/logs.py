"""What reaches a log holds no personal data, whoever writes it: every record is masked where it is made."""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType


class _Masked(logging.LogRecord):
    """A record whose message and traceback are masked before any handler sees them."""

    def getMessage(self) -> str:  # noqa: N802 (the name that logging calls)
        """The message with its arguments, masked."""
        if self.exc_info and not self.exc_text:
            self.exc_text = _masked("".join(traceback.format_exception(*self.exc_info)))
        return _masked(super().getMessage())


def redact() -> None:
    """From here on no log, and no traceback of this process, shows a phone number or the like."""
    logging.setLogRecordFactory(_Masked)
    sys.excepthook = _told


def _told(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
    sys.stderr.write(_masked("".join(traceback.format_exception(kind, error, where))))


def _masked(text: str) -> str:
    """Loaded where something is said, so that the start does not wait for the tables that masking knows."""
    from insight.masking import mask

    return mask(text)
