"""Models of a change at every visit."""

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from ketaoutcomes.families.repeated_measures.plan_contrasts import NamedContrast
from ketaoutcomes.families.repeated_measures.plan_subgroups import Subgroup
from ketaoutcomes.families.shared.plan import RepeatedMeasuresPart
from ketaoutcomes.plan.covariates import CovariateName
from ketaoutcomes.plan.parts import Name
from ketaoutcomes.vocabulary import (
    CoefficientCovariance,
    CovarianceStructure,
    DegreesOfFreedom,
    LsMeanWeighting,
)


class MmrmAnalysis(RepeatedMeasuresPart):
    """Mixed model for repeated measures; the covariances are tried in order."""

    comparing_keys: ClassVar[tuple[str, ...]] = ("margin", "subgroups")

    model: Literal["mmrm"]
    covariance: tuple[CovarianceStructure, ...] = Field(default=("us",), min_length=1, strict=False)
    covariance_by: Literal["arm"] | CovariateName | None = Field(
        default=None, description="`arm` or a covariate: each level has a covariance of its own"
    )
    weights: CovariateName | None = Field(
        default=None, description="covariate that holds each subject's weight"
    )
    method: Literal["reml", "ml"] = "reml"
    df: DegreesOfFreedom = Field(
        default="satterthwaite",
        description="`kenward-roger` is the linear form where the covariance is linear, as in SAS;"
        " `kenward-roger-mmrm` is what R's mmrm calls Kenward-Roger",
    )
    coefficient_covariance: CoefficientCovariance = "model"
    weighting: LsMeanWeighting = Field(
        default="equal", description="weights of the other factors' levels in an LS mean"
    )
    contrasts: dict[Name, NamedContrast] = Field(default_factory=dict)
    subgroups: tuple[Subgroup, ...] = Field(default=(), strict=False)

    @model_validator(mode="after")
    def _kenward_roger_fits(self) -> Self:
        if self.df.startswith("kenward-roger") and (
            self.method != "reml" or self.coefficient_covariance != "model"
        ):
            raise ValueError(
                "Kenward-Roger needs `method: reml` and `coefficient_covariance: model`"
            )
        return self

    @property
    def covariate_names(self) -> tuple[str, ...]:
        """Covariates of the model, and what groups or weighs its subjects."""
        by = () if self.covariance_by in (None, "arm") else (self.covariance_by,)
        weights = () if self.weights is None else (self.weights,)
        others = (*by, *weights, *(subgroup.by for subgroup in self.subgroups))
        return tuple(dict.fromkeys((*self.covariates, *others)))

    @property
    def weight_name(self) -> str | None:
        """The covariate that holds each subject's weight."""
        return self.weights


class RandomEffectsPart(RepeatedMeasuresPart):
    """Linear mixed model with random effects of each subject, by REML."""

    df: Literal["satterthwaite", "kenward-roger"] = "satterthwaite"


class RandomInterceptAnalysis(RandomEffectsPart):
    """A random intercept for each subject."""

    model: Literal["random_intercept"]


class RandomSlopeAnalysis(RandomEffectsPart):
    """A random intercept and a random slope over the days since the first dose."""

    model: Literal["random_slope"]
    correlated: bool = Field(
        default=True, description="whether intercept and slope of a subject may be correlated"
    )
