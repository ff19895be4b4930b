"""What lies behind a result: the files it was made from and every step that was taken on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from insight import recoding
from insight import study as store
from insight.analyses import room_of
from insight.analysis import Analysis, Result
from insight.pipeline.filtering import filter_told
from insight.pipeline.inputs import CODED, knows_words
from insight.pipeline.matching import TIER_LABELS
from insight.pipeline.picks import told
from insight.pipeline.state import Status
from insight.schema import TABLES
from insight.study import Pick, Recipe, Source, Study
from insight.wording import count

if TYPE_CHECKING:
    from insight.report import Lineage

MOST_ISSUES = 8  # of one table, told one by one
_WEIGHT = re.compile("^权重：(?!未加权)")


def lineage(
    study: Study, one: Pick, *, analysis: Analysis, result: Result, state: Status
) -> Lineage:
    """The chain behind the result of ``one``, whose parameters are complete."""
    from insight.report import Lineage

    recipe = store.head(study).recipe
    uses = {table for either in analysis.needs for table in either.split("|")}
    sources = [s for s in recipe.sources if not uses or _part_of(s) in uses] or list(recipe.sources)
    (apart,) = told(study, [one])
    return Lineage(
        analysis=one.key,
        params=one.params,
        filter=filter_told(result),
        weight=next((note for note in result.notes if _WEIGHT.match(note)), ""),
        steps=(
            *_read(sources, state),
            *_cleaned({s.table for s in sources}, state),
            *_joined(recipe, uses),
            *_words(recipe, analysis),
            f"分析“{analysis.title}”：{apart or '默认设定'}",
        ),
        files=tuple((s.name, s.table, s.file) for s in sources),
    )


def _part_of(source: Source) -> str:
    """The table that the rows of a file become part of."""
    table = TABLES[source.table]
    return table.part_of or table.name


def _read(sources: Sequence[Source], state: Status) -> Iterator[str]:
    rows = {(s["file"], s["sheet"], s["table"]): s["rows"] for s in state.sources}
    for source in sources:
        is_named = source.sheet and source.sheet != PurePath(source.name).stem
        sheet = f"（{source.sheet}）" if is_named else ""
        kept = rows.get((source.name, source.sheet, source.table))
        told = (
            "" if kept is None else f"{count(int(str(kept)))} 行；"
        )  # not told of the files behind one's own customers
        roles = "、".join(f"{column}→{role}" for column, role in source.roles.items() if role)
        yield f"读取“{source.name}”{sheet}为{TABLES[source.table].label}：{told}列 {roles or '按题目'}"
        changed = {k: v for k, v in source.decisions.model_dump(mode="json", exclude_defaults=True).items() if v}  # fmt: skip
        if changed:
            yield f"对“{source.name}”的设定：{'、'.join(f'{k}={v}' for k, v in changed.items())}"


def _cleaned(tables: set[str], state: Status) -> Iterator[str]:
    """What cleaning changed or left out in these tables, the most frequent first."""
    issues = [row for row in state.issues if row["table"] in tables]
    for row in issues[:MOST_ISSUES]:
        yield f"清洗{TABLES[str(row['table'])].label}：{row['reason']}，{row['action']} {count(int(str(row['n'])))} 处"
    if len(issues) > MOST_ISSUES:
        yield f"清洗：另有 {len(issues) - MOST_ISSUES} 类问题，见清洗记录"


def _joined(recipe: Recipe, uses: set[str]) -> Iterator[str]:
    for step in recipe.recodes if "responses" in uses else ():
        yield f"重编码：{recoding.told(step)}"
    if len({_part_of(s) for s in recipe.sources}) > 1:
        yield f"匹配：{'、'.join(TIER_LABELS[tier] for tier in recipe.matching.tiers)}"
    if not recipe.exclusions.is_empty and uses & {"responses", "texts"}:
        yield f"排除答卷：{_excluded(recipe)}"
    if recipe.weighting.is_on and uses & {"responses", "texts"}:
        margins = (*recipe.weighting.margins, *(t.margin for t in recipe.weighting.targets))
        low, high = recipe.weighting.smallest, recipe.weighting.largest
        yield f"加权：{'、'.join(margins)}，权重限制在均值的 {low:g}–{high:g} 倍"


def _excluded(recipe: Recipe) -> str:
    rule = recipe.exclusions
    told = (
        f"可疑分不低于 {rule.least_doubt}" if rule.least_doubt else "",
        f"检查 {'、'.join(rule.checks)}" if rule.checks else "",
        f"手工排除 {len(rule.respondents)} 份" if rule.respondents else "",
        f"手工保留 {len(rule.kept)} 份" if rule.kept else "",
    )
    return "，".join(filter(None, told))


def _words(recipe: Recipe, analysis: Analysis) -> Iterator[str]:
    if knows_words(analysis):
        yield f"分词：研究词典 {store.digest(recipe.lexicon.model_dump_json())[:12]}"
    if room_of(analysis.key) in CODED:
        yield f"编码本：{store.digest(recipe.codebook.model_dump_json())[:12]}"
