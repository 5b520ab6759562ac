"""Analyses: how an estimand is estimated, one class a model."""

from typing import Annotated, Final, get_args

from pydantic import Field

from ketaoutcomes.plan.analyses.binary_repeated import (
    BinaryRepeatedPart,
    GeeAnalysis,
    LogisticMixedAnalysis,
)
from ketaoutcomes.plan.analyses.crossover import CrossoverAnalysis
from ketaoutcomes.plan.analyses.dose_response import DoseResponseAnalysis
from ketaoutcomes.plan.analyses.imputation import (
    ConditionalMeanAnalysis,
    DeltaPart,
    ImputationPart,
    MultipleImputationAnalysis,
    TippingPointAnalysis,
)
from ketaoutcomes.plan.analyses.incidence import IncidenceAnalysis
from ketaoutcomes.plan.analyses.mediation import MediationAnalysis
from ketaoutcomes.plan.analyses.parametric_survival import (
    AftAnalysis,
    IntervalCensoredAnalysis,
)
from ketaoutcomes.plan.analyses.part import AnalysisPart
from ketaoutcomes.plan.analyses.proportions import ProportionAnalysis
from ketaoutcomes.plan.analyses.recurrent_events import RecurrentEventsAnalysis
from ketaoutcomes.plan.analyses.repeated_measures import (
    MmrmAnalysis,
    RandomEffectsPart,
    RandomInterceptAnalysis,
    RandomSlopeAnalysis,
    RepeatedMeasuresPart,
)
from ketaoutcomes.plan.analyses.standardisation import StandardisationAnalysis
from ketaoutcomes.plan.analyses.time_to_event import SurvivalPart, TimeToEventAnalysis
from ketaoutcomes.plan.analyses.trajectories import TrajectoryAnalysis
from ketaoutcomes.plan.analyses.value import CostEffectivenessAnalysis

__all__ = [
    "MODELS",
    "AftAnalysis",
    "Analysis",
    "AnalysisPart",
    "BinaryRepeatedPart",
    "ConditionalMeanAnalysis",
    "CostEffectivenessAnalysis",
    "CrossoverAnalysis",
    "DeltaPart",
    "DoseResponseAnalysis",
    "GeeAnalysis",
    "ImputationPart",
    "IncidenceAnalysis",
    "IntervalCensoredAnalysis",
    "LogisticMixedAnalysis",
    "MediationAnalysis",
    "MmrmAnalysis",
    "MultipleImputationAnalysis",
    "ProportionAnalysis",
    "RandomEffectsPart",
    "RandomInterceptAnalysis",
    "RandomSlopeAnalysis",
    "RecurrentEventsAnalysis",
    "RepeatedMeasuresPart",
    "StandardisationAnalysis",
    "SurvivalPart",
    "TimeToEventAnalysis",
    "TippingPointAnalysis",
    "TrajectoryAnalysis",
]

Analysis = Annotated[
    MmrmAnalysis
    | RandomInterceptAnalysis
    | RandomSlopeAnalysis
    | CrossoverAnalysis
    | GeeAnalysis
    | LogisticMixedAnalysis
    | ProportionAnalysis
    | IncidenceAnalysis
    | DoseResponseAnalysis
    | StandardisationAnalysis
    | MediationAnalysis
    | TrajectoryAnalysis
    | CostEffectivenessAnalysis
    | TimeToEventAnalysis
    | MultipleImputationAnalysis
    | ConditionalMeanAnalysis
    | TippingPointAnalysis
    | AftAnalysis
    | IntervalCensoredAnalysis
    | RecurrentEventsAnalysis,
    Field(discriminator="model"),
]

MODELS: Final[tuple[str, ...]] = tuple(
    get_args(part.model_fields["model"].annotation)[0] for part in get_args(get_args(Analysis)[0])
)
"""The models that an analysis can name."""
