"""Kaplan-Meier, stratified log-rank, Cox and restricted mean time of two arms."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from statsmodels.duration.survfunc import survdiff

from ketaoutcomes.endpoint import TimeToEventData
from ketaoutcomes.fit.hazard_ratio import hazard_ratio
from ketaoutcomes.fit.two_arms import TwoArms, stratum_codes
from ketaoutcomes.fits import Fitted, SurvivalCurve, SurvivalRecord
from ketaoutcomes.numerics.survival.kaplan_meier import (
    KaplanMeier,
    at_risk,
    kaplan_meier,
    quantile,
    survival_at,
)
from ketaoutcomes.numerics.survival.restricted_mean import (
    BeyondFollowUpError,
    Comparison,
    difference,
    mean_interval,
    ratio,
    restricted_mean,
)
from ketaoutcomes.plan.analyses import TimeToEventAnalysis
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]


def fit_time_to_event_analysis(
    name: str,
    analysis: TimeToEventAnalysis,
    estimand: Estimand,
    endpoint: TimeToEventData,
    conf_level: float,
) -> Fitted:
    """Estimate everything the plan asks of a time to event."""
    treatment = estimand.treatment
    frame = endpoint.frame
    compared = frame[frame["arm"].isin([treatment.active, treatment.reference])]
    arms = TwoArms(
        analysis=analysis,
        frame=compared.reset_index(drop=True),
        active=treatment.active,
        reference=treatment.reference,
        conf_level=conf_level,
        common=Result(
            table="ttet01",
            statistic="",
            analysis=name,
            role=analysis.role,
            estimand=analysis.estimand,
            endpoint=endpoint.name,
            phase=endpoint.phase,
        ),
    )
    ticks = np.arange(0, frame["time"].max() + 1e-9, analysis.ticks_every_days)
    order = tuple(arm for arm in endpoint.arms if (frame["arm"] == arm).any())
    curves = {arm: kaplan_meier(*arms.of(arm), analysis.interval, conf_level) for arm in order}
    results = (
        *(row for arm in order for row in _of_one_arm(arms, arm, curves[arm], ticks)),
        _log_rank(arms),
        *hazard_ratio(arms),
        *_restricted_means(arms, curves),
    )
    record = SurvivalRecord(
        analysis=name,
        ticks=tuple(ticks.tolist()),
        curves=tuple(_curve(arms, arm, curves[arm], ticks) for arm in order),
    )
    return Fitted(name, results, record)


def _curve(arms: TwoArms, arm: str, curve: KaplanMeier, ticks: FloatArray) -> SurvivalCurve:
    return SurvivalCurve(
        arm=arm,
        times=curve.times,
        survival=curve.survival,
        conf_low=curve.conf_low,
        conf_high=curve.conf_high,
        censored_at=curve.times[curve.n_censored > 0],
        at_risk=tuple(at_risk(arms.of(arm)[0], ticks).tolist()),
    )


def _of_one_arm(
    arms: TwoArms, arm: str, curve: KaplanMeier, ticks: FloatArray
) -> tuple[Result, ...]:
    """Events, median and survival at each tick of an arm."""
    time, event = arms.of(arm)
    common = replace(arms.common, arm=arm, n=time.size, n_events=int(event.sum()))
    median = quantile(curve)
    rows = [
        replace(common, statistic="events", estimate=float(event.sum())),
        replace(
            common,
            table="kmt01",
            statistic="median",
            estimate=median.estimate,
            conf_low=median.conf_low,
            conf_high=median.conf_high,
            conf_level=arms.conf_level,
            unit="days",
            status="ok" if median.estimate is not None else "warning",
            message="" if median.estimate is not None else "not reached",
        ),
    ]
    for tick in ticks[1:]:
        survival, low, high = survival_at(curve, float(tick))
        rows.append(
            replace(
                common,
                table="kmt01",
                statistic="survival",
                group=f"day {tick:g}",
                estimate=_known(survival),
                conf_low=_known(low),
                conf_high=_known(high),
                conf_level=arms.conf_level,
                n=int((time >= tick).sum()),
            )
        )
    return tuple(rows)


def _known(number: float) -> float | None:
    return None if np.isnan(number) else float(number)


def _log_rank(arms: TwoArms) -> Result:
    """Log-rank test, stratified as the plan says (Mantel 1966; statsmodels `survdiff`)."""
    row = replace(
        arms.between("log-rank test"),
        method="stratified log-rank" if arms.analysis.strata else "log-rank",
    )
    if not arms.frame["event"].any():
        return replace(row, status="failed", message="no event in either arm")
    strata = stratum_codes(arms)
    statistic, p_value = survdiff(
        arms.frame["time"].to_numpy(dtype=float),
        arms.frame["event"].to_numpy(dtype=int),
        (arms.frame["arm"] == arms.active).to_numpy(dtype=int),
        strata=strata if strata is not None else None,
    )
    return replace(row, test_statistic=float(statistic), df=1.0, p_value=float(p_value))


def _restricted_means(arms: TwoArms, curves: dict[str, KaplanMeier]) -> tuple[Result, ...]:
    """Restricted mean of each arm, their difference and ratio."""
    tau = arms.analysis.restricted_mean_days
    means = {}
    for arm in (arms.active, arms.reference):
        try:
            means[arm] = restricted_mean(curves[arm], tau)
        except (BeyondFollowUpError, KeyError) as error:
            row = arms.between("difference in restricted means")
            return (replace(row, status="failed", message=f"arm {arm}: {error}"),)
    active, reference = means[arms.active], means[arms.reference]
    method = f"restricted mean time up to day {tau:g}"
    one_arm = [
        _with(
            replace(
                arms.common,
                statistic="restricted mean",
                arm=arm,
                n=int(arms.of(arm)[0].size),
                unit="days",
                method=method,
            ),
            mean_interval(mean, arms.conf_level),
            arms.conf_level,
        )
        for arm, mean in means.items()
    ]
    compared = [
        ("difference in restricted means", difference(active, reference, arms.conf_level), "days"),
        ("ratio of restricted means", ratio(active, reference, arms.conf_level), ""),
    ]
    return (
        *one_arm,
        *(
            _with(replace(arms.between(s), unit=unit, method=method), c, arms.conf_level)
            for s, c, unit in compared
        ),
    )


def _with(row: Result, comparison: Comparison, conf_level: float) -> Result:
    return replace(
        row,
        estimate=comparison.estimate,
        std_error=comparison.std_error,
        conf_low=comparison.conf_low,
        conf_high=comparison.conf_high,
        conf_level=conf_level,
        p_value=comparison.p_value,
    )
