"""Models of a change at every visit."""

from typing import ClassVar, Literal

from pydantic import Field

from ketaoutcomes.plan.analyses.part import AnalysisPart
from ketaoutcomes.plan.parts import Name
from ketaoutcomes.vocabulary import (
    CoefficientCovariance,
    CovarianceStructure,
    DegreesOfFreedom,
    EndpointKind,
    LsMeanWeighting,
)


class RepeatedMeasuresPart(AnalysisPart):
    """Change by arm, visit and their interaction, with covariates."""

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]] = ("change",)

    covariates: tuple[Name, ...] = Field(default=("baseline",), strict=False)
    by_visit: tuple[Name, ...] = Field(
        default=("baseline",), strict=False, description="covariates whose effect differs by visit"
    )

    @property
    def covariate_names(self) -> tuple[Name, ...]:
        """Covariates of the model."""
        return self.covariates


class MmrmAnalysis(RepeatedMeasuresPart):
    """Mixed model for repeated measures; the covariances are tried in order."""

    model: Literal["mmrm"]
    covariance: tuple[CovarianceStructure, ...] = Field(default=("us",), min_length=1, strict=False)
    method: Literal["reml", "ml"] = "reml"
    df: DegreesOfFreedom = "satterthwaite"
    coefficient_covariance: CoefficientCovariance = "model"
    weighting: LsMeanWeighting = Field(
        default="equal", description="weights of the other factors' levels in an LS mean"
    )


class RandomInterceptAnalysis(RepeatedMeasuresPart):
    """Linear mixed model with a random intercept for each subject."""

    model: Literal["random_intercept"]
