"""Which results the report holds: chosen one by one, each with the parameters it was seen with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from insight import study as store
from insight.analyses import find
from insight.errors import UnknownName
from insight.pipeline.changing import change, newest
from insight.pipeline.choices import choices
from insight.pipeline.inputs import params_of
from insight.pipeline.running import run
from insight.study import Pick, Revision, Study

Changes = Mapping[str, object] | None


def picks(study: Study) -> tuple[Pick, ...]:
    """The chosen results in their order; none: the report holds everything that can be answered."""
    return store.head(study).recipe.report


def as_pick(study: Study, key: str, *, changes: Changes = None) -> Pick:
    """The result of ``key`` with these parameters, as the report would hold it."""
    return Pick(key=key, params=params_of(study, key, changes).model_dump(mode="json"))


def pick(study: Study, key: str, *, changes: Changes = None, parent: int | None = None) -> Revision:
    """Take a result into the report, behind those that are there; once there it stays where it is.

    Parameters
    ----------
    parent : revision the user saw; default: the newest

    Raises
    ------
    InsightError : the data cannot answer it.
    Conflict : somebody changed the study since ``parent``.
    """
    run(study, key, changes=changes)
    chosen = as_pick(study, key, changes=changes)
    there = picks(study)
    kept = there if chosen in there else (*there, chosen)
    return set_picks(study, kept, parent=parent, note=f"加入报告 {find(key).title}")


def unpick(study: Study, key: str, *, changes: Changes = None, parent: int | None = None) -> Revision:  # fmt: skip
    """Take a result out of the report again; without ``changes``, whatever its parameters.

    Raises
    ------
    UnknownName : it is not in the report.
    Conflict : somebody changed the study since ``parent``.
    """
    there = picks(study)
    own = None if changes is None else as_pick(study, key, changes=changes)
    kept = tuple(one for one in there if one.key != key or (own and one != own))
    if len(kept) == len(there):
        raise UnknownName("已加入报告的分析", key, tuple(dict.fromkeys(one.key for one in there)))
    return set_picks(study, kept, parent=parent, note=f"移出报告 {find(key).title}")


def set_picks(
    study: Study, chosen: Sequence[Pick], *, parent: int | None = None, note: str = "调整报告的内容"
) -> Revision:
    """Let the report hold exactly these results, in this order; none: everything (Conflict)."""
    return change(study, newest(study, parent), note=note, report=tuple(chosen))


def told(study: Study, chosen: Sequence[Pick]) -> tuple[str, ...]:
    """What sets each from the default of its analysis: "题目 Q5 您最看重什么，人群 RFM 八类"; "" where nothing does."""
    named = choices(study)
    return tuple("，".join(_settings(one, named)) for one in chosen)


def _settings(chosen: Pick, named: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for name, field in find(chosen.key).params.model_fields.items():
        default = field.get_default(call_default_factory=True)
        value = chosen.params.get(name, default)
        if value != default:
            extra: Any = field.json_schema_extra or {}
            known = {**extra.get("labels", {}), **named.get(extra.get("one_of", ""), {})}
            values = value if isinstance(value, list) else [value]
            yield f"{field.title} {'、'.join(_word(one, known) for one in values)}"


def _word(value: object, known: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(known.get(str(value), value))
