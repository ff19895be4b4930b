"""Whom the respondents stand for: weights tried, recorded, and forgotten again."""

from __future__ import annotations

import json
from collections.abc import Mapping

from insight import study as store
from insight.pipeline.apart import apart
from insight.pipeline.changing import change, newest
from insight.pipeline.choices import choices
from insight.pipeline.inputs import params_of
from insight.pipeline.joined import definitions_of, joined_digest, unweighted
from insight.schema import Target, Weighting
from insight.study import Revision, Study
from insight.weighting import Weighted, read_targets, suggested, weights_of, written_targets
from insight.weighting import present_shares as shares_now


def weighting(study: Study) -> Weighting:
    """The weighting that the study records."""
    return store.head(study).recipe.weighting


def suggested_weighting(study: Study) -> Weighting:
    """The weighting to all customers that one click gives; nothing where there are none."""
    return suggested(choices(study)["margins"])


def weighting_of(study: Study, changes: Mapping[str, object]) -> Weighting:
    """The weighting that parameters of the analysis of weights ask for (BadParameter)."""
    params = params_of(study, "weights", changes).model_dump()
    params["targets"] = read_targets(params["targets"])
    return Weighting.model_validate(params)


def present_shares(study: Study, key: str) -> dict[str, float]:
    """Group -> percent of the respondents now; worked out once for each state of the data (UnknownName)."""
    recipe = store.head(study).recipe
    groups = definitions_of(recipe).model_dump_json()
    inputs = store.digest("present_shares", joined_digest(study, recipe), groups, key)
    sha = store.recall(study, inputs)
    if sha is None:
        sha = _shared(study, key, inputs)
    known: dict[str, float] = json.loads(store.get(study, sha))
    return known


@apart("数现在的占比")
def _shared(study: Study, key: str, inputs: str) -> str:
    found = json.dumps(shares_now(unweighted(study), key)).encode()
    return store.remember(study, inputs, found, kind="present_shares")


def targets_text(shares: Mapping[str, Mapping[str, float]]) -> str:
    """Margin -> group -> percent as the parameter ``targets`` of the analysis of weights."""
    return written_targets(Target(margin=key, shares=dict(own)) for key, own in shares.items())


def set_weighting(study: Study, wanted: Weighting, *, parent: int | None = None) -> Revision:
    """Weight the respondents from now on, or no longer (Conflict).

    Raises
    ------
    BadParameter, TooFewRows, UnknownName, MissingColumns : the weights cannot be made; nothing was changed.
    """
    if wanted.is_on:
        preview_weighting(study, wanted)
    margins = (*wanted.margins, *(f"{t.margin}（填写的目标）" for t in wanted.targets))
    note = f"答卷加权：{'、'.join(margins)}" if wanted.is_on else "取消加权"
    return change(study, newest(study, parent), note=note, weighting=wanted)


@apart("试算权重")
def preview_weighting(study: Study, wanted: Weighting) -> Weighted:
    """The weights as they would be, with what they cost; nothing is changed."""
    return weights_of(unweighted(study), wanted)
