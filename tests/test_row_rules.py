"""A member who may see some customers only: nothing of anybody else comes through any door of the pipeline."""

from __future__ import annotations

import inspect
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from threading import Event

import altair as alt
import polars as pl
import pytest
from pydantic import BaseModel
from team_server import BOSS, team_server

from insight import access, cli, durable, ledger, own_rows, pipeline, worker
from insight import study as store
from insight.access import EVERYWHERE, Actor, register
from insight.analysis import Result
from insight.dataset import Dataset
from insight.errors import (
    BadRows,
    InsightError,
    NoAudiences,
    NoOwnCustomers,
    NotAllowed,
    OnlyOwnCustomers,
    UnknownName,
)
from insight.pipeline import jobs, works
from insight.pipeline.by_right import begun
from insight.pipeline.people import People
from insight.schema.audiences import Audience
from insight.settings import settings
from insight.worker import Job

LI, WANG = "li@example.com", "wang@example.com"
EAST, NORTH = "华东客户", "华北客户"
FOREIGN = "囧"  # a sign that stands in everything that belongs to somebody outside of the rule, and nowhere else
N = 60


def _place(n: int) -> str:
    """Two of three live in the east; nobody knows where the last three live."""
    return "" if n >= N - 3 else "华北" if n % 3 == 0 else "华东"


def _own(n: int) -> bool:
    return _place(n) == "华东"


def _sign(n: int, own: str) -> str:
    return own if _own(n) else f"{FOREIGN}{own}"


