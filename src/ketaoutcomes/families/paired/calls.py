"""The paired comparison in R and SAS."""

from ketaoutcomes.families.paired.plan import PairedAnalysis
from ketaoutcomes.families.shared.code import r_data, r_text, sas_data, sas_text
from ketaoutcomes.report.material import Material


def paired_calls(material: Material, name: str, analysis: PairedAnalysis) -> dict[str, str]:
    """The t test of pairs, or the mixed model of both scores, at each visit."""
    arm = material.estimand(name).treatment.active
    by_pairs = analysis.method == "t test"
    r = (
        f"{r_data(material, name, 'ADQS', visits=True)}\n"
        f'{"add_paired" if by_pairs else "add_paired_model"}("pairt01", d, {r_text(arm)})'
    )
    rows = sas_data(name, "ADQS", f"TRTP = {sas_text(arm)}")
    begin = f"{rows}\nproc sort data=d;\n  by AVISIT;\nrun;\n"
    if by_pairs:
        sas = (
            "proc ttest data=d;\n  by AVISIT;\n  paired AVAL*BASE;\n"
            "  ods output statistics=_mean conflimits=_limits ttests=_test;\nrun;\n"
            "data _pairs;\n  merge _mean (keep=AVISIT StdErr) _limits _test;\n  by AVISIT;\nrun;\n"
            "%keep(_pairs, pairt01, 'paired difference', visit=AVISIT, "
            f"arm={sas_text(arm)}, estimate=Mean, lower=LowerCLMean, upper=UpperCLMean, p=Probt)"
        )
    else:
        sas = (
            "data _both;\n  set d;\n  SIDE = 1; SCORE = BASE; output;\n"
            "  SIDE = 2; SCORE = AVAL; output;\nrun;\n"
            "proc mixed data=_both;\n  by AVISIT;\n  class USUBJID SIDE;\n"
            "  model SCORE = SIDE / ddfm=satterthwaite;\n"
            "  repeated SIDE / subject=USUBJID type=un;\n"
            "  estimate 'difference' SIDE -1 1 / cl;\n  ods output estimates=_pairs;\nrun;\n"
            "%keep(_pairs, pairt01, 'paired difference', visit=AVISIT, "
            f"arm={sas_text(arm)}, p=Probt)"
        )
    return {"R": r, "SAS": f"{begin}{sas}"}
