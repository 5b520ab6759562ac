"""Classes of courses: a description of how differently subjects fare."""

from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.plan.parts import spoken
from ketaoutcomes.vocabulary import EndpointKind

Number = Annotated[int, Field(ge=1, le=8)]

WITHIN_NAMES: Final = {
    "ar1": ("autoregressive", "first-order autoregressive"),
    "compound symmetry": ("cs", "exchangeable"),
    "independent": ("independence", "ind"),
}
"""Covariance within a class -> its other names."""


class TrajectoryAnalysis(AnalysisPart):
    """A mixture of normal courses with a mean at each visit; it describes, and estimates no effect.

    Within a class deviations have one covariance. Independent ones make too many classes of what is
    one course with chance that lasts from visit to visit.
    """

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]] = ("change",)

    model: Literal["trajectory_classes"]
    classes: tuple[Number, ...] = Field(
        default=(1, 2, 3, 4),
        min_length=1,
        strict=False,
        description="numbers of classes to fit; the one with the lowest BIC is shown",
    )
    within: Annotated[Literal["ar1", "compound symmetry", "independent"], spoken(WITHIN_NAMES)] = (
        Field(default="ar1", description="deviations of a subject from the course of its class")
    )
    starts: int = Field(default=16, ge=4, le=1000)
    seed: int = Field(default=1, ge=0, lt=2**63)

    @model_validator(mode="after")
    def _only_describes(self) -> Self:
        if self.role != "supplementary":
            raise ValueError(
                "latent trajectory classes describe and estimate no effect: `role: "
                f"supplementary`, not `{self.role}`"
            )
        if list(self.classes) != sorted(set(self.classes)):
            raise ValueError("`classes` must rise")
        return self
