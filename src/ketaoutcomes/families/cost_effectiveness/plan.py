"""Analyses of what a gain in health costs."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.vocabulary import EndpointKind

Worth = Annotated[float, Field(gt=0)]


class CostEffectivenessAnalysis(AnalysisPart):
    """Increments, their ratio, net monetary benefit and acceptability by bootstrap."""

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]] = ("costs_and_effects",)

    model: Literal["cost_effectiveness"]
    willingness_to_pay: tuple[Worth, ...] = Field(
        default=(100_000, 50_000, 150_000),
        min_length=1,
        strict=False,
        description=(
            "Willingness to pay for one more unit of effect, in the currency of the "
            "costs. The first value is that of the estimand."
        ),
        examples=[[50000, 100000]],
    )
    resamples: int = Field(
        default=5000,
        ge=200,
        le=100_000,
        description="Number of bootstrap samples behind the intervals and the acceptability curve.",
        examples=[5000],
    )
    seed: int = Field(
        default=1,
        ge=0,
        lt=2**63,
        description="Seed of the bootstrap; the same seed gives the same numbers.",
        examples=[1],
    )
