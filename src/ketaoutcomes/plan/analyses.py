"""Estimands and the analyses that estimate them."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ketaoutcomes.plan.parts import Label, Name, PlanPart
from ketaoutcomes.vocabulary import (
    CoefficientCovariance,
    CovarianceStructure,
    DegreesOfFreedom,
    LsMeanWeighting,
    Role,
    Strategy,
)


class TreatmentContrast(PlanPart):
    """The two arms compared: active minus reference."""

    active: Name
    reference: Name

    @model_validator(mode="after")
    def _two_arms(self) -> Self:
        if self.active == self.reference:
            raise ValueError("`active` and `reference` must be two different arms")
        return self


class Estimand(PlanPart):
    """The five attributes of ICH E9(R1) A.3.3."""

    population: str
    treatment: TreatmentContrast
    endpoint: Name
    visit: Label | None = None
    intercurrent_events: dict[Label, Strategy] = Field(default_factory=dict)
    summary: Literal[
        "difference in means",
        "difference in proportions",
        "difference in restricted mean time",
        "hazard ratio",
    ]


class AnalysisPart(PlanPart):
    """What every analysis says."""

    estimand: Name
    role: Role


class MmrmAnalysis(AnalysisPart):
    """Mixed model for repeated measures; the covariances are tried in order."""

    model: Literal["mmrm"]
    covariance: tuple[CovarianceStructure, ...] = Field(default=("us",), min_length=1, strict=False)
    method: Literal["reml", "ml"] = "reml"
    covariates: tuple[Name, ...] = Field(default=("baseline",), strict=False)
    by_visit: tuple[Name, ...] = Field(
        default=("baseline",), strict=False, description="covariates whose effect differs by visit"
    )
    df: DegreesOfFreedom = "satterthwaite"
    coefficient_covariance: CoefficientCovariance = "model"
    weighting: LsMeanWeighting = Field(
        default="equal", description="weights of the other factors' levels in an LS mean"
    )


class RandomInterceptAnalysis(AnalysisPart):
    """Linear mixed model with a random intercept for each subject."""

    model: Literal["random_intercept"]
    covariates: tuple[Name, ...] = Field(default=("baseline",), strict=False)
    by_visit: tuple[Name, ...] = Field(default=("baseline",), strict=False)


class ProportionAnalysis(AnalysisPart):
    """Proportions in two arms; a subject with no outcome counts as `missing_as` says."""

    model: Literal["proportions"]
    missing_as: Literal["failure", "excluded"] = "failure"


class TimeToEventAnalysis(AnalysisPart):
    """Kaplan-Meier, stratified log-rank, Cox and restricted mean time."""

    model: Literal["time_to_event"]
    strata: tuple[Name, ...] = Field(default=(), strict=False)
    covariates: tuple[Name, ...] = Field(default=(), strict=False)
    restricted_mean_days: float = Field(gt=0)
    ticks_every_days: float = Field(default=28, gt=0)
    interval: Literal["log-log", "log", "plain"] = "log-log"


Analysis = Annotated[
    MmrmAnalysis | RandomInterceptAnalysis | ProportionAnalysis | TimeToEventAnalysis,
    Field(discriminator="model"),
]
