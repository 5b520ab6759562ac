"""Analyses of events that few subjects have."""

from typing import ClassVar, Literal

from pydantic import Field

from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.plan.parts import meanings
from ketaoutcomes.vocabulary import OF_YES_OR_NO, EndpointKind


class IncidenceAnalysis(AnalysisPart):
    """Exact intervals of the share of each arm, and a score interval of their difference."""

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]] = ("incidence", *OF_YES_OR_NO)
    fits_one_arm: ClassVar[bool] = True

    model: Literal["incidence"]
    missing_as: Literal["no event", "excluded"] = Field(
        default="excluded",
        description="What becomes of participants whose outcome is missing.",
        examples=["excluded"],
        json_schema_extra=meanings(
            {
                "no_event": "They count as participants without the event.",
                "excluded": "They are excluded from the analysis.",
            }
        ),
    )
