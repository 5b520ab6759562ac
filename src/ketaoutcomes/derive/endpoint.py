"""The endpoint that an analysis needs."""

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.derive.change import derive_binary, derive_change
from ketaoutcomes.derive.incidence import derive_incidence
from ketaoutcomes.derive.response_time import derive_response_time
from ketaoutcomes.derive.time_to_event import derive_time_to_event
from ketaoutcomes.endpoint import EndpointData
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.analyses import TimeToEventAnalysis


def derive_endpoint(plan: AnalysisPlan, analysis_name: str, cohort: Cohort) -> EndpointData:
    """Derive the endpoint of an analysis with the covariates and strata that it uses.

    Raises
    ------
    DataError
        If the cohort lacks subjects or a covariate.
    PlanError
        If the estimand handles an intercurrent event in a way that its endpoint cannot.
    """
    analysis = plan.analyses[analysis_name]
    covariates = analysis.covariate_names
    match plan.endpoints[plan.estimands[analysis.estimand].endpoint].kind:
        case "change":
            return derive_change(plan, analysis.estimand, cohort, covariates)
        case "response" | "remission":
            return derive_binary(plan, analysis.estimand, cohort, covariates)
        case "incidence":
            return derive_incidence(plan, analysis.estimand, cohort, covariates)
        case "time_to_response" | "duration_of_response":
            return derive_response_time(plan, analysis.estimand, cohort, covariates)
        case _:
            changing = analysis.time_varying if isinstance(analysis, TimeToEventAnalysis) else ()
            return derive_time_to_event(plan, analysis.estimand, cohort, covariates, changing)
