"""Dose response by a second program: dense restricted likelihood, draws from the joint t."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from ketaoutcomes.endpoints.data import ChangeData
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from ketaoutcomes.second.cells import cells_of
from ketaoutcomes.second.check import (
    OTHER_DERIVATIVE,
    SAME_OPTIMUM,
    Check,
    Second,
    checks_of,
    program_of,
)
from ketaoutcomes.second.joint_tests import JOINT, JOINT_LIMIT, half_width, largest_of
from ketaoutcomes.second.marginal_model import Rules, has_structure, solve_marginal
from ketaoutcomes.second.reml import satterthwaite
from ketaoutcomes.second.rows import Asked, asked_of

if TYPE_CHECKING:
    from ketaoutcomes.families.dose_response.plan import CandidateShape, DoseResponseAnalysis

FloatArray = NDArray[np.float64]
TABLE = "drst01"
PROGRAM = "dense restricted likelihood; draws from the joint t"


@dataclass(frozen=True)
class Means:
    """LS means of the doses, rising, with their covariance and the df that all tests share."""

    arms: tuple[str, ...]
    doses: FloatArray
    mu: FloatArray
    S: FloatArray
    df: float


def check_dose_response(
    plan: AnalysisPlan,
    name: str,
    analysis: "DoseResponseAnalysis",
    estimand: Estimand,
    endpoint: ChangeData,
    results: tuple[Result, ...],
) -> tuple[Check, ...]:
    """LS means, differences from the reference and shapes, each with its adjusted p; the curve."""
    asked = asked_of(plan, name, results)
    first = next(iter(asked.of("LS mean", table=TABLE, contrast=False)), None)
    found = [_means(analysis, estimand, endpoint, kind) for kind in analysis.covariance]
    known = [means for means in found if means is not None]
    if not known or first is None or first.arm not in known[0].arms:
        return ()
    # the results do not say which covariance was kept: that of the plan whose first mean fits best
    place, value = known[0].arms.index(first.arm), first.estimate or 0.0
    means = min(known, key=lambda one: abs(float(one.mu[place]) - value))
    return (
        *asked.checked("LS mean", lambda row: _mean(means, row), table=TABLE, contrast=False),
        *_differences(means, asked, estimand.treatment.reference),
        *_shapes(means, analysis, asked),
        *_curve(means, asked),
    )


def _means(
    analysis: "DoseResponseAnalysis", estimand: Estimand, endpoint: ChangeData, kind: str
) -> Means | None:
    """By one of the plan's covariances; None where that has no second program."""
    if not has_structure(kind):
        return None
    cells = cells_of(endpoint.frame, "change", analysis.covariates, analysis.by_visit)
    model = solve_marginal(cells, kind, Rules("satterthwaite"))
    visit = estimand.visit or cells.visits[-1]
    arms = sorted(set(cells.arms) & set(analysis.doses), key=analysis.doses.__getitem__)
    own = [cells.combination(visit, arm) for arm in arms]
    C = np.stack([c for c in own if c is not None])
    if len(C) < len(arms) or model.spread is None or model.covariance is None:
        return None
    spread = model.spread
    return Means(
        tuple(arms),
        np.array([analysis.doses[arm] for arm in arms], dtype=float),
        C @ model.fit.beta,
        C @ model.covariance @ C.T,
        min(satterthwaite(model.fit, spread, c - C[0]) for c in C[1:]),
    )


def _second(**found: Any) -> Second:
    """What the model gives; errors follow from differences of the likelihood."""
    return Second(
        program=program_of("scipy", PROGRAM),
        tolerance=SAME_OPTIMUM,
        error_tolerance=OTHER_DERIVATIVE,
        **found,
    )


def _mean(means: Means, row: Result) -> Second | None:
    if row.arm not in means.arms:
        return None
    place = means.arms.index(row.arm)
    return _second(estimate=float(means.mu[place]), std_error=float(means.S[place, place] ** 0.5))


