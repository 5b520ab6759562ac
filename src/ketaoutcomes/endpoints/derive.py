"""The endpoint that an analysis needs."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.endpoints.change import derive_binary, derive_change
from ketaoutcomes.endpoints.crossover import derive_crossover
from ketaoutcomes.endpoints.data import EndpointData
from ketaoutcomes.endpoints.directions import direction_remarks
from ketaoutcomes.endpoints.incidence import derive_incidence
from ketaoutcomes.endpoints.mediation import derive_mediation
from ketaoutcomes.endpoints.recurrent import derive_recurrent
from ketaoutcomes.endpoints.response_time import derive_response_time
from ketaoutcomes.endpoints.time_to_event import derive_time_to_event
from ketaoutcomes.endpoints.value import derive_value
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.analyses import (
    CrossoverAnalysis,
    ImputationPart,
    MediationAnalysis,
    TimeToEventAnalysis,
)
from ketaoutcomes.vocabulary import EndpointKind

DERIVATIONS: Final[dict[EndpointKind, Callable[..., EndpointData]]] = {
    "change": derive_change,
    "response": derive_binary,
    "remission": derive_binary,
    "incidence": derive_incidence,
    "time_to_response": derive_response_time,
    "duration_of_response": derive_response_time,
    "time_to_relapse": derive_time_to_event,
    "time_to_event": derive_time_to_event,
    "recurrent_events": derive_recurrent,
    "costs_and_effects": derive_value,
}
"""Kind of an endpoint -> what derives it from the plan, an estimand, a cohort and covariates."""


def derive_endpoint(plan: AnalysisPlan, analysis_name: str, cohort: Cohort) -> EndpointData:
    """Derive the endpoint of an analysis with the covariates and strata that it uses.

    Raises
    ------
    DataError
        If the cohort lacks subjects or a covariate.
    PlanError
        If the estimand handles an intercurrent event in a way that its endpoint cannot.
    """
    data = _derived(plan, analysis_name, cohort)
    told = direction_remarks(plan, analysis_name)
    return replace(data, remarks=(*data.remarks, *told)) if told else data


def _derived(plan: AnalysisPlan, analysis_name: str, cohort: Cohort) -> EndpointData:
    analysis = plan.analyses[analysis_name]
    if isinstance(analysis, CrossoverAnalysis):
        return derive_crossover(plan, analysis, cohort)
    if isinstance(analysis, MediationAnalysis):
        return derive_mediation(plan, analysis, cohort)
    kind = plan.endpoints[plan.estimands[analysis.estimand].endpoint].kind
    if isinstance(analysis, TimeToEventAnalysis) and kind in ("time_to_relapse", "time_to_event"):
        covariates, changing = analysis.covariate_names, analysis.time_varying
        return derive_time_to_event(plan, analysis.estimand, cohort, covariates, changing)
    imputed = (analysis,) if isinstance(analysis, ImputationPart) else ()
    return DERIVATIONS[kind](plan, analysis.estimand, cohort, analysis.covariate_names, *imputed)
