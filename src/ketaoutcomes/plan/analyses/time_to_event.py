"""Analyses of a time to event."""

from typing import ClassVar, Literal

from pydantic import Field

from ketaoutcomes.plan.analyses.part import AnalysisPart
from ketaoutcomes.plan.parts import Name
from ketaoutcomes.vocabulary import EndpointKind


class TimeToEventAnalysis(AnalysisPart):
    """Kaplan-Meier, stratified log-rank, Cox and restricted mean time."""

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]] = ("time_to_relapse", "time_to_event")

    model: Literal["time_to_event"]
    strata: tuple[Name, ...] = Field(default=(), strict=False)
    covariates: tuple[Name, ...] = Field(default=(), strict=False)
    restricted_mean_days: float = Field(gt=0)
    ticks_every_days: float = Field(default=28, gt=0)
    interval: Literal["log-log", "log", "plain"] = "log-log"

    @property
    def covariate_names(self) -> tuple[Name, ...]:
        """Strata and covariates."""
        return (*self.strata, *self.covariates)