ORDERS = "订单号,会员号,下单时间,实付金额,地区,品类,商品\n" + "".join(
    f"{_sign(n, 'D')}{n}-{k},M{n:03},2025-0{1 + (n + k) % 6}-{1 + (7 * n + k) % 28:02} 10:00:00,{20 + 13 * n % 90 + k},{_place(n)},{_sign(n, ('豆', '壶')[k % 2])},{_sign(n, f'货{k}')}\n"
    for n in range(N) for k in range(1 + n % 4)
)  # fmt: skip
ANSWERS = "答卷编号,会员号,1、您的性别,2、您对我们的总体满意度（1-5分）,3、您有多大可能向朋友推荐我们（0-10分）？,4、您还有什么建议？\n" + "".join(
    f"{_sign(n, 'A')}{n},{f'M{n:03}' if n < N else ''},{'男' if n % 2 else '女'},{1 + n % 5},{n % 11},{_sign(n, '')}希望发货再快一些，客服{('很好', '一般')[n % 2]}，第{n}次说\n"
    for n in range(N + 5)
)  # fmt: skip
REVIEWS = "会员号,评价内容,评分,评价时间\n" + "".join(
    f"{f'M{n:03}' if n < N else ''},{_sign(n, '')}包装{('不错', '太差')[n % 2]}，味道也香，回购{n}次,{1 + n % 5},2025-05-{1 + n % 28:02}\n"
    for n in range(N + 5)
)  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Orders, answers and reviews of the same customers, with an audience for each of two regions; nobody changes it."""
    study = pipeline.new(tmp_path_factory.mktemp("rows") / "店")
    for text, name in ((ORDERS, "订单.csv"), (ANSWERS, "答卷.csv"), (REVIEWS, "评价.csv")):
        pipeline.add(study, text.encode(), name)
    for name, place in ((EAST, "华东"), (NORTH, "华北")):
        _save(study, name, f"买过 地区={place}")
    pipeline.set_codebook(study, pipeline.starter_codebook())
    said = pipeline.load(study).texts
    foreign = said.filter(pl.col("text").str.contains(FOREIGN))["text_id"][0]
    pipeline.code_text(study, foreign, [])
    return study


def _save(study, name: str, rule: str, **more) -> None:
    pipeline.save_audience(study, Audience(name=name, rule=pipeline.read_rule(study, rule)), **more)


@pytest.fixture
def spare(study):
    """A study of orders alone that a test may change."""
    pipeline.add(study, ORDERS.encode(), "订单.csv")
    _save(study, EAST, "买过 地区=华东")
    _save(study, NORTH, "买过 地区=华北")
    return study


def only(study, audience: str = EAST, *, person: str = LI) -> Actor:
    return Actor(person, "viewer", rows=pipeline.rows_rule(study, audience))


def _ids(dataset: Dataset) -> set[str]:
    assert dataset.orders is not None
    return set(ledger.customer_table(dataset.orders)["customer_id"])


def _region(study, place: str) -> set[str]:
    """The customers of a region, told by their orders."""
    orders = pipeline.load(study).orders
    lines = ledger.all_lines(orders).select("customer_id", "region").collect().to_native()
    return set(lines.filter(region=place)["customer_id"])


def told(value: object) -> str:
    """Every word in a value, however deep: tables, results, files."""
    return "\n".join(_words(value))


def _words(value: object) -> Iterator[str]:
    for kind, parts in _PARTS:
        if isinstance(value, kind):
            for one in parts(value):
                yield from [one] if isinstance(one, str) else _words(one)
            return
    inside = [getattr(value, f.name) for f in fields(value)] if is_dataclass(value) else [str(value)]  # type: ignore[arg-type]  # fmt: skip
    for one in inside:
        yield from [one] if isinstance(one, str) else _words(one)


def _in_file(data: bytes) -> list[object]:
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return [data.decode("utf-8", "ignore")]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [*archive.namelist(), *(_text(archive.read(name)) for name in archive.namelist())]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "ignore")


def _in_dataset(dataset: Dataset) -> list[object]:
    lazy = ("orders", "events", "memo")
    lines = [] if dataset.orders is None else [ledger.all_lines(dataset.orders).collect().to_native()]  # fmt: skip
    return [getattr(dataset, f.name) for f in fields(dataset) if f.name not in lazy] + lines


_PARTS = (
    (str, lambda v: [v]),
    (bytes, _in_file),
    (Path, lambda v: [v.read_bytes()] if v.is_file() else []),
    (pl.DataFrame, lambda v: [v.write_json()]),
    (alt.TopLevelMixin, lambda v: [json.dumps(v.to_dict(validate=False), ensure_ascii=False, default=str)]),
    (Dataset, _in_dataset),
    (BaseModel, lambda v: [v.model_dump_json()]),
    (Mapping, lambda v: [*v, *v.values()]),
    ((list, tuple, set, frozenset), list),
)  # fmt: skip


def _is_clean(value: object, foreign: set[str]) -> bool:
    words = told(value)
    return FOREIGN not in words and not any(one in words for one in foreign)


def test_a_member_gets_the_orders_answers_and_texts_of_their_customers_counted_by_hand(shop):
    own = [n for n in range(N) if _own(n)]
    with access.acting(only(shop)):
        dataset = pipeline.load(shop)
        status = pipeline.status(shop)
    assert _ids(dataset) == _region(shop, "华东")
    assert len(own) == 38
    assert int(ledger.totals(dataset.orders)["n_orders"]) == sum(1 + n % 4 for n in own)
    assert dataset.responses.height == len(own)
    assert dataset.texts.height == 2 * len(own)  # an open answer and a review each
    assert status.tables == {"orders": sum(1 + n % 4 for n in own), "responses": 38, "texts": 76}
    assert status.n_customers == len(own)
    assert (status.issues, status.keys, status.match_rate) == ((), (), None)
    assert FOREIGN not in told(dataset)
    assert FOREIGN in told(pipeline.load(shop))


def test_customers_are_narrowed_and_their_money_is_that_of_all_customers_in_the_rule(shop):
    """The same figure by the other way to narrow: the audience as a filter of the whole study."""
    by_filter = pipeline.run(shop, "trend", changes={"customers": EAST}).tables["monthly"]
    with access.acting(only(shop)):
        by_rule = pipeline.run(shop, "trend")
    assert by_rule.tables["monthly"]["amount"].sum() == pytest.approx(by_filter["amount"].sum())
    assert by_rule.notes[0] == f"数据范围：只含您能看的客户，即人群“{EAST}”。"


def test_every_field_of_a_dataset_is_narrowed_closed_or_about_nobody():
    known = own_rows.NARROWED | own_rows.CLOSED | own_rows.OF_NOBODY | {"memo"}
    assert {f.name for f in fields(Dataset)} == known


def test_an_answer_and_a_text_of_somebody_unknown_belong_to_nobodys_customers():
    texts = pl.DataFrame(
        {
            "text_id": ["1", "2", "3", "4", "5"],
            "text": ["a", "b", "c", "d", "e"],
            "customer_id": ["x", None, "y", None, None],
            "respondent_id": [None, "r1", "r1", "r2", None],
        }
    )
    responses = pl.DataFrame({"respondent_id": ["r1", "r2", "r3"], "customer_id": ["x", "y", None]})
    codes = pl.DataFrame({"text_id": ["1", "3"], "coder": ["甲", "甲"]})
    whole = Dataset(texts=texts, responses=responses, codes=codes)
    left = own_rows.own_rows(whole, pl.Series("customer_id", ["x"]), memo=whole.memo)
    assert left.responses["respondent_id"].to_list() == ["r1"]
    assert left.texts["text_id"].to_list() == ["1", "2"]
    assert left.codes["text_id"].to_list() == ["1"]
    nobody = own_rows.own_rows(whole, pl.Series("customer_id", ["z"]), memo=whole.memo)
    assert (nobody.responses, nobody.texts, nobody.codes) == (None, None, None)


GIVEN = {
    "as_pick": ("trend",), "audience_people": None, "comments_of": (0,), "compare": (1, 2),
    "dates_of": (0,), "groups_of": ("rfm",), "params_of": ("rfm",), "part_text": ("stopwords",), "people": ("rfm", {}), "present_shares": ("Q1",),
    "promise": (1,), "read_rule": ("消费>=1",), "rows_rule": (EAST,), "rows_with_people": ("rfm",), "rules_of": (0,), "run": ("rfm",),
    "source_called": ("订单.csv",), "source_now": (0,), "speakers": (0,), "steps_of": (0,), "told": ([],), "turns": (0,), "weighting_of": ({},),
    "build_reports": {"forms": ["html"], "only": ["topline", "kwic"]},
    "pick": ("rfm",), "unpick": ("rfm",), "drop_campaign": ("甲",), "drop_promise": (0,), "remove_audience": (EAST,), "remove_banner": ("甲",),
    "remove_code": ("甲",), "rename_audience": (EAST, "甲"), "set_currency": ("USD",), "set_filter": (EAST,), "set_playbook": ("",), "go_back": (1,),
    "accept_words": (["甲"],), "reject_words": (["甲"],), "remove_topic_edits": ([0],), "edit_lexicon": ("stopwords", "甲"), "code_text": ("1", []),
    "try_audience": None, "write_sav": ("答卷.sav",), "write_campaign": ("名单.csv",),
    "backup": ("备份.zip",), "code_all": ("编码.parquet",), "cut_all": ("词.parquet",), "forget": ("member", "M001"), "set_picks": ([],),
}  # fmt: skip
"""Arguments of the doors that take more than a study; a door that is not named here takes what cannot be read."""
SLOW = {"run_all", "build_report", "trace_of", "write_reports", "write_tables"}
"""The first is asked below, for one analysis of every kind; the others hand on what ``build_reports`` and ``build_tables`` give."""


def _doors() -> dict[str, object]:
    found = {name: getattr(pipeline, name) for name in pipeline.__all__}
    return {n: f for n, f in found.items() if inspect.isfunction(f) and next(iter(inspect.signature(f).parameters), "") == "study"}  # fmt: skip


def _arguments(name: str, door, folder: Path, rule) -> dict[str, object]:
    parameters = list(inspect.signature(door).parameters.values())[1:]
    given = GIVEN.get(name, ())
    values = (rule,) if given is None else given
    needed = [p for p in parameters if p.default is p.empty and p.kind is not p.VAR_POSITIONAL and p.kind is not p.VAR_KEYWORD]  # fmt: skip
    made = dict(values) if isinstance(values, dict) else dict(zip((p.name for p in needed), values, strict=False))  # fmt: skip
    made |= {p.name: folder / str(made.get(p.name, "")) for p in needed if p.name in ("path", "file", "target", "folder")}  # fmt: skip
    return made | {p.name: object() for p in needed if p.name not in made}


def test_no_door_of_the_pipeline_lets_out_anything_of_others(shop, tmp_path):
    """Whatever a door gives, writes or says in its sentence, nothing of it belongs to somebody else."""
    foreign = _ids(pipeline.load(shop)) - _region(shop, "华东")
    rule = pipeline.read_rule(shop, "消费>=1")
    closed, opened, before = set(), set(), store.head(shop).id
    for name, door in _doors().items():
        if name in SLOW:
            continue
        (folder := tmp_path / name).mkdir()
        with access.acting(only(shop)):
            try:
                given = door(shop, **_arguments(name, door, folder, rule))
            except InsightError as error:
                closed.add(name)
                given = str(error)
            except (AttributeError, TypeError, worker.Fault):
                continue  # it never came to the study: what it was given is nothing it takes
            assert _is_clean([given, *folder.rglob("*")], foreign), name
        opened |= {name} - closed
    assert store.head(shop).id == before
    assert {"run", "load", "status", "build_reports", "build_tables", "rows_with_people", "listing", "choices"} <= opened  # fmt: skip
    assert {"audit", "issues", "steps", "codes_table", "workbench", "backup", "waterfall", "speakers", "write_issues"} <= closed  # fmt: skip


KEYS = (
    "rfm", "segment_profile", "trend", "basket_rules", "retention", "topline", "crosstab", "topics", "word_cloud", "kwic", "similar",
    "coding", "needs_by_segment", "match", "audiences", "waterfall", "response_quality", "uplift",
)  # fmt: skip
"""Of every room, and those that tell of files and lists of all customers."""


def test_no_result_and_nobody_behind_it_is_of_others(shop):
    foreign = _ids(pipeline.load(shop)) - _region(shop, "华东")
    seen = 0
    with access.acting(only(shop)):
        for ran in pipeline.run_all(shop, KEYS):
            assert _is_clean([ran.result, ran.error], foreign), ran.analysis.key
            if ran.result is None:
                continue
            for people in _people(shop, ran.analysis.key, ran.result):
                seen += people.persons.height
                assert _is_clean(people, foreign), ran.analysis.key
    assert seen > 50


def _people(study, key: str, result: Result) -> Iterator[People]:
    for table, names in pipeline.rows_with_people(study, key).items():
        for row in result.tables[table].head(1).iter_rows(named=True):
            words = {name: str(row[name]) for name in names}
            try:
                yield pipeline.people(study, key, words, table=table)
            except InsightError:
                continue


def test_what_was_kept_for_all_is_not_served_to_a_member_and_the_other_way_round(spare):
    """Of 60 customers 38 are of the east, 19 of the north; whoever asks first, everybody gets their own."""
    east, north = only(spare), only(spare, NORTH, person=WANG)

    def n() -> int:
        return int(pipeline.run(spare, "rfm").tables["segments"]["n_customers"].sum())

    assert n() == 60
    with access.acting(east):
        assert n() == 38
        assert pipeline.status(spare).n_customers == 38
        assert jobs.status(spare).result().n_customers == 38
        assert jobs.analysis(spare, "rfm").result().tables["segments"]["n_customers"].sum() == 38
    with access.acting(north):
        assert n() == 19
        names = pipeline.choices(spare)["categories"]
        assert jobs.status(spare).result().n_customers == 19
    with access.acting(east):
        assert set(pipeline.choices(spare)["categories"]) == {"豆", "壶"}
    assert set(names) == {f"{FOREIGN}豆", f"{FOREIGN}壶"}
    assert len(pipeline.choices(spare)["categories"]) == 4
    assert (n(), jobs.status(spare).result().n_customers) == (60, 60)


def test_what_is_remembered_for_a_member_lies_under_another_name(spare):
    with access.acting(only(spare)):
        store.remember(spare, "d" * 64, b"east", kind="x")
        assert store.recall(spare, "d" * 64)
    assert store.recall(spare, "d" * 64) is None
    with access.acting(only(spare, NORTH)):
        assert store.recall(spare, "d" * 64) is None


def test_nothing_of_a_study_is_read_past_the_door(spare):
    """Whatever a page or an analysis comes to ask for, it meets the store, and that is closed."""
    source = store.head(spare).recipe.sources[0]
    with access.acting(only(spare)):
        for read in (
            lambda: store.get(spare, source.file),
            lambda: store.located(spare, source.file),
            lambda: store.object_path(spare, source.file),
            lambda: store.history(spare),
            lambda: store.revision(spare, 1),
            lambda: store.audit(spare),
            lambda: store.codes_of(spare),
            lambda: store.works(spare),
            lambda: store.key(spare, keys_dir=settings().keys_dir),
            lambda: store.backup(spare, spare.path / "b.zip"),
            lambda: works.end("x"),
            lambda: pipeline.issues(spare),
        ):
            with pytest.raises(OnlyOwnCustomers, match="您只能看一部分客户"):
                read()
    assert store.get(spare, source.file)


def test_a_child_sees_what_its_caller_sees_and_the_next_one_all(spare):
    with access.acting(only(spare)):
        assert len(worker.call(_seen_in_child, spare, about="测试")) == 38
        with pytest.raises(OnlyOwnCustomers):
            worker.call(store.get, spare, store.head(spare).recipe.sources[0].file, about="测试")
    assert len(worker.call(_seen_in_child, spare, about="测试")) == 60


def _seen_in_child(study) -> set[str]:
    return _ids(pipeline.load(study))


def test_work_is_shared_by_those_who_see_the_same_and_read_by_nobody_else(spare):
    may_end = Event()

    def asked() -> Job[bool]:
        return begun(lambda *_: may_end.wait(60), "view", about="测试", key=("测试", spare.id))

    with access.acting(only(spare)):
        job, same = asked(), asked()
    with access.acting(only(spare, NORTH, person=WANG)):
        other = asked()
    whole = asked()
    assert job.id == same.id
    assert len({job.id, other.id, whole.id}) == 3
    may_end.set()
    for who in (BOSS, only(spare, NORTH, person=WANG)):
        with access.acting(who), pytest.raises(OnlyOwnCustomers):
            job.result()
    with access.acting(only(spare)):
        assert same.result()
        with pytest.raises(OnlyOwnCustomers):
            whole.result()


def test_a_rule_whose_audience_is_gone_renamed_or_changed_shows_nothing_instead_of_everything(spare):  # fmt: skip
    li = only(spare)
    pipeline.run(spare, "rfm")
    with access.acting(li):
        assert pipeline.run(spare, "rfm")
    _save(spare, EAST, "买过 地区=华东|华北", instead_of=EAST)
    _closed(spare, li, "后来改过")
    _save(spare, EAST, "买过 地区=华东", instead_of=EAST)
    with access.acting(li):
        assert len(_ids(pipeline.load(spare))) == 38
    pipeline.rename_audience(spare, EAST, "东边")
    _closed(spare, li, "删除或改名")
    pipeline.remove_audience(spare, "东边")
    _closed(spare, li, "删除或改名")
    _save(spare, EAST, "消费>=1")  # another audience of the same name
    _closed(spare, li, "后来改过")


def _closed(study, who: Actor, why: str) -> None:
    asked = (
        pipeline.load,
        pipeline.status,
        lambda s: pipeline.run(s, "rfm"),
        lambda s: pipeline.people(s, "rfm", {}),
        lambda s: jobs.analysis(s, "rfm").result(),
        lambda s: jobs.status(s).result(),
        pipeline.choices,
    )
    with access.acting(who):
        for ask in asked:
            with pytest.raises(NoOwnCustomers, match=why):
                ask(study)


def test_a_rule_that_holds_nobody_shows_nobody(spare):
    nobody = Audience(name="没有人", rule=pipeline.read_rule(spare, "消费>=1000000"))
    newest = store.head(spare)
    recipe = newest.recipe.model_copy(update={"audiences": (*newest.recipe.audiences, nobody)})
    store.commit(spare, recipe, parent=newest.id, author="测试", note="测试")
    _closed(spare, only(spare, "没有人"), "没有客户")


def test_a_rule_needs_an_audience_that_is_there(study, spare):
    with pytest.raises(UnknownName, match=EAST):
        pipeline.rows_rule(spare, "没有这个")
    assert pipeline.rows_rule(spare, f"audience.{EAST}") == pipeline.rows_rule(spare, EAST)
    empty = pipeline.new(study.path.parent / "空")
    with pytest.raises(NoAudiences):
        pipeline.rows_rule(empty, EAST)


@pytest.fixture
def team(tmp_path):
    """A server for a team with a study of orders in which two members see a region each."""
    with team_server(tmp_path), access.acting(BOSS):
        study = pipeline.new(tmp_path / "studies" / "店")
        pipeline.add(study, ORDERS.encode(), "订单.csv")
        for name, place in ((EAST, "华东"), (NORTH, "华北")):
            _save(study, name, f"买过 地区={place}")
        for person, name in ((LI, EAST), (WANG, NORTH)):
            access.grant(person, "viewer", study=study.id, rows=pipeline.rows_rule(study, name), by=BOSS.name)  # fmt: skip
    with team_server(tmp_path):
        yield study


def _member(study, person: str) -> Actor:
    """As the sign-in makes them."""
    return Actor(person, access.role_of(person, study.id), rows=access.rows_of(person, study.id))


def test_each_member_sees_their_region_until_the_rule_is_taken_away(team):
    for person, place, n in ((LI, "华东", 38), (WANG, "华北", 19)):
        with access.acting(BOSS):
            own = _region(team, place)
        with access.acting(_member(team, person)):
            assert _ids(pipeline.load(team)) == own
            assert len(own) == n
    before = _member(team, LI)
    with access.acting(BOSS):
        access.grant(LI, "viewer", study=team.id, by=BOSS.name)
        assert len(_ids(pipeline.load(team))) == 60
    with access.acting(_member(team, LI)):
        assert len(_ids(pipeline.load(team))) == 60
    with access.acting(before), pytest.raises(OnlyOwnCustomers):
        pipeline.load(team)  # work that was begun under the old rule


def test_whoever_pretends_to_see_all_meets_the_register(team):
    """A part of a page that kept an old actor, and one who works on a study of their own."""
    for who in (Actor(LI, "viewer"), Actor(LI, "analyst"), Actor(WANG, "viewer", rows=access.rows_of(LI, team.id))):  # fmt: skip
        with access.acting(who):
            for ask in (pipeline.load, lambda s: pipeline.run(s, "rfm"), pipeline.choices):
                with pytest.raises(OnlyOwnCustomers):
                    ask(team)


def test_a_member_changes_nothing_and_takes_no_rows(team):
    with access.acting(_member(team, LI)):
        for ask in (lambda: pipeline.remove_audience(team, EAST), lambda: jobs.sav(team), lambda: jobs.backup(team, with_key=True)):  # fmt: skip
            with pytest.raises(NotAllowed):
                ask()


@pytest.mark.parametrize(
    ("person", "role", "where", "why"),
    [
        (WANG, "analyst", "here", "角色是“分析师”"),
        (WANG, "admin", "here", "角色是“管理员”"),
        (WANG, "viewer", EVERYWHERE, "没有限定在一个研究里"),
        ("sun@example.com", "viewer", "here", "管理全部研究"),
    ],
)
def test_who_changes_or_manages_sees_all_customers(team, person, role, where, why):
    study = team.id if where == "here" else where
    with access.acting(BOSS):
        access.grant("sun@example.com", "admin", by=BOSS.name)
        rows = pipeline.rows_rule(team, EAST)
        before = access.roles_of(person), access.rows_of(person, team.id)
        with pytest.raises(BadRows, match=why):
            access.grant(person, role, study=study, rows=rows, by=BOSS.name)
        assert (access.roles_of(person), access.rows_of(person, team.id)) == before
        with pytest.raises(BadRows, match="不能管理全部研究"):
            access.grant(LI, "admin", by=BOSS.name)


def test_whoever_is_narrowed_has_to_sign_in_anew_and_the_log_tells_the_rule(team):
    with access.acting(BOSS):
        access.grant("zhao@example.com", "viewer", study=team.id, by=BOSS.name)
    token = access.begin("Chrome", now=1e9)
    assert access.take_up(token, login="1", person="zhao@example.com", agent="Chrome", now=1e9)
    with access.acting(BOSS):
        access.grant("zhao@example.com", "viewer", study=team.id, rows=pipeline.rows_rule(team, EAST), by=BOSS.name)  # fmt: skip
    assert not access.is_live(token, agent="Chrome", now=1e9)
    (grant,) = [e for e in access.log() if e.act == "grant" and "rows" in e.what and e.what["person"] == "zhao@example.com"]  # fmt: skip
    assert grant.what["rows"] == EAST


def test_a_copy_of_the_study_keeps_the_rules_of_its_members(team):
    access_before = access.rows_of(LI, team.id)
    with access.acting(BOSS):
        access.carry_over("副本", of=team.id)
    assert access.rows_of(LI, "副本") == access_before
    assert access.role_of(LI, "副本") == "viewer"


def test_a_register_of_the_version_before_keeps_its_roles_and_narrows_nobody(tmp_path, monkeypatch):
    monkeypatch.setenv("INSIGHT_STUDIES_DIR", str(tmp_path))
    settings.cache_clear()
    file = tmp_path / ".access" / "access.db"
    file.parent.mkdir()
    with durable.transaction(file) as db:
        durable.brought_up(db, register.STEPS[:1])
        db.execute("INSERT INTO roles VALUES (?, ?, ?)", (LI, "s", "viewer"))
    assert access.role_of(LI, "s") == "viewer"
    assert access.rows_of(LI, "s") is None
    monkeypatch.undo()
    settings.cache_clear()


def test_a_rule_is_given_listed_and_taken_away_at_the_terminal(team, capsys):
    def run(*words: str) -> tuple[int, str]:
        code = cli.main(["members", *words])
        out, err = capsys.readouterr()
        return code, out + err

    at = ("--study", str(team.path))
    assert run("--grant", "zhao@example.com", "查看者", *at, "--only", EAST)[1].strip() == f"zhao@example.com：店，查看者，只看人群“{EAST}”"  # fmt: skip
    assert access.rows_of("zhao@example.com", team.id).audience == EAST
    assert f"zhao@example.com　店：查看者，只看人群“{EAST}”" in run()[1]
    listed = {one["person"]: one["rows"] for one in json.loads(run("--json")[1])}
    assert listed["zhao@example.com"] == {team.id: EAST}
    for words, why in (
        (("--grant", "zhao@example.com", "分析师", *at, "--only", EAST), "要看全部客户"),
        (("--grant", "zhao@example.com", "查看者", "--only", EAST), "--study"),
        (("--only", EAST), "--grant"),
        (("--grant", "zhao@example.com", "查看者", *at, "--only", "没有这个"), "没有这个"),
    ):
        code, said = run(*words)
        assert code == 1
        assert why in said
    run("--grant", "zhao@example.com", "查看者", *at)
    assert access.rows_of("zhao@example.com", team.id) is None
