"""Analyses that fill in missing outcomes by a stated assumption."""

from typing import Annotated, ClassVar, Final, Literal, get_args

from pydantic import AfterValidator, Field

from ketaoutcomes.families.shared.plan import RepeatedMeasuresPart
from ketaoutcomes.plan.combinations import Combination, Never, Written
from ketaoutcomes.plan.parts import Label, Name, meanings, spoken
from ketaoutcomes.vocabulary import (
    COVARIANCE_MEANINGS,
    COVARIANCE_NAMES,
    IMPUTATION_NAMES,
    NO_COVARIANCE,
    NO_IMPUTATION,
    OF_YES_OR_NO,
    EndpointKind,
    ImputationStrategy,
)

ImputationCovariance = Literal["us", "ar1", "ar1h", "ad", "adh", "cs", "csh"]
"""Covariances that are positive definite for every parameter, so that no refit can fail there."""

NOT_UNSTRUCTURED: Final = tuple(one for one in get_args(ImputationCovariance) if one != "us")

NOT_IMPUTED_BY: Final = dict.fromkeys(
    ("toep", "toeph", "sp_exp"), "no imputation is drawn from it; write `us`, `adh` or `ar1h`"
)
"""Structures of other models -> what to write."""


def _around_zero(span: tuple[float, float]) -> tuple[float, float]:
    """Refuse a span that does not hold zero."""
    low, high = span
    if not low <= 0 <= high or low == high:
        raise ValueError("[least, greatest] around 0")
    return span


Span = Annotated[tuple[float, float], Field(strict=False), AfterValidator(_around_zero)]


AppliesTo = Literal["after the event", "all imputed"]
"""Which imputed scores are moved: those after an event of `strategies`, or every one."""


class ImputationPart(RepeatedMeasuresPart):
    """The imputation model, and what is assumed after each intercurrent event.

    Outcomes missing for another reason are missing at random.
    """

    combinations: ClassVar[tuple[Combination, ...]] = (
        Never(
            {"applies_to": ("after the event",), "strategies": Written.NO},
            "`applies_to: after_the_event` needs an event in `strategies`; name one, or write "
            "`applies_to: all_imputed`",
        ),
    )

    strategies: dict[
        Label, Annotated[ImputationStrategy, spoken(IMPUTATION_NAMES, NO_IMPUTATION)]
    ] = Field(
        default_factory=dict,
        description="What is assumed of scores that are missing after each intercurrent event.",
        examples=[{"treatment discontinuation": "jump_to_reference"}],
        json_schema_extra=meanings(
            {
                "missing_at_random": "As in similar observed participants of the arm.",
                "jump_to_reference": "Like the reference arm from the event on.",
                "copy_reference": "As in the reference arm from the start.",
                "copy_increments_in_reference": "Changes after the event as in the reference arm.",
                "last_mean_carried_forward": "The mean of the arm at the last visit before.",
            }
        ),
    )
    dropout_counts_as: Label | None = Field(
        default=None,
        description="Intercurrent event assumed at dropout, where the data record none.",
        examples=["treatment discontinuation"],
    )
    covariance: Annotated[
        ImputationCovariance, spoken(COVARIANCE_NAMES, NO_COVARIANCE | NOT_IMPUTED_BY)
    ] = Field(
        default="us",
        description="Covariance structure of the imputation model.",
        examples=["us"],
        json_schema_extra=meanings(COVARIANCE_MEANINGS),
    )
    covariance_by_arm: bool = Field(
        default=False,
        description="Whether each arm has a covariance matrix of its own.",
        examples=[True],
    )
    missing_baseline: Literal["excluded", "mean"] = Field(
        default="excluded",
        description="What becomes of participants without a baseline score.",
        examples=["mean"],
        json_schema_extra=meanings(
            {
                "excluded": "They are excluded from the analysis.",
                "mean": "They get the mean baseline score of all participants.",
            }
        ),
    )
    applies_to: AppliesTo | None = Field(
        default=None,
        description=(
            "Which imputed scores `delta` or `delta_range` moves. The default is all, or "
            "those after the event with `delta_per_visit`."
        ),
        examples=["after_the_event"],
        json_schema_extra=meanings(
            {
                "after_the_event": "Scores imputed after an event of `strategies`.",
                "all_imputed": "Every imputed score.",
            }
        ),
    )

    @property
    def after_the_event_only(self) -> bool:
        """Whether scores imputed before any event stay as they are."""
        return self.applies_to == "after the event"


