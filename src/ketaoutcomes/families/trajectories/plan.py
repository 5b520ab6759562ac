"""Classes of courses: a description of how differently subjects fare."""

from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.plan.combinations import Combination, Never
from ketaoutcomes.plan.parts import meanings, spoken
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

    combinations: ClassVar[tuple[Combination, ...]] = (
        Never(
            {"role": ("primary", "secondary", "sensitivity")},
            "latent classes describe the data and estimate no effect; write `role: supplementary`",
        ),
    )

    model: Literal["trajectory_classes"]
    classes: tuple[Number, ...] = Field(
        default=(1, 2, 3, 4),
        min_length=1,
        strict=False,
        description="Numbers of latent classes to fit; the model with the lowest BIC is shown.",
        examples=[[1, 2, 3]],
    )
    within: Annotated[Literal["ar1", "compound symmetry", "independent"], spoken(WITHIN_NAMES)] = (
        Field(
            default="ar1",
            description=(
                "Covariance of a participant's deviations from the mean trajectory of the class."
            ),
            examples=["ar1"],
            json_schema_extra=meanings(
                {
                    "ar1": "A correlation that falls with the number of visits between.",
                    "compound_symmetry": "The same correlation between any two visits.",
                    "independent": "No correlation.",
                }
            ),
        )
    )
    starts: int = Field(
        default=16,
        ge=4,
        le=1000,
        description="Number of random starting values; the best fit is kept.",
        examples=[16],
    )
    seed: int = Field(
        default=1,
        ge=0,
        lt=2**63,
        description="Seed of the starting values; the same seed gives the same numbers.",
        examples=[1],
    )

    @model_validator(mode="after")
    def _classes_increase(self) -> Self:
        if list(self.classes) != sorted(set(self.classes)):
            raise ValueError("`classes` must rise")
        return self
