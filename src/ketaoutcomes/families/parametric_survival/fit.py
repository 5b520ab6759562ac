"""Parametric laws of a time to event in two arms, with the curve that presumes none beside them."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.clock import place_on_the_dosing_day
from ketaoutcomes.endpoints.data import TimeToEventData
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.parametric_survival.plan import (
    AftAnalysis,
    IntervalCensoredAnalysis,
    law_in_words,
)
from ketaoutcomes.families.parametric_survival.record import ParametricCurve, ParametricRecord
from ketaoutcomes.families.shared.rows import common_result, compared, design_of, with_ratio
from ketaoutcomes.families.shared.ticks import curve_ticks
from ketaoutcomes.numerics.distributions import norm
from ketaoutcomes.numerics.survival.aft_fit import AftFit, aft_model, fit_aft
from ketaoutcomes.numerics.survival.aft_means import standardised_mean, standardised_survival
from ketaoutcomes.numerics.survival.counting import SurvivalDataError
from ketaoutcomes.numerics.survival.kaplan_meier import kaplan_meier
from ketaoutcomes.numerics.survival.turnbull import TurnbullCurve, turnbull
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.remarks import Remark
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]
TABLE = "aftt01"
POINTS = 80
"""Of a drawn parametric curve."""

PROPORTIONAL = ("weibull", "exponential")
"""Laws under which a time ratio is a hazard ratio too."""


@dataclass(frozen=True)
class Limits:
    """Between which times each subject's event is known to lie."""

    low: FloatArray
    high: FloatArray


def fit_parametric_analysis(
    name: str,
    analysis: AftAnalysis | IntervalCensoredAnalysis,
    estimand: Estimand,
    endpoint: TimeToEventData,
    conf_level: float,
) -> Fitted:
    """Time ratio, hazard ratio where the law has one, restricted means, and curves."""
    frame = compared(endpoint.frame, estimand)
    active, reference = estimand.treatment.active, estimand.treatment.reference
    interval = isinstance(analysis, IntervalCensoredAnalysis)
    limits, placed = _limits(frame, interval=interval)
    common = replace(
        common_result(name, analysis, endpoint.name, endpoint.phase),
        table=TABLE,
        method=f"{law_in_words(analysis.distribution)} distribution, "
        + ("between assessments" if interval else "AFT"),
    )
    row = replace(
        common, arm=active, reference=reference, n=len(frame), n_events=int(frame["event"].sum())
    )
    X = design_of(frame, active, analysis.covariates).X
    X = np.column_stack([np.ones(len(X)), X])
    try:
        fit = fit_aft(aft_model(limits.low, limits.high, X, analysis.distribution))
    except SurvivalDataError as error:
        return Fitted(name, (_failed(row, str(error)),), remarks=placed)
    if not fit.converged:
        failed = _failed(row, fit.message or "the fit did not converge")
        return Fitted(name, (failed,), remarks=placed)
    arms = {arm: _with_arm(X, value) for arm, value in ((reference, 0.0), (active, 1.0))}
    in_arm = {arm: (frame["arm"] == arm).to_numpy() for arm in arms}
    ticks, told = curve_ticks(float(frame["time"].max()), analysis.risk_table_every_days)
    curves = {arm: _free_curve(limits, here, interval=interval) for arm, here in in_arm.items()}
    results = (
        *(_survival(replace(common, arm=a), curves[a], ticks) if interval else () for a in arms),
        _ratios(row, fit, analysis.distribution, conf_level),
        _means(row, fit, arms, analysis.rmst_days, conf_level),
        (replace(row, statistic="Akaike's criterion", estimate=_aic(fit)),),
    )
    drawn = tuple(
        _drawn(arm, curves[arm], fit, arms[arm], float(frame["time"].max())) for arm in arms
    )
    record = ParametricRecord(name, tuple(ticks.tolist()), drawn)
    return Fitted(
        name, tuple(r for rows in results for r in rows), record, remarks=(*placed, *told)
    )


def _limits(frame: pd.DataFrame, *, interval: bool) -> tuple[Limits, tuple[Remark, ...]]:
    """Between which times each event lies; one at time 0 is placed within the dosing day.

    The laws are of positive times: without a place the event could not be in the model.
    """
    time, happened = frame["time"].to_numpy(dtype=float), frame["event"].astype(bool).to_numpy()
    low = frame["after"].to_numpy(dtype=float) if interval else time
    high = frame["by"].to_numpy(dtype=float) if interval else np.where(happened, time, np.inf)
    at_start = high == 0
    if not at_start.any():
        return Limits(low, high), ()
    place = place_on_the_dosing_day(np.concatenate([low, high]))
    remark = Remark(
        f"Events on the dosing day are placed at day {place:g}, because the model is of positive "
        "times: {count}",
        count=int(at_start.sum()),
        total=len(frame),
    )
    return Limits(np.where(at_start, place, low), np.where(at_start, place, high)), (remark,)


