"""Calls in R and SAS of the models of a binary outcome at every visit."""

from ketaoutcomes.families.repeated_binary.plan import GeeAnalysis, LogisticMixedAnalysis
from ketaoutcomes.families.shared.mixed_calls import (
    BY_ARM,
    course_of,
    factors_of,
    r_terms,
    sas_terms,
)
from ketaoutcomes.report.material import Material

R_COVARIANCE = {
    "robust": "geepack's own standard errors",
    "kauermann-carroll": "geesmv::GEE.var.kc",
    "mancl-derouen": "geesmv::GEE.var.md",
    "morel": "geesmv::GEE.var.mbn",
}
SAS_COVARIANCE = {
    "robust": "classical",
    "kauermann-carroll": "root",
    "mancl-derouen": "firores",
    "morel": "mbn",
}
SAS_CORRELATION = {"independence": "vc", "exchangeable": "cs", "ar1": "ar(1)", "unstructured": "un"}


def gee_calls(material: Material, name: str, analysis: GeeAnalysis) -> tuple[str, str]:
    """Estimating equations in R's geepack and in PROC GLIMMIX."""
    course = course_of(material, name)
    endpoint = material.plan.endpoints[material.estimand(name).endpoint]
    binary = endpoint.kind != "change"
    outcome, family = ("outcome", "binomial") if binary else ("change", "gaussian")
    r = (
        f"geepack::geeglm({outcome} ~ {r_terms(course, analysis.covariates, analysis.by_visit)}, "
        f"family = {family}, data = d,\n"
        f'  id = subject, waves = as.integer(visit), corstr = "{analysis.correlation}")\n'
        f"# small samples: {R_COVARIANCE[analysis.coefficient_covariance]}"
    )
    distribution = "binary link=logit" if binary else "normal link=identity"
    event = "(event='1')" if binary else ""
    sas = (
        f"proc glimmix data=d empirical={SAS_COVARIANCE[analysis.coefficient_covariance]};\n"
        f"  class subject {course.factors}{factors_of(material, analysis.covariates)};\n"
        f"  model {outcome}{event} = {sas_terms(course, analysis.covariates, analysis.by_visit)}\n"
        f"    / dist={distribution} solution;\n"
        f"  random visit / subject=subject type={SAS_CORRELATION[analysis.correlation]} residual;\n"
        f"  lsmeans {course.cell} / {course.options};\nrun;"
    )
    return r, sas


def logistic_mixed_calls(
    material: Material, name: str, analysis: LogisticMixedAnalysis
) -> tuple[str, str]:
    """A random intercept in R's lme4 and in PROC GLIMMIX."""
    course = course_of(material, name)
    odds_ratios = " oddsratio" if course is BY_ARM else ""
    r = (
        f"lme4::glmer(outcome ~ {r_terms(course, analysis.covariates, analysis.by_visit)} + "
        f"(1 | subject), family = binomial,\n            data = d, nAGQ = {analysis.nodes})"
    )
    sas = (
        f"proc glimmix data=d method=quad(qpoints={analysis.nodes});\n"
        f"  class subject {course.factors}{factors_of(material, analysis.covariates)};\n"
        "  model outcome(event='1') = "
        f"{sas_terms(course, analysis.covariates, analysis.by_visit)} / dist=binary solution;\n"
        "  random intercept / subject=subject;\n"
        f"  lsmeans {course.cell} / {course.options}{odds_ratios};\nrun;"
    )
    return r, sas
