"""Kaplan-Meier curves: survival at days, times by which shares had the event, and milestones."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.families.time_to_event.record import SurvivalCurve
from ketaoutcomes.families.time_to_event.two_arms import TwoArms
from ketaoutcomes.numerics.survival.kaplan_meier import (
    KaplanMeier,
    at_risk,
    milestone_difference,
    quantile,
    survival_at,
)
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]
MEDIAN = 0.5


def drawn_curve(arms: TwoArms, arm: str, curve: KaplanMeier, ticks: FloatArray) -> SurvivalCurve:
    """The curve of an arm as the figure needs it."""
    seen, (time, event) = arms.observed(arm), arms.of(arm)
    return SurvivalCurve(
        arm=arm,
        times=curve.times,
        survival=curve.survival,
        conf_low=curve.conf_low,
        conf_high=curve.conf_high,
        censored_at=np.unique(time[~event]),
        at_risk=tuple(at_risk(seen.time, ticks, seen.entry).tolist()),
        n_events=tuple(int(curve.n_events[curve.times <= tick].sum()) for tick in (*ticks, np.inf)),
        n_censored=tuple(int((time[~event] <= tick).sum()) for tick in (*ticks, np.inf)),
    )


def of_one_arm(
    arms: TwoArms, arm: str, curve: KaplanMeier, ticks: FloatArray
) -> tuple[Result, ...]:
    """Events, how follow-up ended, quantiles, and survival at ticks and milestones of an arm."""
    time, event = arms.of(arm)
    common = replace(arms.common, arm=arm, n=time.size, n_events=int(event.sum()))
    days = dict.fromkeys((*ticks[1:].tolist(), *arms.analysis.landmark_days))
    return (
        replace(common, statistic="events", estimate=float(event.sum())),
        *_reasons(arms, common, arm),
        *_quantiles(arms, common, curve),
        *(_survival(arms, common, curve, day) for day in sorted(days)),
    )


def _reasons(arms: TwoArms, common: Result, arm: str) -> tuple[Result, ...]:
    """How many subjects had the event by each criterion, and were censored for each reason."""
    frame = arms.frame[arms.frame["arm"] == arm]
    rows = []
    for happened, statistic in ((True, "event by"), (False, "censored")):
        here = frame.loc[frame["event"].to_numpy(dtype=bool) == happened, "reason"]
        counts = here.fillna("not recorded").astype(str).replace("", "not recorded").value_counts()
        for reason in sorted(counts.index):
            row = replace(common, table="ttet02", statistic=statistic, group=str(reason))
            row = replace(row, estimate=float(counts[reason]))
            rows.append(row if happened else _checked(arms, row))
    return tuple(rows)


def _checked(arms: TwoArms, row: Result) -> Result:
    """Censoring at an event under treatment policy is told: ICH E9(R1), A.3.2.

    The estimand wants what happens after the event; censored there, it is estimated as if the event
    had not happened.
    """
    reason = row.group.casefold()
    if reason in {event.casefold() for event in arms.policy_events}:
        message = (
            f"participants are censored at {row.group}, which the estimand handles by "
            "treatment policy: their later events are lost (ICH E9(R1), A.3.2)"
        )
        return replace(row, status="warning", message=message)
    kinds = {kind.casefold() for kind in arms.analysis.competing}
    if reason not in kinds and any(word in reason for word in INFORMATIVE):
        return replace(row, status="warning", message=told_by_outcome(row.group))
    return row


INFORMATIVE: Final = (
    *("efficacy", "adverse", "worsen", "progress", "deteriorat", "failure", "death", "died"),
)
"""Words of reasons for leaving that have to do with how a subject fared."""


def told_by_outcome(reason: str) -> str:
    """That censoring may depend on the outcome."""
    return (
        f"participants were censored because of {reason[:1].lower() + reason[1:]}. This "
        "assumes the same risk as in those who continued. If their risk was higher, the curves "
        "are too favourable (informative censoring; Leung, Elashoff & Afifi 1997, Annu Rev Public "
        "Health 18:83-104)"
    )


def _quantiles(arms: TwoArms, common: Result, curve: KaplanMeier) -> tuple[Result, ...]:
    """Time by which each share had the event; the median has a name of its own."""
    rows = []
    for share in arms.analysis.quantiles:
        found = quantile(curve, share)
        reached = found.estimate is not None
        rows.append(
            replace(
                common,
                table="kmt01",
                statistic="median" if share == MEDIAN else "quantile",
                group="" if share == MEDIAN else f"{100 * share:g}%",
                estimate=found.estimate,
                conf_low=found.conf_low,
                conf_high=found.conf_high,
                conf_level=arms.conf_level,
                unit="days",
                status="ok" if reached else "warning",
                message="" if reached else "not reached",
            )
        )
    return tuple(rows)


def _survival(arms: TwoArms, common: Result, curve: KaplanMeier, day: float) -> Result:
    seen = arms.observed(common.arm)
    survival, low, high = (_known(number) for number in survival_at(curve, day))
    if survival == 1:  # before the first event no variance is estimated, and no limit
        low = high = None
    return replace(
        common,
        table="kmt01",
        statistic="survival",
        group=f"day {day:g}",
        estimate=survival,
        conf_low=low,
        conf_high=high,
        conf_level=arms.conf_level,
        n=int(at_risk(seen.time, [day], seen.entry)[0]),
    )


def _known(number: float) -> float | None:
    return None if np.isnan(number) else float(number)


def milestones(arms: TwoArms, curves: dict[str, KaplanMeier]) -> tuple[Result, ...]:
    """Difference in survival at each milestone of the plan."""
    if not {arms.active, arms.reference} <= curves.keys():
        return ()
    return tuple(_milestone(arms, curves, day) for day in arms.analysis.landmark_days)


def _milestone(arms: TwoArms, curves: dict[str, KaplanMeier], day: float) -> Result:
    found = milestone_difference(curves[arms.active], curves[arms.reference], day, arms.conf_level)
    row = replace(
        arms.between("difference in survival"),
        group=f"day {day:g}",
        method="Kaplan-Meier estimates, normal interval",
    )
    if found.reason:
        return replace(row, status="failed", message=found.reason)
    return replace(
        row,
        estimate=found.estimate,
        std_error=found.std_error,
        conf_low=found.conf_low,
        conf_high=found.conf_high,
        conf_level=arms.conf_level,
        p_value=found.p_value,
    )
