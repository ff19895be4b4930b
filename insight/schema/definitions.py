"""What the purchase groups of a study are: the recorded definitions and the names of their scores."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from insight.schema.audiences import Audience
from insight.schema.matching import Weighting


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
    banners : name -> the breaks of a saved banner, "rfm × Q2" for nested ones
    names : scheme ("eight", "eleven") -> edited groups, most valuable first
    audiences : named rules, each of which is a break
    weighting : whom the respondents stand for; their weights are made by it already
    """

    model_config = ConfigDict(frozen=True)

    rfm: dict[str, object] = {}
    high_ticket: dict[str, object] = {}
    clusters: dict[str, object] = {}
    lifecycle: dict[str, object] = {}
    banners: dict[str, tuple[str, ...]] = {}
    names: dict[str, tuple[NamedGroup, ...]] = {}
    audiences: tuple[Audience, ...] = ()
    weighting: Weighting = Weighting()
