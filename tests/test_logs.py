"""Logs and tracebacks show no personal data."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import pytest
from uvicorn.logging import AccessFormatter

from insight.logs import redact

ROOT = Path(__file__).parents[1]
PHONE = "13812345678"


@pytest.fixture
def heard():
    """A log with a handler that was there before."""
    out = io.StringIO()
    log, handler = logging.getLogger("heard"), logging.StreamHandler(out)
    log.addHandler(handler)
    before, hook, thread_hook = logging.getLogRecordFactory(), sys.excepthook, threading.excepthook
    redact()
    yield log, out
    logging.setLogRecordFactory(before)
    logging.captureWarnings(capture=False)
    sys.excepthook, threading.excepthook = hook, thread_hook
    log.removeHandler(handler)


def test_a_number_in_a_message_or_its_arguments_is_masked(heard):
    log, out = heard
    log.warning("phone %s of a@b.cn", PHONE)
    assert out.getvalue() == "phone 138****5678 of ***@***\n"


def test_a_traceback_is_masked_and_still_says_where(heard):
    log, out = heard
    try:
        int(f"x{PHONE} {PHONE}")
    except ValueError:
        log.exception("failed")
    assert "test_a_traceback_is_masked" in out.getvalue()
    assert "ValueError" in out.getvalue()
    assert f" {PHONE}" not in out.getvalue()


def test_what_ends_a_process_is_masked():
    code = f"from insight.logs import redact; redact(); raise KeyError('{PHONE}')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 1
    assert "KeyError: '138****5678'" in done.stderr
    assert PHONE not in done.stderr


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (f"/segments?phone={PHONE}", "/segments?phone=138****5678"),
        ("/segments?who=wang%40mail.cn", "/segments?who=***@***"),
        (f"/once/x/%2B86%20{PHONE}.csv", "138****5678"),
        ("/segments?study=demo&q=%E7%89%9B", "/segments?study=demo&q=%E7%89%9B"),
    ],
)
def test_the_lines_of_the_web_server_show_no_number_of_an_address(heard, address, shown):
    """Its formatter takes the arguments of a record and never asks for the message."""
    log, out = heard
    log.handlers[-1].setFormatter(AccessFormatter('"%(request_line)s" %(status_code)s', use_colors=False))  # fmt: skip
    log.warning('%s - "%s %s HTTP/%s" %d', "127.0.0.1:1", "GET", address, "1.1", 200)
    assert shown in out.getvalue()
    assert PHONE not in out.getvalue()


def test_a_warning_goes_to_the_log_and_is_masked(heard):
    _, out = heard
    log = logging.getLogger("py.warnings")
    handler = logging.StreamHandler(out)
    log.addHandler(handler)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            logging.captureWarnings(capture=False)
            logging.captureWarnings(capture=True)
            warnings.warn(f"odd value {PHONE}", stacklevel=1)
    finally:
        log.removeHandler(handler)
    assert "odd value 138****5678" in out.getvalue()
    assert f"value {PHONE}" not in out.getvalue()


def test_what_ends_a_thread_is_masked():
    code = f"from insight.logs import redact; import threading; redact(); t = threading.Thread(target=lambda: {{}}['{PHONE}']); t.start(); t.join()"  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)  # fmt: skip
    assert "KeyError: '138****5678'" in done.stderr
    assert f"'{PHONE}'" not in done.stderr
