"""What several families let a plan say."""

from typing import Annotated, ClassVar

from pydantic import Field

from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.plan.covariates import CovariateName
from ketaoutcomes.vocabulary import EndpointKind

Share = Annotated[float, Field(gt=0, lt=1)]


Day = Annotated[float, Field(gt=0)]


class RepeatedMeasuresPart(AnalysisPart):
    """Change by arm, visit and their interaction, with covariates."""

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]] = ("change",)
    fits_one_arm: ClassVar[bool] = True

    covariates: tuple[CovariateName, ...] = Field(
        default=("baseline",),
        strict=False,
        description=(
            "Covariates of the model; `baseline` is the score at the first visit of the phase."
        ),
        examples=[["baseline", "region"]],
    )
    by_visit: tuple[CovariateName, ...] = Field(
        default=("baseline",),
        strict=False,
        description="Covariates whose effect may differ between visits.",
        examples=[["baseline"]],
    )

    @property
    def covariate_names(self) -> tuple[str, ...]:
        """Covariates of the model."""
        return self.covariates

    @property
    def covariates_by_visit(self) -> tuple[str, ...]:
        """Covariates whose effect differs by visit."""
        return self.by_visit


class SurvivalPart(AnalysisPart):
    """What every model of one time to event says."""

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]] = (
        "time_to_relapse",
        "time_to_response",
        "duration_of_response",
        "time_to_event",
    )

    covariates: tuple[CovariateName, ...] = Field(
        default=(),
        strict=False,
        description="Covariates of the regression model.",
        examples=[["age", "sex"]],
    )
    rmst_days: float = Field(
        gt=0,
        description="Time horizon of the restricted mean survival time (RMST), in days.",
        examples=[168],
    )

    @property
    def covariate_names(self) -> tuple[str, ...]:
        """Covariates of the model."""
        return self.covariates
