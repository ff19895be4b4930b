"""The answers of a study as an SPSS file, with what is known of the purchases behind them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import polars as pl

from insight import spss
from insight import study as store
from insight.dataset import Dataset
from insight.errors import MissingColumns
from insight.masking import mask
from insight.pipeline.joined import load
from insight.pipeline.keeping import noted
from insight.pipeline.paying import in_its_currency
from insight.pipeline.singled_out import describing, left_out
from insight.schema import Questionnaire
from insight.study import Study
from insight.worker import Progress, silent

CASE, WEIGHT = "CASE", "weight"


def build_sav(
    study: Study,
    *,
    purchases: bool = True,
    without: Sequence[str] = (),
    progress: Progress = silent,
) -> bytes:
    """The .sav of the newest revision: every answer that is not excluded; the same revision gives the same bytes.

    Parameters
    ----------
    purchases : whether the groups and the buying of matched respondents are further variables
    without : keys or labels of ``describing`` that are left out, so that nobody stands out by them

    Raises
    ------
    MissingColumns : there are no answers.
    UnknownName : the file would not hold what shall be left out.
    """
    dataset = load(study)
    responses = _answers(dataset)
    known = describing(study, purchases=purchases)
    gone = left_out(known, without)
    dataset = replace(
        dataset, responses=responses, questionnaire=_without(dataset.questionnaire, gone)
    )
    progress("问卷", 0.0)
    variables, sets = spss.variables_of(responses, dataset.questionnaire)
    bought: list[spss.Variable] = []
    not_made: list[str] = []
    if purchases:
        progress("购买分层", 0.5)
        with in_its_currency(study):
            bought, not_made = spss.groups_of(dataset, without=gone)
    case = spss.Variable(CASE, "个案序号（不是编号，不能找回本人）", pl.Series(range(1, responses.height + 1), dtype=pl.Float64), "scale")  # fmt: skip
    weights = [spss.Variable(WEIGHT, "权重", responses["weight"].cast(pl.Float64), "scale")] if WEIGHT in responses.columns else []  # fmt: skip
    revision = store.head(study)
    return spss.written(
        [case, *variables, *weights, *bought], sets, title=study.name, made_at=datetime.fromisoformat(revision.at),
        weight=WEIGHT if weights else "", notes=[f"研究版本 {revision.id}。开放题已遮盖个人信息，编号类题目不写入。", *_told(known, gone), *not_made],
    )  # fmt: skip


def write_sav(
    study: Study, path: Path, *, purchases: bool = True, without: Sequence[str] = ()
) -> Path:
    """Write the .sav (see ``build_sav``), note it in the log, and say where it is."""
    data = build_sav(study, purchases=purchases, without=without)
    path.parent.mkdir(parents=True, exist_ok=True)
    noted(study, "export", file="sav", rows=_answers(load(study)).height)
    path.write_bytes(data)
    return path


def _answers(dataset: Dataset) -> pl.DataFrame:
    """Every answer, in the order of the file."""
    if dataset.responses is None or not dataset.questionnaire.questions:
        raise MissingColumns("SPSS 文件", ("问卷：题目",))
    return dataset.responses.sort("respondent_id")


def _without(questionnaire: Questionnaire, gone: Collection[str]) -> Questionnaire:
    left = tuple(one for one in questionnaire.questions if one.id not in gone)
    return questionnaire.model_copy(update={"questions": left})


def _told(known: Mapping[str, str], gone: Collection[str]) -> list[str]:
    """What was left out, as a note of the file."""
    named = "、".join(known[key] for key in known if key in gone)
    return [f"为保护个人，没有写入：{mask(named)}。"] if named else []