def _failed(row: Result, message: str) -> Result:
    failed = replace(row, statistic="difference in restricted means", status="failed")
    return replace(failed, message=message)


def _with_arm(X: FloatArray, value: float) -> FloatArray:
    given = X.copy()
    given[:, 1] = value
    return given


def _aic(fit: AftFit) -> float:
    return -2 * fit.log_likelihood + 2 * fit.theta.size


def _ratios(row: Result, fit: AftFit, law: str, conf_level: float) -> tuple[Result, ...]:
    """Time ratio exp(beta); under a Weibull law the hazard ratio is exp(-beta / scale)."""
    beta, scale = float(fit.beta[1]), float(fit.scale[0])
    time = with_ratio(
        replace(row, statistic="time ratio"), beta, float(fit.std_error[1]), conf_level
    )
    rows = [time, replace(row, statistic="scale", estimate=scale)]
    if law in PROPORTIONAL:
        gradient = np.zeros(fit.theta.size)
        gradient[1] = -1 / scale
        if fit.model.family.fixed_scale is None:
            gradient[-1] = beta / scale
        std_error = float(np.sqrt(gradient @ fit.covariance @ gradient))
        hazard = replace(row, statistic="hazard ratio")
        rows.append(with_ratio(hazard, -beta / scale, std_error, conf_level))
    return tuple(rows)


def _means(
    row: Result, fit: AftFit, arms: dict[str, FloatArray], tau: float, conf_level: float
) -> tuple[Result, ...]:
    """Restricted mean with everybody in each arm, and the difference."""
    means = {arm: standardised_mean(fit, X, tau) for arm, X in arms.items()}
    z = float(norm.isf((1 - conf_level) / 2))
    words = f"restricted mean time up to day {tau:g}, {row.method}"
    difference = means[row.arm].minus(means[row.reference])
    found = [
        (replace(row, statistic="restricted mean", arm=arm, reference=""), mean)
        for arm, mean in means.items()
    ]
    found.append((replace(row, statistic="difference in restricted means"), difference))
    rows = []
    for one, mean in found:
        std_error = mean.std_error(fit)
        rows.append(
            replace(
                one,
                estimate=mean.estimate,
                std_error=std_error,
                conf_low=mean.estimate - z * std_error,
                conf_high=mean.estimate + z * std_error,
                conf_level=conf_level,
                p_value=float(2 * norm.sf(abs(mean.estimate) / std_error))
                if one.reference
                else None,
                unit="days",
                method=words,
            )
        )
    return tuple(rows)


def _free_curve(limits: Limits, here: NDArray[np.bool_], *, interval: bool) -> TurnbullCurve:
    """Turnbull's curve; with exact or right-censored times it is that of Kaplan and Meier."""
    low, high = limits.low[here], limits.high[here]
    if interval:
        return turnbull(low, high)
    curve = kaplan_meier(low, np.isfinite(high))
    steps = curve.n_events > 0
    times, survival = curve.times[steps], curve.survival[steps]
    mass = -np.diff(survival, prepend=1.0)
    return TurnbullCurve(times, times, mass, survival, float("nan"), True, 0)


NOT_AT_MAXIMUM = "Turnbull's estimate did not reach the maximum of the likelihood"


def _survival(common: Result, curve: TurnbullCurve, ticks: FloatArray) -> tuple[Result, ...]:
    """Survival at each tick; inside an interval that holds probability it is not determined."""
    rows = []
    for tick in ticks[1:]:
        row = replace(common, statistic="survival", group=f"day {tick:g}", method="Turnbull")
        if not curve.converged:
            rows.append(replace(row, status="failed", message=NOT_AT_MAXIMUM))
            continue
        done = curve.right <= tick
        begun = curve.left < tick
        # a sum of all probabilities may pass one by a rounding
        high = max(1.0 - float(curve.probability[done].sum()), 0.0)
        low = max(1.0 - float(curve.probability[begun | done].sum()), 0.0)
        if np.isclose(low, high, atol=1e-9):
            rows.append(replace(row, estimate=high))
        else:
            message = f"between {100 * low:.1f} and {100 * high:.1f}%"
            rows.append(replace(row, status="warning", message=message))
    return tuple(rows)


def _drawn(
    arm: str, curve: TurnbullCurve, fit: AftFit, X: FloatArray, end: float
) -> ParametricCurve:
    seen = np.isfinite(curve.right)
    times = np.linspace(0, end, POINTS)
    return ParametricCurve(
        arm=arm,
        left=curve.left[seen],
        right=curve.right[seen],
        survival=curve.survival[seen],
        times=times,
        fitted=standardised_survival(fit, X, times),
    )