class DeltaPart(ImputationPart):
    """Imputed scores moved by a stated number of points."""

    combinations: ClassVar[tuple[Combination, ...]] = (
        Never(
            {"delta_per_visit": (True,), "applies_to": ("all imputed",)},
            "`delta_per_visit` counts visits from the event, so `applies_to: all_imputed` does not "
            "go with it; remove one of them",
        ),
        Never(
            {"delta_per_visit": (True,), "strategies": Written.NO},
            "`delta_per_visit` counts visits from an event of `strategies`; name one there, or "
            "remove `delta_per_visit`",
        ),
    )

    delta: dict[Name, float] = Field(
        default_factory=dict,
        description="Delta: points by which each imputed score of an arm is moved.",
        examples=[{"esketamine": 2.5}],
    )
    delta_per_visit: bool = Field(
        default=False,
        description="Whether `delta` is added again at each further visit after the event.",
        examples=[True],
    )

    @property
    def after_the_event_only(self) -> bool:
        """Whether scores imputed before any event stay as they are."""
        return self.delta_per_visit or self.applies_to == "after the event"


class MultipleImputationAnalysis(DeltaPart):
    """Imputations drawn from a posterior or by bootstrap, pooled by Rubin's rules."""

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]] = ("change", *OF_YES_OR_NO)

    combinations: ClassVar[tuple[Combination, ...]] = (
        Never(
            {"draws": ("bayesian",), "covariance": NOT_UNSTRUCTURED},
            "`draws: bayesian` has an unstructured covariance; write `draws: bootstrap`",
        ),
        Never(
            {"analysed_by": ("mmrm",), "standard_errors": ("robust",)},
            "`standard_errors: robust` goes with `analysed_by: ancova`",
        ),
    )

    model: Literal["multiple_imputation"]
    imputations: int = Field(
        default=200,
        ge=2,
        le=10_000,
        description="Number of imputed datasets; more of them lower the Monte Carlo error.",
        examples=[200],
    )
    seed: int = Field(
        ge=0,
        description="Seed of the imputations; the same seed gives the same numbers.",
        examples=[20261124],
    )
    draws: Literal["bayesian", "bootstrap"] = Field(
        default="bayesian",
        description="How the parameters of the imputation model are drawn.",
        examples=["bayesian"],
        json_schema_extra=meanings(
            {
                "bayesian": "From their posterior distribution.",
                "bootstrap": "By refitting the model to bootstrap samples.",
            }
        ),
    )
    analysed_by: Literal["ancova", "mmrm"] = Field(
        default="ancova",
        description="Model fitted to each imputed dataset.",
        examples=["ancova"],
        json_schema_extra=meanings(
            {"ancova": "ANCOVA at the visit of the estimand.", "mmrm": "MMRM over all visits."}
        ),
    )
    standard_errors: Literal["model", "robust"] = Field(
        default="model",
        description="Standard errors of the ANCOVA in each imputed dataset.",
        examples=["robust"],
        json_schema_extra=meanings(
            {
                "model": "They assume one residual variance.",
                "robust": "Heteroscedasticity-consistent, valid where variances differ.",
            }
        ),
    )


class ConditionalMeanAnalysis(DeltaPart):
    """Imputation of the conditional mean, with a standard error by jackknife or bootstrap."""

    model: Literal["conditional_mean"]
    resampling: Literal["jackknife", "bootstrap"] = Field(
        default="jackknife",
        description="How the standard error is found.",
        examples=["jackknife"],
        json_schema_extra=meanings(
            {
                "jackknife": "By leaving out each participant in turn.",
                "bootstrap": "By drawing participants with replacement.",
            }
        ),
    )
    resamples: int = Field(
        default=1000,
        ge=100,
        le=100_000,
        description="Number of bootstrap samples; only `resampling: bootstrap` uses it.",
        examples=[1000],
    )
    seed: int = Field(
        default=1,
        ge=0,
        description="Seed of the bootstrap; the same seed gives the same numbers.",
        examples=[1],
    )


class TippingPointAnalysis(ImputationPart):
    """By how much imputed scores would have to be worse for the difference to lose significance."""

    fits_one_arm: ClassVar[bool] = False

    model: Literal["tipping_point"]
    imputed_by: Literal["multiple_imputation", "conditional_mean"] = Field(
        default="conditional_mean",
        description="How missing scores are imputed at each point of the grid.",
        examples=["conditional_mean"],
        json_schema_extra=meanings(
            {
                "multiple_imputation": "By random draws, pooled by Rubin's rules.",
                "conditional_mean": "By their conditional mean, with a jackknife standard error.",
            }
        ),
    )
    imputations: int = Field(
        default=200,
        ge=2,
        le=10_000,
        description="Number of imputed datasets; only `imputed_by: multiple_imputation` uses it.",
        examples=[200],
    )
    seed: int = Field(
        default=1,
        ge=0,
        description="Seed of the imputations; the same seed gives the same numbers.",
        examples=[1],
    )
    delta_range: dict[Name, Span] = Field(
        min_length=1,
        max_length=2,
        description="Minimum and maximum delta of an arm, in points; the range must include 0.",
        examples=[{"esketamine": [0, 20]}],
    )
    steps: int = Field(
        default=11, ge=3, le=41, description="Number of grid points along each arm.", examples=[11]
    )
