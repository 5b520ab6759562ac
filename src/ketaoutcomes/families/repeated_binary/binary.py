"""Response or remission at every visit: standardised proportions and odds ratios.

The proportion of an arm at a visit is the mean, over all subjects of the analysis, of the fitted
probability with everybody on that arm; covariates keep their observed values (Moore & van der Laan
2009, Stat Med 28:39-64). Standard errors by the delta method for the covariates as they are.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.families.shared.design import ls_mean_rows, rows_for
from ketaoutcomes.families.shared.repeated_measures import RepeatedMeasures, with_estimate
from ketaoutcomes.families.shared.separated import (
    FinitePart,
    penalised_odds_ratio,
    separation_words,
    settings_of,
)
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
    part: FinitePart | None = None,
) -> tuple[Result, ...]:
    """Proportions of each arm, risk differences and odds ratios, by visit.

    Parameters
    ----------
    part : FinitePart, optional
        Where outcomes are separated, the coefficients that the model has.
    """
    results: list[Result] = []
    means = ls_mean_rows(data.design, ("visit", "arm"))
    L = dict(zip(means.levels, means.L, strict=True))
    for visit in data.visits:
        here = _Visit(data, model, part, visit, conf_level)
        results += [here.proportion(replace(common, visit=visit, arm=arm)) for arm in data.arms]
        reference = estimand.treatment.reference
        for arm in data.arms[1:] if data.arms[0] == reference else ():
            row = replace(common, visit=visit, arm=arm, reference=reference)
            row = replace(row, n=here.n(arm) + here.n(reference))
            results.append(here.risk_difference(row))
            results += here.odds_ratios(row, L[visit, arm] - L[visit, reference])
    return tuple(results)


@dataclass(frozen=True)
class _Visit:
    """What a fitted model says of one visit."""

    data: RepeatedMeasures
    model: BinaryModel
    part: FinitePart | None
    visit: str
    conf_level: float

    def n(self, arm: str) -> int:
        """Participants of an arm who were seen."""
        observed = self.data.observed
        here = (observed["visit"] == self.visit) & (observed["arm"] == arm)
        return int(observed.loc[here, "subject"].nunique())

    def probability(self, arm: str) -> tuple[float, FloatArray] | None:
        """The mean probability with everybody on an arm, with its gradient; None if unknown."""
        if arm not in self._probabilities:
            self._probabilities[arm] = self._probability(arm)
        return self._probabilities[arm]

    @cached_property
    def _probabilities(self) -> dict[str, tuple[float, FloatArray] | None]:
        return {}

    @cached_property
    def _subjects(self) -> pd.DataFrame:
        """One row a participant who was seen."""
        return self.data.observed.drop_duplicates("subject")

    @cached_property
    def _rows(self) -> dict[str, FloatArray]:
        """The rows of X with everybody on each arm."""
        arms = self.data.arms
        everybody = [self._subjects.assign(arm=arm, visit=self.visit) for arm in arms]
        rows = rows_for(self.data.design, pd.concat(everybody, ignore_index=True))
        return dict(zip(arms, np.split(rows, len(arms)), strict=True))

    def _probability(self, arm: str) -> tuple[float, FloatArray] | None:
        at = settings_of(self.data, self._rows[arm], self.part)
        if at is None:
            return None
        if not len(at.X):
            return at.certain / at.n, np.zeros(len(self.model.parameters))
        p, gradient = self.model.probability(at.X)
        share = len(at.X) / at.n
        return share * p + at.certain / at.n, share * gradient

    def proportion(self, row: Result) -> Result:
        """An arm's proportion; without an interval where it is 0 or 1."""
        row = replace(row, statistic="proportion", n=self.n(row.arm))
        found = self.probability(row.arm)
        if found is None:
            return replace(row, status="failed", message=self._why_unknown(row.arm))
        p, gradient = found
        if not gradient.any():
            words = f"{_reason(self, row.arm)}: the model has no interval for the proportion"
            return replace(row, estimate=p, status="warning", message=words)
        return _proportion(row, self.model, p, gradient, self.conf_level)

    def risk_difference(self, row: Result) -> Result:
        """The difference of two proportions that both have an interval."""
        row = replace(row, statistic="risk difference")
        active, reference = self.probability(row.arm), self.probability(row.reference)
        if active is None or reference is None:
            message = self._why_unknown(row.arm, row.reference)
            return replace(row, status="failed", message=message)
        (p1, g1), (p0, g0) = active, reference
        if not (g1.any() and g0.any()):
            words = f"not estimable: {_reason(self, row.arm, row.reference)}"
            return replace(row, status="failed", message=words)
        difference = self.model.tested(p1 - p0, g1 - g0, self.conf_level)
        return with_estimate(row, difference, self.conf_level, test=True)

    def odds_ratios(self, row: Result, c: FloatArray) -> tuple[Result, ...]:
        """The model's odds ratio; where it is infinite, why, and a penalised one next to it."""
        ratio = replace(row, statistic="odds ratio")
        known = self.data.design.estimable(c)
        if known is None:
            message = self._why_unknown(row.arm, row.reference)
            return (replace(ratio, status="failed", message=message),)
        finite = known if self.part is None else self.part.combination(known)
        if finite is not None:
            return (_odds_ratio(ratio, self.model, finite, self.conf_level),)
        words = f"not estimable on the odds scale: {_reason(self, row.arm, row.reference)}"
        failed = replace(ratio, status="failed", message=words)
        here = (self.data.observed["visit"] == self.visit).to_numpy()
        penalised = penalised_odds_ratio(
            row, self.data.observed[here], self.data.y[here], self.data.covariates, self.conf_level
        )
        return (failed,) if penalised is None else (failed, penalised)

    def _why_unknown(self, *arms: str) -> str:
        return self.data.not_estimable(self.visit, *arms)


def _reason(here: _Visit, *arms: str) -> str:
    return separation_words(here.data, here.visit, *arms)


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
        conf_low=low,
        conf_high=high,
    )
    return with_estimate(row, found, conf_level, test=True)
