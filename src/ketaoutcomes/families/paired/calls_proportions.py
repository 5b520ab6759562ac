"""The paired comparison of proportions in R and SAS."""

from ketaoutcomes.families.paired.plan import PairedProportionsAnalysis
from ketaoutcomes.families.shared.code import r_data, r_text, sas_data, sas_text
from ketaoutcomes.report.material import Material


def paired_proportion_calls(
    material: Material, name: str, analysis: PairedProportionsAnalysis
) -> dict[str, str]:
    """The four counts, both shares, Newcombe's interval and McNemar's test at each visit."""
    arm = material.estimand(name).treatment.active
    exact = "TRUE" if analysis.test == "exact" else "FALSE"
    r = (
        f"{r_data(material, name, 'ADRS', visits=True)}\n"
        f'add_paired_proportions("pairt02", d, {r_text(arm)}, exact = {exact})'
    )
    rows = sas_data(name, "ADRS", f"TRTP = {sas_text(arm)}")
    option = "" if analysis.test == "exact" else " / midp"
    sas = (
        f"{rows}\nproc sort data=d;\n  by AVISIT;\nrun;\n"
        "* PROC FREQ has no interval of Newcombe for pairs: it follows from both Wilson limits;\n"
        "proc freq data=d;\n  by AVISIT;\n  tables BASERESP*RESP / agree;\n"
        f"  exact mcnem{option};\nrun;\n"
        "proc freq data=d (where=(not missing(RESP) and not missing(BASERESP)));\n"
        "  by AVISIT;\n"
        "  tables BASERESP RESP / binomial(cl=wilson level='1');\nrun;"
    )
    return {"R": r, "SAS": sas}
