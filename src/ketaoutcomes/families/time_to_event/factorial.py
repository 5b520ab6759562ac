"""A two-by-two trial: whether the effect of one factor on a time to event depends on the other.

The interaction is the ratio of the hazard ratios of a Cox model with both factors and their product
in all four arms (Cox 1972, J R Stat Soc B 34:187-220). Whether effects interact depends on the
scale (Rothman, Greenland & Lash 2008, Modern Epidemiology, chapter 5), so that the difference of
the differences in restricted mean time stands beside it.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.families.shared.rows import design_of
from ketaoutcomes.families.time_to_event.hazard_ratio import TIES
from ketaoutcomes.families.time_to_event.plan import Factors, cells_of, within_levels
from ketaoutcomes.families.time_to_event.restricted_means import with_comparison
from ketaoutcomes.families.time_to_event.two_arms import TwoArms, stratum_codes
from ketaoutcomes.numerics.survival.cox_fit import CoxFit, fit_cox
from ketaoutcomes.numerics.survival.cox_risk_sets import cox_model
from ketaoutcomes.numerics.survival.kaplan_meier import KaplanMeier
from ketaoutcomes.numerics.survival.restricted_mean import (
    BeyondFollowUpError,
    restricted_mean,
    signed_sum,
)
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]
TABLE = "ttet03"
INTERACTION = "ratio of hazard ratios"
WITHIN = "hazard ratio within a level"
ADDITIVE = "difference of differences in restricted means"


def factorial_results(arms: TwoArms, curves: Mapping[str, KaplanMeier]) -> tuple[Result, ...]:
    """Interaction, effects within levels, and the interaction in days; nothing where not asked.

    Parameters
    ----------
    arms : TwoArms
        With the subjects of all arms of the phase.
    curves : mapping
        The Kaplan-Meier curve of each arm that has subjects.
    """
    factors = arms.analysis.interaction
    if factors is None:
        return ()
    arms = _of_the_factors(arms, factors)
    row = replace(
        arms.common,
        table=TABLE,
        n=len(arms.frame),
        n_events=int(arms.frame["event"].sum()),
        method=f"Cox model with both factors and their product, {TIES[arms.analysis.ties]}",
    )
    return (*_ratios(arms, row, factors), _in_days(arms, row, factors, curves))


def _of_the_factors(arms: TwoArms, factors: Factors) -> TwoArms:
    """The subjects of the four arms."""
    here = arms.frame["arm"].isin(list(cells_of(factors).values()))
    return arms.kept(arms.frame[here])


def _ratios(arms: TwoArms, row: Result, factors: Factors) -> tuple[Result, ...]:
    """The interaction and the four hazard ratios within levels."""
    rows = [
        (replace(row, statistic=statistic, group=words), L)
        for statistic, words, L in _combinations(factors)
    ]
    without = _arms_without_events(arms.frame, factors)
    if without:
        message = f"no event in {', '.join(without)}: no finite hazard ratio"
        return tuple(replace(r, status="failed", message=message) for r, _ in rows)
    X = _design(arms, factors)
    model = cox_model(
        arms.time,
        arms.event,
        X,
        entry=arms.entry,
        strata=stratum_codes(arms),
        ties=arms.analysis.ties,
    )
    fit = fit_cox(model)
    return tuple(_combined(arms, r, fit, L) for r, L in rows)


def _combinations(factors: Factors) -> list[tuple[str, str, FloatArray]]:
    """Statistic, words and weights of the coefficients (first factor, second, product)."""
    first, second = factors
    weights = ([1.0, 0.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 1.0, 1.0])
    return [
        (INTERACTION, f"{first} by {second}", np.array([0.0, 0.0, 1.0])),
        *(
            (WITHIN, words, np.array(L))
            for (words, _, _), L in zip(within_levels(factors), weights, strict=True)
        ),
    ]


def _arms_without_events(frame: pd.DataFrame, factors: Factors) -> list[str]:
    with_events = set(frame.loc[frame["event"], "arm"])
    return [arm for arm in cells_of(factors).values() if arm not in with_events]


def _design(arms: TwoArms, factors: Factors) -> FloatArray:
    """Both factors, 1 for the level that is not the reference, their product, and covariates."""
    a, b = (
        arms.rows["arm"].isin(list(levels.values())[1]).to_numpy(dtype=float)
        for levels in map(dict, factors.values())
    )
    covariates = design_of(arms.rows, arms.active, arms.analysis.covariates).X[:, 1:]
    return np.column_stack([a, b, a * b, covariates])


def _combined(arms: TwoArms, row: Result, fit: CoxFit, L: FloatArray) -> Result:
    """The row with the ratio that the weighted sum of log hazard ratios is the logarithm of."""
    beta, covariance = fit.beta[: L.size], fit.covariance[: L.size, : L.size]
    if not (np.isfinite(beta).all() and np.isfinite(covariance).all()):
        message = fit.convergence.message or "the covariates determine the arm"
        return replace(row, status="failed", message=message)
    row = arms.ratio(row, float(L @ beta), float(np.sqrt(L @ covariance @ L)))
    if not fit.convergence.converged:
        return replace(row, status="failed", message=fit.convergence.message)
    return row


def _in_days(
    arms: TwoArms, row: Result, factors: Factors, curves: Mapping[str, KaplanMeier]
) -> Result:
    """How much longer one factor puts the event off at one level of the other than at the other."""
    first, second = factors
    tau = arms.analysis.rmst_days
    row = replace(
        row,
        statistic=ADDITIVE,
        group=f"{first} by {second}",
        unit="days",
        method=f"restricted mean time up to day {tau:g}",
    )
    means = []
    for arm in cells_of(factors).values():
        if arm not in curves:
            return replace(row, status="failed", message=f"arm {arm} has no participant")
        try:
            means.append(restricted_mean(curves[arm], tau))
        except BeyondFollowUpError as error:
            return replace(row, status="failed", message=f"arm {arm}: {error}")
    law = arms.analysis.restricted_mean_test
    found = signed_sum((1.0, -1.0, -1.0, 1.0), means, arms.conf_level, law)
    if found.std_error <= 0:
        return replace(row, status="failed", message="no arm has an event before that day")
    return replace(
        with_comparison(row, found, arms.conf_level),
        test_statistic=found.estimate / found.std_error,
    )
