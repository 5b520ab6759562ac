"""What a plan may say of a change at every visit: models, contrasts, subgroups."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from ketaoutcomes.families.shared.plan import RepeatedMeasuresPart
from ketaoutcomes.plan.combinations import Combination, ExactlyOne, Never
from ketaoutcomes.plan.covariates import CovariateName
from ketaoutcomes.plan.parts import Label, Name, PlanPart, meanings, spoken
from ketaoutcomes.vocabulary import (
    COEFFICIENT_COVARIANCE_NAMES,
    COVARIANCE_MEANINGS,
    COVARIANCE_NAMES,
    DF_NAMES,
    METHOD_NAMES,
    NO_COVARIANCE,
    NO_DF,
    NO_WEIGHTING,
    WEIGHTING_NAMES,
    CoefficientCovariance,
    CovarianceStructure,
    DegreesOfFreedom,
    LsMeanWeighting,
)

FEWEST_FOR_A_SLOPE = 2

KENWARD_ROGER: Final = ("kenward-roger", "kenward-roger-linear", "kenward-roger-mmrm")


class NamedContrast(PlanPart):
    """A weighted sum of LS means: weights of the arms times weights of the visits.

    Exactly one of `visits`, `average_over` and `slope_over` weighs the visits; without `arms` the
    contrast is active minus reference.
    """

    combinations: ClassVar[tuple[Combination, ...]] = (
        ExactlyOne(
            ("visits", "average_over", "slope_over"),
            "a contrast takes exactly one of `visits`, `average_over` and `slope_over`",
        ),
    )

    label: Label | None = Field(
        default=None,
        description="Name of the contrast in the report.",
        examples=["Mean difference of the last two visits"],
    )
    arms: dict[Name, float] = Field(
        default_factory=dict,
        description="Weight of each arm; the default is active minus reference.",
        examples=[{"esketamine": 1, "placebo": -1}],
    )
    visits: dict[Label, float] = Field(
        default_factory=dict,
        description="Weight of each visit.",
        examples=[{"Day 22": 0.5, "Day 28": 0.5}],
    )
    average_over: tuple[Label, ...] = Field(
        default=(),
        strict=False,
        description="Visits with equal weights, which sum to 1.",
        examples=[["Day 22", "Day 28"]],
    )
    slope_over: tuple[Label, ...] = Field(
        default=(),
        strict=False,
        description="Visits over which the change per day is estimated, by least squares.",
        examples=[["Day 8", "Day 15", "Day 28"]],
    )

    @model_validator(mode="after")
    def _visits_of_a_slope(self) -> Self:
        if self.slope_over and len(set(self.slope_over)) < FEWEST_FOR_A_SLOPE:
            raise ValueError("`slope_over` needs two visits or more")
        return self

    @property
    def visit_names(self) -> tuple[Label, ...]:
        """The visits it speaks of."""
        return (*self.visits, *self.average_over, *self.slope_over)

    def visit_weights(self, days: Mapping[str, float]) -> dict[str, float]:
        """The weight of each visit; a slope is that of the least-squares line through its means.

        Parameters
        ----------
        days : mapping
            Scheduled day of each visit.
        """
        if self.visits:
            return dict(self.visits)
        if self.average_over:
            return dict.fromkeys(self.average_over, 1 / len(self.average_over))
        at = [days[visit] for visit in self.slope_over]
        mean = sum(at) / len(at)
        spread = sum((day - mean) ** 2 for day in at)
        return {
            visit: (day - mean) / spread for visit, day in zip(self.slope_over, at, strict=True)
        }


class Subgroup(PlanPart):
    """Levels of a covariate, or ranges of a numeric one cut at some values."""

    by: CovariateName = Field(description="Covariate that defines the subgroups.", examples=["sex"])
    cut_at: tuple[float, ...] = Field(
        default=(),
        strict=False,
        description=(
            "Cut-offs of a continuous covariate; a value at a cut-off belongs to the range above."
        ),
        examples=[[40, 65]],
    )

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if list(self.cut_at) != sorted(set(self.cut_at)):
            raise ValueError("`cut_at` takes ascending values")
        return self

    @property
    def ranges(self) -> tuple[str, ...]:
        """Names of the ranges; empty where levels are taken as they are."""
        if not self.cut_at:
            return ()
        cuts = [f"{cut:g}" for cut in self.cut_at]
        between = [f"{low} to below {high}" for low, high in pairwise(cuts)]
        return (f"below {cuts[0]}", *between, f"{cuts[-1]} and above")


class MmrmAnalysis(RepeatedMeasuresPart):
    """Mixed model for repeated measures; the covariances are tried in order."""

    comparing_keys: ClassVar[tuple[str, ...]] = ("margin", "subgroups", "all_arms")

    combinations: ClassVar[tuple[Combination, ...]] = (
        *(
            Never(
                {"df": KENWARD_ROGER, **other},
                "Kenward-Roger needs `method: reml` and `coefficient_covariance: model`",
            )
            for other in (
                {"method": ("ml",)},
                {"coefficient_covariance": ("empirical", "cr2", "cr3")},
            )
        ),
    )

    model: Literal["mmrm"]
    covariance: tuple[
        Annotated[CovarianceStructure, spoken(COVARIANCE_NAMES, NO_COVARIANCE)], ...
    ] = Field(
        default=("us",),
        min_length=1,
        strict=False,
        description="Covariance structures in fallback order: the first that converges is used.",
        examples=[["us", "toeph", "ar1h"]],
        json_schema_extra=meanings(COVARIANCE_MEANINGS),
    )
    covariance_by: Literal["arm"] | CovariateName | None = Field(
        default=None,
        description="`arm` or a covariate; each of its levels has a covariance matrix of its own.",
        examples=["arm"],
    )
    weights: CovariateName | None = Field(
        default=None,
        description="Covariate that holds the weight of each participant.",
        examples=["weight"],
    )
    method: Annotated[Literal["reml", "ml"], spoken(METHOD_NAMES)] = Field(
        default="reml",
        description="Estimation method.",
        examples=["reml"],
        json_schema_extra=meanings(
            {"reml": "Restricted maximum likelihood.", "ml": "Maximum likelihood."}
        ),
    )
    df: Annotated[DegreesOfFreedom, spoken(DF_NAMES, NO_DF)] = Field(
        default="satterthwaite",
        description="Method for the degrees of freedom.",
        examples=["kenward_roger"],
        json_schema_extra=meanings(
            {
                "satterthwaite": "Satterthwaite's approximation.",
                "kenward_roger": (
                    "Kenward and Roger 1997; without second derivatives where the covariance is "
                    "linear, as in SAS."
                ),
                "kenward_roger_linear": "Kenward-Roger without second derivatives.",
                "kenward_roger_mmrm": "What R's mmrm calls Kenward-Roger.",
                "between_within": "The between-within method of SAS.",
                "residual": "Observations minus coefficients.",
            }
        ),
    )
    coefficient_covariance: Annotated[
        CoefficientCovariance, spoken(COEFFICIENT_COVARIANCE_NAMES)
    ] = Field(
        default="model",
        description="Covariance estimator of the coefficients.",
        examples=["model"],
        json_schema_extra=meanings(
            {
                "model": "Model-based.",
                "empirical": "The sandwich estimator.",
                "cr2": "Bias-reduced sandwich estimator.",
                "cr3": "Sandwich estimator close to the jackknife.",
            }
        ),
    )
    weighting: Annotated[LsMeanWeighting, spoken(WEIGHTING_NAMES, NO_WEIGHTING)] = Field(
        default="equal",
        description="Weights of the levels of other factors in an LS mean.",
        examples=["equal"],
        json_schema_extra=meanings(
            {
                "equal": "Each level has the same weight.",
                "observed": "Weights by the frequency of each combination of levels.",
                "proportional": "Weights by the frequency of each level.",
            }
        ),
    )
    contrasts: dict[Name, NamedContrast] = Field(
        default_factory=dict,
        description="Pre-specified contrasts of LS means, by name.",
        examples=[{"first_week": {"visits": {"Day 8": 1}}}],
    )
    subgroups: tuple[Subgroup, ...] = Field(
        default=(),
        strict=False,
        description="Subgroups in which the treatment difference is estimated.",
        examples=[[{"by": "sex"}]],
    )
    all_arms: bool = Field(
        default=False,
        description=(
            "Also test whether the means of all arms of the phase are equal, at the visit and "
            "over time."
        ),
        examples=[True],
    )

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

    df: Annotated[Literal["satterthwaite", "kenward-roger"], spoken(DF_NAMES, NO_DF)] = Field(
        default="satterthwaite",
        description="Method for the degrees of freedom.",
        examples=["satterthwaite"],
        json_schema_extra=meanings(
            {
                "satterthwaite": "Satterthwaite's approximation.",
                "kenward_roger": "Kenward and Roger 1997.",
            }
        ),
    )


class RandomInterceptAnalysis(RandomEffectsPart):
    """A random intercept for each participant."""

    model: Literal["random_intercept"]


class RandomSlopeAnalysis(RandomEffectsPart):
    """A random intercept and a random slope over the days since the first dose."""

    model: Literal["random_slope"]
    correlated: bool = Field(
        default=True,
        description="Whether the random intercept and slope of a participant may be correlated.",
        examples=[True],
    )
