"""What the purchase groups of a study are: the recorded definitions and the names of their scores."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class NamedGroup(BaseModel):
    """One group of an RFM map.

    Attributes
    ----------
    codes : patterns of R, F and M parted by spaces: "555", "[4-5]5*"
    """

    model_config = ConfigDict(frozen=True)

    name: str
    codes: str


class Definitions(BaseModel):
    """What every page means by an RFM group, a high-ticket customer, a cluster and a stage; empty = the defaults.

    Attributes
    ----------
    rfm, high_ticket, clusters, lifecycle : recorded parameters of the analyses of that name
    names : scheme ("eight", "eleven") -> edited groups, most valuable first
    """

    model_config = ConfigDict(frozen=True)

    rfm: dict[str, object] = {}
    high_ticket: dict[str, object] = {}
    clusters: dict[str, object] = {}
    lifecycle: dict[str, object] = {}
    names: dict[str, tuple[NamedGroup, ...]] = {}
