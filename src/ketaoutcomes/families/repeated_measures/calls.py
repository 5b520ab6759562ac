"""Calls in R and SAS of the models of an outcome at each visit."""

from ketaoutcomes.families.repeated_measures.plan import (
    MmrmAnalysis,
    RandomEffectsPart,
    RandomSlopeAnalysis,
)
from ketaoutcomes.families.shared.ladder import MmrmRecord
from ketaoutcomes.families.shared.mixed_calls import (
    SAS_DF,
    SAS_TYPE,
    course_of,
    factors_of,
    is_linear_as_kept,
    r_terms,
    r_uncertainty,
    sas_terms,
)
from ketaoutcomes.report.labels import arms_of
from ketaoutcomes.report.material import Material

R_VCOV = {
    "empirical": "Empirical",
    "cr2": "Empirical-Bias-Reduced",
    "cr3": "Empirical-Jackknife",
}
SAS_NOTE = {
    "cr2": "* PROC MIXED has no CR2; PROC GLIMMIX has a like one, empirical=root;\n",
    "cr3": "* PROC MIXED has no CR3; PROC GLIMMIX has a like one, empirical=firores;\n",
}
SAS_KENWARD_ROGER_NOTE = (
    "* PROC MIXED takes second derivatives by other parameters than R: standard errors differ;\n"
)
SAS_RANDOM_DF = {"satterthwaite": "satterthwaite", "kenward-roger": "kenwardroger"}
EMMEANS_WEIGHTS = {"equal": "equal", "observed": "cells", "proportional": "proportional"}


def mmrm_calls(material: Material, name: str, analysis: MmrmAnalysis) -> tuple[str, str]:
    """The mixed model for repeated measures in R's mmrm and in PROC MIXED."""
    record = material.record(name, MmrmRecord)
    structure = record.structure if record else analysis.covariance[0]
    if record and len(record.visits) == 1:
        structure = "us"
    linear = is_linear_as_kept(record)
    return (
        _mmrm_r(material, name, analysis, structure, linear=linear),
        _mmrm_sas(material, name, analysis, structure, linear=linear),
    )


def _mmrm_r(
    material: Material, name: str, analysis: MmrmAnalysis, structure: str, *, linear: bool
) -> str:
    course = course_of(material, name)
    terms = r_terms(course, analysis.covariates, analysis.by_visit)
    at = "day" if structure == "sp_exp" else "visit"
    by = f"{analysis.covariance_by} / subject" if analysis.covariance_by else "subject"
    options = [
        f"reml = {'TRUE' if analysis.method == 'reml' else 'FALSE'}",
        *r_uncertainty(analysis.df, linear=linear),
    ]
    vcov = R_VCOV.get(analysis.coefficient_covariance)
    options += [f'vcov = "{vcov}"'] if vcov else []
    options += [f"weights = d${analysis.weights}"] if analysis.weights else []
    weights = EMMEANS_WEIGHTS[analysis.weighting]
    lines = [
        f"fit <- mmrm::mmrm(change ~ {terms} + {structure}({at} | {by}), data = d,",
        f"                  {', '.join(options)})",
        f'emmeans::emmeans(fit, {course.emmeans}, weights = "{weights}")',
    ]
    if analysis.contrasts:
        # a weight of minus nought is nought
        named = ",\n  ".join(
            f"{key} = c({', '.join(f'{w + 0.0:.6g}' for w in _cell_weights(material, name, key))})"
            for key in analysis.contrasts
        )
        lines += [f"emmeans::contrast(emmeans::emmeans(fit, {course.r_cells}), list(\n  {named}))"]
    return "\n".join(lines)


