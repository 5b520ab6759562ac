"""Proportions of data that are read in parts: successes and failures add up."""

from dataclasses import replace

from ketaoutcomes.endpoints.data import BinaryData
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.proportions.fit import fit_proportions_analysis, outcomes
from ketaoutcomes.families.proportions.plan import ProportionAnalysis
from ketaoutcomes.families.shared.counted import counted, written_out
from ketaoutcomes.plan.estimand import Estimand


def summed_outcomes(
    analysis: ProportionAnalysis, estimand: Estimand, endpoint: BinaryData, _census: None
) -> BinaryData:
    """One part with counts in place of its rows, missing outcomes as the plan says."""
    here = outcomes(analysis, estimand, endpoint)
    wanted = list(dict.fromkeys(("arm", "visit", "outcome", *analysis.covariate_names)))
    return replace(endpoint, frame=counted(here[wanted]))


def fit_summed_outcomes(
    name: str,
    analysis: ProportionAnalysis,
    estimand: Estimand,
    endpoint: BinaryData,
    conf_level: float,
) -> Fitted:
    """The analysis of all participants, written out for its time only."""
    everyone = replace(endpoint, frame=written_out(endpoint.frame))
    return fit_proportions_analysis(name, analysis, estimand, everyone, conf_level)
