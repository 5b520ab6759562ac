"""Calls in R and SAS of the models of an outcome at each visit."""

from collections.abc import Iterator

from ketaoutcomes.families.repeated_measures.plan import (
    MmrmAnalysis,
    RandomEffectsPart,
    RandomSlopeAnalysis,
)
from ketaoutcomes.families.shared.code import (
    SAS_ORDER,
    arms_in_order,
    as_variables,
    r_data,
    r_numbers,
    r_text,
    r_texts,
    sas_data,
    sas_factors,
    sas_text,
    visits_in_order,
)
from ketaoutcomes.families.shared.mixed_calls import (
    BY_ARM,
    SAS_DF,
    SAS_TYPE,
    Course,
    course_of,
    is_linear_as_kept,
    r_terms,
    r_uncertainty,
    sas_means,
    sas_terms,
)
from ketaoutcomes.families.shared.record import MmrmRecord
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


def mmrm_calls(material: Material, name: str, analysis: MmrmAnalysis) -> dict[str, str]:
    """The mixed model for repeated measures in base R, in R's mmrm and in PROC MIXED."""
    record = material.record(name, MmrmRecord)
    structure = record.structure if record else analysis.covariance[0]
    if record and len(record.visits) == 1:
        structure = "us"
    linear = is_linear_as_kept(record)
    return {
        "R": "\n".join(_mmrm_r(material, name, analysis, structure, linear=linear)),
        "SAS": _mmrm_sas(material, name, analysis, structure, linear=linear),
    }


def _mmrm_r(
    material: Material, name: str, analysis: MmrmAnalysis, structure: str, *, linear: bool
) -> Iterator[str]:
    course, target = course_of(material, name), material.estimand(name)
    covariates = as_variables(material, analysis.covariates)
    terms = r_terms(course, covariates, as_variables(material, analysis.by_visit))
    yield r_data(material, name, "ADQS", visits=True)
    reason = _not_in_base_r(analysis, structure)
    options = _own_options(material, analysis, structure)
    packaged = _packaged(material, analysis, structure, terms, linear=linear)
    if reason:
        yield f"if (!with_mmrm()) stop({r_text(reason)})"
        yield f"fit <- {packaged}"
    else:
        yield f"fit <- fit_repeated(CHG ~ {terms},\n                    {options})"
        yield f"if (with_mmrm()) fit <- {packaged}"
    if not reason and _second_derivatives(analysis, linear=linear):
        yield (
            'if (!with_mmrm()) not_repeated(fields = "std_error lower upper test p df",\n'
            '                               "base R here has the linear form of Kenward and Roger")'
        )
    weights = f', weights = "{EMMEANS_WEIGHTS[analysis.weighting]}"'
    yield f'add_means("mmrmt01", fit{weights})'
    between = f"arm = {r_text(target.treatment.active)}, reference = " + r_text(
        target.treatment.reference
    )
    if analysis.all_arms and target.treatment.compares:
        if reason or analysis.df.startswith("kenward-roger"):
            yield 'not_repeated("base R has no such F test of several rows", table = "mmrmt04")'
        else:
            yield f"own <- fit_repeated(CHG ~ {terms},\n                    {options})"
            at, reference = r_text(target.visit or ""), r_text(target.treatment.reference)
            yield f'add_all_means("mmrmt04", own, {at}, {reference}{weights})'
    for key in analysis.contrasts:
        # a weight of minus nought is nought
        cells = r_numbers(w + 0.0 for w in _cell_weights(material, name, key))
        yield (
            f'add_contrast("mmrmt03", {r_text(key)}, fit,\n             {cells},\n'
            f"             {between}{weights})"
        )
    if course is BY_ARM and not reason:
        yield from _more_of_the_difference(material, name, analysis, options, between, weights)


def _own_options(material: Material, analysis: MmrmAnalysis, structure: str) -> str:
    """Arguments of `fit_repeated` after the formula."""
    options = [f'd, covariance = "{structure}"']
    if analysis.df.startswith("kenward-roger"):
        options.append('df = "kenward-roger-linear"')
    if analysis.method != "reml":
        options.append("reml = FALSE")
    if analysis.covariance_by:
        by = analysis.covariance_by
        variable = "TRTP" if by == "arm" else as_variables(material, (by,))[0]
        options.append(f"by = d${variable}")
    if analysis.weights:
        options.append(f"weights = d${as_variables(material, (analysis.weights,))[0]}")
    return ", ".join(options)