def _mmrm_sas(
    material: Material, name: str, analysis: MmrmAnalysis, structure: str, *, linear: bool
) -> str:
    if structure not in SAS_TYPE:
        return f"* PROC MIXED has no covariance `{structure}`;"
    course = course_of(material, name)
    empirical = " empirical" if analysis.coefficient_covariance != "model" else ""
    group = f" group={analysis.covariance_by}" if analysis.covariance_by else ""
    weight = f"  weight {analysis.weights};\n" if analysis.weights else ""
    om = " om" if analysis.weighting != "equal" else ""
    estimates = "".join(
        f"  lsmestimate {course.cell} '{key}' {_sas_weights(material, name, key)} / cl;\n"
        for key in analysis.contrasts
    )
    return (
        f"{SAS_NOTE.get(analysis.coefficient_covariance, '')}{_sas_df_note(analysis, linear)}"
        f"proc mixed data=d method={analysis.method}{empirical} order=data;\n"
        f"  class subject {course.factors}{factors_of(material, analysis.covariates)};\n{weight}"
        f"  model change = {sas_terms(course, analysis.covariates, analysis.by_visit)} "
        f"/ ddfm={SAS_DF[analysis.df]} solution;\n"
        f"  repeated visit / subject=subject type={SAS_TYPE[structure]}{group};\n"
        f"  lsmeans {course.cell} / {course.options}{om};\n{estimates}run;"
    )


def _sas_df_note(analysis: MmrmAnalysis, linear: bool) -> str:
    """That the second derivatives of Kenward and Roger's covariance depend on the parameters."""
    second = analysis.df == "kenward-roger-mmrm" or (analysis.df == "kenward-roger" and not linear)
    return SAS_KENWARD_ROGER_NOTE if second else ""


def random_effects_calls(
    material: Material, name: str, analysis: RandomEffectsPart
) -> tuple[str, str]:
    """Random effects of each subject in R's lmerTest and in PROC MIXED."""
    course = course_of(material, name)
    effects, random, kind = "(1 | subject)", "intercept", ""
    if isinstance(analysis, RandomSlopeAnalysis):
        effects = "(day | subject)" if analysis.correlated else "(day || subject)"
        random, kind = "intercept day", f" type={'un' if analysis.correlated else 'vc'}"
    r = (
        f"fit <- lmerTest::lmer(change ~ "
        f"{r_terms(course, analysis.covariates, analysis.by_visit)} + {effects}, data = d)\n"
        f'emmeans::emmeans(fit, {course.emmeans}, lmer.df = "{analysis.df}")'
    )
    sas = (
        "proc mixed data=d method=reml;\n"
        f"  class subject {course.factors}{factors_of(material, analysis.covariates)};\n"
        f"  model change = {sas_terms(course, analysis.covariates, analysis.by_visit)} "
        f"/ ddfm={SAS_RANDOM_DF[analysis.df]};\n"
        f"  random {random} / subject=subject{kind};\n"
        f"  lsmeans {course.cell} / {course.options};\nrun;"
    )
    return r, sas


def _cells(material: Material, name: str, key: str) -> dict[tuple[str, str], float]:
    """Weight of each visit and arm in a named contrast, visits in order, reference arm first."""
    plan, target = material.plan, material.estimand(name)
    analysis = plan.analyses[name]
    assert isinstance(analysis, MmrmAnalysis)
    phase = plan.endpoints[target.endpoint].phase
    wanted = analysis.contrasts[key]
    arms = wanted.arms or target.treatment.contrast
    visits = wanted.visit_weights(plan.phases[phase].nominal_days)
    return {
        (visit, arm): visits.get(visit, 0.0) * arms.get(arm, 0.0)
        for visit in plan.phases[phase].treatment_visits
        for arm in arms_of(plan, phase)
    }


def _cell_weights(material: Material, name: str, key: str) -> tuple[float, ...]:
    return tuple(_cells(material, name, key).values())


def _sas_weights(material: Material, name: str, key: str) -> str:
    """Coefficients with the places of arm and visit among their levels; of one arm the visit's."""
    cells = _cells(material, name, key)
    visits = list(dict.fromkeys(visit for visit, _ in cells))
    arms = list(dict.fromkeys(arm for _, arm in cells))
    places = {
        (visit, arm): [*([arms.index(arm) + 1] if len(arms) > 1 else []), visits.index(visit) + 1]
        for visit, arm in cells
    }
    return " ".join(
        f"[{weight:.6g}, {' '.join(map(str, places[cell]))}]"
        for cell, weight in cells.items()
        if weight
    )
