"""Who may do what: roles and rights, sessions that outlive no sign-out, the log of both, and where a server may listen."""

from __future__ import annotations

import inspect
import json
import sqlite3

import child_work
import pytest

from insight import access, chain, cli, durable, pipeline, worker
from insight import study as store
from insight.access import EVERYWHERE, Actor
from insight.errors import (
    BadMember,
    Conflict,
    InsightError,
    LastAdmin,
    NewerMembers,
    NotAllowed,
    NotSignedIn,
    UnsafeServing,
)
from insight.pipeline import jobs
from insight.schema import Decisions
from insight.settings import settings

AGENT, NOON = "Chrome", 1_700_000_000.0
HOUR, MINUTE = 3600.0, 60.0
BOSS = Actor("boss@example.com", "admin")
ANSWERS = "序号,1、您的性别,2、总体满意度（1-5分）\n" + "".join(f"{n},{'男' if n % 2 else '女'},{1 + n % 5}\n" for n in range(40))  # fmt: skip
_GIVEN = {
    "key": "rfm",
    "chosen": {},
    "roles": {},
    "uploads": (),
    "parent": 1,
    "index": 0,
    "with_key": False,
    "changes": Decisions(),
}
"""Arguments of jobs that are not text."""


@pytest.fixture
def team(tmp_path, monkeypatch):
    """Settings of a server for a team, with its own folder; further settings by keyword."""

    def set_to(**named: str) -> None:
        told = {"mode": "team", "studies_dir": str(tmp_path), "admin": "boss@example.com"} | named
        for name, value in told.items():
            monkeypatch.setenv(f"INSIGHT_{name.upper()}", value)
        settings.cache_clear()

    set_to()
    yield set_to
    monkeypatch.undo()
    settings.cache_clear()


def begun(*, login: str = "first", person: str = "li@example.com", now: float = NOON) -> str:
    """The token of somebody who signed in."""
    token = access.begin(AGENT, now=now)
    assert access.take_up(token, login=login, person=person, agent=AGENT, now=now)
    return token


def seen(token: str, *, login: str = "first", agent: str = AGENT, now: float = NOON) -> bool:
    return access.take_up(token, login=login, person="li@example.com", agent=agent, now=now)


@pytest.mark.parametrize(
    ("role", "rights"),
    [
        (None, set()),
        ("viewer", {"view", "export_aggregate"}),
        ("analyst", {"view", "export_aggregate", "export_rows"}),
        ("admin", {"view", "export_aggregate", "export_rows", "export_pii", "manage"}),
    ],
)
def test_each_role_has_its_rights_and_no_other(role, rights):
    assert {right for right in access.RIGHT_LABELS if access.has(role, right)} == rights


def test_on_ones_own_machine_everything_is_allowed():
    for right in access.RIGHT_LABELS:
        access.demand(right)


@pytest.mark.usefixtures("team")
def test_on_a_teams_server_work_that_nobody_signed_in_for_has_no_right():
    with pytest.raises(NotAllowed):
        access.demand("view")


def test_a_viewer_can_change_nothing_whatever_the_page_shows(study):
    with access.acting(Actor("li@example.com", "viewer")):
        with pytest.raises(NotAllowed, match="查看者"):
            pipeline.set_codebook(study, pipeline.starter_codebook())
        with pytest.raises(NotAllowed):
            pipeline.new(study.path.with_name("another"))
        with pytest.raises(NotAllowed):
            pipeline.backup(study, study.path.with_name("copy.zip"))
        with pytest.raises(NotAllowed):
            pipeline.forget(study, "phone", "13800138000")


def test_what_somebody_does_carries_their_name(study):
    with access.acting(Actor("wang@example.com", "analyst")):
        pipeline.set_codebook(study, pipeline.starter_codebook())
    assert store.head(study).author == "wang@example.com"
    assert store.audit(study)[-1].who == "wang@example.com"


@pytest.mark.usefixtures("team")
def test_a_child_acts_for_its_caller_with_the_callers_rights():
    with access.acting(Actor("li@example.com", "viewer")):
        assert worker.call(child_work.acts, about="x") == ("li@example.com", "viewer")
        assert worker.start(
            lambda *_: access.actor(), about="x", read=lambda who: who
        ).result() == Actor("li@example.com", "viewer")
    assert worker.call(child_work.acts, about="x")[1] is None