def _packaged(
    material: Material, analysis: MmrmAnalysis, structure: str, terms: str, *, linear: bool
) -> str:
    """The call of R's mmrm."""
    by = "USUBJID"
    if analysis.covariance_by == "arm":
        by = "TRTP / USUBJID"
    elif analysis.covariance_by:
        by = f"{as_variables(material, (analysis.covariance_by,))[0]} / USUBJID"
    at = "ADY" if structure == "sp_exp" else "AVISIT"
    options = [
        f"reml = {'TRUE' if analysis.method == 'reml' else 'FALSE'}",
        *r_uncertainty(analysis.df, linear=linear),
    ]
    vcov = R_VCOV.get(analysis.coefficient_covariance)
    options += [f'vcov = "{vcov}"'] if vcov else []
    if analysis.weights:
        options.append(f"weights = d${as_variables(material, (analysis.weights,))[0]}")
    return (
        f"mmrm::mmrm(CHG ~ {terms} + {structure}({at} | {by}),\n"
        f"                                   data = d, {', '.join(options)})"
    )


def _not_in_base_r(analysis: MmrmAnalysis, structure: str) -> str:
    """Why `fit_repeated` cannot give the model; empty if it can."""
    if structure == "sp_exp":
        return "a covariance by distance needs the package mmrm"
    if analysis.coefficient_covariance != "model":
        return "standard errors from residuals need the package mmrm"
    if analysis.df in ("between-within", "residual"):
        return "these degrees of freedom need the package mmrm"
    return ""


def _second_derivatives(analysis: MmrmAnalysis, *, linear: bool) -> bool:
    """Whether Kenward and Roger's covariance has second derivatives of V."""
    return analysis.df == "kenward-roger-mmrm" or (analysis.df == "kenward-roger" and not linear)


def _more_of_the_difference(
    material: Material,
    name: str,
    analysis: MmrmAnalysis,
    options: str,
    between: str,
    weights: str,
) -> Iterator[str]:
    """Its size in standard deviations, its range without one subject, and subgroups."""
    target = material.estimand(name)
    visits = visits_in_order(material, name)
    visit = r_text(target.visit or visits[-1])
    shares = ""
    if analysis.covariance_by == "arm":
        # the compared arms count alike, other groups by their rows
        shares = f", shares = levels(fit$data$TRTP) %in% {r_texts(target.treatment.arms)}"
    elif analysis.covariance_by:
        shares = ", shares = tabulate(fit$group)"
    yield 'if (inherits(fit, "fit_repeated")) {'
    yield f'  add_effect_size("mmrmt02", fit, {visit}, {between}{weights}{shares})'
    yield '} else not_repeated("computed from the fit in base R", "mmrmt02")'
    for subgroup in analysis.subgroups:
        variable = as_variables(material, (subgroup.by,))[0]
        kept = [c for c in analysis.covariates if c != subgroup.by or subgroup.cut_at]
        crossed = [c for c in analysis.by_visit if c != subgroup.by or subgroup.cut_at]
        terms = " + ".join(
            [
                "TRTP * AVISIT * SUBGROUP",
                *as_variables(material, kept),
                *(f"{v}:AVISIT" for v in as_variables(material, crossed)),
            ]
        )
        if subgroup.cut_at:
            cuts = ", ".join(f"{cut:g}" for cut in subgroup.cut_at)
            yield (
                f"d$SUBGROUP <- cut(d${variable}, c(-Inf, {cuts}, Inf),\n"
                f"                  {r_texts(subgroup.ranges)}, right = FALSE)"
            )
        else:
            yield f"d$SUBGROUP <- as.factor(d${variable})"
        plain = options.split(", by = ", maxsplit=1)[0].split(", weights = ", maxsplit=1)[0]
        yield f"crossed <- fit_repeated(CHG ~ {terms}, {plain})"
        yield (
            f'add_subgroups("subt01", crossed, {r_text(subgroup.by)}, {visit}, {between}{weights})'
        )


