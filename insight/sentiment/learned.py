"""A study's own judge: learnt from the texts whose polarity people coded, measured on held-out ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LEARN_FROM, FOLDS = 200, 5
_SURE = 0.6  # probability below which the model does not decide


@dataclass(frozen=True, slots=True)
class Model:
    """What the model says of every text, and how right it was on coded texts it had not seen.

    Attributes
    ----------
    polarity : (n) "positive" | "negative" | "neutral"
    score : (n) probability of praise minus that of blame
    decided : (n)
    accuracy, kappa : five-fold cross-validated
    """

    polarity: tuple[str, ...]
    score: tuple[float, ...]
    decided: tuple[bool, ...]
    accuracy: float
    kappa: float


def learn(texts: Sequence[str], *, coded: Sequence[int], truth: Sequence[str]) -> Model | None:
    """Logistic regression on characters (1 to 3 in a row); None where fewer than 200 are coded, or all alike.

    Parameters
    ----------
    texts : (n) in plain form
    coded : (n_coded) rows of the coded texts; truth : (n_coded) their polarity
    """
    least = min((list(truth).count(mood) for mood in set(truth)), default=0)
    if len(coded) < LEARN_FROM or len(set(truth)) < 2 or least < FOLDS:
        return None
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import cohen_kappa_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True),
        LogisticRegression(C=8.0, max_iter=300, class_weight="balanced"),
    )
    said = [texts[at] for at in coded]
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    held_out = cross_val_predict(model, said, list(truth), cv=folds)
    known = model.fit(said, list(truth))
    likely = known.predict_proba(list(texts))
    column = {mood: likely[:, at] for at, mood in enumerate(known.classes_)}
    nothing = np.zeros(len(texts))
    score = column.get("positive", nothing) - column.get("negative", nothing)
    return Model(
        tuple(str(known.classes_[at]) for at in likely.argmax(axis=1)),
        tuple(float(value) for value in score),
        tuple(bool(value) for value in likely.max(axis=1) >= _SURE),
        float(np.mean(held_out == np.asarray(truth))),
        float(cohen_kappa_score(truth, held_out)),
    )
