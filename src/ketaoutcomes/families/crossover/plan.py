"""Analyses of crossover trials."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.plan.covariates import CovariateName
from ketaoutcomes.plan.parts import Name, meanings, spoken
from ketaoutcomes.vocabulary import (
    COVARIANCE_MEANINGS,
    COVARIANCE_NAMES,
    DF_NAMES,
    NO_COVARIANCE,
    NO_DF,
    CovarianceStructure,
    EndpointKind,
)

FEWEST_PERIODS = 2


class CrossoverAnalysis(AnalysisPart):
    """Change in every period by sequence, period and treatment; the periods are phases."""

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]] = ("change",)

    model: Literal["crossover"]
    periods: tuple[Name, ...] = Field(
        min_length=FEWEST_PERIODS,
        strict=False,
        description="Phases of the crossover in the order of treatment.",
        examples=[["first_period", "second_period"]],
    )
    covariates: tuple[CovariateName, ...] = Field(
        default=("baseline",),
        strict=False,
        description="Covariates of the model; `baseline` is the score at the start of each period.",
        examples=[["baseline"]],
    )
    covariance: tuple[
        Annotated[CovarianceStructure, spoken(COVARIANCE_NAMES, NO_COVARIANCE)], ...
    ] = Field(
        default=("us", "cs"),
        min_length=1,
        strict=False,
        description=(
            "Covariance structures of all assessments of a participant, tried in this "
            "order. `cs` is a random participant effect."
        ),
        examples=[["us", "cs"]],
        json_schema_extra=meanings(COVARIANCE_MEANINGS),
    )
    df: Annotated[
        Literal["kenward-roger-linear", "kenward-roger", "kenward-roger-mmrm", "satterthwaite"],
        spoken(DF_NAMES, NO_DF),
    ] = Field(
        default="kenward-roger-linear",
        description="Method for the degrees of freedom of the comparison.",
        examples=["satterthwaite"],
        json_schema_extra=meanings(
            {
                "kenward_roger_linear": (
                    "Kenward-Roger without second derivatives, as in SAS; it gives the t test "
                    "where one exists."
                ),
                "kenward_roger": "Kenward and Roger 1997.",
                "kenward_roger_mmrm": "The form of R's mmrm.",
                "satterthwaite": "Satterthwaite's approximation.",
            }
        ),
    )
    carryover: bool = Field(
        default=True,
        description="Whether carryover is estimated and tested next to the comparison.",
        examples=[True],
    )

    @property
    def covariate_names(self) -> tuple[str, ...]:
        """Covariates of the model."""
        return self.covariates