@pytest.mark.usefixtures("team")
def test_a_role_in_one_study_comes_before_the_role_everywhere():
    with access.acting(BOSS):
        access.grant("Li@Example.com ", "viewer", by="boss")
        access.grant("li@example.com", "analyst", study="s1", by="boss")
    assert access.role_of("li@example.com", "s1") == "analyst"
    assert access.role_of("li@example.com", "s2") == "viewer"
    assert access.role_of("nobody@example.com", "s1") is None


@pytest.mark.usefixtures("team")
def test_whoever_loses_the_role_everywhere_loses_every_role_and_session():
    token = begun()
    with access.acting(BOSS):
        access.grant("li@example.com", "viewer", by="boss")
        access.grant("li@example.com", "analyst", study="s1", by="boss")
        access.withdraw("li@example.com", by="boss")
    assert access.roles_of("li@example.com") == {}
    assert not access.is_live(token, agent=AGENT, now=NOON)


def test_the_last_administrator_stays(team):
    with access.acting(BOSS):
        access.grant("a@example.com", "admin", by="boss")
    team(admin="")
    with access.acting(Actor("a@example.com", "admin")):
        with pytest.raises(LastAdmin):
            access.grant("a@example.com", "viewer", by="boss")
        with pytest.raises(LastAdmin):
            access.withdraw("a@example.com", by="boss")
        access.grant("b@example.com", "admin", by="boss")
        access.withdraw("a@example.com", by="boss")
    assert [one.person for one in access.members()] == ["b@example.com"]


@pytest.mark.usefixtures("team")
def test_the_administrator_of_the_settings_cannot_be_changed_in_the_app():
    assert access.role_of("boss@example.com", "any") == "admin"
    with access.acting(BOSS), pytest.raises(BadMember, match="INSIGHT_ADMIN"):
        access.grant("boss@example.com", "viewer", by="x")


@pytest.mark.usefixtures("team")
@pytest.mark.parametrize("name", ["", "li wang@example.com", "a@b@c", "<script>"])
def test_what_is_no_address_gets_no_role(name):
    with access.acting(BOSS), pytest.raises(BadMember):
        access.grant(name, "viewer", by="boss")


@pytest.mark.usefixtures("team")
def test_only_an_administrator_gives_roles():
    with access.acting(Actor("li@example.com", "analyst")), pytest.raises(NotAllowed):
        access.grant("li@example.com", "admin", by="li@example.com")


@pytest.mark.usefixtures("team")
def test_a_copied_cookie_is_dead_after_signing_out():
    token = begun()
    assert seen(token)
    access.end(access.hashed(token), now=NOON)
    assert not seen(token)
    assert not access.is_live(token, agent=AGENT, now=NOON)


@pytest.mark.usefixtures("team")
def test_a_sign_in_that_is_over_gets_no_second_session():
    access.end(access.hashed(begun()), now=NOON)
    fresh = access.begin(AGENT, now=NOON)
    assert not seen(fresh)


@pytest.mark.usefixtures("team")
def test_a_session_is_of_one_sign_in_one_person_and_one_kind_of_browser():
    token = begun()
    assert not seen(token, login="another")
    assert not access.take_up(token, login="first", person="b@example.com", agent=AGENT, now=NOON)
    assert not seen(token, agent="Firefox")
    assert not seen("made up")


@pytest.mark.usefixtures("team")
def test_a_session_nobody_took_up_opens_nothing_and_waits_five_minutes():
    token = access.begin(AGENT, now=NOON)
    assert not access.is_live(token, agent=AGENT, now=NOON)
    assert not seen(token, now=NOON + 301)


def test_a_session_ends_after_its_hours_and_when_it_stands_idle(team):
    team(session_hours="12", idle_minutes="120")
    busy = begun()
    for hour in range(1, 12):
        assert seen(busy, now=NOON + hour * HOUR)
    assert not seen(busy, now=NOON + 12 * HOUR + 1)
    idle = begun(login="second")
    assert seen(idle, login="second", now=NOON + 119 * MINUTE)
    assert not seen(idle, login="second", now=NOON + (119 + 121) * MINUTE)


@pytest.mark.usefixtures("team")
def test_the_register_holds_no_token_in_the_clear():
    token = begun()
    assert not any(token.encode() in f.read_bytes() for f in (settings().studies_dir / ".access").iterdir())  # fmt: skip


