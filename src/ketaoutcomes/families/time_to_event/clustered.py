"""Hazard ratios for subjects in clusters such as sites, who are not independent."""

from dataclasses import replace

import pandas as pd

from ketaoutcomes.families.time_to_event.hazard_ratio import (
    TIES,
    cox_of,
    ratio_of_fit,
    weighted_ties,
)
from ketaoutcomes.families.time_to_event.two_arms import TwoArms, hazard_design, stratum_codes
from ketaoutcomes.numerics.survival.cox_fit import fit_cox
from ketaoutcomes.numerics.survival.frailty import fit_frailty
from ketaoutcomes.results import Result


def clustered_hazard_ratios(arms: TwoArms) -> tuple[Result, ...]:
    """With a robust standard error, and with a shared frailty, where the plan asks for them."""
    analysis = arms.analysis
    robust = (_robust(arms, analysis.cluster),) if analysis.cluster else ()
    shared = _frailty(arms, analysis.frailty) if analysis.frailty else ()
    return (*robust, *shared)


def _robust(arms: TwoArms, cluster: str) -> Result:
    """Lin & Wei 1989, JASA 84:1074-1078."""
    row = replace(
        arms.between("hazard ratio (robust)"),
        method=f"Cox model, standard error robust to dependence within {cluster}",
    )
    design = hazard_design(arms)
    codes = pd.factorize(arms.rows[cluster], sort=True)[0]
    return ratio_of_fit(arms, row, fit_cox(cox_of(arms, design), cluster=codes), design)


def _frailty(arms: TwoArms, cluster: str) -> tuple[Result, ...]:
    """Therneau, Grambsch & Pankratz 2003, J Comput Graph Stat 12:156-175."""
    law = arms.analysis.frailty_law
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
