"""What a plan may say of a difference in medians."""

from typing import ClassVar, Literal

from pydantic import Field

from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.vocabulary import EndpointKind


class MedianDifferenceAnalysis(AnalysisPart):
    """Medians of the change at the estimand's visit, compared without a model."""

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]] = ("change",)

    model: Literal["median_difference"]
    resamples: int = Field(default=2000, ge=200, le=100_000, description="bootstrap samples")
    seed: int = Field(default=1, ge=0, lt=2**63)
