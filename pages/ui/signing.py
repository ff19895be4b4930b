"""Who works here: the person behind this browser, the page that asks them to sign in, and signing out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

import streamlit as st
from starlette.requests import HTTPConnection

from insight import access
from insight.access import EVERYWHERE, ROLE_LABELS, Actor, Identity, Right, Role, Rows
from insight.errors import NotSignedIn
from insight.settings import settings
from pages.ui.places import Place
from pages.ui.words import md_text

COOKIE = "insight_session"
SYSTEM = Actor("系统", "admin")
_STUDY = "signed:study"  # id of the study that this browser works on
_PERSON, _NAME = "signed:person", "signed:name"
_ROLES = "signed:roles"  # as they stood when this run of the page began
_ROWS = "signed:rows"  # id of a study -> the row rule that it was seen with
T = TypeVar("T")


def is_asked() -> bool:
    """Whether this server asks who somebody is."""
    return settings().mode == "team"


def identity() -> Identity:
    """Whoever sits at this browser.

    Raises
    ------
    NotSignedIn : nobody, or somebody whose session is over.
    """
    told = st.context.headers
    if access.is_behind_proxy():
        return access.named_by_proxy(told.get(settings().trusted_header, ""))
    if not st.user.get("is_logged_in"):
        raise NotSignedIn
    found = access.identified(st.user.to_dict())
    token, agent = st.context.cookies.get(COOKIE, ""), told.get("User-Agent", "")
    if not access.take_up(token, login=found.login, person=found.person, agent=agent):
        raise NotSignedIn("登录已经失效。")
    return found


@contextmanager
def entered(*, closed: Callable[[], object]) -> Iterator[None]:
    """Everything inside is done by whoever is signed in; for anybody else the page ends with the way in.

    Parameters
    ----------
    closed : called first where the page ends
    """
    if not is_asked():
        yield
        return
    try:
        found = identity()
    except NotSignedIn as error:
        closed()
        _ask(error)
        st.stop()
    _is_another(found)
    given = access.roles_of(found.person)
    if not given:
        closed()
        _wait(found)
        st.stop()
    st.session_state[_ROLES] = given
    with access.acting(Actor(found.person, given.get(EVERYWHERE))):
        yield


def _is_another(found: Identity) -> None:
    """Where somebody else sat at this browser before, forget everything that was theirs."""
    if st.session_state.get(_PERSON) == found.person:
        return
    if _PERSON in st.session_state:
        st.session_state.clear()
    st.session_state[_PERSON], st.session_state[_NAME] = found.person, found.name
    access.met(found.person, found.name)


def _sees_otherwise(study: str, rows: Rows | None) -> None:
    """Where the person saw other customers of a study before, forget everything that was worked out."""
    told = st.session_state.get(_ROWS, {})
    if study in told and told[study] != rows:
        for name in [one for one in st.session_state if not str(one).startswith("signed:")]:
            del st.session_state[name]
    st.session_state[_ROWS] = {**told, study: rows}


@contextmanager
def working_on(study: str) -> Iterator[None]:
    """Everything inside is done with the role that the person has in this study (its id)."""
    if not is_asked():
        yield
        return
    me, role = access.actor().name, access.role_in(st.session_state[_ROLES], study)
    rows = access.rows_of(me, study)
    _sees_otherwise(study, rows)
    st.session_state[_STUDY] = study
    with access.acting(Actor(me, role, rows=rows)):
        yield


def here() -> Actor:
    """Whoever works here, also where a part of a page runs alone; nobody has no rights."""
    if not is_asked() or access.named():
        return access.actor()
    try:
        found = identity()
    except NotSignedIn:
        return Actor("", None)
    study = st.session_state.get(_STUDY, EVERYWHERE)
    return Actor(found.person, access.role_of(found.person, study), rows=access.rows_of(found.person, study))  # fmt: skip


def signed(work: Callable[..., T], *, is_callback: bool = False) -> Callable[..., T | None]:
    """``work`` as a part of a page that runs without the page around it: only while somebody is signed in.

    Parameters
    ----------
    is_callback : the page runs after it anyway; else it is told to, so that it asks for the sign-in
    """

    @wraps(work)
    def run(*args: Any, **named: Any) -> T | None:  # noqa: ANN401 (whatever the part takes)
        me = here()
        if me.role is not None:
            with access.acting(me):
                return work(*args, **named)
        if not is_callback and not access.named():
            st.rerun()
        return None

    return run


def role_everywhere() -> Role | None:
    """The role of whoever works here in what is about the whole server."""
    return st.session_state[_ROLES].get(EVERYWHERE) if is_asked() else access.actor().role


def could(right: Right) -> bool:
    """Whether whoever works here has a right in any study at all."""
    if not is_asked():
        return True
    return any(access.has(role, right) for role in st.session_state[_ROLES].values())


def sees_in_part(study: str) -> bool:
    """Whether whoever works here may see only some customers of a study (its id)."""
    return is_asked() and access.rows_of(access.actor().name, study) is not None


def opens(place: Place) -> bool:
    """Whether a page opens in the chosen study: by its right, and by the customers that whoever works here may see."""
    me = here()
    return access.has(me.role, place.right) and (me.rows is None or place.in_part)


def seen(study: str) -> bool:
    """Whether whoever works here may know of a study (its id)."""
    return not is_asked() or access.role_in(st.session_state[_ROLES], study) is not None


def holder() -> str:
    """A mark of whoever is offered a file now; only a request with the same mark gets it."""
    if access.is_behind_proxy():
        return access.named_by_proxy(st.context.headers.get(settings().trusted_header, "")).person
    return access.hashed(st.context.cookies.get(COOKIE, "")) if is_asked() else ""


def holder_of(request: HTTPConnection) -> str:
    """The mark of whoever sends a request."""
    if access.is_behind_proxy():
        return access.named_by_proxy(request.headers.get(settings().trusted_header, "")).person
    return access.hashed(request.cookies.get(COOKIE, "")) if is_asked() else ""


def badge() -> None:
    """Who is signed in, and the way out."""
    if not is_asked():
        return
    me, name = here(), st.session_state[_NAME]
    role = ROLE_LABELS[me.role] if me.role else "按研究授权"
    with st.popover(f"{md_text(name)}｜{role}", icon=":material/account_circle:", type="tertiary"):
        st.markdown(md_text(me.name))
        if not access.is_behind_proxy():
            st.button("退出", key="signed:out", icon=":material/logout:", on_click=_leave)  # fmt: skip


def _leave() -> None:
    access.end(access.hashed(st.context.cookies.get(COOKIE, "")))
    st.session_state.clear()
    st.logout()


def _ask(why: NotSignedIn) -> None:
    """The page that asks for the sign-in."""
    with st.container(horizontal_alignment="center"), st.container(border=True, width=440):
        st.title("请先登录", anchor=False)
        st.markdown("这里有客户的订单、答卷和原话，只给有权限的同事看。")
        if st.user.get("is_logged_in") or access.is_behind_proxy():
            st.warning(md_text(str(why)), icon=":material/lock_clock:")
        for provider, label in _providers():
            if st.button(label, type="primary", width="stretch", icon=":material/login:", key=f"sign:{provider}"):  # fmt: skip
                st.login(provider or None)


def provider() -> Mapping[str, Any]:
    """What the secrets say about the identity provider; {}: nothing."""
    return st.secrets.get("auth", {}) if st.secrets.load_if_toml_exists() else {}


def _providers() -> list[tuple[str, str]]:
    """Name and label of every identity provider that is configured."""
    if access.is_behind_proxy():
        return []
    section = provider()
    named = [name for name, value in section.items() if hasattr(value, "items")]
    own = [("", "用公司账号登录")] if "client_id" in section else []
    return own + [(name, f"用 {name} 登录") for name in named if "client_id" in section[name]]


def _wait(found: Identity) -> None:
    """The page for somebody whom nobody has given a role yet."""
    if not st.session_state.get("signed:told"):
        access.noted("refuse", who=found.person, right="view")
        st.session_state["signed:told"] = True
    with st.container(horizontal_alignment="center"), st.container(border=True, width=440):
        st.title("等待授权", anchor=False)
        st.markdown(f"您已登录为 **{md_text(found.name)}**（{md_text(found.person)}），还没有任何研究的权限。")  # fmt: skip
        st.markdown("请管理员在“管理·成员”里给您一个角色，然后刷新本页。")
        if not access.is_behind_proxy():
            st.button("换一个账号", key="signed:out", icon=":material/logout:", on_click=_leave)
