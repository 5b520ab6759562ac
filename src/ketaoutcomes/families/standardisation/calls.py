"""Standardised risks in R and SAS."""

from ketaoutcomes.families.shared.code import (
    as_variables,
    r_data,
    r_text,
    r_texts,
    sas_data,
    sas_factors,
    sas_text,
)
from ketaoutcomes.families.standardisation.plan import StandardisationAnalysis
from ketaoutcomes.report.material import Material


def standardisation_calls(
    material: Material, name: str, analysis: StandardisationAnalysis
) -> dict[str, str]:
    """A logistic regression, and the mean of its risks with everybody at each level."""
    target = material.estimand(name)
    visit, names = target.visit or "", as_variables(material, analysis.covariate_names)
    endpoint = material.plan.endpoints[target.endpoint]
    harm = "1" if getattr(endpoint, "event_is", "") == "unwanted" else "0"
    by = "".join(
        f", {variable} = {r_text(factor)}"
        for factor, variable in zip(analysis.by, as_variables(material, analysis.by), strict=True)
    )
    r = (
        f"{r_data(material, name, 'ADRS', visits=True)}\n"
        f"here <- droplevels(at_visit(d, {r_text(visit)}, {r_text(analysis.missing_as)}, "
        f"failure = {harm}))\n"
        f'add_standardised("gcmt01", here, {r_texts(("TRTP", *names))},\n'
        f'                 list(TRTP = "arm"{by}), {r_text(visit)}, '
        f"{r_text(target.treatment.reference)})"
    )
    sas = (
        f"{sas_data(name, 'ADRS', f'AVISIT = {sas_text(visit)}')}\n"
        f"proc causaltrt data=d method=regadj;\n  class TRTP{sas_factors(names)};\n"
        f"  psmodel TRTP(ref={sas_text(target.treatment.reference)});\n"
        f"  model RESP(event='1') = {' '.join(names)} / dist=bin;\nrun;"
    )
    return {"R": r, "SAS": sas}
