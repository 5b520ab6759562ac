"""Calls in R and SAS of analyses that impute, of two arms or of one."""

from collections.abc import Iterator

from ketaoutcomes.families.imputation.plan import (
    ConditionalMeanAnalysis,
    ImputationPart,
    MultipleImputationAnalysis,
    TippingPointAnalysis,
)
from ketaoutcomes.families.shared.mixed_calls import factors_of
from ketaoutcomes.report.labels import arms_of
from ketaoutcomes.report.material import Material

RBMI = {
    "missing at random": "MAR",
    "jump to reference": "JR",
    "copy reference": "CR",
    "copy increments in reference": "CIR",
    "last mean carried forward": "LMCF",
}
MACROS = {
    "missing at random": "MAR",
    "jump to reference": "J2R",
    "copy reference": "CR",
    "copy increments in reference": "CIR",
    "last mean carried forward": "OLMCF",
}


def imputation_calls(material: Material, name: str, analysis: ImputationPart) -> tuple[str, str]:
    """Draws, imputation, analysis and pooling."""
    if not material.estimand(name).treatment.compares:
        return imputation_calls_of_one_arm(material, name, analysis)
    return _r(material, name, analysis), _sas(material, name, analysis)


def _r(material: Material, name: str, analysis: ImputationPart) -> str:
    plan, target = material.plan, material.estimand(name)
    arms = arms_of(plan, plan.endpoints[target.endpoint].phase)
    crossed = [f"{c} * visit" if c in analysis.by_visit else c for c in analysis.covariates]
    model = ", ".join(f'"{term}"' for term in ("arm * visit", *crossed))
    analysed = ", ".join(f'"{c}"' for c in analysis.covariates)
    references = ", ".join(f'{arm} = "{target.treatment.reference}"' for arm in arms)
    events = ", ".join(f'"{event}" = "{RBMI[how]}"' for event, how in analysis.after.items())
    delta = getattr(analysis, "delta", {})
    lines = [
        "# d: one row a subject and visit, change missing where not seen; ice: subject, the first",
        f"# visit after the event, and strategy by event: {events or 'none'}",
        'vars <- rbmi::set_vars(outcome = "change", visit = "visit", subjid = "subject",',
        '                       group = "arm", strategy = "strategy",',
        f"                       covariates = c({model}))",
        f"method <- {_r_method(analysis)}",
        "drawn <- rbmi::draws(d, ice, vars, method = method)",
        f"filled <- rbmi::impute(drawn, references = c({references}))",
        f"vars$covariates <- c({analysed})",
    ]
    shift = ""
    if delta or isinstance(analysis, TippingPointAnalysis):
        lines += _r_shift(analysis, delta)
        shift = ", delta = shift"
    lines.append(f"rbmi::pool(rbmi::analyse(filled, rbmi::ancova{shift}, vars = vars))")
    return "\n".join(lines)


def _r_method(analysis: ImputationPart) -> str:
    same = "FALSE" if analysis.covariance_by_arm else "TRUE"
    match analysis:
        case MultipleImputationAnalysis(draws="bootstrap"):
            return (
                f'rbmi::method_approxbayes(covariance = "{analysis.covariance}", '
                f"same_cov = {same}, n_samples = {analysis.imputations})"
            )
        case MultipleImputationAnalysis() | TippingPointAnalysis(imputed_by="multiple_imputation"):
            # its prior of the covariance is a weak inverse Wishart, ours |Sigma|^-(T + 1)/2
            return f"rbmi::method_bayes(same_cov = {same}, n_samples = {analysis.imputations})"
        case ConditionalMeanAnalysis(resampling="bootstrap"):
            options = f'type = "bootstrap", n_samples = {analysis.resamples}'
        case _:
            options = 'type = "jackknife"'
    return (
        f'rbmi::method_condmean({options}, covariance = "{analysis.covariance}", same_cov = {same})'
    )


def _r_shift(analysis: ImputationPart, delta: dict[str, float]) -> list[str]:
    """Shifts of the imputed scores; for a tipping point those of one point of the grid."""
    if isinstance(analysis, TippingPointAnalysis):
        delta = dict.fromkeys(analysis.shifts, 1.0)
        note = ["# for each point of the grid, in place of 1:"]
    else:
        note = []
    if getattr(analysis, "delta_per_visit", False):
        return [
            "visits <- nlevels(d$visit)",
            "shift <- rbmi::delta_template(filled, delta = rep(1, visits), dlag = rep(1, visits))",
            *(
                f'shift$delta[shift$arm == "{arm}"] <- {points:g} * '
                f'shift$delta[shift$arm == "{arm}"]'
                for arm, points in delta.items()
            ),
        ]
    which = "shift$is_missing" + (" & shift$is_post_ice" if analysis.after_the_event_only else "")
    return ["shift <- rbmi::delta_template(filled)", *note] + [
        f'shift$delta[{which} & shift$arm == "{arm}"] <- {points:g}'
        for arm, points in delta.items()
    ]


