"""Analyses of differences within participants whom everybody saw in one order."""

from typing import ClassVar, Literal

from pydantic import Field

from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.plan.parts import meanings
from ketaoutcomes.vocabulary import EndpointKind


class PairedAnalysis(AnalysisPart):
    """Each visit against the first within participants: before and after, or A and then B."""

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]] = ("change",)
    fits_one_arm: ClassVar[bool] = True

    model: Literal["paired"]
    method: Literal["t test", "mixed model"] = Field(
        default="t test",
        description="How the difference is estimated, and whose scores count.",
        examples=["t test"],
        json_schema_extra=meanings(
            {
                "t_test": "The paired t test of participants with both scores.",
                "mixed_model": (
                    "A mixed model (REML, any covariance of the two scores) of participants with "
                    "at least one of both scores."
                ),
            }
        ),
    )
    order: Literal["fixed", "varied"] = Field(
        default="fixed",
        description="Whether every participant had the two conditions in the same order.",
        examples=["fixed"],
        json_schema_extra=meanings(
            {
                "fixed": (
                    "All participants in the same order, so that the difference is also one of "
                    "time."
                ),
                "varied": "In different orders that the data do not hold.",
            }
        ),
    )
