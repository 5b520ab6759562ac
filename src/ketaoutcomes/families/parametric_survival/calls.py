"""Parametric laws of a time in R and SAS."""

from ketaoutcomes.families.parametric_survival.plan import AftAnalysis, IntervalCensoredAnalysis
from ketaoutcomes.families.shared.code import (
    as_variables,
    r_data,
    r_text,
    r_texts,
    sas_data,
    sas_factors,
    sas_text,
)
from ketaoutcomes.report.material import Material

R_LAWS = {
    "weibull": "weibull",
    "exponential": "exponential",
    "log-normal": "lognormal",
    "log-logistic": "loglogistic",
}


SAS_LAWS = R_LAWS | {"log-normal": "lnormal", "log-logistic": "llogistic"}


def aft_calls(material: Material, name: str, analysis: AftAnalysis) -> dict[str, str]:
    """R's survreg and SAS lifereg."""
    prepared = (
        "d$LOW <- d$AVAL\nd$HIGH <- ifelse(d$CNSR == 0, d$AVAL, NA)\n"
        'd <- positive(d, "LOW", "HIGH")'
    )
    surv = "Surv(LOW, CNSR == 0)"
    return _parametric(material, name, analysis, prepared, surv, "AVAL*CNSR(1)")


def interval_censored_calls(
    material: Material, name: str, analysis: IntervalCensoredAnalysis
) -> dict[str, str]:
    """R's survreg, and Turnbull's curve; SAS lifereg and iclifetest."""
    prepared = (
        'd <- positive(d, "ALO", "AHI")\nadd_turnbull(d)\n'
        "d$LOW <- ifelse(d$ALO == 0, NA, d$ALO)  # nothing is known before: left-censored"
    )
    surv = 'Surv(LOW, AHI, type = "interval2")'
    calls = _parametric(material, name, analysis, prepared, surv, "(ALO, AHI)")
    free = "proc iclifetest data=d;\n  time (ALO, AHI);\n  strata TRTP;\nrun;"
    return calls | {"SAS": calls["SAS"].replace("proc lifereg", f"{free}\nproc lifereg", 1)}


def _parametric(
    material: Material,
    name: str,
    analysis: AftAnalysis | IntervalCensoredAnalysis,
    prepared: str,
    surv: str,
    sas_time: str,
) -> dict[str, str]:
    treatment = material.estimand(name).treatment
    covariates = as_variables(material, analysis.covariates)
    law = R_LAWS[analysis.distribution]
    pair = r_texts((treatment.reference, treatment.active))
    r = (
        f"{r_data(material, name, 'ADTTE')}\n"
        f"d <- droplevels(d[d$TRTP %in% {pair}, ])\n{prepared}\n"
        f"fit <- survreg({surv} ~ {' + '.join(['TRTP', *covariates])}, data = d,\n"
        f'               dist = "{law}", control = survreg.control(rel.tolerance = 1e-12))\n'
        f"add_parametric(fit, d, tau = {analysis.rmst_days:g}, "
        f"arm = {r_text(treatment.active)},\n"
        f'               reference = {r_text(treatment.reference)}, law = "{law}")'
    )
    arms = f"{sas_text(treatment.active)}, {sas_text(treatment.reference)}"
    sas = (
        f"{sas_data(name, 'ADTTE', f'TRTP in ({arms})')}\n"
        f"data d;\n  set d;\n  ACTIVE = TRTP = {sas_text(treatment.active)};\nrun;\n"
        f"proc lifereg data=d;\n{_sas_class(covariates)}"
        f"  model {sas_time} = ACTIVE{''.join(f' {v}' for v in covariates)} "
        f"/ dist={SAS_LAWS[analysis.distribution]};\nrun;"
    )
    return {"R": r, "SAS": sas}


def _sas_class(covariates: tuple[str, ...]) -> str:
    factors = sas_factors(covariates)
    return f"  class{factors};\n" if factors else ""
