"""The same analyses as calls in R and SAS, for a reviewer who wants to repeat them."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from ketaoutcomes.compose.calls_binary import gee_calls, logistic_mixed_calls
from ketaoutcomes.compose.calls_imputation import imputation_calls
from ketaoutcomes.compose.calls_repeated import mmrm_calls, random_effects_calls
from ketaoutcomes.compose.dose_response import dose_calls
from ketaoutcomes.compose.incidence import incidence_calls
from ketaoutcomes.compose.labels import plain, titled
from ketaoutcomes.compose.material import Material
from ketaoutcomes.compose.mediation import mediation_calls
from ketaoutcomes.compose.standardisation import standardisation_calls
from ketaoutcomes.compose.value import value_calls
from ketaoutcomes.plan.analyses import (
    Analysis,
    ProportionAnalysis,
    TimeToEventAnalysis,
)
from ketaoutcomes.report import Code, Prose, Section


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


def _proportions(_material: Material, _name: str, _analysis: ProportionAnalysis) -> tuple[str, str]:
    r = (
        'DescTools::BinomDiffCI(x1, n1, x2, n2, method = "score")  # Newcombe, without '
        "continuity correction"
    )
    sas = "proc freq data=d;\n  tables arm*outcome / riskdiff(cl=newcombe) relrisk chisq;\nrun;"
    return r, sas


def _time_to_event(
    _material: Material, _name: str, analysis: TimeToEventAnalysis
) -> tuple[str, str]:
    strata = f" + strata({', '.join(analysis.strata)})" if analysis.strata else ""
    covariates = "".join(f" + {name}" for name in analysis.covariates)
    tau = f"{analysis.restricted_mean_days:g}"
    r = (
        f'survfit(Surv(time, event) ~ arm, data = d, conf.type = "{analysis.interval}")\n'
        f"survdiff(Surv(time, event) ~ arm{strata}, data = d)\n"
        f'fit <- coxph(Surv(time, event) ~ arm{covariates}{strata}, data = d, ties = "efron")\n'
        "cox.zph(fit)\n"
        f'survRM2::rmst2(d$time, d$event, d$arm == "active", tau = {tau})'
    )
    stratum = f"  strata {' '.join(analysis.strata)};\n" if analysis.strata else ""
    sas = (
        f"proc lifetest data=d rmst(tau={tau}) conftype={analysis.interval.replace('-', '')};\n"
        f"  time time*event(0);\n  strata {' '.join(analysis.strata)} / group=arm;\nrun;\n"
        "proc phreg data=d;\n  class arm;\n"
        f"  model time*event(0) = arm{covariates.replace(' +', '')} / ties=efron risklimits;\n"
        f"{stratum}run;"
    )
    return r, sas


CALLS: Final[dict[str, Callable[[Material, str, Any], tuple[str, str]]]] = {
    "mmrm": mmrm_calls,
    "random_intercept": random_effects_calls,
    "random_slope": random_effects_calls,
    "gee": gee_calls,
    "logistic_mixed": logistic_mixed_calls,
    "proportions": _proportions,
    "incidence": incidence_calls,
    "g_computation": standardisation_calls,
    "dose_response": dose_calls,
    "mediation": mediation_calls,
    "cost_effectiveness": value_calls,
    "time_to_event": _time_to_event,
    "multiple_imputation": imputation_calls,
    "conditional_mean": imputation_calls,
    "tipping_point": imputation_calls,
}
"""Model of an analysis -> its calls in R and in SAS."""
