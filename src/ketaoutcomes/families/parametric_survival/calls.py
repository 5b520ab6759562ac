"""The same in R and SAS."""

from ketaoutcomes.families.parametric_survival.plan import AftAnalysis, IntervalCensoredAnalysis
from ketaoutcomes.report.material import Material

R_LAWS = {
    "weibull": "weibull",
    "exponential": "exponential",
    "log-normal": "lognormal",
    "log-logistic": "loglogistic",
}


SAS_LAWS = R_LAWS | {"log-normal": "lnormal", "log-logistic": "llogistic"}


def aft_calls(_material: Material, _name: str, analysis: AftAnalysis) -> tuple[str, str]:
    """R's survreg and SAS lifereg."""
    return _parametric("Surv(time, event)", "time*event(0)", analysis)


def interval_censored_calls(
    _material: Material, _name: str, analysis: IntervalCensoredAnalysis
) -> tuple[str, str]:
    """R's icenReg and survreg; SAS lifereg and iclifetest."""
    surv = 'Surv(after, by, type = "interval2")'
    r, sas = _parametric(surv, "(after, by)", analysis)
    free = f"survfit({surv} ~ arm, data = d)  # Turnbull\n"
    return (
        free + r,
        "proc iclifetest data=d;\n  time (after, by);\n  strata arm;\nrun;\n" + sas,
    )


def _parametric(
    surv: str, sas_time: str, analysis: AftAnalysis | IntervalCensoredAnalysis
) -> tuple[str, str]:
    covariates = "".join(f" + {name}" for name in analysis.covariates)
    law = R_LAWS[analysis.distribution]
    r = f'survreg({surv} ~ arm{covariates}, data = d, dist = "{law}")'
    sas = (
        "proc lifereg data=d;\n  class arm;\n"
        f"  model {sas_time} = arm{covariates.replace(' +', '')} "
        f"/ dist={SAS_LAWS[analysis.distribution]};\nrun;"
    )
    return r, sas
