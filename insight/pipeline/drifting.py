"""How a file differs from last time, in the words of the screen."""

from __future__ import annotations

from insight.clean import Drift, Proposal

_SINCE = "和上次的列不一样"


def told(drift: Drift) -> tuple[str, ...]:
    """One sentence each for the columns that are called differently, gone, and new; empty without drift."""
    renamed = [f"“{was}”→“{now}”" for now, was in drift.renamed.items()]
    gone = [f"{c}（上次用到）" if c in drift.lost else c for c in drift.missing]
    said = {"改名的列": renamed, "缺少的列": gone, "新增的列": list(drift.new)}
    return tuple(f"{what}：{'、'.join(names)}。" for what, names in said.items() if names)


def noticed(name: str, proposal: Proposal) -> str:
    """How a file differs from what it is mapped by, as a step of the import."""
    return f"“{name}”{_SINCE}（“{proposal.own}”）：{''.join(told(proposal.drift))}"


def is_notice(step: str) -> bool:
    """Whether a step of the import tells how a file differs from last time."""
    return _SINCE in step