@pytest.mark.usefixtures("team")
def test_signed_in_are_those_whose_session_lives():
    here, gone = begun(), begun(login="second")
    access.end(access.hashed(gone), by="boss", now=NOON)
    assert [one.id for one in access.signed_in(now=NOON)] == [access.hashed(here)]


@pytest.mark.usefixtures("team")
def test_the_log_tells_who_came_went_was_refused_and_got_a_role():
    first, second = begun(), begun(login="second")
    access.end(access.hashed(first), now=NOON)
    access.end(access.hashed(second), by="boss", now=NOON)
    access.noted("refuse", who="li@example.com", right="manage")
    with access.acting(BOSS):
        access.grant("li@example.com", "viewer", by="boss")
        access.withdraw("li@example.com", by="boss")
    acts = [(one.act, one.who) for one in access.log()]
    li, boss = "li@example.com", "boss"
    assert acts == [
        ("sign_in", li), ("sign_in", li), ("sign_out", li), ("end", boss), ("refuse", li), ("grant", boss), ("withdraw", boss),
    ]  # fmt: skip
    assert access.broken_line() is None


@pytest.mark.usefixtures("team")
def test_the_log_cannot_be_rewritten_and_a_line_that_was_is_found():
    begun()
    access.noted("refuse", who="li@example.com", right="manage")
    file = settings().studies_dir / ".access" / "access.db"
    with durable.connected(file) as db:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            db.execute("UPDATE audit SET who = 'x'")
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            db.execute("DELETE FROM audit")
        db.execute("DROP TRIGGER audit_is_not_rewritten")
        db.execute("UPDATE audit SET who = 'somebody@example.com' WHERE id = 2")
    assert access.broken_line() == 2


def test_a_chain_finds_a_line_that_is_missing():
    db = sqlite3.connect(":memory:")
    db.execute(chain.TABLE[0])
    for number in range(3):
        chain.note(db, "x", who="a", what={"n": number})
    assert chain.broken(chain.lines(db)) is None
    db.execute("DELETE FROM audit WHERE id = 2")
    assert chain.broken(chain.lines(db)) == 2
    db.close()


@pytest.mark.usefixtures("team")
def test_a_register_of_a_newer_version_is_refused_with_a_sentence():
    file = settings().studies_dir / ".access" / "access.db"
    file.parent.mkdir()
    with durable.connected(file) as db:
        db.execute("PRAGMA user_version=99")
    with pytest.raises(NewerMembers, match="升级"):
        access.log()


CLAIMS = {"iss": "https://id", "sub": "7", "iat": 1, "nonce": "n", "email": "Li@Example.com", "name": "李"}  # fmt: skip


def test_a_person_is_whom_the_verified_address_names():
    found = access.identified(CLAIMS)
    assert (found.person, found.name) == ("li@example.com", "李")


@pytest.mark.parametrize("change", [{"nonce": "m"}, {"iat": 2}, {"sub": "8"}, {"iss": "https://x"}])
def test_another_sign_in_is_another_login(change):
    assert access.identified(CLAIMS | change).login != access.identified(CLAIMS).login
    assert access.identified(dict(CLAIMS)).login == access.identified(CLAIMS).login


@pytest.mark.parametrize(
    "change", [{"email": ""}, {"email_verified": False}, {"email_verified": "false"}, {"email": "x y"}]
)  # fmt: skip
def test_an_address_that_is_missing_unverified_or_none_signs_nobody_in(change):
    with pytest.raises(NotSignedIn):
        access.identified(CLAIMS | change)


def test_another_claim_may_name_the_person(team):
    team(person_claim="preferred_username")
    assert access.identified({"preferred_username": "Li.Wang"}).person == "li.wang"


@pytest.mark.parametrize("address", [None, "", "0.0.0.0", "192.168.1.5", "::", "intranet"])
def test_without_sign_in_nothing_is_served_to_others(address):
    with pytest.raises(UnsafeServing, match="本机模式"):
        access.refuse_unsafe(address, has_provider=False, has_admin=True)


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_without_sign_in_the_own_machine_is_served(address):
    access.refuse_unsafe(address, has_provider=False, has_admin=True)


