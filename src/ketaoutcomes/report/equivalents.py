"""The same analyses as calls in R and SAS, for a reviewer who wants to repeat them."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from ketaoutcomes.families.cost_effectiveness.page import value_calls
from ketaoutcomes.families.crossover.page import crossover_calls
from ketaoutcomes.families.dose_response.page import dose_calls
from ketaoutcomes.families.imputation.calls import imputation_calls
from ketaoutcomes.families.incidence.page import incidence_calls
from ketaoutcomes.families.mediation.page import mediation_calls
from ketaoutcomes.families.proportions.words import proportion_calls
from ketaoutcomes.families.repeated_binary.calls import gee_calls, logistic_mixed_calls
from ketaoutcomes.families.repeated_measures.calls import mmrm_calls, random_effects_calls
from ketaoutcomes.families.shared.survival_calls import (
    aft_calls,
    interval_censored_calls,
    recurrent_calls,
    time_to_event_calls,
)
from ketaoutcomes.families.standardisation.page import standardisation_calls
from ketaoutcomes.families.trajectories.page import trajectory_calls
from ketaoutcomes.plan.analyses import Analysis
from ketaoutcomes.report.blocks import Code, Prose, Section
from ketaoutcomes.report.labels import plain, titled
from ketaoutcomes.report.material import Material


def equivalents_section(material: Material) -> Section:
    """R and SAS calls of each analysis on the derived data."""
    calls = tuple(
        call
        for name, analysis in material.plan.analyses.items()
        for call in _calls(material, name, analysis)
    )
    words = (
        "`d` holds one row a subject and visit (or a subject, for times), as the plan derives it.",
    )
    return Section("equivalents", "The same in R and SAS", (Prose(words), *calls))


def _calls(material: Material, name: str, analysis: Analysis) -> Iterator[Code]:
    r, sas = CALLS[analysis.model](material, name, analysis)
    yield Code("R", r, f"{titled(plain(name))}, R")
    yield Code("SAS", sas, f"{titled(plain(name))}, SAS")


CALLS: Final[dict[str, Callable[[Material, str, Any], tuple[str, str]]]] = {
    "mmrm": mmrm_calls,
    "random_intercept": random_effects_calls,
    "random_slope": random_effects_calls,
    "crossover": crossover_calls,
    "gee": gee_calls,
    "logistic_mixed": logistic_mixed_calls,
    "proportions": proportion_calls,
    "incidence": incidence_calls,
    "g_computation": standardisation_calls,
    "dose_response": dose_calls,
    "trajectory_classes": trajectory_calls,
    "mediation": mediation_calls,
    "cost_effectiveness": value_calls,
    "multiple_imputation": imputation_calls,
    "conditional_mean": imputation_calls,
    "tipping_point": imputation_calls,
    "time_to_event": time_to_event_calls,
    "aft": aft_calls,
    "interval_censored": interval_censored_calls,
    "recurrent_events": recurrent_calls,
}
"""Model of an analysis -> its calls in R and in SAS."""
