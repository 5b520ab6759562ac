"""The endpoint that an analysis needs, by the kind of its endpoint."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from ketaoutcomes.cohort import DERIVED, Cohort
from ketaoutcomes.endpoints.change import derive_binary, derive_change, derived_remarks
from ketaoutcomes.endpoints.data import EndpointData
from ketaoutcomes.endpoints.directions import direction_remarks
from ketaoutcomes.endpoints.incidence import derive_incidence
from ketaoutcomes.endpoints.members import later_scores
from ketaoutcomes.endpoints.recurrent import derive_recurrent
from ketaoutcomes.endpoints.response_time import derive_response_time
from ketaoutcomes.endpoints.time_to_event import derive_time_to_event
from ketaoutcomes.endpoints.value import derive_value
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.endpoints import Endpoint, scales_of
from ketaoutcomes.remarks import Remark
from ketaoutcomes.vocabulary import EndpointKind

DERIVATIONS: Final[dict[EndpointKind, Callable[..., EndpointData]]] = {
    "change": derive_change,
    "response": derive_binary,
    "remission": derive_binary,
    "yes_or_no": derive_binary,
    "incidence": derive_incidence,
    "time_to_response": derive_response_time,
    "duration_of_response": derive_response_time,
    "time_to_relapse": derive_time_to_event,
    "time_to_event": derive_time_to_event,
    "recurrent_events": derive_recurrent,
    "costs_and_effects": derive_value,
}
"""Kind of an endpoint -> what derives it from the plan, an estimand, a cohort and covariates."""

BY_VISIT: Final[frozenset[EndpointKind]] = frozenset(
    ("change", "response", "remission", "yes_or_no")
)
"""Kinds that say themselves which of their scores were not observed."""

Derived = dict[tuple[str, tuple[str, ...]], EndpointData]
"""Estimand and covariates -> what was derived for them, of one plan and cohort."""


def derive_by_kind(
    plan: AnalysisPlan, name: str, cohort: Cohort, before: Derived | None = None
) -> EndpointData:
    """Derive the endpoint of an analysis by its kind, with covariates and strata.

    Parameters
    ----------
    before : dict, optional
        What other analyses of the plan had of this cohort. One that asks for the same shares it;
        what is derived now is added.

    Raises
    ------
    DataError
        If the cohort lacks subjects or a covariate.
    PlanError
        If the estimand handles an intercurrent event in a way that its endpoint cannot.
    """
    analysis = plan.analyses[name]
    before = {} if before is None else before
    asked = analysis.estimand, analysis.covariate_names
    if asked not in before:
        before[asked] = _derived(plan, name, cohort)
    data = before[asked]
    told = direction_remarks(plan, name)
    return replace(data, remarks=(*data.remarks, *told)) if told else data


def _derived(plan: AnalysisPlan, name: str, cohort: Cohort) -> EndpointData:
    analysis = plan.analyses[name]
    endpoint = plan.endpoints[plan.estimands[analysis.estimand].endpoint]
    data = DERIVATIONS[endpoint.kind](plan, analysis.estimand, cohort, analysis.covariate_names)
    told = () if endpoint.kind in BY_VISIT else tuple(_not_observed(plan, endpoint, cohort))
    return replace(data, remarks=(*data.remarks, *told)) if told else data


def _not_observed(plan: AnalysisPlan, endpoint: Endpoint, cohort: Cohort) -> Iterator[Remark]:
    """Scores carried forward, which confirm a criterion and prolong follow-up as others do."""
    # most data have none, and their scores need not be put in order for it
    for scale in scales_of(endpoint) if DERIVED in cohort.visits else ():
        yield from derived_remarks(later_scores(plan, cohort, endpoint.phase, scale), scale)
