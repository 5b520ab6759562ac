"""Each analysis of the plan is fitted by its own model."""

from ketaoutcomes.endpoint import BinaryData, ChangeData, EndpointData, TimeToEventData
from ketaoutcomes.fit.mmrm import fit_mmrm_analysis
from ketaoutcomes.fit.proportions import fit_proportions_analysis
from ketaoutcomes.fit.random_intercept import fit_random_intercept_analysis
from ketaoutcomes.fit.survival.time_to_event import fit_time_to_event_analysis
from ketaoutcomes.fits import Fitted
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.analyses import (
    MmrmAnalysis,
    ProportionAnalysis,
    RandomInterceptAnalysis,
    TimeToEventAnalysis,
)


def fit_analysis(plan: AnalysisPlan, name: str, endpoint: EndpointData) -> Fitted:
    """Fit one analysis.

    Raises
    ------
    TypeError
        If the model and the endpoint do not fit; the plan reader refuses such a plan before.
    """
    analysis = plan.analyses[name]
    estimand = plan.estimands[analysis.estimand]
    level = plan.report.confidence_level
    match analysis, endpoint:
        case MmrmAnalysis(), ChangeData():
            return fit_mmrm_analysis(name, analysis, estimand, endpoint, level)
        case RandomInterceptAnalysis(), ChangeData():
            return fit_random_intercept_analysis(name, analysis, estimand, endpoint, level)
        case ProportionAnalysis(), BinaryData():
            return fit_proportions_analysis(name, analysis, estimand, endpoint, level)
        case TimeToEventAnalysis(), TimeToEventData():
            return fit_time_to_event_analysis(name, analysis, estimand, endpoint, level)
    raise TypeError(f"{analysis.model} does not fit a {type(endpoint).__name__}")