def _mmrm_sas(
    material: Material, name: str, analysis: MmrmAnalysis, structure: str, *, linear: bool
) -> str:
    if structure not in SAS_TYPE:
        return f"* PROC MIXED has no covariance `{structure}`;"
    course = course_of(material, name)
    empirical = " empirical" if analysis.coefficient_covariance != "model" else ""
    grouped, weighed = analysis.covariance_by, analysis.weights
    by = "TRTP" if grouped == "arm" else "".join(as_variables(material, filter(None, [grouped])))
    group = f" group={by}" if by else ""
    weight = f"  weight {as_variables(material, (weighed,))[0]};\n" if weighed else ""
    covariates = as_variables(material, analysis.covariates)
    by_visit = as_variables(material, analysis.by_visit)
    om = " om" if analysis.weighting != "equal" else ""
    treatment = material.estimand(name).treatment
    arm, reference = sas_text(treatment.active), sas_text(treatment.reference)
    estimates = "".join(
        f"  lsmestimate {course.cell} {sas_text(key)} {_sas_weights(material, name, key)} / cl;\n"
        for key in analysis.contrasts
    )
    # arm by visit is the test of type III of the interaction, which the procedure prints unasked
    sliced = f"  lsmeans {course.cell} / slice=AVISIT;\n" if analysis.all_arms else ""
    return (
        f"{SAS_NOTE.get(analysis.coefficient_covariance, '')}{_sas_df_note(analysis, linear)}"
        f"{sas_data(name, 'ADQS')}\n{SAS_ORDER}\n"
        f"proc mixed data=d method={analysis.method}{empirical} order=data;\n"
        f"  class USUBJID {course.factors}{sas_factors(covariates)};\n{weight}"
        f"  model CHG = {sas_terms(course, covariates, by_visit)} "
        f"/ ddfm={SAS_DF[analysis.df]} solution;\n"
        f"  repeated AVISIT / subject=USUBJID type={SAS_TYPE[structure]}{group};\n"
        f"  lsmeans {course.cell} / {course.options}{om};\n{sliced}{estimates}"
        f"  ods output lsmeans=means{_ods(course, analysis)};\nrun;\n"
        f"{sas_means('mmrmt01', material.estimand(name).treatment.reference)}"
        + (
            "\n%keep(estimates, mmrmt03, 'contrast', group=Label, p=Probt,\n"
            f"      arm={arm}, reference={reference})"
            if analysis.contrasts
            else ""
        )
    )


def _ods(course: Course, analysis: MmrmAnalysis) -> str:
    """The further tables of PROC MIXED that are kept."""
    diffs = " diffs=diffs" if course is BY_ARM else ""
    return diffs + (" lsmestimates=estimates" if analysis.contrasts else "")


def _sas_df_note(analysis: MmrmAnalysis, linear: bool) -> str:
    """That the second derivatives of Kenward and Roger's covariance depend on the parameters."""
    return SAS_KENWARD_ROGER_NOTE if _second_derivatives(analysis, linear=linear) else ""


def random_effects_calls(
    material: Material, name: str, analysis: RandomEffectsPart
) -> dict[str, str]:
    """Random effects of each subject in R's lmerTest and in PROC MIXED."""
    course = course_of(material, name)
    covariates = as_variables(material, analysis.covariates)
    by_visit = as_variables(material, analysis.by_visit)
    effects, random, kind = "(1 | USUBJID)", "intercept", ""
    if isinstance(analysis, RandomSlopeAnalysis):
        effects = "(ADY | USUBJID)" if analysis.correlated else "(ADY || USUBJID)"
        random, kind = "intercept ADY", f" type={'un' if analysis.correlated else 'vc'}"
    r = (
        f"{r_data(material, name, 'ADQS', visits=True)}\n"
        f"fit <- fit_random(CHG ~ {r_terms(course, covariates, by_visit)},\n"
        f'                  "{effects}", d)\n'
        f'add_means("mmrmt01", fit, lmer.df = "{analysis.df}")'
    )
    sas = (
        f"{sas_data(name, 'ADQS')}\n{SAS_ORDER}\n"
        "proc mixed data=d method=reml;\n"
        f"  class USUBJID {course.factors}{sas_factors(covariates)};\n"
        f"  model CHG = {sas_terms(course, covariates, by_visit)} "
        f"/ ddfm={SAS_RANDOM_DF[analysis.df]};\n"
        f"  random {random} / subject=USUBJID{kind};\n"
        f"  lsmeans {course.cell} / {course.options};\n"
        f"  ods output lsmeans=means{' diffs=diffs' if course is BY_ARM else ''};\nrun;\n"
        f"{sas_means('mmrmt01', material.estimand(name).treatment.reference)}"
    )
    return {"R": r, "SAS": sas}


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
        for arm in arms_in_order(material, name)
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
