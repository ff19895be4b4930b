"""Who signed in: the person behind what an identity provider, or a proxy, says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from insight.access.members import normal
from insight.errors import BadMember, NotSignedIn
from insight.settings import settings

_OF_ONE_SIGN_IN = ("iss", "sub", "aud", "iat", "exp", "nonce", "at_hash")


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as the provider tells them.

    Attributes
    ----------
    person : what roles are given to: the e-mail address, in one writing
    name : for the screen
    login : sha256 over what makes this one sign-in; "" behind a proxy, which keeps its own
    """

    person: str
    name: str
    login: str = ""


def identified(claims: Mapping[str, object]) -> Identity:
    """The person that a provider's claims name.

    Raises
    ------
    NotSignedIn : they name nobody, or the address is not verified.
    """
    key = settings().person_claim
    told = str(claims.get(key) or "")
    if key == "email" and str(claims.get("email_verified", True)).casefold() == "false":
        raise NotSignedIn("登录服务没有核实过这个邮箱，不能用它登录。")
    if not told:
        raise NotSignedIn(f"登录服务没有给出“{key}”，不知道您是谁。")
    facts = [str(claims.get(name, "")) for name in _OF_ONE_SIGN_IN]
    login = sha256(json.dumps(facts).encode()).hexdigest()
    return _named(told, str(claims.get("name") or told), login)


def named_by_proxy(told: str) -> Identity:
    """The person that a trusted proxy names in its header (NotSignedIn)."""
    return _named(told, told, "")


def _named(told: str, name: str, login: str) -> Identity:
    try:
        return Identity(normal(told), name, login)
    except BadMember as error:
        raise NotSignedIn("登录服务给出的账号不能用。") from error
