"""Calls in R and SAS of the models of a binary outcome at every visit."""

from ketaoutcomes.families.repeated_binary.plan import GeeAnalysis, LogisticMixedAnalysis
from ketaoutcomes.families.shared.code import as_variables, r_data, sas_data, sas_factors
from ketaoutcomes.families.shared.mixed_calls import (
    BY_ARM,
    course_of,
    r_terms,
    sas_terms,
)
from ketaoutcomes.report.material import Material

SAS_COVARIANCE = {
    "robust": "classical",
    "kauermann-carroll": "root",
    "mancl-derouen": "firores",
    "morel": "mbn",
}
SAS_CORRELATION = {"independence": "vc", "exchangeable": "cs", "ar1": "ar(1)", "unstructured": "un"}


def gee_calls(material: Material, name: str, analysis: GeeAnalysis) -> dict[str, str]:
    """Estimating equations in R's geepack and in PROC GLIMMIX."""
    course = course_of(material, name)
    endpoint = material.plan.endpoints[material.estimand(name).endpoint]
    binary = endpoint.kind != "change"
    outcome, family = ("RESP", "binomial") if binary else ("CHG", "gaussian")
    dataset = "ADRS" if binary else "ADQS"
    covariates = as_variables(material, analysis.covariates)
    by_visit = as_variables(material, analysis.by_visit)
    r = (
        f"{r_data(material, name, dataset, visits=True)}\n"
        f"d <- droplevels(d[!is.na(d${outcome}), ])\n"
        "d <- d[order(d$USUBJID, d$AVISIT), ]\n"
        f"fit <- geepack::geeglm(varying({outcome} ~ {r_terms(course, covariates, by_visit)}, d),\n"
        f"  family = {family}, data = d, id = USUBJID, waves = as.integer(AVISIT), "
        f'corstr = "{analysis.correlation}")\n'
        f'add_gee("geet01", fit, d, "{analysis.coefficient_covariance}")'
    )
    kind = SAS_CORRELATION[analysis.correlation]
    distribution = "binary link=logit" if binary else "normal link=identity"
    event = "(event='1')" if binary else ""
    sas = (
        f"{sas_data(name, dataset)}\n"
        f"proc glimmix data=d empirical={SAS_COVARIANCE[analysis.coefficient_covariance]};\n"
        f"  class USUBJID {course.factors}{sas_factors(covariates)};\n"
        f"  model {outcome}{event} = {sas_terms(course, covariates, by_visit)}\n"
        f"    / dist={distribution} solution;\n"
        f"  random AVISIT / subject=USUBJID residual type={kind};\n"
        f"  lsmeans {course.cell} / {course.options} ilink om;\nrun;"
    )
    return {"R": r, "SAS": sas}


def logistic_mixed_calls(
    material: Material, name: str, analysis: LogisticMixedAnalysis
) -> dict[str, str]:
    """A random intercept in R's lme4 and in PROC GLIMMIX."""
    course = course_of(material, name)
    covariates = as_variables(material, analysis.covariates)
    by_visit = as_variables(material, analysis.by_visit)
    odds_ratios = " oddsratio" if course is BY_ARM else ""
    r = (
        f"{r_data(material, name, 'ADRS', visits=True)}\n"
        "d <- droplevels(d[!is.na(d$RESP), ])\n"
        f"fit <- lme4::glmer(RESP ~ {r_terms(course, covariates, by_visit)} + (1 | USUBJID),\n"
        f"  family = binomial, data = d, nAGQ = {analysis.nodes},\n"
        '  control = lme4::glmerControl(optimizer = "bobyqa", optCtrl = list(maxfun = 2e5)))\n'
        f"add_logistic_mixed(fit, d)"
    )
    sas = (
        f"{sas_data(name, 'ADRS')}\n"
        f"proc glimmix data=d method=quad(qpoints={analysis.nodes});\n"
        f"  class USUBJID {course.factors}{sas_factors(covariates)};\n"
        "  model RESP(event='1') = "
        f"{sas_terms(course, covariates, by_visit)} / dist=binary solution;\n"
        "  random intercept / subject=USUBJID;\n"
        f"  lsmeans {course.cell} / {course.options}{odds_ratios};\nrun;"
    )
    return {"R": r, "SAS": sas}
