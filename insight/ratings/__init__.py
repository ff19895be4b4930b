"""Which questions are answered in degrees, what each answer is worth, and which questions belong together."""

from insight.ratings.groups import each_group, groups_if_any
from insight.ratings.items import choosable, items, label_of, named, points, scored, scores_of
from insight.ratings.kano_pairs import Pair, levels, pairs_found, pairs_named
from insight.ratings.subjects import (
    Rated,
    importance_and_satisfaction,
    importances,
    outcome_and_predictors,
    overall,
    satisfactions,
)

__all__ = [
    "Pair",
    "Rated",
    "choosable",
    "each_group",
    "groups_if_any",
    "importance_and_satisfaction",
    "importances",
    "items",
    "label_of",
    "levels",
    "named",
    "outcome_and_predictors",
    "overall",
    "pairs_found",
    "pairs_named",
    "points",
    "satisfactions",
    "scored",
    "scores_of",
]
