"""All descriptive tables of a report."""

from collections.abc import Callable, Mapping
from typing import Final

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.describe.baseline import baseline_table
from ketaoutcomes.describe.flow import participant_flow
from ketaoutcomes.describe.missing import missing_data
from ketaoutcomes.describe.safety.describe import safety_tables
from ketaoutcomes.describe.sequences import sequence_flow
from ketaoutcomes.endpoints.data import ChangeData, EndpointData
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.results import Result

Endpoints = Mapping[str, EndpointData]
"""The endpoint of each analysis."""


def _baseline(plan: AnalysisPlan, cohort: Cohort, _endpoints: Endpoints) -> tuple[Result, ...]:
    return tuple(baseline_table(plan, cohort))


def _missing(_plan: AnalysisPlan, _cohort: Cohort, endpoints: Endpoints) -> tuple[Result, ...]:
    """Missing scores of each endpoint, as its first analysis has them."""
    first: dict[str, ChangeData] = {}
    for data in endpoints.values():
        if isinstance(data, ChangeData):
            first.setdefault(data.name, data)
    return tuple(row for data in first.values() for row in missing_data(data))


def _safety(plan: AnalysisPlan, cohort: Cohort, _endpoints: Endpoints) -> tuple[Result, ...]:
    return tuple(safety_tables(plan, cohort))


DESCRIPTIONS: Final[dict[str, Callable[[AnalysisPlan, Cohort, Endpoints], tuple[Result, ...]]]] = {
    "dst01": participant_flow,
    "dst02": sequence_flow,
    "dmt01": _baseline,
    "mist01": _missing,
    "aet01": _safety,
}
"""Participant flow, baseline table, missing data and safety, by the first table of each."""
