"""Events that come again in R and SAS."""

from collections.abc import Iterator

from ketaoutcomes.families.recurrent_events.plan import RecurrentEventsAnalysis
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
from ketaoutcomes.vocabulary import RecurrentModel

R_TIMES = {
    "Andersen-Gill": "Surv(START, STOP, EVENT)",
    "PWP total time": "Surv(START, STOP, EVENT)",
    "PWP gap time": "Surv(STOP - START, EVENT)",
}


def recurrent_calls(
    material: Material, name: str, analysis: RecurrentEventsAnalysis
) -> dict[str, str]:
    """R's coxph and SAS phreg, robust by subject."""
    return {
        "R": "\n".join(_r(material, name, analysis)),
        "SAS": "\n".join(_sas(material, name, analysis)),
    }


def _r(material: Material, name: str, analysis: RecurrentEventsAnalysis) -> Iterator[str]:
    treatment = material.estimand(name).treatment
    pair = r_texts((treatment.reference, treatment.active))
    yield r_data(material, name, "ADREC")
    yield f"d <- droplevels(d[d$TRTP %in% {pair}, ])"
    yield f"add_recurrent(d, {pair})"
    for model in analysis.models:
        by = [*as_variables(material, analysis.strata)]
        used = "d"
        if model != "Andersen-Gill":
            by.append("NUMBER")
            if analysis.at_most_events is not None:
                used = f"d[d$NUMBER <= {analysis.at_most_events}, ]"
        strata = [f"strata({', '.join(by)})"] if by else []
        terms = " + ".join(["TRTP", *as_variables(material, analysis.covariates), *strata])
        statistic = "rate ratio" if model == "Andersen-Gill" else f"hazard ratio ({model})"
        yield f"fit <- coxph({R_TIMES[model]} ~ {terms}, data = {used}, cluster = USUBJID)"
        yield (
            f"add_hazard_ratio(fit, {r_text(treatment.active)}, {r_text(treatment.reference)}, "
            f'"{statistic}", table = "rect01")'
        )


def _sas(material: Material, name: str, analysis: RecurrentEventsAnalysis) -> Iterator[str]:
    treatment = material.estimand(name).treatment
    reference = sas_text(treatment.reference)
    between = f"arm={sas_text(treatment.active)}, reference={reference}"
    covariates = "".join(f" {v}" for v in as_variables(material, analysis.covariates))
    yield sas_data(name, "ADREC", f"TRTP in ({sas_text(treatment.active)}, {reference})")
    yield "data d;\n  set d;\n  GAP = STOP - START;\nrun;"
    for model in analysis.models:
        yield from _sas_model(material, analysis, model, covariates, between)


def _sas_model(
    material: Material,
    analysis: RecurrentEventsAnalysis,
    model: RecurrentModel,
    covariates: str,
    between: str,
) -> Iterator[str]:
    strata = " ".join(as_variables(material, analysis.strata))
    first = model == "Andersen-Gill"
    strata = strata if first else f"{strata} NUMBER".strip()
    most = "" if first or analysis.at_most_events is None else analysis.at_most_events
    where = f"(where=(NUMBER <= {most}))" if most else ""
    time = "GAP*EVENT(0)" if model == "PWP gap time" else "(START, STOP)*EVENT(0)"
    yield f"proc phreg data=d{where} covs(aggregate);"
    factors = sas_factors(as_variables(material, analysis.covariates))
    yield f"  class TRTP(ref={between.rsplit('reference=', 1)[1]}){factors};"
    yield f"  model {time} = TRTP{covariates} / ties=efron risklimits;"
    if strata:
        yield f"  strata {strata};"
    yield "  id USUBJID;\n  ods output parameterestimates=ratios;\nrun;"
    statistic = "rate ratio" if first else f"hazard ratio ({model})"
    yield (
        f"%keep_ratio(ratios(where=(Parameter = 'TRTP')), rect01, {sas_text(statistic)}, {between})"
    )
