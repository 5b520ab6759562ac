"""Analyses that fill in missing outcomes by a stated assumption."""

from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from ketaoutcomes.families.shared.plan import RepeatedMeasuresPart
from ketaoutcomes.plan.parts import Label, Name, spoken
from ketaoutcomes.vocabulary import (
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

    strategies: dict[
        Label, Annotated[ImputationStrategy, spoken(IMPUTATION_NAMES, NO_IMPUTATION)]
    ] = Field(default_factory=dict, description="intercurrent event -> strategy")
    dropout_counts_as: Label | None = Field(
        default=None,
        description="the event that a subject without a score from some visit on has had, where "
        "the data record none",
    )
    covariance: Annotated[
        ImputationCovariance, spoken(COVARIANCE_NAMES, NO_COVARIANCE | NOT_IMPUTED_BY)
    ] = "us"
    covariance_by_arm: bool = False
    missing_baseline: Literal["excluded", "mean"] = "excluded"
    applies_to: AppliesTo | None = Field(
        default=None,
        description="imputed scores that `delta` or `delta_range` move; all of them by default, "
        "and those after the event with `delta_per_visit`",
    )

    @property
    def after_the_event_only(self) -> bool:
        """Whether scores imputed before any event stay as they are."""
        return self.applies_to == "after the event"

    @model_validator(mode="after")
    def _an_event_to_follow(self) -> Self:
        if self.after_the_event_only and not self.strategies:
            raise ValueError(
                "scores can be moved after an event only if `strategies` names one; name it, or "
                "write `applies_to: all_imputed`"
            )
        return self


class DeltaPart(ImputationPart):
    """Imputed scores moved by a stated number of points."""

    delta: dict[Name, float] = Field(
        default_factory=dict, description="arm -> points added to each of its imputed scores"
    )
    delta_per_visit: bool = Field(
        default=False,
        description="added at the first visit after the event, and once more at each further one",
    )

    @property
    def after_the_event_only(self) -> bool:
        """Whether scores imputed before any event stay as they are."""
        return self.delta_per_visit or self.applies_to == "after the event"

    @model_validator(mode="after")
    def _visits_are_counted_from_the_event(self) -> Self:
        if self.delta_per_visit and self.applies_to == "all imputed":
            raise ValueError(
                "`delta_per_visit` counts visits from the event, so that `applies_to: all_imputed` "
                "does not go with it; take one of them out"
            )
        return self


class MultipleImputationAnalysis(DeltaPart):
    """Imputations drawn from a posterior or by bootstrap, pooled by Rubin's rules."""

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]] = ("change", *OF_YES_OR_NO)

    model: Literal["multiple_imputation"]
    imputations: int = Field(default=200, ge=2, le=10_000)
    seed: int = Field(ge=0)
    draws: Literal["bayesian", "bootstrap"] = "bayesian"
    analysed_by: Literal["ancova", "mmrm"] = "ancova"
    standard_errors: Literal["model", "robust"] = "model"

    @model_validator(mode="after")
    def _posterior_is_unstructured(self) -> Self:
        if self.draws == "bayesian" and self.covariance != "us":
            raise ValueError("`draws: bayesian` has an unstructured covariance; use bootstrap")
        return self

    @model_validator(mode="after")
    def _mmrm_has_its_own_errors(self) -> Self:
        if self.analysed_by == "mmrm" and self.standard_errors == "robust":
            raise ValueError("`standard_errors: robust` goes with `analysed_by: ancova`")
        return self


class ConditionalMeanAnalysis(DeltaPart):
    """Imputation of the conditional mean, with a standard error by jackknife or bootstrap."""

    model: Literal["conditional_mean"]
    resampling: Literal["jackknife", "bootstrap"] = "jackknife"
    resamples: int = Field(default=1000, ge=100, le=100_000, description="of the bootstrap")
    seed: int = Field(default=1, ge=0, description="of the bootstrap")


class TippingPointAnalysis(ImputationPart):
    """By how much imputed scores would have to be worse for the difference to lose significance."""

    fits_one_arm: ClassVar[bool] = False

    model: Literal["tipping_point"]
    imputed_by: Literal["multiple_imputation", "conditional_mean"] = "conditional_mean"
    imputations: int = Field(default=200, ge=2, le=10_000)
    seed: int = Field(default=1, ge=0)
    delta_range: dict[Name, Span] = Field(
        min_length=1,
        max_length=2,
        description="arm -> least and greatest number of points added to its imputed scores",
    )
    steps: int = Field(default=11, ge=3, le=41, description="points of the grid along each arm")
