"""Response and remission of imputed scores: proportions and their comparison, pooled."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

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
from ketaoutcomes.families.imputation.plan import MultipleImputationAnalysis
from ketaoutcomes.numerics.imputation.binary import (
    fit_logistic,
    marginal_risk_difference,
    proportion,
    risk_difference,
)
from ketaoutcomes.numerics.imputation.rubin import Pooled, pool_by_rubin
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result


def fit_imputed_response(
    name: str,
    analysis: MultipleImputationAnalysis,
    estimand: Estimand,
    data: ImputedData | NotImputed,
    conf_level: float,
) -> Fitted:
    """Proportions, and of two arms their differences and odds ratio, at the visit asked."""
    common = common_row(name, analysis, data, "impt02", "")
    if isinstance(data, NotImputed):
        return Fitted(name, (failed_row(common, estimand, data.reason),))
    if estimand.visit not in data.visits or estimand.treatment.active not in data.arms:
        reason = "no participant was observed at the visit or in an arm of the estimand"
        return Fitted(name, (failed_row(common, estimand, reason),))
    reason = data.not_imputed(estimand.visit)
    if reason:
        return Fitted(name, (failed_row(common, estimand, reason), *count_rows(common, data)))
    common = replace(
        common,
        visit=estimand.visit,
        method=f"multiple imputation ({analysis.imputations}, {analysis.draws}) of the score, "
        "Rubin's rules",
    )
    rows = tuple(_proportions(common, estimand, data, conf_level))
    if estimand.treatment.compares:
        rows = (*rows, *_adjusted(common, estimand, data, conf_level))
    told = shift_remarks(analysis, estimand, data)
    return Fitted(name, (*rows, *count_rows(replace(common, visit=""), data)), remarks=told)


def _proportions(
    common: Result, estimand: Estimand, data: ImputedData, conf_level: float
) -> Iterator[Result]:
    """Each arm, and the difference where the estimand asks for one."""
    outcome = data.values[..., data.visits.index(common.visit)]
    counts = np.bincount(data.trial.arm, minlength=len(data.arms))
    shares = {
        arm: proportion(outcome, data.trial.arm == code) for code, arm in enumerate(data.arms)
    }
    for arm, n in zip(data.arms, counts, strict=True):
        row = replace(common, statistic="proportion", arm=arm, n=int(n))
        yield pooled_row(row, pool_by_rubin(shares[arm]), conf_level, test=False)
        if not estimand.treatment.compares:
            yield from monte_carlo_rows(row, shares[arm])
    if not estimand.treatment.compares:
        return
    row = replace(_between(common, estimand, data), statistic="risk difference")
    difference = risk_difference(shares[row.arm], shares[row.reference])
    yield pooled_row(row, pool_by_rubin(difference), conf_level, test=True)
    yield from monte_carlo_rows(row, difference)


def _adjusted(
    common: Result, estimand: Estimand, data: ImputedData, conf_level: float
) -> Iterator[Result]:
    """Logistic regression on arm and covariates: odds ratio and marginal risk difference."""
    row = _between(common, estimand, data)
    ratio = replace(row, statistic="odds ratio", method=f"{row.method}; logistic regression")
    margin = replace(
        row,
        statistic="marginal risk difference",
        method=f"{row.method}; g-computation after logistic regression",
    )
    design = analysis_design(data)
    outcome = data.values[..., data.visits.index(common.visit)]
    fits = fit_logistic(design, outcome)
    if not fits.converged.all():
        reason = (
            f"logistic regression has no maximum in {int((~fits.converged).sum())} of "
            f"{fits.converged.size} imputations"
        )
        yield replace(ratio, status="warning", message=reason)
        yield replace(margin, status="warning", message=reason)
        return
    active = data.arms.index(row.arm)
    yield _exponentiated(
        ratio, pool_by_rubin(fits.combination(arm_row(design, active))), conf_level
    )
    difference = marginal_risk_difference(design, fits, active, 0)
    yield pooled_row(margin, pool_by_rubin(difference), conf_level, test=True)


def _between(common: Result, estimand: Estimand, data: ImputedData) -> Result:
    active = estimand.treatment.active
    compared = (data.trial.arm == 0) | (data.trial.arm == data.arms.index(active))
    return replace(common, arm=active, reference=data.arms[0], n=int(compared.sum()))


def _exponentiated(row: Result, pooled: Pooled, conf_level: float) -> Result:
    """A ratio from its pooled logarithm; the standard error is that of the logarithm."""
    low, high = pooled.limits(conf_level)
    return replace(
        pooled_row(row, pooled, conf_level, test=True),
        estimate=float(np.exp(pooled.estimate)),
        conf_low=float(np.exp(low)),
        conf_high=float(np.exp(high)),
    )
