"""Mixed models of change by a second program: dense restricted likelihood, statsmodels' MixedLM."""

import warnings
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.endpoints.data import ChangeData
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from ketaoutcomes.second.cells import Cells, cells_of
from ketaoutcomes.second.check import (
    LIBRARY_OPTIMUM,
    OTHER_DERIVATIVE,
    SAME_OPTIMUM,
    Check,
    Second,
    Tolerance,
    checks_of,
    program_of,
)
from ketaoutcomes.second.reml import (
    KINDS,
    Problem,
    Reml,
    Spread,
    patterns_of,
    satterthwaite,
    solve,
    spread_of,
    start_of,
    structure_of,
)
from ketaoutcomes.second.rows import asked_of, wald
from ketaoutcomes.vocabulary import COVARIANCE_LABELS

if TYPE_CHECKING:
    from ketaoutcomes.families.repeated_measures.plan import (
        MmrmAnalysis,
        RandomInterceptAnalysis,
        RandomSlopeAnalysis,
    )

FloatArray = NDArray[np.float64]
STATISTICS = ("difference in LS means", "LS mean")
TABLE = "mmrmt01"
OPTIMISERS: Final = ("bfgs", "cg", "powell")
MIXED_ERROR = Tolerance(
    1e-3, "statsmodels stops MixedLM where its log-likelihood moves by less than its own criterion"
)


def check_mmrm(
    plan: AnalysisPlan,
    name: str,
    analysis: "MmrmAnalysis",
    estimand: Estimand,
    endpoint: ChangeData,
    results: tuple[Result, ...],
) -> tuple[Check, ...]:
    """LS means and their differences by dense restricted likelihood."""
    asked = asked_of(plan, name, results)
    rows = [row for row in asked.of(*STATISTICS, table=TABLE) if row.estimate is not None]
    kept = _structure(rows[0].method) if rows else ""
    if kept not in (*KINDS, "us"):
        return ()
    weights = analysis.weights
    cells = cells_of(
        endpoint.frame, "change", analysis.covariates, analysis.by_visit, analysis.weighting
    )
    weight = np.ones(len(cells.y))
    if weights is not None:
        weight = cells.frame[weights].to_numpy(dtype=float)
        weight = weight / weight.mean()
    group = np.zeros(len(cells.y), dtype=np.int64)
    if analysis.covariance_by is not None:
        group = pd.factorize(cells.frame[analysis.covariance_by].astype(str), sort=True)[0]
    structure, size = structure_of(kept, len(cells.visits))
    problem = Problem(
        patterns_of(cells.y, cells.X, cells.subject, cells.visit, weight, group),
        structure,
        size,
        len(cells.visits),
        int(group.max()) + 1,
        analysis.method == "reml",
    )
    fit = solve(problem, start_of(problem, cells, kept))
    spread = spread_of(problem, fit) if analysis.df == "satterthwaite" else None
    return tuple(
        check
        for row in rows
        if (c := cells.combination(row.visit, row.arm, row.reference)) is not None
        for check in checks_of(row, _second(analysis, fit, c, spread, row))
    )


def _structure(method: str) -> str:
    """The covariance that the main program kept, from its words of the method."""
    words = method.removeprefix("MMRM, ").split(" covariance")[0]
    return next((name for name, label in COVARIANCE_LABELS.items() if label == words), "")


def _second(
    analysis: "MmrmAnalysis",
    fit: Reml,
    c: FloatArray,
    spread: Spread | None,
    row: Result,
) -> Second:
    """The estimate, with its standard error where that needs no small-sample correction."""
    covariance = fit.robust if analysis.coefficient_covariance == "empirical" else fit.covariance
    corrected = analysis.coefficient_covariance in ("cr2", "cr3") or analysis.df.startswith(
        "kenward-roger"
    )
    second = Second(
        program=program_of("scipy", "dense restricted likelihood"),
        tolerance=SAME_OPTIMUM,
        error_tolerance=OTHER_DERIVATIVE if spread is not None else SAME_OPTIMUM,
        estimate=float(c @ fit.beta),
        std_error=None if corrected else float(np.sqrt(c @ covariance @ c)),
    )
    # the degrees of freedom of a sandwich are another quadratic form, which has no second route
    if corrected or spread is None or analysis.coefficient_covariance != "model":
        return second
    return wald(second, row, satterthwaite(fit, spread, c))


def check_random_effects(
    plan: AnalysisPlan,
    name: str,
    analysis: "RandomInterceptAnalysis | RandomSlopeAnalysis",
    estimand: Estimand,
    endpoint: ChangeData,
    results: tuple[Result, ...],
) -> tuple[Check, ...]:
    """LS means and their differences by statsmodels' MixedLM."""
    asked = asked_of(plan, name, results)
    rows = [row for row in asked.of(*STATISTICS, table=TABLE) if row.estimate is not None]
    if not rows:
        return ()
    cells = cells_of(endpoint.frame, "change", analysis.covariates, analysis.by_visit)
    Z = np.ones((len(cells.y), 1))
    if analysis.model == "random_slope":
        day = cells.frame["day"].to_numpy(dtype=float)
        if not analysis.correlated:
            return ()
        Z = np.column_stack([Z, day / max(np.abs(day).max(), 1.0)])
    fit = _mixed_fit(cells, Z)
    if fit is None:
        return ()
    p = cells.X.shape[1]
    # of the coefficients alone, from the covariance matrix of the fitted random effects
    covariance = _of_coefficients(cells, Z, np.asarray(fit.cov_re), float(fit.scale))
    seconds: list[Check] = []
    for row in rows:
        c = cells.combination(row.visit, row.arm, row.reference)
        if c is not None:
            error = None if analysis.df == "kenward-roger" else float(np.sqrt(c @ covariance @ c))
            second = Second(
                program=program_of("statsmodels", "MixedLM"),
                tolerance=LIBRARY_OPTIMUM,
                error_tolerance=MIXED_ERROR,
                estimate=float(c @ np.asarray(fit.fe_params)[:p]),
                std_error=error,
            )
            seconds += checks_of(row, second)
    return tuple(seconds)


def _mixed_fit(cells: Cells, Z: FloatArray) -> Any:
    """MixedLM by the first optimiser that stays off the border; None where none does.

    On some data its steps jump to a variance of zero, where its likelihood is infinite.
    """
    from statsmodels.regression.mixed_linear_model import MixedLM  # noqa: PLC0415 - slow to import

    model = MixedLM(cells.y, cells.X, cells.subject, exog_re=Z)
    for method in OPTIMISERS:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            fit = model.fit(reml=True, method=[method], gtol=1e-9)
        if np.isfinite(fit.llf) and np.linalg.eigvalsh(np.asarray(fit.cov_re))[0] > 0:
            return fit
    return None


def _of_coefficients(cells: Cells, Z: FloatArray, between: FloatArray, scale: float) -> FloatArray:
    """Inverse of the normal equations at the fitted variances."""
    A = np.zeros((cells.X.shape[1],) * 2)
    for subject in range(int(cells.subject.max()) + 1):
        here = cells.subject == subject
        X, z = cells.X[here], Z[here]
        V = z @ between @ z.T + scale * np.eye(len(z))
        A += X.T @ np.linalg.solve(V, X)
    return np.asarray(np.linalg.inv(A), dtype=float)
