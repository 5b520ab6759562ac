"""All descriptive tables of a report."""

from collections.abc import Mapping

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.describe.baseline import baseline_table
from ketaoutcomes.describe.flow import participant_flow
from ketaoutcomes.describe.missing import missing_data
from ketaoutcomes.describe.safety.describe import safety_tables
from ketaoutcomes.endpoints.data import ChangeData, EndpointData
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.results import Result


def describe(
    plan: AnalysisPlan, cohort: Cohort, endpoints: Mapping[str, EndpointData]
) -> tuple[Result, ...]:
    """Participant flow, baseline table, missing data and safety.

    Parameters
    ----------
    endpoints : mapping
        The endpoint of each analysis.
    """
    first: dict[str, ChangeData] = {}
    for data in endpoints.values():
        if isinstance(data, ChangeData):
            first.setdefault(data.name, data)
    return (
        *participant_flow(plan, cohort, endpoints),
        *baseline_table(plan, cohort),
        *(row for data in first.values() for row in missing_data(data)),
        *safety_tables(plan, cohort),
    )
