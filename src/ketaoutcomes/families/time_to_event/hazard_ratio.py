"""Hazard ratio of two arms by Cox's model, with the check of proportional hazards.

Cox 1972, J R Stat Soc B 34:187-220; ties by Efron 1977, JASA 72:557-565, by Breslow 1974,
Biometrics 30:89-99, or exactly as Cox 1972 has them.
"""

from dataclasses import replace

import numpy as np

from ketaoutcomes.families.shared.comparison import BEYOND_MEASURE, Design
from ketaoutcomes.families.time_to_event.record import HazardTrend
from ketaoutcomes.families.time_to_event.two_arms import TwoArms, hazard_design, stratum_codes
from ketaoutcomes.numerics.survival.cox_fit import ChiSquared, CoxFit, fit_cox
from ketaoutcomes.numerics.survival.cox_risk_sets import CoxModel, Ties, cox_model
from ketaoutcomes.numerics.survival.proportional_hazards import ProportionalHazardsTest, model_test
from ketaoutcomes.numerics.survival.residual_trend import KNOTS, residual_trend
from ketaoutcomes.remarks import Remark
from ketaoutcomes.results import Result

UNEVEN = Remark(
    "The figure of the hazard ratio over time is left out: the times of the events are too uneven "
    "for a smooth curve through them",
)
TIES = {"efron": "Efron ties", "breslow": "Breslow ties", "exact": "exact ties"}


def weighted_ties(asked: Ties) -> Ties:
    """The plan's ties; Efron's where the exact likelihood, which has no weights, cannot be had."""
    return "efron" if asked == "exact" else asked


def hazard_ratio(
    arms: TwoArms,
) -> tuple[tuple[Result, ...], HazardTrend | None, tuple[Remark, ...]]:
    """Hazard ratio, the check of proportional hazards, and the course of the log hazard ratio.

    Where that course is not determined, a remark says so.
    """
    row = replace(arms.between("hazard ratio"), method=f"Cox model, {TIES[arms.analysis.ties]}")
    events = [int(arms.of(arm)[1].sum()) for arm in (arms.active, arms.reference)]
    if not all(events):
        message = "an arm has no event: no finite hazard ratio"
        return (replace(row, status="failed", message=message),), None, ()
    design = hazard_design(arms)
    model = cox_of(arms, design)
    fit = fit_cox(model)
    row = ratio_of_fit(arms, row, fit, design)
    if not np.isfinite(fit.beta).all():
        return (row,), None, ()
    test = model_test(model, fit.beta, [columns for _, columns in design.terms])
    rows = (row, *_proportional_hazards(arms, design, test))
    trend = _trend(arms, test, float(fit.covariance[0, 0]))
    if trend is None and np.unique(test.times).size > KNOTS:
        return rows, None, (UNEVEN,)
    return rows, trend, ()


def cox_of(arms: TwoArms, design: Design) -> CoxModel:
    """The model of the plan: its covariates, strata and ties."""
    return cox_model(
        arms.time,
        arms.event,
        design.X,
        entry=arms.entry,
        strata=stratum_codes(arms),
        ties=arms.analysis.ties,
    )


def ratio_of_fit(arms: TwoArms, row: Result, fit: CoxFit, design: Design) -> Result:
    """The arm's hazard ratio of a fit, or why there is none."""
    if not (np.isfinite(fit.beta[0]) and np.isfinite(fit.std_error[0])):
        message = fit.convergence.message or "the covariates determine the arm"
        return replace(row, status="failed", message=message)
    row = arms.ratio(row, float(fit.beta[0]), float(fit.std_error[0]))
    lost = [
        name for name, columns in design.terms if not np.isfinite(fit.beta[list(columns)]).all()
    ]
    if lost:
        words = f"no finite coefficient of {', '.join(lost)}"
        return replace(row, status="warning", message=words)
    if not fit.convergence.converged:
        return replace(row, status="failed", message=fit.convergence.message)
    return row


def _proportional_hazards(
    arms: TwoArms, design: Design, test: ProportionalHazardsTest
) -> tuple[Result, ...]:
    """One test for each term of the model, and the global one."""
    row = replace(
        arms.between("proportional hazards test"), method="score test, Kaplan-Meier time scale"
    )
    names = [name for name, _ in design.terms]
    named = [*zip(names, test.terms, strict=True), ("global", test.together)]
    return tuple(_tested(replace(row, group=name), one) for name, one in named)


def _tested(row: Result, test: ChiSquared) -> Result:
    """A chi-squared test, or why there is none."""
    if np.isnan(test.statistic):
        message = "the events that tell of it fall on one time: no trend over time can be seen"
        return replace(row, status="failed", message=message)
    return replace(row, test_statistic=test.statistic, df=float(test.df), p_value=test.p_value)


def _trend(arms: TwoArms, test: ProportionalHazardsTest, variance: float) -> HazardTrend | None:
    """The course of the arm's log hazard ratio, where the events are enough to draw one."""
    scaled = test.scaled_residuals[:, 0]
    trend = residual_trend(test.times, scaled, variance, arms.conf_level)
    if trend is None:
        return None
    if not max(np.abs(trend.conf_low).max(), np.abs(trend.conf_high).max()) < BEYOND_MEASURE:
        return None
    return HazardTrend(
        events_at=test.times,
        residuals=scaled,
        times=trend.times,
        estimate=trend.estimate,
        conf_low=trend.conf_low,
        conf_high=trend.conf_high,
    )
