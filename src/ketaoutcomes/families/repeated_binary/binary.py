"""Response or remission at every visit: standardised proportions and odds ratios.

The proportion of an arm at a visit is the mean, over all subjects of the analysis, of the fitted
probability with everybody on that arm; covariates keep their observed values (Moore & van der Laan
2009, Stat Med 28:39-64). Standard errors by the delta method for the covariates as they are.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.families.shared.design import ls_mean_rows, rows_for
from ketaoutcomes.families.shared.repeated_measures import RepeatedMeasures, with_estimate
from ketaoutcomes.numerics.linear_combination import ContrastResult, tested
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class BinaryModel:
    """A fitted model as its estimates need it.

    Attributes
    ----------
    parameters : array, shape (k,)
        Coefficients first, then what else the probabilities depend on.
    covariance : array, shape (k, k)
    probability : callable
        From rows of X, shape (n, p): the mean probability and its gradient, shape (k,).
    df : callable
        From a gradient, the degrees of freedom.
    """

    parameters: FloatArray
    covariance: FloatArray
    probability: Callable[[FloatArray], tuple[float, FloatArray]]
    df: Callable[[FloatArray], float]

    def tested(self, estimate: float, gradient: FloatArray, conf_level: float) -> ContrastResult:
        """An estimate with its interval and test."""
        std_error = float(np.sqrt(gradient @ self.covariance @ gradient))
        return tested(estimate, std_error, self.df(gradient), conf_level)


def binary_results(
    data: RepeatedMeasures,
    estimand: Estimand,
    common: Result,
    model: BinaryModel,
    conf_level: float,
) -> tuple[Result, ...]:
    """Proportions of each arm, risk differences and odds ratios, by visit."""
    subjects = data.observed.drop_duplicates("subject")
    counts = data.observed.groupby(["visit", "arm"], observed=True)["subject"].nunique()
    means = ls_mean_rows(data.design, ("visit", "arm"))
    L = dict(zip(means.levels, means.L, strict=True))
    reference = estimand.treatment.reference
    results: list[Result] = []
    for visit in data.visits:
        at = {
            arm: model.probability(rows_for(data.design, subjects.assign(arm=arm, visit=visit)))
            for arm in data.arms
        }
        n = {arm: int(counts.get((visit, arm), 0)) for arm in data.arms}
        for arm in data.arms:
            row = replace(common, statistic="proportion", visit=visit, arm=arm, n=n[arm])
            results.append(_proportion(row, model, *at[arm], conf_level))
        for arm in data.arms[1:] if data.arms[0] == reference else ():
            row = replace(common, visit=visit, arm=arm, reference=reference)
            row = replace(row, n=n[arm] + n[reference])
            (p1, g1), (p0, g0) = at[arm], at[reference]
            difference = model.tested(p1 - p0, g1 - g0, conf_level)
            results += [
                with_estimate(
                    replace(row, statistic="risk difference"), difference, conf_level, test=True
                ),
                _odds_ratio(row, model, L[visit, arm] - L[visit, reference], conf_level),
            ]
    return tuple(results)


def _proportion(
    row: Result, model: BinaryModel, p: float, gradient: FloatArray, conf_level: float
) -> Result:
    """With an interval on the scale of the logit, which stays within 0 and 1."""
    variance = p * (1 - p)
    logit = model.tested(float(np.log(p / (1 - p))), gradient / variance, conf_level)
    low, high = (float(1 / (1 + np.exp(-x))) for x in (logit.conf_low, logit.conf_high))
    found = replace(
        logit, estimate=p, std_error=logit.std_error * variance, conf_low=low, conf_high=high
    )
    return with_estimate(row, found, conf_level, test=False)


def _odds_ratio(row: Result, model: BinaryModel, c: FloatArray, conf_level: float) -> Result:
    """With an interval on the logarithm."""
    gradient = np.zeros(len(model.parameters))
    gradient[: len(c)] = c
    log_ratio = model.tested(float(gradient @ model.parameters), gradient, conf_level)
    ratio, low, high = (
        float(np.exp(x)) for x in (log_ratio.estimate, log_ratio.conf_low, log_ratio.conf_high)
    )
    found = replace(
        log_ratio,
        estimate=ratio,
        std_error=log_ratio.std_error * ratio,
        conf_low=low,
        conf_high=high,
    )
    return with_estimate(replace(row, statistic="odds ratio"), found, conf_level, test=True)
