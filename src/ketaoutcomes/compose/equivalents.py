"""The same analyses as calls in R and SAS, for a reviewer who wants to repeat them."""

from collections.abc import Iterator

from ketaoutcomes.compose.labels import plain, titled
from ketaoutcomes.compose.material import Material
from ketaoutcomes.plan.analyses import (
    Analysis,
    MmrmAnalysis,
    ProportionAnalysis,
    RandomInterceptAnalysis,
    TimeToEventAnalysis,
)
from ketaoutcomes.report import Code, Prose, Section

R_DF = {
    "satterthwaite": "Satterthwaite",
    "kenward-roger": "Kenward-Roger",
    "kenward-roger-linear": "Kenward-Roger",
    "between-within": "Between-Within",
    "residual": "Residual",
}
SAS_DF = {
    "satterthwaite": "satterthwaite",
    "kenward-roger": "kenwardroger2",
    "kenward-roger-linear": "kenwardroger",
    "between-within": "bw",
    "residual": "residual",
}
SAS_TYPE = {
    "us": "un",
    "toep": "toep",
    "toeph": "toeph",
    "ar1": "ar(1)",
    "ar1h": "arh(1)",
    "ad": "ante(1)",
    "adh": "ante(1)",
    "cs": "cs",
    "csh": "csh",
    "sp_exp": "sp(exp)(day)",
}


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
    match analysis:
        case MmrmAnalysis():
            r, sas = _mmrm(material, name, analysis)
        case RandomInterceptAnalysis():
            terms = _terms(analysis.covariates, analysis.by_visit)
            r = f"lmerTest::lmer(change ~ {terms} + (1 | subject), data = d)"
            sas = (
                "proc mixed data=d method=reml;\n"
                f"  class subject arm visit{_factors(material, analysis.covariates)};\n"
                f"  model change = {_sas_terms(analysis.covariates, analysis.by_visit)};\n"
                "  random intercept / subject=subject;\n"
                "  lsmeans arm*visit / diff cl;\nrun;"
            )
        case ProportionAnalysis():
            r = (
                'DescTools::BinomDiffCI(x1, n1, x2, n2, method = "score")  # Newcombe, without '
                "continuity correction"
            )
            sas = (
                "proc freq data=d;\n"
                "  tables arm*outcome / riskdiff(cl=newcombe) relrisk chisq;\nrun;"
            )
        case TimeToEventAnalysis():
            r, sas = _time_to_event(analysis)
    yield Code("R", r, f"{titled(plain(name))}, R")
    yield Code("SAS", sas, f"{titled(plain(name))}, SAS")


def _mmrm(material: Material, name: str, analysis: MmrmAnalysis) -> tuple[str, str]:
    record = material.mmrm_record(name)
    structure = record.structure if record else analysis.covariance[0]
    terms = _terms(analysis.covariates, analysis.by_visit)
    reml = "TRUE" if analysis.method == "reml" else "FALSE"
    r = (
        f"fit <- mmrm::mmrm(change ~ {terms} + {structure}(visit | subject), data = d,\n"
        f'                  reml = {reml}, method = "{R_DF[analysis.df]}")\n'
        "emmeans::emmeans(fit, pairwise ~ arm | visit)"
    )
    sas = (
        f"proc mixed data=d method={analysis.method};\n"
        f"  class subject arm visit{_factors(material, analysis.covariates)};\n"
        f"  model change = {_sas_terms(analysis.covariates, analysis.by_visit)} "
        f"/ ddfm={SAS_DF[analysis.df]} solution;\n"
        f"  repeated visit / subject=subject type={SAS_TYPE[structure]};\n"
        "  lsmeans arm*visit / diff cl;\nrun;"
    )
    return r, sas


def _time_to_event(analysis: TimeToEventAnalysis) -> tuple[str, str]:
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


def _terms(covariates: tuple[str, ...], by_visit: tuple[str, ...]) -> str:
    crossed = [f"{name}:visit" for name in by_visit]
    return " + ".join(["arm * visit", *covariates, *crossed])


def _sas_terms(covariates: tuple[str, ...], by_visit: tuple[str, ...]) -> str:
    crossed = [f"{name}*visit" for name in by_visit]
    return " ".join(["arm|visit", *covariates, *crossed])


def _factors(material: Material, covariates: tuple[str, ...]) -> str:
    """Covariates that are factors, as the baseline table shows them."""
    groups = {row.group for row in material.results.select(table="dmt01")}
    factors = [n for n in covariates if any(group.startswith(f"{n}: ") for group in groups)]
    return "".join(f" {name}" for name in factors)
