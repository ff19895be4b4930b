"""The maximum of a log-likelihood of positive parameters: L-BFGS on their logarithms, with standard errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
LogLikelihood = Callable[[Floats], tuple[float, Floats]]
WEAK = 1 / 8  # a normal prior with a standard deviation of 2 on every logarithm
_FAR = 9.0  # e**9: logarithms beyond it run away; the likelihood has no inner maximum
_STEP = 1e-5
ROUGH = 10_000  # rows that are enough to start from
_MOST_STEPS, _WILD, _CLOSE = 12, 2.0, 1e-5  # Newton's steps, in logarithms


@dataclass(frozen=True, slots=True)
class Fitted:
    """Where the maximum is.

    Attributes
    ----------
    parameters : (k) positive
    errors : (k) standard errors; nan where the curvature does not tell them
    log_likelihood : at the maximum, without the prior
    is_regularised : a prior took part
    """

    parameters: Floats
    errors: Floats
    log_likelihood: float
    is_regularised: bool


def maximise(
    problem: LogLikelihood, rough: LogLikelihood, *, n_parameters: int, penalty: float = 0.0
) -> Fitted:
    """Find the maximum: L-BFGS on a part of the data, then Newton's steps on all of them.

    Parameters
    ----------
    problem : positive parameters -> log-likelihood and its gradient; data in units in which 1 is no
        bad guess for any of them
    rough : the same for a part of the data (or all), to start from
    penalty : how many times the squared logarithms are taken off; with 0, ``WEAK`` is used where the
        likelihood alone has no inner maximum
    """
    start = _climbed(rough, np.zeros(n_parameters), penalty)
    best, curvature = _stepped(problem, start, penalty)
    if curvature is None:
        best, curvature = _stepped(problem, _climbed(problem, np.zeros(n_parameters), penalty), penalty)  # fmt: skip
    if curvature is None and not penalty:
        return maximise(problem, rough, n_parameters=n_parameters, penalty=WEAK)
    parameters = np.exp(best)
    of_logs = np.full(n_parameters, np.nan) if curvature is None else np.sqrt(np.diag(np.linalg.inv(curvature)))  # fmt: skip
    return Fitted(parameters, parameters * of_logs, problem(parameters)[0], penalty > 0)


def _climbed(problem: LogLikelihood, start: Floats, penalty: float) -> Floats:
    """Where L-BFGS leads from ``start``, within what is no runaway."""
    from scipy.optimize import minimize

    scale = max(abs(_penalised(problem, start, penalty)[0]), 1.0)

    def downhill(logs: Floats) -> tuple[float, Floats]:
        value, gradient = _penalised(problem, logs, penalty)
        return -value / scale, -gradient / scale

    options = {"maxiter": 1_000, "maxcor": 20, "ftol": 1e-13, "gtol": 1e-8}
    bounds = [(-2 * _FAR, 2 * _FAR)] * len(start)
    found = minimize(downhill, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return np.asarray(found.x)


def _stepped(problem: LogLikelihood, logs: Floats, penalty: float) -> tuple[Floats, Floats | None]:
    """Where Newton's steps lead, and minus the second derivatives there; None if it is no inner maximum."""
    for _ in range(_MOST_STEPS):
        if not (np.abs(logs) < _FAR).all():
            return logs, None
        gradient, curvature = _curvature(problem, logs, penalty)
        if not (np.isfinite(curvature).all() and (np.linalg.eigvalsh(curvature) > 0).all()):
            return logs, None
        step = np.linalg.solve(curvature, gradient)
        if np.abs(step).max() > _WILD:
            return logs, None
        logs = logs + step
        if np.abs(step).max() < _CLOSE:
            return logs, curvature
    return logs, None


def _penalised(problem: LogLikelihood, logs: Floats, penalty: float) -> tuple[float, Floats]:
    """The log-likelihood less the prior, and its gradient in the logarithms."""
    parameters = np.exp(logs)
    value, gradient = problem(parameters)
    return value - penalty * float(logs @ logs), gradient * parameters - 2 * penalty * logs


def _curvature(problem: LogLikelihood, logs: Floats, penalty: float) -> tuple[Floats, Floats]:
    """(k) the gradient and (k x k) minus the second derivatives, as its differences."""
    here = _penalised(problem, logs, penalty)[1]
    steps = np.eye(len(logs)) * _STEP
    rows = [here - _penalised(problem, logs + step, penalty)[1] for step in steps]
    matrix = np.array(rows) / _STEP
    return here, np.asarray((matrix + matrix.T) / 2)
