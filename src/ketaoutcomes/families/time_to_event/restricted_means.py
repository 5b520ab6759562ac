"""Restricted mean times by arm, their difference and ratio, also adjusted for covariates."""

from dataclasses import replace

import numpy as np

from ketaoutcomes.families.shared.rows import with_ratio
from ketaoutcomes.families.time_to_event.hazard_ratio import conditional_curve, first_sound_day
from ketaoutcomes.families.time_to_event.two_arms import TwoArms, hazard_design
from ketaoutcomes.numerics.distributions import norm
from ketaoutcomes.numerics.survival.counting import SurvivalDataError
from ketaoutcomes.numerics.survival.kaplan_meier import KaplanMeier
from ketaoutcomes.numerics.survival.restricted_mean import (
    BeyondFollowUpError,
    Comparison,
    RestrictedMean,
    difference,
    mean_interval,
    ratio,
    restricted_mean,
)
from ketaoutcomes.numerics.survival.restricted_mean_regression import regress_restricted_mean
from ketaoutcomes.remarks import Remark
from ketaoutcomes.report.labels import joined, plain
from ketaoutcomes.results import Result

STATISTIC = "difference in restricted means"
OF_ONE_ARM = "restricted mean"


def restricted_means(arms: TwoArms, curves: dict[str, KaplanMeier]) -> tuple[Result, ...]:
    """Restricted mean of each arm; of two, their difference and ratio."""
    tau, start = arms.analysis.rmst_days, 0.0
    failed = replace(arms.between(STATISTIC if arms.reference else OF_ONE_ARM), status="failed")
    means = {}
    if arms.entry is not None:
        start = first_sound_day(arms)
        if start >= tau:
            words = f"with delayed entry the curves are sound from day {start:g} on only"
            return (replace(failed, message=f"{words}, which is not before day {tau:g}"),)
        found = {arm: conditional_curve(arms, arm, start) for arm in arms.names}
        curves = {arm: curve for arm, curve in found.items() if curve is not None}
    for arm in arms.names:
        try:
            means[arm] = _mean(arms, arm, curves[arm], tau - start)
        except BeyondFollowUpError as error:
            return (replace(failed, message=f"arm {arm}: {error}"),)
        except KeyError:
            return (replace(failed, message=f"arm {arm} has no participant"),)
    method = f"restricted mean time up to day {tau:g}"
    if start > 0:
        method = (
            f"restricted mean time from day {start:g} to day {tau:g}, given no event by day "
            f"{start:g}"
        )
    one_arm = tuple(
        with_comparison(
            _of_arm(arms, arm, method),
            mean_interval(mean, arms.conf_level),
            arms.conf_level,
        )
        if mean.variance > 0
        else replace(_of_arm(arms, arm, method), estimate=mean.estimate)
        for arm, mean in means.items()
    )
    return (*one_arm, *(_compared(arms, means, method) if arms.reference else ()))


def _of_arm(arms: TwoArms, arm: str, method: str) -> Result:
    """The row of one arm; without an event it has no error, and no interval."""
    return replace(
        arms.common,
        statistic=OF_ONE_ARM,
        arm=arm,
        n=int(arms.of(arm)[0].size),
        unit="days",
        method=method,
    )


def flat_curve_remarks(arms: TwoArms, curves: dict[str, KaplanMeier]) -> tuple[Remark, ...]:
    """Compared arms without an event by a day at which their curves are compared."""
    days = (arms.analysis.rmst_days, *arms.analysis.landmark_days)
    compared = [arm for arm in arms.names if arms.reference and arm in curves]
    flat = {arm: [day for day in days if not _fallen(curves[arm], day)] for arm in compared}
    return tuple(
        Remark(
            f"No participant of arm `{arm}` has the event by day {max(held):g}, so that its curve "
            "has no standard error up to then. Intervals and p-values of differences from it "
            "contain the error of the other arm only, and are too narrow or too small",
            remedy="Rely on the log-rank test",
            gravity="warning",
        )
        for arm, held in flat.items()
        if held
    )


def _fallen(curve: KaplanMeier, day: float) -> bool:
    return bool(curve.n_events[curve.times <= day].any())


def _mean(arms: TwoArms, arm: str, curve: KaplanMeier, tau: float) -> RestrictedMean:
    """The mean of an arm; with delayed entry few are at risk at first, and all subjects count."""
    mean = restricted_mean(curve, tau)
    return mean if arms.entry is None else replace(mean, n=float(arms.of(arm)[0].size))


def _compared(arms: TwoArms, means: dict[str, RestrictedMean], method: str) -> tuple[Result, ...]:
    """Difference and ratio, also adjusted for covariates."""
    active, reference = means[arms.active], means[arms.reference]
    law = arms.analysis.restricted_mean_test
    compared = [
        (STATISTIC, difference(active, reference, arms.conf_level, law), "days"),
        ("ratio of restricted means", ratio(active, reference, arms.conf_level, law), ""),
    ]
    return (
        *(
            with_comparison(replace(arms.between(s), unit=unit, method=method), c, arms.conf_level)
            for s, c, unit in compared
        ),
        *(_adjusted(arms, method) if arms.analysis.covariates and arms.entry is None else ()),
    )


def _adjusted(arms: TwoArms, method: str) -> tuple[Result, ...]:
    """Regression of the restricted mean (Tian, Zhao & Wei 2014, Biostatistics 15:222-233)."""
    design = hazard_design(arms).X
    X = np.column_stack([np.ones(len(design)), design])
    words = f"{method}, adjusted for {joined(map(plain, arms.analysis.covariates))}"
    rows = []
    for scale, statistic in (("difference", STATISTIC), ("ratio", "ratio of restricted means")):
        row = replace(arms.between(f"{statistic} (adjusted)"), method=words)
        try:
            fit = regress_restricted_mean(
                arms.time,
                arms.event,
                X,
                arms.frame["arm"],
                arms.analysis.rmst_days,
                "difference" if scale == "difference" else "ratio",
            )
        except SurvivalDataError as error:
            rows.append(replace(row, status="failed", message=str(error)))
            continue
        estimate, std_error = float(fit.beta[1]), float(fit.std_error[1])
        if not (fit.converged and std_error > 0):
            row = replace(row, status="failed", message="the regression did not converge")
        elif scale == "ratio":
            row = with_ratio(row, estimate, std_error, arms.conf_level)
        else:
            half = float(norm.isf((1 - arms.conf_level) / 2)) * std_error
            row = replace(
                row,
                estimate=estimate,
                std_error=std_error,
                p_value=float(fit.p_value[1]),
                conf_low=estimate - half,
                conf_high=estimate + half,
                conf_level=arms.conf_level,
                unit="days",
            )
        rows.append(row)
    return tuple(rows)


def with_comparison(row: Result, comparison: Comparison, conf_level: float) -> Result:
    """The row with an estimate, its interval and its test."""
    return replace(
        row,
        estimate=comparison.estimate,
        std_error=comparison.std_error,
        conf_low=comparison.conf_low,
        conf_high=comparison.conf_high,
        conf_level=conf_level,
        p_value=comparison.p_value,
        df=comparison.df,
    )
