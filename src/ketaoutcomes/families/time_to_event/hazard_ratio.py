"""Hazard ratios: of the whole follow-up, by period, with clusters, and over time."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.families.shared.rows import BEYOND_MEASURE, Design
from ketaoutcomes.families.time_to_event.record import HazardTrend
from ketaoutcomes.families.time_to_event.two_arms import (
    Observed,
    TwoArms,
    hazard_design,
    stratum_codes,
)
from ketaoutcomes.numerics.survival.cox_fit import ChiSquared, CoxFit, fit_cox
from ketaoutcomes.numerics.survival.cox_risk_sets import CoxModel, Ties, cox_model
from ketaoutcomes.numerics.survival.frailty import fit_frailty
from ketaoutcomes.numerics.survival.kaplan_meier import (
    KaplanMeier,
    at_risk,
    kaplan_meier,
    sound_from,
)
from ketaoutcomes.numerics.survival.proportional_hazards import ProportionalHazardsTest, model_test
from ketaoutcomes.numerics.survival.residual_trend import KNOTS, means_in_order, residual_trend
from ketaoutcomes.numerics.survival.time_splitting import SplitRows, split_at_events
from ketaoutcomes.remarks import Remark
from ketaoutcomes.results import Result

UNEVEN = Remark(
    "The figure of the hazard ratio over time is not shown: the times of the events are too uneven "
    "for a smooth curve through them",
)
MOST_POINTS = 1_000
"""Of the figure of the hazard ratio over time; of more events each point is the mean of some."""
MAIN: Final = "hazard ratio"
NOT_ROBUST: Final = "hazard ratio (not robust)"
"""The hazard ratio of an analysis with clusters, with the error that does not allow for them."""

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
    statistic = NOT_ROBUST if arms.analysis.cluster else MAIN
    row = replace(arms.between(statistic), method=f"Cox model, {TIES[arms.analysis.ties]}")
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
        message = (
            "all informative events fall on one time, so that no trend over time can be estimated"
        )
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
    together = -(-scaled.size // MOST_POINTS)
    return HazardTrend(
        events_at=means_in_order(test.times, together),
        residuals=means_in_order(scaled, together),
        times=trend.times,
        estimate=trend.estimate,
        conf_low=trend.conf_low,
        conf_high=trend.conf_high,
        events_of_a_point=together,
    )


def hazard_ratios_by_period(arms: TwoArms) -> tuple[Result, ...]:
    """One hazard ratio a period; nothing where the plan cuts follow-up nowhere.

    The first period holds everyone: whoever has an event or is censored on the dosing day, at time
    0, was at risk then.
    """
    if not arms.analysis.periods_days:
        return ()
    cuts = (-np.inf, *arms.analysis.periods_days, np.inf)
    return tuple(_in_period(arms, start, end) for start, end in pairwise(cuts))


def _in_period(arms: TwoArms, start: float, end: float) -> Result:
    words = f"up to day {end:g}" if np.isinf(start) else f"day {start:g} to {end:g}"
    words = f"after day {start:g}" if np.isinf(end) else words
    row = replace(
        arms.between("hazard ratio in period"),
        group=words,
        method=f"Cox model, {TIES[arms.analysis.ties]}, of those at risk in the period",
    )
    here, entry = arms.time > start, arms.entry
    if entry is not None:
        here &= entry < end
    event = arms.event & here & (arms.time <= end)
    people = int(arms.rows.loc[here, "subject"].nunique())
    row = replace(row, n=people, n_events=int(event.sum()))
    active = (arms.rows["arm"] == arms.active).to_numpy()
    if not (event[active].any() and event[~active].any()):
        return replace(row, status="failed", message="an arm has no event in the period")
    design, strata = hazard_design(arms), stratum_codes(arms)
    model = cox_model(
        np.minimum(arms.time[here], end),
        event[here],
        design.X[here],
        entry=np.full(int(here.sum()), start) if entry is None else np.maximum(entry[here], start),
        strata=None if strata is None else strata[here],
        ties=arms.analysis.ties,
    )
    return ratio_of_fit(arms, row, fit_cox(model), design)


def clustered_hazard_ratios(arms: TwoArms) -> tuple[Result, ...]:
    """With a robust standard error, and with a shared frailty, where the plan asks for them."""
    analysis = arms.analysis
    robust = (_robust(arms, analysis.cluster),) if analysis.cluster else ()
    shared = _frailty(arms, analysis.frailty) if analysis.frailty else ()
    return (*robust, *shared)


def _robust(arms: TwoArms, cluster: str) -> Result:
    """Lin & Wei 1989, JASA 84:1074-1078; the main result of an analysis with clusters."""
    row = replace(
        arms.between(MAIN),
        method=f"Cox model, standard error robust to dependence within {cluster}",
    )
    design = hazard_design(arms)
    codes = pd.factorize(arms.rows[cluster], sort=True)[0]
    return ratio_of_fit(arms, row, fit_cox(cox_of(arms, design), cluster=codes), design)


FEW_CLUSTERS: Final = 20
"""Cameron & Miller 2015: fewer are few, of clusters of equal size."""


def cluster_remarks(arms: TwoArms) -> tuple[Remark, ...]:
    """That a standard error of few clusters is too small."""
    cluster = arms.analysis.cluster
    number = int(arms.rows[cluster].nunique()) if cluster and arms.reference else FEW_CLUSTERS
    if number >= FEW_CLUSTERS:
        return ()
    return (
        Remark(
            f"The robust standard error has {number} clusters (`{cluster}`). With fewer than "
            f"{FEW_CLUSTERS} it tends to be too small, so that the interval is too narrow and p "
            "is too small (Cameron & Miller 2015, J Hum Resour 50:317-372)",
            remedy=f"Name `{cluster}` under `strata`, or take a cluster with more levels",
            gravity="warning",
        ),
    )


def _frailty(arms: TwoArms, cluster: str) -> tuple[Result, ...]:
    """Therneau, Grambsch & Pankratz 2003, J Comput Graph Stat 12:156-175."""
    law = arms.analysis.frailty_distribution
    ties = weighted_ties(arms.analysis.ties)
    row = replace(
        arms.between("hazard ratio (shared frailty)"),
        method=f"Cox model with a {law} frailty shared within {cluster}, {TIES[ties]}",
    )
    if not all(arms.of(arm)[1].any() for arm in (arms.active, arms.reference)):
        message = "an arm has no event: no finite hazard ratio"
        return (replace(row, status="failed", message=message),)
    fit = fit_frailty(
        arms.time,
        arms.event,
        hazard_design(arms).X,
        arms.rows[cluster],
        law,
        entry=arms.entry,
        strata=stratum_codes(arms),
        ties=ties,
    )
    if not fit.converged:
        message = "the frailty model did not converge, or an effect is infinite"
        return (replace(row, status="failed", message=message),)
    variance = replace(
        arms.between("frailty variance"),
        estimate=fit.variance,
        method=row.method,
        message="at its lower limit" if fit.at_boundary else "",
    )
    ratio = arms.ratio(row, float(fit.beta[0]), float(fit.covariance[0, 0]) ** 0.5)
    return (ratio, variance)


FEW_AT_RISK = 10
"""An event among fewer than so many at risk moves the curve by more than a tenth at once."""


def first_sound_day(arms: TwoArms) -> float:
    """The day from which the curves of all compared arms are sound; 0 without delayed entry."""
    return max(sound_from(*arms.observed(arm)) for arm in arms.names)


def conditional_curve(arms: TwoArms, arm: str, start: float) -> KaplanMeier | None:
    """The curve of those without an event by `start`, timed from it; None if nobody is left."""
    seen = arms.observed(arm)
    later = seen.time > start
    if not later.any():
        return None
    entry = np.zeros(seen.time.size) if seen.entry is None else seen.entry
    return kaplan_meier(
        seen.time[later] - start,
        seen.event[later],
        arms.analysis.interval,
        arms.conf_level,
        entry=np.maximum(entry[later] - start, 0.0),
    )


def entry_remarks(arms: TwoArms) -> tuple[Remark, ...]:
    """Arms whose first risk sets are too small for what the curve then shows."""
    if arms.entry is None:
        return ()
    present = sorted(arms.frame["arm"].unique())
    return (
        *(remark for arm in present for remark in _small_sets(arm, arms.observed(arm))),
        *_left_out(arms),
    )


def _small_sets(arm: str, seen: Observed) -> Iterator[Remark]:
    if seen.entry is None:
        return
    where, sound = f"arm `{arm}`", sound_from(*seen)
    first = max(float(seen.entry.min()), 0.0)
    if sound > first:
        yield Remark(
            f"Before day {sound:g} the risk set was empty, or all in it had events, while "
            "others entered later. The curve before that day, and its height after it, are not "
            "reliable",
            where,
            gravity="warning",
        )
    days = np.unique(seen.time[seen.event])
    numbers = at_risk(seen.time, days, seen.entry)
    filled = int(np.argmax(numbers)) if days.size else 0
    few = days[:filled][numbers[:filled] < FEW_AT_RISK]
    if few.size:
        yield Remark(
            f"Up to day {few[-1]:g} events occurred while fewer than {FEW_AT_RISK} participants "
            "were at risk, because most entered later. Each such event moves the whole curve",
            where,
            gravity="warning",
        )


def _left_out(arms: TwoArms) -> Iterator[Remark]:
    """Parts of the analysis that have no form for delayed entry."""
    analysis = arms.analysis
    parts = []
    if analysis.covariates and arms.reference:
        parts.append("restricted means adjusted for covariates")
    if analysis.competing and arms.reference:
        parts.append("Gray's test and the Fine-Gray model")
    if parts:
        yield Remark(
            f"Not estimated, as they have no form for delayed entry here: {' and '.join(parts)}"
        )


FloatArray = NDArray[np.float64]


def time_varying_hazard_ratios(arms: TwoArms) -> tuple[Result, ...]:
    """The arm's hazard ratio and those of the covariates; nothing where the plan names none."""
    if not arms.analysis.time_varying:
        return ()
    row = replace(
        arms.between("hazard ratio (time-varying covariates)"),
        method=f"Cox model, {TIES[arms.analysis.ties]}, covariates at their last value before "
        "each event",
    )
    if not arms.event.any():
        return (replace(row, status="failed", message="no event in either arm"),)
    names = tuple(dict.fromkeys(arms.courses["name"]))
    split = split_at_events(arms.time, arms.event, arms.entry)
    values = np.column_stack([_last_values(arms, split, name) for name in names])
    known = np.isfinite(values).all(axis=1)
    fixed = hazard_design(arms)
    first = fixed.X.shape[1]
    design = Design(
        np.column_stack([fixed.X[split.row], values])[known],
        (*fixed.terms, *((name, (first + k,)) for k, name in enumerate(names))),
    )
    strata = stratum_codes(arms)
    model = cox_model(
        split.time[known],
        split.event[known],
        design.X,
        entry=split.entry[known],
        strata=None if strata is None else strata[split.row[known]],
        ties=arms.analysis.ties,
    )
    fit = fit_cox(model)
    row = ratio_of_fit(arms, replace(row, n_events=int(split.event[known].sum())), fit, design)
    if row.status == "failed":
        return (row,)
    covariates = tuple(
        arms.ratio(
            replace(row, statistic="hazard ratio of a time-varying covariate", group=name),
            float(fit.beta[first + k]),
            float(fit.std_error[first + k]),
        )
        for k, name in enumerate(names)
        if np.isfinite(fit.std_error[first + k])
    )
    return (row, *covariates)


def _last_values(arms: TwoArms, split: SplitRows, name: str) -> FloatArray:
    """The covariate's last value strictly before the end of each piece, NaN before the first."""
    asked = pd.DataFrame(
        {"subject": arms.rows["subject"].to_numpy()[split.row], "day": split.time}
    ).assign(piece=np.arange(split.time.size))
    known = arms.courses.loc[arms.courses["name"] == name, ["subject", "day", "value"]]
    found = pd.merge_asof(
        asked.sort_values("day", kind="stable"),
        known.sort_values("day", kind="stable"),
        on="day",
        by="subject",
        allow_exact_matches=False,
    )
    return found.sort_values("piece")["value"].to_numpy(dtype=float)
