"""Analyses: how an estimand is estimated, one class a model."""

from typing import Annotated, Final, get_args

from pydantic import Field

from ketaoutcomes.families.cost_effectiveness.plan import CostEffectivenessAnalysis
from ketaoutcomes.families.crossover.plan import CrossoverAnalysis
from ketaoutcomes.families.dose_response.plan import DoseResponseAnalysis
from ketaoutcomes.families.imputation.plan import (
    ConditionalMeanAnalysis,
    DeltaPart,
    ImputationPart,
    MultipleImputationAnalysis,
    TippingPointAnalysis,
)
from ketaoutcomes.families.incidence.plan import IncidenceAnalysis
from ketaoutcomes.families.mediation.plan import MediationAnalysis
from ketaoutcomes.families.parametric_survival.plan import AftAnalysis, IntervalCensoredAnalysis
from ketaoutcomes.families.proportions.plan import ProportionAnalysis
from ketaoutcomes.families.recurrent_events.plan import RecurrentEventsAnalysis
from ketaoutcomes.families.repeated_binary.plan import (
    BinaryRepeatedPart,
    GeeAnalysis,
    LogisticMixedAnalysis,
)
from ketaoutcomes.families.repeated_measures.plan import (
    MmrmAnalysis,
    RandomEffectsPart,
    RandomInterceptAnalysis,
    RandomSlopeAnalysis,
    RepeatedMeasuresPart,
)
from ketaoutcomes.families.standardisation.plan import StandardisationAnalysis
from ketaoutcomes.families.time_to_event.plan import SurvivalPart, TimeToEventAnalysis
from ketaoutcomes.families.trajectories.plan import TrajectoryAnalysis
from ketaoutcomes.plan.analysis import AnalysisPart

__all__ = [
    "ADJUSTED",
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

ADJUSTED: Final[dict[str, tuple[str, ...]]] = {
    get_args(part.model_fields["model"].annotation)[0]: tuple(
        name for name, field in part.model_fields.items() if field.default == ("baseline",)
    )
    for part in get_args(get_args(Analysis)[0])
}
"""Model -> its keys that name the baseline score where the plan leaves them out."""

MODELS: Final[tuple[str, ...]] = tuple(
    get_args(part.model_fields["model"].annotation)[0] for part in get_args(get_args(Analysis)[0])
)
"""The models that an analysis can name."""
