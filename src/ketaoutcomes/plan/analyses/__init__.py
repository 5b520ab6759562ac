"""Analyses: how an estimand is estimated, one class a model."""

from typing import Annotated

from pydantic import Field

from ketaoutcomes.plan.analyses.part import AnalysisPart
from ketaoutcomes.plan.analyses.proportions import ProportionAnalysis
from ketaoutcomes.plan.analyses.repeated_measures import (
    MmrmAnalysis,
    RandomInterceptAnalysis,
    RepeatedMeasuresPart,
)
from ketaoutcomes.plan.analyses.time_to_event import SurvivalPart, TimeToEventAnalysis

__all__ = [
    "Analysis",
    "AnalysisPart",
    "MmrmAnalysis",
    "ProportionAnalysis",
    "RandomInterceptAnalysis",
    "RepeatedMeasuresPart",
    "SurvivalPart",
    "TimeToEventAnalysis",
]

Analysis = Annotated[
    MmrmAnalysis | RandomInterceptAnalysis | ProportionAnalysis | TimeToEventAnalysis,
    Field(discriminator="model"),
]
