"""Change of imputed data: LS means and their differences by visit, pooled."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.endpoints.data import BinaryData
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.imputation.data import ImputedData, NotImputed
from ketaoutcomes.families.imputation.design import (
    analysis_design,
    arm_row,
    common_row,
    count_rows,
    failed_row,
    monte_carlo_rows,
    pooled_row,
    shift_remarks,
)
from ketaoutcomes.families.imputation.plan import (
    ConditionalMeanAnalysis,
    MultipleImputationAnalysis,
)
from ketaoutcomes.families.imputation.response import fit_imputed_response
from ketaoutcomes.numerics.imputation.ancova import Analysed, fit_ancova, weighted_coefficients
from ketaoutcomes.numerics.imputation.completed_mmrm import analyse_by_mmrm
from ketaoutcomes.numerics.imputation.rubin import (
    Pooled,
    pool_bootstrap,
    pool_by_rubin,
    pool_jackknife,
)
from ketaoutcomes.numerics.mmrm.identify import NotIdentifiedError
from ketaoutcomes.numerics.row_space import RowSpace
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]
ROUNDING = 1e-10
"""Standard error below which, in standard deviations of the scores, only rounding is left."""
POOLS = {"jackknife": pool_jackknife, "bootstrap": pool_bootstrap}


@dataclass(frozen=True)
class Estimate:
    """A pooled number of one visit: an arm's mean, or its difference from the reference.

    Attributes
    ----------
    analysed : Analysed or None
        The estimates of the imputations it was pooled from.
    """

    visit: int
    arm: int
    difference: bool
    pooled: Pooled
    analysed: Analysed | None = None


def fit_imputed_change(
    name: str,
    analysis: MultipleImputationAnalysis | ConditionalMeanAnalysis,
    estimand: Estimand,
    data: ImputedData | NotImputed,
    conf_level: float,
) -> Fitted:
    """Analyse each completed dataset and pool the results."""
    common = common_row(name, analysis, data, "impt01", "points")
    if isinstance(data, NotImputed):
        return Fitted(name, (failed_row(common, estimand, data.reason),))
    common = replace(common, method=_method(analysis, data))
    try:
        estimates = tuple(estimates_of(analysis, data))
    except (np.linalg.LinAlgError, NotIdentifiedError) as error:
        reason = f"the completed data could not be analysed: {error}"
        return Fitted(name, (failed_row(common, estimand, reason),))
    rows = [
        row for estimate in estimates for row in _rows(common, estimand, data, estimate, conf_level)
    ]
    told = shift_remarks(analysis, estimand, data)
    failed = _failed_rows(common, estimand, data)
    return Fitted(name, (*rows, *failed, *count_rows(common, data)), remarks=told)


def _failed_rows(common: Result, estimand: Estimand, data: ImputedData) -> Iterator[Result]:
    """The visits whose scores could not all be imputed, with the reason."""
    for visit in data.visits:
        if reason := data.not_imputed(visit):
            yield replace(failed_row(common, estimand, reason), visit=visit)


def _imputed_visits(data: ImputedData) -> list[int]:
    """Places of the visits at which all missing scores were imputed."""
    return [v for v, visit in enumerate(data.visits) if not data.not_imputed(visit)]


def fit_multiple_imputation(
    name: str,
    analysis: MultipleImputationAnalysis,
    estimand: Estimand,
    data: ImputedData | NotImputed,
    conf_level: float,
) -> Fitted:
    """A change or a response, as the endpoint is."""
    fit = fit_imputed_response if isinstance(data.endpoint, BinaryData) else fit_imputed_change
    return fit(name, analysis, estimand, data, conf_level)


def estimates_of(
    analysis: MultipleImputationAnalysis | ConditionalMeanAnalysis, data: ImputedData
) -> Iterator[Estimate]:
    """LS means of every arm, then the differences, visit by visit.

    Raises
    ------
    LinAlgError, NotIdentifiedError, NotEstimableError
        If the completed data cannot be analysed.
    """
    if isinstance(analysis, ConditionalMeanAnalysis):
        return _by_resampling(data)
    if analysis.analysed_by == "mmrm":
        return _by_mmrm(data)
    return _by_ancova(analysis, data)


def _by_ancova(analysis: MultipleImputationAnalysis, data: ImputedData) -> Iterator[Estimate]:
    design, n_arms = analysis_design(data), len(data.arms)
    means = design.arm_means()
    for visit in _imputed_visits(data):
        fits = fit_ancova(design, data.values[..., visit], analysis.standard_errors)
        for arm in range(n_arms):
            yield _pooled(visit, arm, fits.combination(means[:, arm]), difference=False)
        for arm in range(1, n_arms):
            yield _pooled(visit, arm, fits.combination(arm_row(design, arm)), difference=True)


def _by_mmrm(data: ImputedData) -> Iterator[Estimate]:
    """The model of the imputation, fitted to the completed data."""
    visits, arms = _imputed_visits(data), range(len(data.arms))
    if not visits:
        return
    unit = np.eye(data.trial.X.shape[-1])
    T = len(data.visits)
    mean = data.trial.X_reference.mean(axis=0)

    def difference(visit: int, arm: int) -> FloatArray:
        return unit[arm * T + visit] if arm else np.zeros(len(unit))

    keys = [(v, a, False) for v in visits for a in arms]
    keys += [(v, a, True) for v in visits for a in arms[1:]]
    contrasts = [difference(v, a) + (0 if differs else mean[v]) for v, a, differs in keys]
    X = np.ascontiguousarray(data.trial.X[:, visits])
    space = RowSpace.of(X.reshape(-1, X.shape[-1]))
    estimable = space.reduced(np.array(contrasts))
    if np.isnan(estimable).any():
        raise NotIdentifiedError("the data cannot separate the arms from the covariates")
    found = analyse_by_mmrm(space.columns(X), data.values[..., visits], estimable)
    for (visit, arm, differs), analysed in zip(keys, found, strict=True):
        yield _pooled(visit, arm, analysed, difference=differs)


def _pooled(visit: int, arm: int, analysed: Analysed, *, difference: bool) -> Estimate:
    return Estimate(visit, arm, difference, pool_by_rubin(analysed), analysed)


def _by_resampling(data: ImputedData) -> Iterator[Estimate]:
    """ANCOVA of the conditional means, in the whole trial and in each version of it."""
    assert data.resampled is not None
    design, n_arms, pool = analysis_design(data), len(data.arms), POOLS[data.resampling]
    means = design.arm_means(data.resampled)
    for visit in _imputed_visits(data):
        beta = weighted_coefficients(design, data.values[..., visit], data.resampled)
        for arm in range(n_arms):
            each = (beta * means[:, arm]).sum(axis=1)
            yield Estimate(visit, arm, difference=False, pooled=pool(each[0], each[1:]))
        for arm in range(1, n_arms):
            each = beta @ arm_row(design, arm)
            yield Estimate(visit, arm, difference=True, pooled=pool(each[0], each[1:]))


def _rows(
    common: Result, estimand: Estimand, data: ImputedData, estimate: Estimate, conf_level: float
) -> Iterator[Result]:
    """The row of an estimate; of what the estimand asks for its Monte-Carlo error, too."""
    visit, arm = data.visits[estimate.visit], data.arms[estimate.arm]
    counts = np.bincount(data.trial.arm, minlength=len(data.arms))
    n = int(counts[estimate.arm]) + (int(counts[0]) if estimate.difference else 0)
    row = replace(
        common,
        statistic="difference in LS means" if estimate.difference else "LS mean",
        visit=visit,
        arm=arm,
        reference=data.arms[0] if estimate.difference else "",
        n=n,
    )
    least = ROUNDING * np.nanstd(data.trial.y)
    if estimate.pooled.std_error <= least:
        words = "the assumption fixes this number: it is the same whatever the scores are"
        fixed = float(estimate.pooled.estimate) if abs(estimate.pooled.estimate) > least else 0.0
        yield replace(row, estimate=fixed, std_error=0.0, status="warning", message=words)
        return
    yield pooled_row(row, estimate.pooled, conf_level, test=estimate.difference)
    asked = (visit, arm, row.reference) == (
        estimand.visit,
        estimand.treatment.active,
        estimand.treatment.reference,
    )
    if asked and estimate.analysed is not None:
        yield from monte_carlo_rows(row, estimate.analysed)


def _method(
    analysis: MultipleImputationAnalysis | ConditionalMeanAnalysis, data: ImputedData
) -> str:
    if isinstance(analysis, ConditionalMeanAnalysis):
        return f"conditional mean imputation, ANCOVA, {data.resampling} standard error"
    model = "MMRM" if analysis.analysed_by == "mmrm" else "ANCOVA"
    robust = ", robust standard errors" if analysis.standard_errors == "robust" else ""
    return (
        f"multiple imputation ({analysis.imputations}, {analysis.draws}), {model}{robust}, "
        "Rubin's rules"
    )
