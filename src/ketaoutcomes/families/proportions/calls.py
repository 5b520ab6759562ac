"""Proportions of arms and their comparison in R and SAS."""

from collections.abc import Iterator

from ketaoutcomes.families.proportions.plan import ProportionAnalysis
from ketaoutcomes.families.shared.code import (
    as_variables,
    r_data,
    r_text,
    r_texts,
    sas_data,
    sas_text,
    sas_two_by_two,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.results import RATIOS

R_INTERVALS = {"newcombe": "newcombe", "miettinen-nurminen": "miettinen_nurminen"}
SAS_INTERVALS = {"newcombe": "newcombe", "miettinen-nurminen": "mn"}


def proportion_calls(material: Material, name: str, analysis: ProportionAnalysis) -> dict[str, str]:
    """Counts by arm at the visit of the estimand, compared as the plan says."""
    return {
        "R": "\n".join(_r(material, name, analysis)),
        "SAS": "\n".join(_sas(material, name, analysis)),
    }


def _r(material: Material, name: str, analysis: ProportionAnalysis) -> Iterator[str]:
    target = material.estimand(name)
    visit, treatment = r_text(target.visit or ""), target.treatment
    yield r_data(material, name, "ADRS", visits=True)
    unwanted = _is_unwanted(material, name)
    failure = ", failure = 1" if unwanted else ""
    yield f"here <- at_visit(d, {visit}, {r_text(analysis.missing_as)}{failure})"
    yield f'add_proportions("rspt01", here, {visit})'
    if not treatment.compares:
        return
    further = ", unwanted = TRUE" if unwanted else ""
    further += f", tested = {r_text(target.summary)}" if target.summary in RATIOS else ""
    between = f"arm = {r_text(treatment.active)}, reference = {r_text(treatment.reference)}"
    if analysis.strata:
        strata = r_texts(as_variables(material, analysis.strata))
        yield f'add_stratified("rspt01", here, {visit}, {between},'
        yield f"               strata = {strata}{further})"
    else:
        interval = R_INTERVALS[analysis.interval]
        yield (
            f'add_two_proportions("rspt01", here, {visit}, {between},\n'
            f"                    interval = {interval}{further})"
        )


def _is_unwanted(material: Material, name: str) -> bool:
    """Whether a yes is a harm, so that a missing outcome counted as failure is a yes."""
    endpoint = material.plan.endpoints[material.estimand(name).endpoint]
    return getattr(endpoint, "event_is", "") == "unwanted"


def _sas(material: Material, name: str, analysis: ProportionAnalysis) -> Iterator[str]:
    target = material.estimand(name)
    yield sas_data(name, "ADRS", f"AVISIT = {sas_text(target.visit or '')}")
    missing = SAS_MISSING[analysis.missing_as]
    yield missing.replace("RESP = 0", "RESP = 1") if _is_unwanted(material, name) else missing
    if not target.treatment.compares:
        yield "proc freq data=d;\n  tables RESP / binomial(cl=wilson level='1');\nrun;"
        return
    yield "proc sort data=d;\n  by TRTP;\nrun;"
    yield (
        "proc freq data=d;\n  by TRTP;\n  tables RESP / binomial(cl=wilson level='1');\n"
        "  ods output binomialcls=limits;\nrun;"
    )
    yield sas_two_by_two(target.treatment.active, target.treatment.reference)
    if analysis.strata:
        by = "*".join(as_variables(material, analysis.strata))
        yield (
            f"proc freq data=two;\n  tables {by}*ARMN*RESPN / cmh commonriskdiff(cl=mh);\n"
            "  ods output cmh=tests commonrelrisks=ratios commonpdiff=differences;\nrun;"
        )
    else:
        limits = SAS_INTERVALS[analysis.interval]
        yield (
            "proc freq data=two;\n"
            f"  tables ARMN*RESPN / riskdiff(cl={limits} column=1) relrisk chisq;\n"
            "  ods output pdiffcls=differences relativerisks=ratios chisq=tests;\nrun;"
        )


SAS_MISSING = {
    "failure": "data d;\n  set d;\n  if missing(RESP) then RESP = 0;\nrun;",
    "excluded": "data d;\n  set d;\n  if not missing(RESP);\nrun;",
    "last observation": "* RESP of the last visit that was seen, in place of a missing one, or 0;",
}
