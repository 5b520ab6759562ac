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

    covariates: tuple[CovariateName, ...] = Field(default=("baseline",), strict=False)
    by_visit: tuple[CovariateName, ...] = Field(
        default=("baseline",), strict=False, description="covariates whose effect differs by visit"
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

    covariates: tuple[CovariateName, ...] = Field(default=(), strict=False)
    rmst_days: float = Field(gt=0)

    @property
    def covariate_names(self) -> tuple[str, ...]:
        """Covariates of the model."""
        return self.covariates
