"""Incidence of an event where events of another kind can come first.

Kaplan-Meier takes those others for censoring, which overstates the share of subjects who have the
event: Putter, Fiocco & Geskus 2007, Stat Med 26:2389-2430.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.families.time_to_event.hazard_ratio import TIES, ratio_of_fit, weighted_ties
from ketaoutcomes.families.time_to_event.record import IncidenceCurve
from ketaoutcomes.families.time_to_event.two_arms import TwoArms, hazard_design, stratum_codes
from ketaoutcomes.numerics.survival.competing_risks import CumulativeIncidence, cumulative_incidence
from ketaoutcomes.numerics.survival.cox_fit import fit_cox
from ketaoutcomes.numerics.survival.cox_risk_sets import cox_model
from ketaoutcomes.numerics.survival.fine_gray import fit_fine_gray
from ketaoutcomes.numerics.survival.gray_test import gray_test
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
TABLE = "cift01"


@dataclass(frozen=True)
class Causes:
    """Kinds of events: 0 censored, 1 the event, 2 and more the competing ones in plan order."""

    names: tuple[str, ...]
    codes: IntArray


def competing_risks(
    arms: TwoArms, ticks: FloatArray
) -> tuple[tuple[Result, ...], tuple[IncidenceCurve, ...]]:
    """Incidence by arm and kind, Gray's test, cause-specific and subdistribution hazard ratios.

    Nothing where the plan names no competing event.
    """
    if not arms.analysis.competing:
        return (), ()
    causes = causes_of(arms)
    rows: list[Result] = []
    curves: list[IncidenceCurve] = []
    for arm in reversed(arms.names):
        found, drawn = _of_one_arm(arms, arm, causes, ticks)
        rows += found
        curves += drawn
    for code, name in enumerate(causes.names if arms.reference else (), start=1):
        rows += _between(arms, causes, code, name)
    return tuple(rows), tuple(curves)


def causes_of(arms: TwoArms) -> Causes:
    """The kind of event of each row.

    A competing event may be why follow-up ended, or one of the criteria of the endpoint: an event
    of that reason is then of another kind than the rest.
    """
    reason = arms.rows["reason"].astype(str).to_numpy()
    codes = arms.event.astype(np.int64)
    for code, name in enumerate(arms.analysis.competing, start=2):
        codes[reason == name] = code
    return Causes(("the event", *arms.analysis.competing), codes)


def _of_one_arm(
    arms: TwoArms, arm: str, causes: Causes, ticks: FloatArray
) -> tuple[list[Result], list[IncidenceCurve]]:
    member = arms.rows
    here = (member["arm"] == arm).to_numpy()
    time, codes, entry = arms.time[here], causes.codes[here], arms.entry
    subjects = member.loc[here, "subject"] if "subject" in member else None
    people = time.size if subjects is None else subjects.nunique()
    row = replace(arms.common, table=TABLE, arm=arm, n=people)
    rows: list[Result] = []
    drawn: list[IncidenceCurve] = []
    if not time.size:
        return rows, drawn
    curve = cumulative_incidence(
        time,
        codes,
        arms.analysis.interval,
        arms.conf_level,
        n_causes=len(causes.names),
        entry=None if entry is None else entry[here],
        subject=subjects,
    )
    for code, name in enumerate(causes.names, start=1):
        of_cause = replace(row, group=name, n_events=int((codes == code).sum()))
        rows.append(replace(of_cause, statistic="events of this kind", estimate=of_cause.n_events))
        rows += [_at(of_cause, curve, code, float(t), arms.conf_level) for t in ticks[1:]]
        drawn.append(
            IncidenceCurve(
                arm=arm,
                cause=name,
                times=curve.times,
                incidence=curve.probability[:, code],
                conf_low=curve.conf_low[:, code],
                conf_high=curve.conf_high[:, code],
                n_events=tuple(
                    int((time[codes == code] <= tick).sum()) for tick in (*ticks, np.inf)
                ),
            )
        )
    return rows, drawn


def _at(
    row: Result, curve: CumulativeIncidence, code: int, day: float, conf_level: float
) -> Result:
    """Incidence at a day; no number beyond the last time."""
    row = replace(
        row,
        statistic="cumulative incidence",
        visit=f"day {day:g}",
        conf_level=conf_level,
        method="Aalen-Johansen",
    )
    place = int(np.searchsorted(curve.times, day, side="right")) - 1
    if place < 0:
        return replace(row, estimate=0.0)
    if day > curve.times[-1]:
        return replace(row, status="warning", message="beyond follow-up")
    columns = (curve.probability, curve.std_error, curve.conf_low, curve.conf_high)
    estimate, std_error, low, high = (_known(column[place, code]) for column in columns)
    return replace(row, estimate=estimate, std_error=std_error, conf_low=low, conf_high=high)


def _known(number: float) -> float | None:
    return None if np.isnan(number) else float(number)


def _between(arms: TwoArms, causes: Causes, code: int, name: str) -> tuple[Result, ...]:
    """The comparisons of one kind of event."""
    row = replace(
        arms.between(""), table=TABLE, group=name, n_events=int((causes.codes == code).sum())
    )
    if not row.n_events:
        failed = replace(row, statistic="Gray's test", status="failed", message="no such event")
        return (failed,)
    specific = _cause_specific(arms, row, causes, code)
    if arms.entry is not None:  # neither has a form for delayed entry here
        return (specific,)
    return (_gray(arms, row, causes, code), specific, _subdistribution(arms, row, causes, code))


def _gray(arms: TwoArms, row: Result, causes: Causes, code: int) -> Result:
    """Gray 1988, Ann Stat 16:1141-1154."""
    test = gray_test(arms.time, causes.codes, arms.frame["arm"], code, strata=stratum_codes(arms))
    row = replace(row, statistic="Gray's test", method="equality of cumulative incidence")
    if test.reason:
        return replace(row, status="failed", message=test.reason)
    return replace(row, test_statistic=test.statistic, df=float(test.df), p_value=test.p_value)


def _cause_specific(arms: TwoArms, row: Result, causes: Causes, code: int) -> Result:
    """Cox's model with events of other kinds censored (Prentice et al. 1978, Biometrics 34:541)."""
    ties = arms.analysis.ties
    row = replace(
        row,
        statistic="cause-specific hazard ratio",
        method=f"Cox model, {TIES[ties]}, other kinds censored",
    )
    design = hazard_design(arms)
    event = causes.codes == code
    model = cox_model(
        arms.time, event, design.X, entry=arms.entry, strata=stratum_codes(arms), ties=ties
    )
    fit = fit_cox(model)
    return ratio_of_fit(arms, row, fit, design)


def _subdistribution(arms: TwoArms, row: Result, causes: Causes, code: int) -> Result:
    """Fine & Gray 1999, JASA 94:496-509; without strata, which the model does not have.

    Ties are those of the plan; an exact likelihood has no weights, and Efron's stands in its place.
    """
    ties = weighted_ties(arms.analysis.ties)
    method = f"Fine-Gray model, {TIES[ties]}"
    row = replace(row, statistic="subdistribution hazard ratio", method=method)
    design = hazard_design(arms)
    fit = fit_fine_gray(arms.time, causes.codes, design.X, code, ties=ties)
    return ratio_of_fit(arms, row, fit, design)
