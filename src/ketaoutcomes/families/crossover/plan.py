"""Analyses of crossover trials."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.plan.covariates import CovariateName
from ketaoutcomes.plan.parts import Name, spoken
from ketaoutcomes.vocabulary import (
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
        min_length=FEWEST_PERIODS, strict=False, description="phases in the order of treatment"
    )
    covariates: tuple[CovariateName, ...] = Field(default=("baseline",), strict=False)
    covariance: tuple[
        Annotated[CovarianceStructure, spoken(COVARIANCE_NAMES, NO_COVARIANCE)], ...
    ] = Field(
        default=("us", "cs"),
        min_length=1,
        strict=False,
        description="of all assessments of a subject, tried in order; `cs` is a random subject",
    )
    df: Annotated[
        Literal["kenward-roger-linear", "kenward-roger", "kenward-roger-mmrm", "satterthwaite"],
        spoken(DF_NAMES, NO_DF),
    ] = Field(
        default="kenward-roger-linear",
        description="the linear form is the t test where there is one, as in SAS",
    )
    carry_over: bool = Field(
        default=True, description="estimate and test carry-over beside the comparison"
    )

    @property
    def covariate_names(self) -> tuple[str, ...]:
        """Covariates of the model."""
        return self.covariates
