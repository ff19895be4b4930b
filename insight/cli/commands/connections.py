"""python -m insight connections: the databases and lakes that are configured, without their addresses."""

from __future__ import annotations

import argparse

from insight import pipeline
from insight.cli.parsing import Command, Say


def arguments(_: argparse.ArgumentParser) -> None:
    """There is nothing to choose."""


def act(_: argparse.Namespace, say: Say) -> int:
    known = pipeline.connections()
    for name, label in known.items():
        say(f"{name:18}{label}")
    if not known:
        say(
            "还没有配置数据连接：设置环境变量 INSIGHT_CONNECTIONS__名称，或写在 .streamlit/secrets.toml 的 [connections.名称] url 里。"
        )
    return 0


COMMAND = Command("connections", "列出配置好的数据库和数据湖", arguments, act)
