"""Analyses of how a treatment comes to its effect."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.plan.covariates import CovariateName
from ketaoutcomes.plan.parts import Label, PlanPart
from ketaoutcomes.vocabulary import EndpointKind

Correlation = Annotated[float, Field(gt=-1, lt=1)]


class Mediator(PlanPart):
    """Change of a measure from the phase's baseline at a visit before that of the outcome."""

    scale: str = Field(description="Scale that the mediator is measured on.", examples=["BDNF"])
    visit: Label = Field(description="Visit at which the mediator is measured.", examples=["Day 8"])
    logarithm: bool = Field(
        default=False,
        description=(
            "Whether the mediator is analysed on the log scale, as is usual for concentrations."
        ),
        examples=[True],
    )


class MediationAnalysis(AnalysisPart):
    """Natural direct and indirect effects from linear models of mediator and outcome.

    Baselines of outcome and mediator are always covariates of both models.
    """

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]] = ("change",)

    model: Literal["mediation"]
    mediator: Mediator = Field(
        description="Measurement through which the treatment may act.",
        examples=[{"scale": "BDNF", "visit": "Day 8"}],
    )
    covariates: tuple[CovariateName, ...] = Field(
        default=(),
        strict=False,
        description="Covariates of the model of the mediator and of the model of the outcome.",
        examples=[["baseline"]],
    )
    interaction: bool = Field(
        default=False,
        description="Whether the effect of the mediator may differ between the arms.",
        examples=[True],
    )
    resamples: int = Field(
        default=2000,
        ge=200,
        le=100_000,
        description="Number of bootstrap samples behind the intervals.",
        examples=[2000],
    )
    seed: int = Field(
        default=1,
        ge=0,
        lt=2**63,
        description="Seed of the bootstrap; the same seed gives the same numbers.",
        examples=[1],
    )
    correlations: tuple[Correlation, ...] = Field(
        default=(-0.8, -0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6, 0.8),
        strict=False,
        description=(
            "Correlations of the two error terms in the sensitivity analysis for "
            "unmeasured confounding."
        ),
        examples=[[-0.4, 0, 0.4]],
    )

    @property
    def covariate_names(self) -> tuple[str, ...]:
        """Covariates of both models."""
        return self.covariates
