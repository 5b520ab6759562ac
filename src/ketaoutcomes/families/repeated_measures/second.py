"""Mixed models of change by a second program: dense restricted likelihood, statsmodels' MixedLM."""

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final
from weakref import finalize

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
    SAME_OPTIMUM,
    Check,
    Second,
    Tolerance,
    checks_of,
    program_of,
)
from ketaoutcomes.second.marginal_model import (
    STATISTICS,
    Marginal,
    Rules,
    has_structure,
    solve_marginal,
    structure_in,
)
from ketaoutcomes.second.rows import asked_of

if TYPE_CHECKING:
    from ketaoutcomes.families.repeated_measures.plan import (
        MmrmAnalysis,
        RandomInterceptAnalysis,
        RandomSlopeAnalysis,
    )

FloatArray = NDArray[np.float64]
TABLE = "mmrmt01"
TOGETHER = ("F test of all arms at the visit", "F test of arm by visit")
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
    cells, found = _solved(analysis, endpoint, rows)
    if found is None:
        return ()
    together = asked.of(*TOGETHER, contrast=False) if analysis.all_arms else ()
    more = [_all_arms(row, cells, found, endpoint, estimand) for row in together]
    return (*found.checks(cells, rows), *(check for checks in more for check in checks))


def _all_arms(
    row: Result, cells: Cells, found: Marginal, endpoint: ChangeData, estimand: Estimand
) -> tuple[Check, ...]:
    """The F statistic of all arms; that of Kenward and Roger is scaled and has no second route."""
    reference = estimand.treatment.reference
    seen = set(cells.frame["arm"].astype(str))
    others = [arm for arm in endpoint.arms if arm in seen and arm != reference]
    visits = [v for v in endpoint.visits if v in set(cells.frame["visit"].astype(str))]
    rows = {v: [cells.combination(v, arm, reference) for arm in others] for v in visits}
    known = {
        v: np.stack([c for c in L if c is not None])
        for v, L in rows.items()
        if all(c is not None for c in L)
    }
    if found.covariance is None or len(known) < len(rows) or "Kenward" in row.method:
        return ()
    L = known[row.visit] if row.visit else _changes([known[v] for v in visits])
    value = L @ found.fit.beta
    statistic = float(value @ np.linalg.solve(L @ found.covariance @ L.T, value)) / len(L)
    return checks_of(
        row,
        Second(
            program=program_of("scipy", "dense restricted likelihood"),
            tolerance=SAME_OPTIMUM,
            test_statistic=statistic,
        ),
    )


def _changes(rows: Sequence[FloatArray]) -> FloatArray:
    """From the first visit to each later one."""
    return np.concatenate([later - rows[0] for later in rows[1:]])


def correlation_of_mmrm(
    analysis: "MmrmAnalysis", endpoint: ChangeData, rows: tuple[Result, ...]
) -> FloatArray | None:
    """How the estimates of some rows are correlated; None where that has no second route."""
    cells, found = _solved(analysis, endpoint, rows)
    if found is None or found.covariance is None:
        return None
    own = [cells.combination(row.visit, row.arm, row.reference) for row in rows]
    known = [c for c in own if c is not None]
    if len(known) < len(own):
        return None
    C = np.stack(known)
    covariance = C @ found.covariance @ C.T
    error = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(error, error), dtype=float)


_FOUND: dict[tuple[int, int, str], tuple["MmrmAnalysis", Cells, Marginal | None]] = {}
"""What `_solved` gave, as long as its endpoint lives: tests of several hypotheses ask again."""


def _solved(
    analysis: "MmrmAnalysis", endpoint: ChangeData, rows: Sequence[Result]
) -> tuple[Cells, Marginal | None]:
    """The model by dense restricted likelihood, fitted once; None without one."""
    kept = structure_in(rows[0].method) if rows else ""
    key = (id(analysis), id(endpoint), kept)
    if key not in _FOUND:
        # the analysis is held, so that its id is not given to another
        _FOUND[key] = (analysis, *_solve(analysis, endpoint, kept))
        finalize(endpoint, _FOUND.pop, key, None)
    _, cells, found = _FOUND[key]
    return cells, found


def _solve(
    analysis: "MmrmAnalysis", endpoint: ChangeData, kept: str
) -> tuple[Cells, Marginal | None]:
    cells = cells_of(
        endpoint.frame, "change", analysis.covariates, analysis.by_visit, analysis.weighting
    )
    if not has_structure(kept):
        return cells, None
    weight, group = None, None
    if analysis.weights is not None:
        weight = cells.frame[analysis.weights].to_numpy(dtype=float)
        weight = weight / weight.mean()
    if analysis.covariance_by is not None:
        group = pd.factorize(cells.frame[analysis.covariance_by].astype(str), sort=True)[0]
    rules = Rules(analysis.df, analysis.coefficient_covariance)
    reml = analysis.method == "reml"
    return cells, solve_marginal(cells, kept, rules, weight=weight, group=group, reml=reml)


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