@pytest.mark.parametrize(
    ("named", "has_provider", "has_admin", "lacks"),
    [
        ({}, False, True, "登录"),
        ({}, True, False, "INSIGHT_ADMIN"),
        ({"trusted_header": "X-Forwarded-User"}, True, True, "INSIGHT_TRUSTED_PROXY"),
    ],
)
def test_a_teams_server_does_not_start_half_configured(team, named, has_provider, has_admin, lacks):
    team(**named)
    with pytest.raises(UnsafeServing, match=lacks):
        access.refuse_unsafe("0.0.0.0", has_provider=has_provider, has_admin=has_admin)


@pytest.mark.parametrize(
    ("peer", "forwarded", "is_stranger"),
    [
        (("127.0.0.1", 5), "", False),
        (("::1", 5), "", False),
        (None, "", False),
        (("10.0.0.7", 5), "", True),
        (("10.0.0.7", 0), "10.0.0.7", True),  # a proxy on this machine let it in
        (("127.0.0.1", 5), "10.0.0.7", True),
    ],
)
def test_a_stranger_is_whoever_is_on_another_machine(peer, forwarded, is_stranger):
    assert access.is_stranger(peer, forwarded=forwarded) is is_stranger


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "is_proxy"),
    [
        ("10.0.0.5", ("10.0.0.5", 5), "", True),
        ("10.0.0.5", ("10.0.0.5", 5), "1.2.3.4", True),
        ("10.0.0.5", ("10.0.0.6", 5), "", False),
        ("10.0.0.5", None, "", False),
        ("10.0.0.5", ("10.0.0.5", 5), "10.0.0.5", False),  # named by the request: not the peer
        ("10.0.0.5", ("10.0.0.5", 99), "10.0.0.5:99", False),
        ("127.0.0.1", ("1.2.3.4", 0), "1.2.3.4", True),  # rewritten by the web server
        ("127.0.0.1", ("1.2.3.4", 5), "1.2.3.4", False),  # another machine that names itself
        ("127.0.0.1,10.0.0.5", ("1.2.3.4", 5), "1.2.3.4", False),
        ("10.0.0.5", ("1.2.3.4", 0), "1.2.3.4", False),  # a local proxy that nobody trusts
        ("127.0.0.2", ("127.0.0.2", 0), "127.0.0.2", False),  # 127.0.0.1 that names the proxy
        ("10.0.0.1", ("10.0.0.1", 5), "10.0.0.12", True),  # another address that begins alike
        ("fd00::5", ("fd00::5", 5), "[fd00::5]:80", False),
        ("", ("10.0.0.5", 5), "", False),
    ],
)
def test_only_the_trusted_address_speaks_for_others(team, trusted, peer, forwarded, is_proxy):
    team(trusted_header="X-Forwarded-User", trusted_proxy=trusted)
    assert access.is_proxy(peer, forwarded=forwarded) is is_proxy


def test_where_the_web_server_believes_others_nobody_is_the_proxy(team, monkeypatch):
    team(trusted_header="X-Forwarded-User", trusted_proxy="127.0.0.1")
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    assert not access.is_proxy(("1.2.3.4", 0), forwarded="1.2.3.4")


def test_a_member_who_waits_is_listed_with_the_name_they_signed_in_with(team):
    access.met("li@example.com", "李", now=NOON)
    (boss, li) = access.members()
    assert (boss.person, boss.is_fixed, boss.roles) == ("boss@example.com", True, {EVERYWHERE: "admin"})  # fmt: skip
    assert (li.name, li.seen, li.roles) == ("李", NOON, {})


def test_the_command_line_records_who_works_at_the_terminal(study, monkeypatch, tmp_path):
    import getpass

    monkeypatch.delenv("INSIGHT_AUTHOR", raising=False)
    monkeypatch.setattr(getpass, "getuser", lambda: "wangfang")
    settings.cache_clear()
    orders = tmp_path / "orders.csv"
    orders.write_text("订单号,客户,时间,金额\n1,a,2024-01-01,5\n2,b,2024-01-02,6\n", "utf-8")
    assert cli.main(["add", str(study.path), str(orders)]) == 0
    assert store.head(study).author == "wangfang"


def contested(study) -> InsightError:
    """A change of 李 that 王 forestalled."""
    pipeline.set_codebook(study, pipeline.starter_codebook())
    with pytest.raises(Conflict) as caught:
        pipeline.set_currency(study, "USD", parent=store.head(study).id - 1)
    return caught.value


