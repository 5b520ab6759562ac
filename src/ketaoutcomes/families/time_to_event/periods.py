"""Hazard ratio in each part of follow-up.

After a randomised withdrawal the first weeks may differ from the rest: the drug wears off, and what
returns then is not what returns later (Temple & Ellenberg 2000, Ann Intern Med 133:455-463, on
what withdrawal trials show). A period is fitted on those still at risk when it begins.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from ketaoutcomes.families.time_to_event.hazard_ratio import TIES, ratio_of_fit
from ketaoutcomes.families.time_to_event.two_arms import TwoArms, hazard_design, stratum_codes
from ketaoutcomes.numerics.survival.cox_fit import fit_cox
from ketaoutcomes.numerics.survival.cox_risk_sets import cox_model
from ketaoutcomes.results import Result


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
