"""Analyses of events that happen again and again."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ketaoutcomes.plan.analysis import AnalysisPart, TicksEveryDays
from ketaoutcomes.plan.covariates import CovariateName
from ketaoutcomes.plan.parts import meanings, spoken
from ketaoutcomes.vocabulary import RECURRENT_NAMES, EndpointKind, RecurrentModel


class RecurrentEventsAnalysis(AnalysisPart):
    """Rates and mean number of events, and models of each event."""

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]] = ("recurrent_events",)

    model: Literal["recurrent_events"]
    models: tuple[Annotated[RecurrentModel, spoken(RECURRENT_NAMES)], ...] = Field(
        default=("Andersen-Gill", "PWP total time", "PWP gap time"),
        strict=False,
        description="Models that are fitted to the recurrent events.",
        examples=[["andersen_gill"]],
        json_schema_extra=meanings(
            {
                "andersen_gill": "One hazard for all events of a participant.",
                "pwp_total_time": "A hazard for each event number, in time from the start.",
                "pwp_gap_time": "A hazard for each event number, in time since the event before.",
            }
        ),
    )
    strata: tuple[CovariateName, ...] = Field(
        default=(),
        strict=False,
        description="Factors whose levels each have a baseline hazard of their own.",
        examples=[["region"]],
    )
    covariates: tuple[CovariateName, ...] = Field(
        default=(), strict=False, description="Covariates of the hazard models.", examples=[["age"]]
    )
    at_most_events: int | None = Field(
        default=None,
        ge=1,
        description="Number of events of each participant that the two PWP models use.",
        examples=[4],
    )
    risk_table_every_days: TicksEveryDays = None

    @property
    def covariate_names(self) -> tuple[str, ...]:
        """Strata and covariates."""
        return (*self.strata, *self.covariates)