@pytest.mark.usefixtures("team")
def test_in_a_copy_everybody_has_the_role_they_have_in_the_study(tmp_path):
    """李 made it as its analyst; 赵 may look at this study, change all others, and look at the copy."""
    with access.acting(BOSS):
        study = pipeline.new(tmp_path / "研究")
        for person, role, where in (("li@example.com", "analyst", study.id), ("zhao@example.com", "viewer", study.id), ("zhao@example.com", "analyst", EVERYWHERE), ("sun@example.com", "admin", "另一个")):  # fmt: skip
            access.grant(person, role, study=where, by=BOSS.name)
    n = len(access.log())
    with access.acting(Actor("li@example.com", "analyst")):
        copy = pipeline.save_copy(study, pipeline.read_unsaved(contested(study).unsaved), "副本")
    people = ("li@example.com", "zhao@example.com", "sun@example.com", "boss@example.com")
    assert [access.role_of(one, copy.id) for one in people] == ["analyst", "viewer", None, "admin"]
    assert [(e.act, e.who, e.what["person"]) for e in access.log()[n:]] == [("grant", "li@example.com", one) for one in people[:2]]  # fmt: skip


@pytest.mark.usefixtures("team")
def test_a_viewer_gets_neither_the_job_of_an_analyst_nor_what_it_gave(tmp_path):
    """Both ask with the same key; the rows of the answers are for one of them."""
    analyst, viewer = Actor("wang@example.com", "analyst"), Actor("li@example.com", "viewer")
    with access.acting(analyst):
        study = pipeline.new(tmp_path / "研究")
        pipeline.add(study, ANSWERS.encode(), "答卷.csv")
        job = jobs.sav(study)
        assert job.result()[:4] == b"$FL2"
    with access.acting(viewer):
        with pytest.raises(NotAllowed, match="导出脱敏名单"):
            jobs.sav(study)
        with pytest.raises(NotAllowed, match="导出脱敏名单"):
            job.result()
        assert "responses" in jobs.status(study).result().tables
    with pytest.raises(NotAllowed):
        jobs.status(study)


def test_a_job_of_every_kind_asks_for_its_right_before_it_begins(study, team):
    """Whoever has no role gets no job, whatever arguments it takes."""
    team()
    made = [one for name, one in vars(jobs).items() if inspect.isfunction(one) and one.__module__ == jobs.__name__ and not name.startswith("_")]  # fmt: skip
    asking = [one for one in made if "Job" in str(inspect.signature(one).return_annotation)]
    assert len(asking) >= 14
    for one in asking:
        told = {name: _GIVEN.get(name, "") for name, p in inspect.signature(one).parameters.items() if p.default is p.empty and p.kind is not p.VAR_POSITIONAL}  # fmt: skip
        with pytest.raises(NotAllowed):
            one(**told | ({"study": study} if "study" in told else {}))


def test_members_are_listed_given_and_withdrawn_at_the_terminal(team, tmp_path, capsys):
    with access.acting(BOSS):
        study = pipeline.new(tmp_path / "studies" / "咖啡")
    team(studies_dir=str(tmp_path / "studies"))

    def told(*words: str) -> str:
        assert cli.main(["members", *words]) == 0
        return capsys.readouterr().out

    told("--grant", "Li@Example.com", "分析师")
    told("--grant", "zhao@example.com", "viewer", "--study", str(study.path))
    assert access.role_of("li@example.com") == "analyst"
    assert (access.role_of("zhao@example.com"), access.role_of("zhao@example.com", study.id)) == (None, "viewer")  # fmt: skip
    listed = told().splitlines()
    assert "boss@example.com" in listed[0]
    assert "INSIGHT_ADMIN" in listed[0]
    assert "li@example.com　全部研究：分析师" in listed[1]
    assert "zhao@example.com　咖啡：查看者" in listed[2]
    assert [one["person"] for one in json.loads(told("--json", "--study", str(study.path)))] == ["zhao@example.com"]  # fmt: skip
    told("--withdraw", "li@example.com")
    assert access.role_of("li@example.com") is None
    assert [e.act for e in access.log()] == ["grant", "grant", "withdraw"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("li@example.com", "king"), "没有角色“king”"),
        (("不 是", "viewer"), "不像邮箱或账号"),
        (("boss@example.com", "viewer"), "INSIGHT_ADMIN"),
    ],
)
@pytest.mark.usefixtures("team")
def test_a_wrong_member_or_role_at_the_terminal_is_told(words, sentence, capsys):
    assert cli.main(["members", "--grant", *words]) == 1
    assert sentence in capsys.readouterr().err
