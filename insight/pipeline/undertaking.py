"""What is decided to be done: the rule book, campaigns that are started, and actions that are promised."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from insight import access, exports, ledger
from insight import study as store
from insight.errors import BadCampaign, TooFewPeople, UnknownName
from insight.pipeline.apart import apart
from insight.pipeline.changing import change, newest
from insight.pipeline.inputs import params_of
from insight.pipeline.joined import load
from insight.pipeline.keeping import noted
from insight.pipeline.kept import parquet
from insight.pipeline.people import FEWEST
from insight.pipeline.running import run
from insight.schema.campaigns import LONGEST_TITLE, Campaign, Promise
from insight.strategy.assigning import HELD_OUT
from insight.strategy.facts import FACTS
from insight.strategy.playbook import Playbook, bundled, playbook_of
from insight.study import Revision, Study

Changes = Mapping[str, object] | None
_EPOCH = date(1970, 1, 1)


def playbook_text(study: Study) -> str:
    """The rule book of the study as YAML."""
    return store.head(study).recipe.playbook or bundled()


def check_playbook(text: str) -> Playbook:
    """The rules that a text says; nothing is recorded (BadPlaybook)."""
    return playbook_of(text)


def set_playbook(study: Study, text: str, *, parent: int | None = None) -> Revision:
    """Record a rule book; "" or the one that comes with the product = that one.

    Raises
    ------
    BadPlaybook : it can not be used.
    Conflict : somebody changed the study since ``parent``.
    """
    playbook_of(text)
    kept = "" if text.strip() == bundled().strip() else text
    return change(study, newest(study, parent), note="修改规则库", playbook=kept)


def facts_told() -> tuple[tuple[str, str, str], ...]:
    """Every fact that a rule may ask about: its Chinese name, its English name, what it means."""
    return tuple((one.label, one.name, one.meaning) for one in FACTS.values())


def campaigns(study: Study) -> tuple[Campaign, ...]:
    """What was started, the last first."""
    return tuple(sorted(store.head(study).recipe.campaigns, key=lambda one: one.started, reverse=True))  # fmt: skip


def campaign_csv(study: Study, *, changes: Changes = None) -> bytes:
    """The list of a campaign as a file for Excel, keys masked; whoever hands it over notes it in the log.

    Raises
    ------
    InsightError : there is no such list.
    TooFewPeople : so few that they could be found out.
    NotAllowed : whoever acts may not have rows of people.
    """
    access.demand("export_rows")
    return exports.csv(_listed(study, changes))


def write_campaign(study: Study, path: Path, *, changes: Changes = None) -> Path:
    """Write the list of a campaign (see ``campaign_csv``), note it in the log, and say where it is."""
    access.demand("export_rows")
    people = _listed(study, changes)
    path.parent.mkdir(parents=True, exist_ok=True)
    noted(study, "export", file=f"活动名单“{_name(study, changes)}”", rows=people.height)
    path.write_bytes(exports.csv(people))
    return path


def start_campaign(study: Study, *, changes: Changes = None, started: date | None = None, parent: int | None = None) -> Revision:  # fmt: skip
    """Keep the list as it is now, so that its arms can be compared later.

    Parameters
    ----------
    changes : parameters of the list
    started : first day of contact; default: the day after the last order

    Raises
    ------
    BadCampaign : one of that name was started, or nobody would be left to touch.
    InsightError : there is no such list.
    Conflict : somebody changed the study since ``parent``.
    """
    before, params = newest(study, parent), params_of(study, "campaign", changes).model_dump()
    name = str(params["name"])
    if any(one.name == name for one in before.recipe.campaigns):
        raise BadCampaign(f"已经登记过叫“{name}”的活动", "请换一个活动名称。")
    people = _list(study, changes)
    n_alone = people.filter(pl.col("arm") == HELD_OUT).height
    if n_alone == people.height:
        raise BadCampaign("名单上的人都在对照组，没有可以触达的人", "请减小对照组的比例。")
    one = Campaign(
        name=name, target="、".join(people["target"].unique(maintain_order=True)), started=started or _next_day(study),
        people=_kept(study, people.select("customer_id", "arm")), n_touched=people.height - n_alone, n_held_out=n_alone,
        hold_out=params["hold_out"], seed=params["seed"],
    )  # fmt: skip
    return change(study, before, note=f"登记活动 {name}", campaigns=(*before.recipe.campaigns, one))


def drop_campaign(study: Study, name: str, *, parent: int | None = None) -> Revision:
    """Forget a campaign that was started (UnknownName, Conflict)."""
    before = newest(study, parent)
    kept = tuple(one for one in before.recipe.campaigns if one.name != name)
    if len(kept) == len(before.recipe.campaigns):
        raise UnknownName("登记过的活动", name, [one.name for one in kept])
    return change(study, before, note=f"删除活动 {name}", campaigns=kept)


def promises(study: Study) -> tuple[Promise, ...]:
    """What was promised, in this order."""
    return store.head(study).recipe.promises


def promise(
    study: Study, rank: int, *, changes: Changes = None, own: Changes = None, parent: int | None = None
) -> Revision:  # fmt: skip
    """Record one suggestion as an action that will be done, with the customers whom it is about now.

    Parameters
    ----------
    rank : of the suggestion on the board
    changes : parameters of the strategy
    own : owner [default: the one of the rule book], due [a day], campaign [that was started and carries it out]

    Raises
    ------
    UnknownName : there is no such suggestion or campaign.
    BadCampaign : it was promised already and is not done.
    Conflict : somebody changed the study since ``parent``.
    """
    before = newest(study, parent)
    row = _suggested(study, rank, changes)
    told = {name: value for name, value in (own or {}).items() if value}
    _check_promise(before, row, str(told.get("campaign", "")))
    people = _people_of(study, row, changes)
    fields = {
        "title": str(row["brief"])[:LONGEST_TITLE], "target": row["target"], "promised": _last_day(study), "people": _kept(study, people),
        "n_customers": people.height, "rule": row["rule"], "owner": row["owner"], "kpi": row["kpi"],
    }  # fmt: skip
    one = Promise.model_validate(fields | told)
    return change(study, before, note=f"登记行动 {one.title}", promises=(*before.recipe.promises, one))  # fmt: skip


@apart("这条建议")
def _suggested(study: Study, rank: int, changes: Changes) -> dict[str, Any]:
    actions = run(study, "strategy", changes=changes).tables["actions"]
    found = actions.filter(pl.col("rank") == rank)
    if found.is_empty():
        raise UnknownName("名次", str(rank), [str(r) for r in actions["rank"]])
    return found.row(0, named=True)


def _check_promise(before: Revision, row: Mapping[str, Any], campaign: str) -> None:
    recipe = before.recipe
    same = (one for one in recipe.promises if (one.title, one.target) == (row["brief"][:LONGEST_TITLE], row["target"]))  # fmt: skip
    if any(True for _ in same):
        raise BadCampaign(f"“{row['brief']}”（{row['target']}）已经登记过", "请先删除原来的登记。")
    if campaign and campaign not in [one.name for one in recipe.campaigns]:
        raise UnknownName("登记过的活动", campaign, [one.name for one in recipe.campaigns])


@apart("建议涉及的客户")
def _people_of(study: Study, row: Mapping[str, Any], changes: Changes) -> pl.DataFrame:
    """(n) customer_id: whom a suggestion is about."""
    from insight.analyses import find

    result, dataset = run(study, "strategy", changes=changes), load(study)
    known = find("strategy").members(dataset, params_of(study, "strategy", changes), result)[
        "actions"
    ]
    mine = known.frame.filter(pl.col("rank") == row["rank"]).select("customer_id")
    return mine.unique().sort("customer_id").collect()


def edit_promise(study: Study, at: int, *, parent: int | None = None, **fields: object) -> Revision:
    """Change the owner, due day, campaign or ``is_done`` of the promise number ``at``, from 0 (UnknownName, Conflict)."""
    before = newest(study, parent)
    kept = list(before.recipe.promises)
    _check_place(kept, at)
    kept[at] = Promise.model_validate(kept[at].model_dump() | fields)
    return change(study, before, note=f"修改行动 {kept[at].title}", promises=tuple(kept))


def drop_promise(study: Study, at: int, *, parent: int | None = None) -> Revision:
    """Forget the promise number ``at``, from 0 (UnknownName, Conflict)."""
    before = newest(study, parent)
    kept = list(before.recipe.promises)
    _check_place(kept, at)
    gone = kept.pop(at)
    return change(study, before, note=f"删除行动 {gone.title}", promises=tuple(kept))


def _check_place(kept: list[Promise], at: int) -> None:
    if not 0 <= at < len(kept):
        raise UnknownName("登记过的行动", str(at + 1), [str(n + 1) for n in range(len(kept))])


def _listed(study: Study, changes: Changes) -> pl.DataFrame:
    people = _list(study, changes)
    if people.height < FEWEST:
        raise TooFewPeople(people.height, FEWEST)
    return people


@apart("活动名单")
def _list(study: Study, changes: Changes) -> pl.DataFrame:
    return run(study, "campaign", changes=changes).tables["list"]


def _name(study: Study, changes: Changes) -> str:
    return str(params_of(study, "campaign", changes).model_dump()["name"])


def _kept(study: Study, people: pl.DataFrame) -> str:
    """The people as an object of the study, sorted so that the same people make the same object."""
    return store.put(study, parquet(people.sort("customer_id")))


@apart("最后一单的日期")
def _last_day(study: Study) -> date:
    orders = load(study).orders
    return _EPOCH + timedelta(days=0 if orders is None else ledger.span(orders)[1] // ledger.DAY)


def _next_day(study: Study) -> date:
    return _last_day(study) + timedelta(days=1)
