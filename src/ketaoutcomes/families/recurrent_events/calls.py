"""The same in R and SAS."""

from ketaoutcomes.families.recurrent_events.plan import RecurrentEventsAnalysis
from ketaoutcomes.report.material import Material

R_RECURRENT = {
    "Andersen-Gill": "coxph(Surv(start, stop, event) ~ {terms}, data = d, cluster = subject)",
    "PWP total time": "coxph(Surv(start, stop, event) ~ {terms} + strata(number), data = d, "
    "cluster = subject)",
    "PWP gap time": "coxph(Surv(stop - start, event) ~ {terms} + strata(number), data = d, "
    "cluster = subject)",
}


def recurrent_calls(
    _material: Material, _name: str, analysis: RecurrentEventsAnalysis
) -> tuple[str, str]:
    """R's coxph and reda; SAS phreg."""
    strata = f" + strata({', '.join(analysis.strata)})" if analysis.strata else ""
    covariates = "".join(f" + {name}" for name in analysis.covariates)
    lines = [
        R_RECURRENT[model].format(terms=f"arm{covariates}{strata}") for model in analysis.models
    ]
    r = ["reda::mcf(Recur(start %to% stop, subject, event) ~ arm, data = d)", *lines]
    stratum = " ".join(analysis.strata)
    sas = "\n".join(
        "proc phreg data=d covs(aggregate);\n  class arm;\n"
        f"  model {'gap*event(0)' if model == 'PWP gap time' else '(start, stop)*event(0)'} = "
        f"arm{covariates.replace(' +', '')};\n"
        + _strata_line(stratum if model == "Andersen-Gill" else f"{stratum} number".strip())
        + f"  id subject;\nrun;  * {model};"
        for model in analysis.models
    )
    return "\n".join(r), sas


def _strata_line(names: str) -> str:
    return f"  strata {names};\n" if names else ""
