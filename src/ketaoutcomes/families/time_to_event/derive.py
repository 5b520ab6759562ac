"""The time to event of an analysis, with the covariates that change after randomisation."""

from dataclasses import replace

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.endpoints.data import EndpointData, TimeToEventData
from ketaoutcomes.endpoints.derive import derive_by_kind
from ketaoutcomes.families.time_to_event.courses import courses
from ketaoutcomes.families.time_to_event.plan import TimeToEventAnalysis
from ketaoutcomes.plan import AnalysisPlan


def derive_with_courses(plan: AnalysisPlan, name: str, cohort: Cohort) -> EndpointData:
    """The endpoint by its kind, and the course of each covariate that changes with time."""
    analysis = plan.analyses[name]
    assert isinstance(analysis, TimeToEventAnalysis)
    data = derive_by_kind(plan, name, cohort)
    assert isinstance(data, TimeToEventData)
    changing = courses(plan, analysis.time_varying, cohort, data.phase, data.frame["subject"])
    return replace(data, courses=changing)
