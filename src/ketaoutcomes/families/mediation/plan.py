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

    scale: str
    visit: Label
    logarithm: bool = Field(
        default=False, description="take logarithms first, for a concentration such as CRP"
    )


class MediationAnalysis(AnalysisPart):
    """Natural direct and indirect effects from linear models of mediator and outcome.

    Baselines of outcome and mediator are always covariates of both models.
    """

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]] = ("change",)

    model: Literal["mediation"]
    mediator: Mediator
    covariates: tuple[CovariateName, ...] = Field(default=(), strict=False)
    interaction: bool = Field(
        default=False, description="let the mediator act differently in the two arms"
    )
    resamples: int = Field(default=2000, ge=200, le=100_000)
    seed: int = Field(default=1, ge=0, lt=2**63)
    correlations: tuple[Correlation, ...] = Field(
        default=(-0.8, -0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6, 0.8),
        strict=False,
        description="correlations of the errors at which the effect is shown",
    )

    @property
    def covariate_names(self) -> tuple[str, ...]:
        """Covariates of both models."""
        return self.covariates
