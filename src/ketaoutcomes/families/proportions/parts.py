"""Proportions of data that are read in parts: successes and failures add up."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from ketaoutcomes.endpoints.data import BinaryData
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.proportions.fit import fit_proportions_analysis, outcomes
from ketaoutcomes.families.proportions.plan import ProportionAnalysis
from ketaoutcomes.families.shared.counted import counted, summed, written_out
from ketaoutcomes.plan.estimand import Estimand


def summed_outcomes(
    analysis: ProportionAnalysis, estimand: Estimand, endpoint: BinaryData, _census: None
) -> BinaryData:
    """One part with counts in place of its rows, missing outcomes as the plan says."""
    here = outcomes(analysis, estimand, endpoint)
    wanted = list(dict.fromkeys(("arm", "visit", "outcome", *analysis.covariate_names)))
    return replace(endpoint, frame=counted(here[wanted]))


def joined_outcomes(
    _analysis: ProportionAnalysis,
    _estimand: Estimand,
    parts: Iterable[BinaryData],
    _census: None,
) -> BinaryData:
    """The endpoint of all participants at the estimand's visit, still counted."""
    every = list(parts)
    excluded: Counter[str] = Counter()
    for part in every:
        excluded.update(dict(part.excluded))
    frame = summed(part.frame for part in every)
    return replace(every[0], frame=frame, excluded=tuple(excluded.items()))


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
