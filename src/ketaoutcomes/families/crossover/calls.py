"""The model of all periods in R and SAS; `SLOT` numbers a subject's assessments."""

from collections.abc import Iterator

from ketaoutcomes.families.crossover.plan import CrossoverAnalysis
from ketaoutcomes.families.shared.code import (
    SAS_ORDER,
    as_variables,
    r_data,
    r_text,
    r_texts,
    sas_data,
    sas_factors,
    sas_text,
)
from ketaoutcomes.families.shared.mixed_calls import (
    SAS_DF,
    SAS_TYPE,
    is_linear_as_kept,
    r_uncertainty,
    sas_means,
)
from ketaoutcomes.families.shared.record import MmrmRecord
from ketaoutcomes.report.material import Material


def crossover_calls(material: Material, name: str, analysis: CrossoverAnalysis) -> dict[str, str]:
    """The comparison within subjects, periods, carry-over and the first period alone."""
    record = material.record(name, MmrmRecord)
    structure = record.structure if record else analysis.covariance[0]
    return {
        "R": "\n".join(_r(material, name, analysis, structure)),
        "SAS": _sas(material, name, analysis, structure),
    }


def _r(material: Material, name: str, analysis: CrossoverAnalysis, structure: str) -> Iterator[str]:
    target = material.estimand(name).treatment
    covariates = as_variables(material, analysis.covariates)
    linear = is_linear_as_kept(material.record(name, MmrmRecord))
    uncertainty = ", ".join(r_uncertainty(analysis.df, linear=linear))
    form = "satterthwaite" if analysis.df == "satterthwaite" else "kenward-roger-linear"
    between = f"arm = {r_text(target.active)}, reference = {r_text(target.reference)}"

    def terms(before: str) -> str:
        every = ("TRTP * AVISIT", "APERIODC * AVISIT", f"{before} * AVISIT", *covariates)
        return " + ".join(every)

    yield r_data(material, name, "ADQS", visits=True)
    yield f"d$APERIODC <- factor(d$APERIODC, {r_texts(analysis.periods)})"
    yield "d <- droplevels(d[!is.na(d$CHG), ])"
    yield "d$SLOT <- interaction(d$AVISIT, d$APERIODC, drop = TRUE)"
    yield f"fit <- fit_repeated(CHG ~ {terms('TRTSEQP')},"
    yield f'                    d, covariance = "{structure}", slot = d$SLOT, df = "{form}")'
    yield f"if (with_mmrm()) fit <- mmrm::mmrm(CHG ~ {terms('TRTSEQP')} +"
    yield f"                                   {structure}(SLOT | USUBJID), data = d,"
    yield f"                                   {uncertainty})"
    if analysis.df != form and not (analysis.df == "kenward-roger" and linear):
        yield (
            'not_repeated("base R here has the linear form of Kenward and Roger", '
            'fields = "std_error lower upper test p df")'
        )
    yield 'add_means("crot01", fit)'
    yield 'add_periods("crot01", fit)'
    if analysis.carryover:
        yield f"carried <- fit_repeated(CHG ~ {terms('TRTPREV')},"
        yield f'                        d, covariance = "{structure}", slot = d$SLOT,'
        yield f'                        df = "{form}")'
        yield f'add_carry_over("crot01", carried, {between})'
    first = " + ".join(["TRTP * AVISIT", *covariates, *(f"{v}:AVISIT" for v in covariates)])
    yield f"first <- droplevels(d[d$APERIODC == {r_text(analysis.periods[0])}, ])"
    yield f'only <- fit_first(CHG ~ {first}, first, {r_texts(analysis.covariance)}, "{form}")'
    yield (
        'add_means("crot01", only, difference = "difference in the first period", means = FALSE)'
    )


def _sas(material: Material, name: str, analysis: CrossoverAnalysis, structure: str) -> str:
    covariates = as_variables(material, analysis.covariates)
    return (
        f"{sas_data(name, 'ADQS')}\n{SAS_ORDER}\n"
        "data d;\n  set d;\n  length SLOT $200;\n  SLOT = catx(' ', APERIODC, AVISIT);\nrun;\n"
        f"proc mixed data=d order=data;\n"
        f"  class USUBJID TRTP AVISIT APERIODC TRTSEQP SLOT"
        f"{sas_factors(covariates)};\n"
        "  model CHG = TRTP|AVISIT APERIODC|AVISIT TRTSEQP|AVISIT"
        f"{''.join(f' {v}' for v in covariates)} / ddfm={SAS_DF[analysis.df]};\n"
        f"  repeated SLOT / subject=USUBJID type={SAS_TYPE.get(structure, structure)};\n"
        "  lsmeans TRTP*AVISIT / diff cl;\n  ods output lsmeans=means diffs=diffs;\nrun;\n"
        f"{sas_means('crot01', material.estimand(name).treatment.reference)}\n"
        f"* the first period alone: the same with APERIODC = {sas_text(analysis.periods[0])} and"
        " neither APERIODC nor TRTSEQP;"
    )
