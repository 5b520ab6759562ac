"""What every result of an analysis has in common."""

from typing import Any

from ketaoutcomes.endpoints.data import EndpointData
from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.results import Result


def analysis_row(
    table: str, name: str, analysis: AnalysisPart, endpoint: EndpointData, **fields: Any
) -> Result:
    """A row that says which analysis it belongs to, for others to be made from.

    Parameters
    ----------
    fields
        Further fields of the result.
    """
    return Result(
        **{"table": table, "statistic": ""} | fields,
        analysis=name,
        role=analysis.role,
        estimand=analysis.estimand,
        endpoint=endpoint.name,
        phase=endpoint.phase,
    )
