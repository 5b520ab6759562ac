"""Estimating equations and logistic mixed models by a second program.

statsmodels' GEE, with the moments of R's geepack in plain loops; and the likelihood of a random
intercept on a fixed grid, minimised by scipy.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar
from scipy.special import expit

from ketaoutcomes.endpoints.data import BinaryData, ChangeData
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from ketaoutcomes.second.binary import LARGEST, Fitted, check_binary
from ketaoutcomes.second.cells import cells_of
from ketaoutcomes.second.check import (
    OTHER_DERIVATIVE,
    SAME_OPTIMUM,
    Check,
    Second,
    Tolerance,
    checks_of,
    program_of,
)
from ketaoutcomes.second.rows import asked_of, wald

if TYPE_CHECKING:
    from ketaoutcomes.families.repeated_binary.plan import GeeAnalysis, LogisticMixedAnalysis

FloatArray = NDArray[np.float64]
COVARIANCES = {"robust": "robust", "mancl-derouen": "bias_reduced"}
GRID = np.linspace(-8.5, 8.5, 103)
"""Standardised intercepts; the trapezoid rule is exact to rounding for a function that dies out."""


FEWEST_NODES = 15
QUADRATURE = Tolerance(
    1e-4, "the main program has a quadrature of few nodes, which is exact to about five digits"
)


class Moments:
    """A working correlation with the moments of R's geepack, pair by pair of visits.

    What the library has of its own comes from a base class added where it is used.
    """

    model: Any

    def __init__(self, kind: str, n_visits: int) -> None:
        super().__init__()
        self.kind, self.R = kind, np.eye(n_visits)

    def initialize(self, model: Any) -> None:
        """Take the visits of each subject from the model's times."""
        super().initialize(model)  # type: ignore[misc]
        self.visits = [time[:, 0].astype(int) for time in model.time_li]

    def update(self, _params: Any) -> None:
        """The mean product of standardised residuals of each pair of visits."""
        n = len(self.R)
        total, pairs, squares, seen = np.zeros((n, n)), np.zeros((n, n)), 0.0, 0
        for i, visits in enumerate(self.visits):
            mean = self.model.cached_means[i][0]
            r = (self.model.endog_li[i] - mean) / np.sqrt(self.model.family.variance(mean))
            total[np.ix_(visits, visits)] += np.outer(r, r)
            pairs[np.ix_(visits, visits)] += 1
            squares, seen = squares + float(r @ r), seen + len(r)
        total *= seen / squares
        above = np.triu_indices(n, 1)
        if self.kind == "exchangeable" and n > 1:
            self.R = np.where(np.eye(n) == 1, 1.0, total[above].sum() / pairs[above].sum())
        elif self.kind == "unstructured":
            self.R = np.where(np.eye(n) == 1, 1.0, total / np.maximum(pairs, 1))
        elif self.kind == "ar1" and n > 1:
            lag = above[1] - above[0]

            def loss(a: float) -> float:
                fitted = a**lag
                return float((pairs[above] * fitted**2 - 2 * total[above] * fitted).sum())

            best = minimize_scalar(loss, bounds=(-1, 1), method="bounded", options={"xatol": 1e-13})
            self.R = float(best.x) ** np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
        self.dep_params = self.R

    def covariance_matrix(self, _mean: Any, index: int) -> tuple[FloatArray, bool]:
        """The part of a subject; true, for it is a correlation."""
        visits = self.visits[index]
        return self.R[np.ix_(visits, visits)], True


def check_gee(
    plan: AnalysisPlan,
    name: str,
    analysis: "GeeAnalysis",
    estimand: Estimand,
    endpoint: ChangeData | BinaryData,
    results: tuple[Result, ...],
) -> tuple[Check, ...]:
    """By statsmodels' GEE; two of the covariances are its own, of others the estimate is checked.

    Nothing where outcomes are separated.
    """
    from statsmodels.genmod import families  # noqa: PLC0415 - slow to import
    from statsmodels.genmod.cov_struct import CovStruct  # noqa: PLC0415
    from statsmodels.genmod.generalized_estimating_equations import GEE  # noqa: PLC0415

    asked = asked_of(plan, name, results)
    binary = isinstance(endpoint, BinaryData)
    outcome = "outcome" if binary else "change"
    cells = cells_of(endpoint.frame, outcome, analysis.covariates, analysis.by_visit)
    family = families.Binomial() if binary else families.Gaussian()
    working = type("WorkingMoments", (Moments, CovStruct), {})(
        analysis.correlation, len(cells.visits)
    )
    model = GEE(
        cells.y, cells.X, cells.subject, time=cells.visit, family=family, cov_struct=working
    )
    kind = COVARIANCES.get(analysis.coefficient_covariance)
    with np.errstate(all="ignore"):
        fit = model.fit(ddof_scale=0, ctol=1e-9, maxiter=100, cov_type=kind or "robust")
    beta = np.asarray(fit.params, dtype=float)
    if not fit.converged or (binary and np.abs(cells.X @ beta).max() > LARGEST):
        return ()
    residual = analysis.df == "subjects"
    df = float(max(int(cells.subject.max()) + 1 - len(beta), 1)) if residual else float("nan")
    covariance = None if kind is None else np.asarray(fit.cov_params(), dtype=float)
    blank = Second(
        program=program_of("statsmodels", "GEE"),
        tolerance=SAME_OPTIMUM,
        error_tolerance=SAME_OPTIMUM,
    )
    fitted = Fitted(cells, beta, covariance, _marginal, df, blank)
    if binary:
        return check_binary(asked, fitted, "geet01")
    return _check_changes(asked.of("difference in LS means", "LS mean", table="geet01"), fitted)


