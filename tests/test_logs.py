"""Logs and tracebacks show no personal data."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from insight.logs import redact

ROOT = Path(__file__).parents[1]
PHONE = "13812345678"


@pytest.fixture
def heard():
    """A log with a handler that was there before."""
    out = io.StringIO()
    log, handler = logging.getLogger("heard"), logging.StreamHandler(out)
    log.addHandler(handler)
    before, hook = logging.getLogRecordFactory(), sys.excepthook
    redact()
    yield log, out
    logging.setLogRecordFactory(before)
    sys.excepthook = hook
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
