"""python -m insight."""

import io
import sys

from insight.cli import main

for stream in (sys.stdout, sys.stderr):
    if isinstance(stream, io.TextIOWrapper):  # a Chinese Windows writes GBK, which has no ¥
        stream.reconfigure(errors="replace")

sys.exit(main())