def _check_changes(rows: Any, fitted: Fitted) -> tuple[Check, ...]:
    """LS means of a change and their differences."""
    checks: list[Check] = []
    for row in rows:
        c = fitted.cells.combination(row.visit, row.arm, row.reference)
        if c is None or row.estimate is None:
            continue
        second = Second(
            program=fitted.blank.program,
            tolerance=fitted.blank.tolerance,
            estimate=float(c @ fitted.parameters),
            std_error=fitted.error(c),
        )
        known = fitted.df is None or not np.isnan(fitted.df)
        checks += checks_of(row, wald(second, row, fitted.df) if known else second)
    return tuple(checks)


def _marginal(beta: FloatArray, rows: FloatArray) -> float:
    return float(expit(rows @ beta).mean())


def check_logistic_mixed(
    plan: AnalysisPlan,
    name: str,
    analysis: "LogisticMixedAnalysis",
    estimand: Estimand,
    endpoint: BinaryData,
    results: tuple[Result, ...],
) -> tuple[Check, ...]:
    """By the likelihood on a grid of intercepts, with errors from differences of its gradient.

    Nothing where outcomes are separated, or where the plan asks for so few nodes that its own
    quadrature is another approximation.
    """
    if analysis.nodes < FEWEST_NODES:
        return ()
    cells = cells_of(endpoint.frame, "outcome", analysis.covariates, analysis.by_visit)
    p = cells.X.shape[1]
    weight = np.exp(-(GRID**2) / 2)
    weight = weight / weight.sum()
    order = np.argsort(cells.subject, kind="stable")
    y, X, subject = cells.y[order], cells.X[order], cells.subject[order]
    first = np.flatnonzero(np.diff(subject, prepend=-1))

    def loss(theta: FloatArray) -> tuple[float, FloatArray]:
        eta = (X @ theta[:p])[:, None] + theta[p] * GRID
        gain = np.where(y[:, None] > 0, eta, -eta)
        log_likelihood = np.add.reduceat(-np.logaddexp(0, -gain), first, axis=0)
        most = log_likelihood.max(axis=1, keepdims=True)
        joint = np.exp(log_likelihood - most) * weight
        total = joint.sum(axis=1)
        posterior = (joint / total[:, None])[subject]
        residual = (y[:, None] - expit(eta)) * posterior
        slope = np.append(X.T @ residual.sum(axis=1), (residual @ GRID).sum())
        return -float((np.log(total) + most[:, 0]).sum()), -slope

    start = np.append(np.zeros(p), 1.0)
    found = minimize(loss, start, jac=True, method="BFGS", options={"gtol": 1e-5}).x
    for _ in range(2):
        bend = _bend(loss, found)
        found = found - np.linalg.solve(bend, loss(found)[1])
    if found[p] < 0:
        found[p] = -found[p]
    if np.abs(X @ found[:p]).max() > LARGEST:
        return ()
    blank = Second(
        program=program_of("scipy", "likelihood on a grid of intercepts"),
        tolerance=QUADRATURE,
        error_tolerance=OTHER_DERIVATIVE,
    )

    def risk(theta: FloatArray, rows: FloatArray) -> float:
        return float((expit((rows @ theta[:p])[:, None] + theta[p] * GRID) @ weight).mean())

    covariance = np.asarray(np.linalg.inv(_bend(loss, found)), dtype=float)
    fitted = Fitted(cells, found, covariance, risk, None, blank)
    return check_binary(asked_of(plan, name, results), fitted, "glmmt01")


def _bend(loss: Any, theta: FloatArray) -> FloatArray:
    """Second derivatives, central differences of the gradient."""
    H = np.empty((theta.size, theta.size))
    for place in range(theta.size):
        step = np.zeros(theta.size)
        step[place] = 1e-4
        H[place] = (loss(theta + step)[1] - loss(theta - step)[1]) / 2e-4
    return (H + H.T) / 2
