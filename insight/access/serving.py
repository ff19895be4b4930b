"""Where the server may listen, and whose word it takes for who asks."""

from __future__ import annotations

import os
from ipaddress import ip_address

from insight.errors import UnsafeServing
from insight.settings import settings

Peer = tuple[str, int] | None
_BELIEVED = "127.0.0.1"  # whose X-Forwarded-For the web server (uvicorn) believes, unless it is told otherwise


def is_behind_proxy() -> bool:
    """Whether a proxy says who asks."""
    return settings().mode == "team" and bool(settings().trusted_header)


def refuse_unsafe(address: str | None, *, has_provider: bool, has_admin: bool) -> None:
    """Go on only where the server, listening on ``address`` (None: all), lets no stranger in.

    Parameters
    ----------
    has_provider : whether an identity provider is configured
    has_admin : whether anybody can give roles

    Raises
    ------
    UnsafeServing : with what to change.
    """
    if settings().mode == "local":
        if not is_own(address or "0.0.0.0"):
            raise UnsafeServing(
                f"本机模式没有登录，不能在 {address or '0.0.0.0'} 上对外服务。",
                "自己用：把 server.address 设为 127.0.0.1；几个人用：设置 INSIGHT_MODE=team 并配置登录。",
            )
        return
    if is_behind_proxy() and not settings().trusted_proxy:
        raise UnsafeServing(
            "设置了 INSIGHT_TRUSTED_HEADER，但没有说明代理的地址，谁都能冒充别人。",
            "请把 INSIGHT_TRUSTED_PROXY 设为代理的地址，例如 127.0.0.1。",
        )
    if not is_behind_proxy() and not has_provider:
        raise UnsafeServing(
            "团队模式还没有配置登录。",
            "请在 .streamlit/secrets.toml 写 [auth] 一节，或让代理登录并设置 INSIGHT_TRUSTED_HEADER。",
        )
    if not has_admin:
        raise UnsafeServing(
            "还没有管理员，没有人能给成员授权。", "请把 INSIGHT_ADMIN 设为第一位管理员的邮箱。"
        )


def is_own(host: str) -> bool:
    """Whether a host, or a peer, is this machine; what is no address came over no network."""
    if host == "localhost":
        return True
    try:
        told = ip_address(host)
    except ValueError:
        return not host or host == "testclient"
    return told.is_loopback or bool(getattr(told, "ipv4_mapped", None) and told.ipv4_mapped.is_loopback)  # type: ignore[union-attr]  # fmt: skip


def is_stranger(peer: Peer, *, forwarded: str = "") -> bool:
    """Whether a request to a server without sign-in comes from another machine, perhaps through a proxy on this one.

    Parameters
    ----------
    forwarded : whom the request says it was forwarded for, "" where nobody
    """
    hosts = [one.strip() for one in forwarded.split(",") if one.strip()]
    return not all(is_own(host) for host in [*hosts, *(peer[:1] if peer else ())])


def is_proxy(peer: Peer, *, forwarded: str = "") -> bool:
    """Whether a request comes straight from the trusted proxy.

    The web server puts the address that a proxy at 127.0.0.1 forwards for, with port 0, in the place of the
    proxy's own. A peer that names its own address as forwarded for could be either, and is not believed; nor is
    anybody where the web server takes that word from other machines, too.
    """
    if peer is None:
        return False
    trusted = {one.strip() for one in settings().trusted_proxy.split(",")}
    host, port = peer
    if port == 0:  # no connection has it
        return "FORWARDED_ALLOW_IPS" not in os.environ and _BELIEVED in trusted
    return host in trusted and not any(_names(one.strip(), host) for one in forwarded.split(","))


def _names(entry: str, host: str) -> bool:
    """Whether an entry of X-Forwarded-For is this host, perhaps with a port."""
    return entry == host or entry.startswith((f"{host}:", f"[{host}]"))
