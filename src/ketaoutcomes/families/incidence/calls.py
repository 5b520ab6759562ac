"""Exact proportions in R and SAS."""

from ketaoutcomes.families.incidence.plan import IncidenceAnalysis
from ketaoutcomes.families.shared.code import r_data, r_text, sas_data, sas_text, sas_two_by_two
from ketaoutcomes.report.material import Material


def incidence_calls(material: Material, name: str, analysis: IncidenceAnalysis) -> dict[str, str]:
    """Clopper and Pearson's limits, and the score interval of the difference."""
    target = material.estimand(name)
    visit, treatment = target.visit or "", target.treatment
    missing = "failure" if analysis.missing_as == "no event" else "excluded"
    between = ""
    if treatment.compares:
        between = f", arm = {r_text(treatment.active)}, reference = {r_text(treatment.reference)}"
    r = (
        f"{r_data(material, name, 'ADRS', visits=True)}\n"
        f'here <- at_visit(d, {r_text(visit)}, "{missing}")\n'
        f'add_incidence("inct01", here, {r_text(visit)}{between})'
    )
    told = "if missing(RESP) then RESP = 0" if missing == "failure" else "if not missing(RESP)"
    sas = (
        f"{sas_data(name, 'ADRS', f'AVISIT = {sas_text(visit)}')}\n"
        f"data d;\n  set d;\n  {told};\nrun;\nproc sort data=d;\n  by TRTP;\nrun;\n"
        "proc freq data=d;\n  by TRTP;\n  tables RESP / binomial(cl=exact level='1');\nrun;"
    )
    if treatment.compares:
        sas += (
            f"\n{sas_two_by_two(treatment.active, treatment.reference)}\n"
            "proc freq data=two;\n  tables ARMN*RESPN / riskdiff(cl=mn column=1) chisq;\nrun;"
        )
    return {"R": r, "SAS": sas}