def _sas(material: Material, name: str, analysis: ImputationPart) -> str:
    """The five macros; one strategy a job, so the first of the plan is written out."""
    target = material.estimand(name)
    strategy = next(iter(analysis.after.values()), "missing at random")
    factors = factors_of(material, analysis.covariates).split()
    numeric = [c for c in analysis.covariates if c not in factors]
    by_time = [c for c in numeric if c in analysis.by_visit]
    plain = [c for c in numeric if c not in by_time]
    factors_by_time = [c for c in factors if c in analysis.by_visit]
    parts = {
        "Covbytime": by_time,
        "Cov": plain,
        "Catcovbytime": factors_by_time,
        "Catcov": [c for c in factors if c not in factors_by_time],
    }
    covariates = "".join(f", {key}={' '.join(value)}" for key, value in parts.items() if value)
    group = ", Covgroup=arm" if analysis.covariance_by_arm else ""
    draws, seed = getattr(analysis, "imputations", 1000), getattr(analysis, "seed", 1)
    reference = target.treatment.reference
    delta = getattr(analysis, "delta", {})
    note = ""
    if delta or isinstance(analysis, TippingPointAnalysis):
        after = " after the event" if analysis.after_the_event_only else ""
        note = (
            f"* add the shift of each arm to the imputed change{after} between part2B and part3;\n"
        )
    if isinstance(analysis, ConditionalMeanAnalysis):
        note += "* the macros have no conditional mean: the limit of many imputations is close;\n"
    return (
        f"{note}%part1A(Jobname=job, Data=d, Subject=subject, Response=change,\n"
        f"        Time=visit, Treat=arm{covariates}{group});\n"
        f"%part1B(Jobname=job, Ndraws={draws}, thin=10, seed={seed});\n"
        f"%part2A(Jobname=filled, inname=job, method={MACROS[strategy]}, ref={reference});\n"
        f"%part2B(Jobname=filled, seed={seed});\n"
        f"%part3(Jobname=filled, anref={reference}, Label={MACROS[strategy]});"
    )


MANY = 1000
"""Imputations that come near to a conditional mean."""


def imputation_calls_of_one_arm(
    material: Material, name: str, analysis: ImputationPart
) -> tuple[str, str]:
    """Imputation, analysis at the visit of the estimand, and pooling."""
    target = material.estimand(name)
    visits = material.plan.phases[material.plan.analysis_phase(name)].treatment_visits
    last = f"y{len(visits)}"
    asked = f"y{visits.index(target.visit or visits[-1]) + 1}"
    draws, seed = getattr(analysis, "imputations", MANY), getattr(analysis, "seed", 1)
    shift = getattr(analysis, "delta", {}).get(target.treatment.active)
    notes = (
        f"w: one row a subject, y1 to {last} the change at each visit, missing where not seen,",
        "covariates less their means, factors as indicators: the intercept is then the mean",
        *_differences(analysis),
    )
    r = [
        *(f"# {note}" for note in notes),
        f'filled <- mice::mice(w, m = {draws}, method = "norm", seed = {seed})',
        *([] if shift is None else [_shift_in_r(analysis, shift, asked)]),
        f"mice::pool(with(filled, lm({asked} ~ {' + '.join(analysis.covariates) or '1'})))",
    ]
    named = "".join(f" {covariate}" for covariate in analysis.covariates)
    sas = [
        *(f"* {note};" for note in notes),
        f"proc mi data=w out=filled nimpute={draws} seed={seed};",
        "  fcs reg;",
        *([] if shift is None else [_shift_in_sas(analysis, shift, asked)]),
        f"  var{named} y1-{last};",
        "run;",
        f"proc reg data=filled outest=found covout;\n  by _imputation_;\n  model {asked} ={named};",
        "run;\nproc mianalyze data=found;\n  modeleffects intercept;\nrun;",
    ]
    return "\n".join(r), "\n".join(sas)


def _shift_in_r(analysis: ImputationPart, shift: float, asked: str) -> str:
    """A comment, as mice has no function for it."""
    times = " times the visits since the event" if getattr(analysis, "delta_per_visit", 0) else ""
    which = ", of those after the event only" if analysis.after_the_event_only else ""
    return f"# add {shift:g}{times} to the imputed {asked} of each dataset{which}"


def _shift_in_sas(analysis: ImputationPart, shift: float, asked: str) -> str:
    """`stopped` is 1 for those whose visit lies after the event."""
    if getattr(analysis, "delta_per_visit", False):
        return f"  * then add {shift:g} times the visits since the event to the imputed {asked};"
    after = " adjustobs=(stopped='1')" if analysis.after_the_event_only else ""
    return f"  mnar adjust({asked} / shift={shift:g}{after});"


def _differences(analysis: ImputationPart) -> Iterator[str]:
    """What the calls do otherwise than the analysis."""
    if isinstance(analysis, ConditionalMeanAnalysis):
        yield "neither has a conditional mean: the limit of many imputations is close"