def _differences(means: Means, asked: Asked, reference: str) -> list[Check]:
    """Each dose less the reference; Dunnett's p and interval."""
    at = means.arms.index(reference)
    others = [place for place in range(len(means.arms)) if place != at]
    C = np.eye(len(means.arms))[others] - np.eye(len(means.arms))[at]
    rows = {row.arm: row for row in asked.of("difference in LS means", table=TABLE)}
    return [
        check
        for place, c in zip(others, C, strict=True)
        if (row := rows.get(means.arms[place])) is not None
        for check in _tested(means, c, C, row)
    ]


def _tested(means: Means, c: FloatArray, C: FloatArray, row: Result) -> list[Check]:
    """A combination of the means; its p-value and its interval are adjusted for all of C."""
    covariance = C @ means.S @ C.T
    errors = np.sqrt(np.diag(covariance))
    estimate, error = float(c @ means.mu), float(np.sqrt(c @ means.S @ c))
    correlation = covariance / np.outer(errors, errors)
    found = _second(estimate=estimate, std_error=error, test_statistic=estimate / error)
    p = largest_of(estimate / error, correlation, means.df)
    adjusted = Second(program=found.program, tolerance=JOINT, p_value=p)
    limits = Second(program=found.program, tolerance=JOINT_LIMIT)
    if row.conf_level is not None and row.conf_low is not None:
        half = half_width(row.conf_level, correlation, means.df) * error
        limits = replace(limits, conf_low=estimate - half, conf_high=estimate + half)
    return [check for second in (found, limits, adjusted) for check in checks_of(row, second)]


def _shapes(means: Means, analysis: "DoseResponseAnalysis", asked: Asked) -> list[Check]:
    """The contrast that best detects each shape: S^-1 (f - its weighted mean), of length 1."""
    inverse = np.linalg.inv(means.S)
    contrasts = {}
    for name, one in analysis.shapes.items():
        f = _response(one, means.doses)
        centre = inverse.sum(axis=0) @ f / inverse.sum()
        c = inverse @ (f - centre)
        contrasts[name] = c / np.sqrt(c @ c)
    C = np.stack(list(contrasts.values()))
    return [
        check
        for row in asked.of("trend contrast", table=TABLE, contrast=False)
        for check in _tested(means, contrasts[row.group], C, row)
    ]


def _response(one: "CandidateShape", doses: FloatArray) -> FloatArray:
    """A shape at the doses, up to location and scale."""
    a, h = one.parameter, one.hill
    shapes = {
        "linear": lambda d: d,
        "log_linear": lambda d: np.log(d + a),
        "exponential": lambda d: np.exp(d / a) - 1,
        "emax": lambda d: d / (a + d),
        "sigmoid_emax": lambda d: d**h / (a**h + d**h),
    }
    return np.asarray(shapes[one.shape](doses), dtype=float)


def _curve(means: Means, asked: Asked) -> list[Check]:
    """The Emax curve by scipy's least_squares on whitened means."""
    rows = {
        row.statistic: row for row in asked.of("E0", "Emax", "ED50", table=TABLE, contrast=False)
    }
    if "ED50" not in rows or rows["ED50"].status != "ok" or rows["ED50"].estimate is None:
        return []
    root = np.linalg.cholesky(np.linalg.inv(means.S)).T

    def rest(theta: FloatArray) -> FloatArray:
        fitted = theta[0] + theta[1] * means.doses / (np.exp(theta[2]) + means.doses)
        return np.asarray(root @ (means.mu - fitted))

    span = float(means.mu[-1] - means.mu[0])
    starts = np.log(np.array([0.05, 0.2, 0.5, 1.0]) * means.doses.max())
    fits = [
        least_squares(rest, [means.mu[0], span, at], xtol=1e-14, ftol=1e-14, gtol=1e-14)
        for at in starts
    ]
    best = min(fits, key=lambda fit: float(fit.cost))
    values = {"E0": best.x[0], "Emax": best.x[1], "ED50": np.exp(best.x[2])}
    return [
        check
        for statistic, row in rows.items()
        for check in checks_of(row, _curve_value(float(values[statistic])))
    ]


def _curve_value(value: float) -> Second:
    return Second(
        program=program_of("scipy", "dense restricted likelihood; `least_squares`"),
        tolerance=OTHER_DERIVATIVE,
        estimate=value,
    )
