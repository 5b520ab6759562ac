"""Everything that the plan asks of a time to event, in two arms or in one."""

from dataclasses import replace

from ketaoutcomes.endpoints.data import TimeToEventData
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.shared.ticks import curve_ticks
from ketaoutcomes.families.time_to_event.all_arms import all_arms_results
from ketaoutcomes.families.time_to_event.competing import competing_risks
from ketaoutcomes.families.time_to_event.curves import drawn_curve, milestones, of_one_arm
from ketaoutcomes.families.time_to_event.factorial import factorial_results
from ketaoutcomes.families.time_to_event.hazard_ratio import (
    cluster_remarks,
    clustered_hazard_ratios,
    entry_remarks,
    hazard_ratio,
    hazard_ratios_by_period,
    time_varying_hazard_ratios,
)
from ketaoutcomes.families.time_to_event.plan import TimeToEventAnalysis
from ketaoutcomes.families.time_to_event.record import HazardTrend, SurvivalRecord
from ketaoutcomes.families.time_to_event.restricted_means import (
    flat_curve_remarks,
    restricted_means,
)
from ketaoutcomes.families.time_to_event.tests import combination_results, survival_tests
from ketaoutcomes.families.time_to_event.two_arms import TwoArms, two_arms
from ketaoutcomes.numerics.survival.kaplan_meier import KaplanMeier, kaplan_meier
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.remarks import Remark
from ketaoutcomes.results import Result


def fit_time_to_event_analysis(
    name: str,
    analysis: TimeToEventAnalysis,
    estimand: Estimand,
    endpoint: TimeToEventData,
    conf_level: float,
) -> Fitted:
    """Curves, tests, hazard ratios and restricted means."""
    arms = two_arms(name, analysis, estimand, endpoint, conf_level)
    everyone = endpoint.frame
    ticks, told = curve_ticks(float(everyone["time"].max()), analysis.risk_table_every_days)
    order = tuple(arm for arm in endpoint.arms if (everyone["arm"] == arm).any())
    all_arms = replace(arms, frame=everyone)
    curves = {arm: _curve(all_arms, arm) for arm in order}
    competing, incidence = competing_risks(arms, ticks)
    compared, trend, left_out = _compared(arms, curves) if arms.reference else ((), None, ())
    results = (
        *(row for arm in order for row in of_one_arm(all_arms, arm, curves[arm], ticks)),
        *(all_arms_results(all_arms) if arms.reference else ()),
        *compared,
        *restricted_means(arms, curves),
        *factorial_results(all_arms, curves),
        *competing,
    )
    record = SurvivalRecord(
        analysis=name,
        ticks=tuple(ticks.tolist()),
        curves=tuple(drawn_curve(all_arms, arm, curves[arm], ticks) for arm in order),
        trend=trend,
        incidence=incidence,
    )
    said = (*cluster_remarks(arms), *flat_curve_remarks(arms, curves), *entry_remarks(all_arms))
    return Fitted(name, results, record, (*told, *left_out, *said))


def _curve(arms: TwoArms, arm: str) -> KaplanMeier:
    seen = arms.observed(arm)
    return kaplan_meier(
        seen.time, seen.event, arms.analysis.interval, arms.conf_level, entry=seen.entry
    )


def _compared(
    arms: TwoArms, curves: dict[str, KaplanMeier]
) -> tuple[tuple[Result, ...], HazardTrend | None, tuple[Remark, ...]]:
    """Tests and hazard ratios, the hazard ratio over time, and why that is not drawn."""
    ratio, trend, left_out = hazard_ratio(arms)
    results = (
        *milestones(arms, curves),
        *survival_tests(arms),
        *ratio,
        *combination_results(arms),
        *hazard_ratios_by_period(arms),
        *clustered_hazard_ratios(arms),
        *time_varying_hazard_ratios(arms),
    )
    return results, trend, left_out
