"""Raw table to proposal to typed canonical table, with every dropped or changed line listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from insight.clean.cleaned import Cleaned
from insight.clean.proposal import Proposal, known_roles, with_roles
from insight.clean.propose import propose

__all__ = ["Cleaned", "Proposal", "known_roles", "propose", "with_roles"]
