"""Analyses of events that happen again and again."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ketaoutcomes.plan.analysis import AnalysisPart, TicksEveryDays
from ketaoutcomes.plan.covariates import CovariateName
from ketaoutcomes.plan.parts import spoken
from ketaoutcomes.vocabulary import RECURRENT_NAMES, EndpointKind, RecurrentModel


class RecurrentEventsAnalysis(AnalysisPart):
    """Rates and mean number of events, and models of each event."""

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]] = ("recurrent_events",)

    model: Literal["recurrent_events"]
    models: tuple[Annotated[RecurrentModel, spoken(RECURRENT_NAMES)], ...] = Field(
        default=("Andersen-Gill", "PWP total time", "PWP gap time"), strict=False
    )
    strata: tuple[CovariateName, ...] = Field(default=(), strict=False)
    covariates: tuple[CovariateName, ...] = Field(default=(), strict=False)
    at_most_events: int | None = Field(
        default=None, ge=1, description="events of a subject that the PWP models use"
    )
    risk_table_every_days: TicksEveryDays = None

    @property
    def covariate_names(self) -> tuple[str, ...]:
        """Strata and covariates."""
        return (*self.strata, *self.covariates)
