"""Hazard ratio beside covariates that change after randomisation.

Such a covariate may lie between treatment and event: the arm's hazard ratio is then what is left of
the treatment effect once the covariate is held, not the effect itself (Andersen, Borgan, Gill &
Keiding 1993, section VII.2; Kalbfleisch & Prentice 2002, section 6.3, on internal covariates).
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.families.shared.comparison import Design
from ketaoutcomes.families.time_to_event.hazard_ratio import TIES, ratio_of_fit
from ketaoutcomes.families.time_to_event.two_arms import TwoArms, hazard_design, stratum_codes
from ketaoutcomes.numerics.survival.cox_fit import fit_cox
from ketaoutcomes.numerics.survival.cox_risk_sets import cox_model
from ketaoutcomes.numerics.survival.time_splitting import SplitRows, split_at_events
from ketaoutcomes.results import Result

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
