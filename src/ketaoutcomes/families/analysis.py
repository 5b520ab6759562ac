"""Each analysis of the plan is fitted by its own model."""

from collections.abc import Callable
from typing import Final, get_args

from ketaoutcomes.endpoints.data import (
    BinaryData,
    ChangeData,
    CrossoverData,
    EndpointData,
    MediationData,
    RecurrentData,
    TimeToEventData,
    ValueData,
)
from ketaoutcomes.families.cost_effectiveness.fit import fit_cost_effectiveness_analysis
from ketaoutcomes.families.crossover.fit import fit_crossover_analysis
from ketaoutcomes.families.dose_response.fit import fit_dose_response_analysis
from ketaoutcomes.families.imputation.change import fit_imputed_change, fit_multiple_imputation
from ketaoutcomes.families.imputation.data import ImputedData, NotImputed
from ketaoutcomes.families.imputation.tipping import fit_tipping
from ketaoutcomes.families.incidence.fit import fit_incidence_analysis
from ketaoutcomes.families.mediation.fit import fit_mediation_analysis
from ketaoutcomes.families.parametric_survival.fit import fit_parametric_analysis
from ketaoutcomes.families.proportions.fit import fit_proportions_analysis
from ketaoutcomes.families.records import Fitted
from ketaoutcomes.families.recurrent_events.fit import fit_recurrent_analysis
from ketaoutcomes.families.repeated_binary.gee import fit_gee_analysis
from ketaoutcomes.families.repeated_binary.logistic_mixed import fit_logistic_mixed_analysis
from ketaoutcomes.families.repeated_measures.mmrm import fit_mmrm_analysis
from ketaoutcomes.families.repeated_measures.random_effects import fit_random_effects_analysis
from ketaoutcomes.families.standardisation.fit import fit_standardisation_analysis
from ketaoutcomes.families.time_to_event.fit import fit_time_to_event_analysis
from ketaoutcomes.families.trajectories.fit import fit_trajectory_analysis
from ketaoutcomes.plan import AnalysisPlan

Imputed = ImputedData | NotImputed
Takes = type | tuple[type, ...]
FITS: Final[dict[str, tuple[Takes, Callable[..., Fitted]]]] = {
    "mmrm": (ChangeData, fit_mmrm_analysis),
    "crossover": (CrossoverData, fit_crossover_analysis),
    "random_intercept": (ChangeData, fit_random_effects_analysis),
    "random_slope": (ChangeData, fit_random_effects_analysis),
    "gee": ((ChangeData, BinaryData), fit_gee_analysis),
    "logistic_mixed": (BinaryData, fit_logistic_mixed_analysis),
    "proportions": (BinaryData, fit_proportions_analysis),
    "incidence": (BinaryData, fit_incidence_analysis),
    "g_computation": (BinaryData, fit_standardisation_analysis),
    "dose_response": (ChangeData, fit_dose_response_analysis),
    "trajectory_classes": (ChangeData, fit_trajectory_analysis),
    "mediation": (MediationData, fit_mediation_analysis),
    "cost_effectiveness": (ValueData, fit_cost_effectiveness_analysis),
    "time_to_event": (TimeToEventData, fit_time_to_event_analysis),
    "multiple_imputation": (get_args(Imputed), fit_multiple_imputation),
    "conditional_mean": (get_args(Imputed), fit_imputed_change),
    "tipping_point": (get_args(Imputed), fit_tipping),
    "aft": (TimeToEventData, fit_parametric_analysis),
    "interval_censored": (TimeToEventData, fit_parametric_analysis),
    "recurrent_events": (RecurrentData, fit_recurrent_analysis),
}
"""Model of an analysis -> the endpoint that it takes, and what fits it.

Each is called with the analysis's name, the analysis, its estimand, the endpoint and the confidence
level.
"""


def fit_analysis(plan: AnalysisPlan, name: str, endpoint: EndpointData | Imputed) -> Fitted:
    """Fit one analysis.

    Raises
    ------
    TypeError
        If the model and the endpoint do not fit; the plan reader refuses such a plan before.
    """
    analysis = plan.analyses[name]
    takes, fit = FITS[analysis.model]
    if not isinstance(endpoint, takes):
        raise TypeError(f"{analysis.model} does not fit a {type(endpoint).__name__}")
    estimand = plan.estimands[analysis.estimand]
    return fit(name, analysis, estimand, endpoint, plan.report.confidence_level)
