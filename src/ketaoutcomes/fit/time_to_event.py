"""Kaplan-Meier, stratified log-rank, Cox and restricted mean time of two arms."""

import warnings
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from numpy.typing import NDArray
from statsmodels.duration.survfunc import survdiff

from ketaoutcomes.endpoint import TimeToEventData
from ketaoutcomes.fits import Fitted, SurvivalCurve, SurvivalRecord
from ketaoutcomes.numerics.survival.kaplan_meier import (
    KaplanMeier,
    at_risk,
    kaplan_meier,
    quantile,
    survival_at,
)
from ketaoutcomes.numerics.survival.proportional_hazards import proportional_hazards_test
from ketaoutcomes.numerics.survival.restricted_mean import (
    BeyondFollowUpError,
    Comparison,
    difference,
    mean_interval,
    ratio,
    restricted_mean,
)
from ketaoutcomes.plan.analyses import Estimand, TimeToEventAnalysis
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]
MONOTONE_LOG_HAZARD_RATIO = 10.0
"""A coefficient beyond this is a likelihood that rises without end, not an estimate."""


@dataclass(frozen=True)
class _Arms:
    """What every part of the analysis needs."""

    analysis: TimeToEventAnalysis
    frame: pd.DataFrame
    active: str
    reference: str
    conf_level: float
    common: Result

    def of(self, arm: str) -> tuple[FloatArray, NDArray[np.bool_]]:
        """Times and events of an arm."""
        here = self.frame[self.frame["arm"] == arm]
        return here["time"].to_numpy(dtype=float), here["event"].to_numpy(dtype=bool)

    def between(self, statistic: str) -> Result:
        """A row that compares the arms."""
        return replace(
            self.common,
            statistic=statistic,
            arm=self.active,
            reference=self.reference,
            n=len(self.frame),
            n_events=int(self.frame["event"].sum()),
        )


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
    arms = _Arms(
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
        *_cox(arms),
        *_restricted_means(arms, curves),
    )
    record = SurvivalRecord(
        analysis=name,
        ticks=tuple(ticks.tolist()),
        curves=tuple(_curve(arms, arm, curves[arm], ticks) for arm in order),
    )
    return Fitted(name, results, record)


def _curve(arms: _Arms, arm: str, curve: KaplanMeier, ticks: FloatArray) -> SurvivalCurve:
    return SurvivalCurve(
        arm=arm,
        times=curve.times,
        survival=curve.survival,
        conf_low=curve.conf_low,
        conf_high=curve.conf_high,
        censored_at=curve.times[curve.n_censored > 0],
        at_risk=tuple(at_risk(arms.of(arm)[0], ticks).tolist()),
    )


def _of_one_arm(arms: _Arms, arm: str, curve: KaplanMeier, ticks: FloatArray) -> tuple[Result, ...]:
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


def _log_rank(arms: _Arms) -> Result:
    """Log-rank test, stratified as the plan says (Mantel 1966; statsmodels `survdiff`)."""
    row = replace(
        arms.between("log-rank test"),
        method="stratified log-rank" if arms.analysis.strata else "log-rank",
    )
    if not arms.frame["event"].any():
        return replace(row, status="failed", message="no event in either arm")
    strata = _strata(arms)
    statistic, p_value = survdiff(
        arms.frame["time"].to_numpy(dtype=float),
        arms.frame["event"].to_numpy(dtype=int),
        (arms.frame["arm"] == arms.active).to_numpy(dtype=int),
        strata=strata if strata is not None else None,
    )
    return replace(row, test_statistic=float(statistic), df=1.0, p_value=float(p_value))


def _strata(arms: _Arms) -> NDArray[np.int64] | None:
    """Code of each subject's stratum, None without strata."""
    if not arms.analysis.strata:
        return None
    return arms.frame.groupby(list(arms.analysis.strata), sort=True).ngroup().to_numpy()


def _cox(arms: _Arms) -> tuple[Result, ...]:
    """Hazard ratio by Cox's model with Efron's ties, and the check of proportional hazards."""
    row = replace(arms.between("hazard ratio"), method="Cox model, Efron ties")
    events = [int(arms.of(arm)[1].sum()) for arm in (arms.active, arms.reference)]
    if not all(events):
        return (
            replace(row, status="failed", message="an arm has no event: no finite hazard ratio"),
        )
    X = _cox_design(arms)
    strata = _strata(arms)
    data = X.assign(
        time=arms.frame["time"].to_numpy(dtype=float),
        event=arms.frame["event"].to_numpy(dtype=bool),
        stratum=0 if strata is None else strata,
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = CoxPHFitter(alpha=1 - arms.conf_level)
        model.fit(data, "time", "event", strata=["stratum"], fit_options={"precision": 1e-10})
    told = tuple(
        sorted({str(w.message).split(".")[0] for w in caught if "onverg" in str(w.message)})
    )
    summary = model.summary.loc["arm"]
    if abs(summary["coef"]) > MONOTONE_LOG_HAZARD_RATIO or told:
        message = "; ".join(told) or "the likelihood rises without end"
        return (replace(row, status="failed", message=message),)
    low, high = model.confidence_intervals_.loc["arm"]
    row = replace(
        row,
        estimate=float(np.exp(summary["coef"])),
        std_error=float(summary["se(coef)"]),
        test_statistic=float(summary["z"]),
        p_value=float(summary["p"]),
        conf_low=float(np.exp(low)),
        conf_high=float(np.exp(high)),
        conf_level=arms.conf_level,
    )
    return (row, *_proportional_hazards(arms, data, X, model.params_.to_numpy()))


def _cox_design(arms: _Arms) -> pd.DataFrame:
    """The arm and the covariates, factors as indicators of all levels but the first."""
    covariates = arms.frame[list(arms.analysis.covariates)]
    indicators = pd.get_dummies(covariates, drop_first=True, dtype=float)
    arm = (arms.frame["arm"] == arms.active).astype(float)
    return pd.concat([arm.rename("arm"), indicators], axis=1)


def _proportional_hazards(
    arms: _Arms, data: pd.DataFrame, X: pd.DataFrame, beta: FloatArray
) -> tuple[Result, ...]:
    """One test for each column of the model, and the global one."""
    test = proportional_hazards_test(
        data["time"].to_numpy(),
        data["event"].to_numpy(),
        X.to_numpy(),
        beta,
        tuple((column,) for column in range(X.shape[1])),
        data["stratum"].to_numpy(),
    )
    row = replace(
        arms.between("proportional hazards test"), method="score test, Kaplan-Meier time scale"
    )
    named = [*zip(X.columns, test.terms, strict=True), ("global", test.together)]
    return tuple(
        replace(
            row,
            group=str(name),
            test_statistic=one.statistic,
            df=float(one.df),
            p_value=one.p_value,
        )
        for name, one in named
    )


def _restricted_means(arms: _Arms, curves: dict[str, KaplanMeier]) -> tuple[Result, ...]:
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
