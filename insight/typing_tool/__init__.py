"""The typing tool: the purchase segment of people who are in no order, as far as their answers tell it."""

from __future__ import annotations

from insight.typing_tool.carried import carried
from insight.typing_tool.features import TITLE, Features, encoded
from insight.typing_tool.learning import Typed, typed

__all__ = ["TITLE", "Features", "Typed", "carried", "encoded", "typed"]
