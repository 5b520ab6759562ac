"""Calls in R and SAS of analyses that impute, of two arms or of one."""

from collections.abc import Iterator

from ketaoutcomes.families.imputation.plan import (
    ConditionalMeanAnalysis,
    ImputationPart,
    MultipleImputationAnalysis,
    TippingPointAnalysis,
)
from ketaoutcomes.families.shared.code import (
    as_variables,
    r_data,
    r_numbers,
    r_text,
    r_texts,
    sas_data,
)
from ketaoutcomes.families.shared.mixed_calls import course_of, r_terms
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


def imputation_calls(material: Material, name: str, analysis: ImputationPart) -> dict[str, str]:
    """Draws, imputation, analysis and pooling."""
    if not material.estimand(name).treatment.compares:
        return imputation_calls_of_one_arm(material, name, analysis)
    return {"R": _r(material, name, analysis), "SAS": _sas(material, name, analysis)}


def _r(material: Material, name: str, analysis: ImputationPart) -> str:
    plan, target = material.plan, material.estimand(name)
    arms = arms_of(plan, plan.endpoints[target.endpoint].phase)
    covariates = as_variables(material, analysis.covariates)
    by_visit = as_variables(material, analysis.by_visit)
    crossed = [f"{c} * AVISIT" if c in by_visit else c for c in covariates]
    model = ", ".join(f'"{term}"' for term in ("TRTP * AVISIT", *crossed))
    analysed = ", ".join(f'"{c}"' for c in covariates)
    reference = r_text(target.treatment.reference)
    references = ", ".join(f"{r_text(arm)} = {reference}" for arm in arms)
    delta = getattr(analysis, "delta", {})
    inner = [
        'vars <- rbmi::set_vars(outcome = "CHG", visit = "AVISIT", subjid = "USUBJID",',
        '                       group = "TRTP", strategy = "strategy",',
        f"                       covariates = c({model}))",
        f"method <- {_r_method(analysis)}",
        "drawn <- rbmi::draws(d, ice, vars, method = method)",
        f"filled <- rbmi::impute(drawn, references = c({references}))",
        f"vars$covariates <- c({analysed})",
    ]
    shift = ""
    if delta or isinstance(analysis, TippingPointAnalysis):
        inner += _r_shift(analysis, delta)
        shift = ", delta = shift"
    function = "rbmi::ancova"
    if material.plan.endpoints[target.endpoint].kind != "change":
        inner += _responders(material, name)
        function = "responders"
    inner.append(f"analysed <- rbmi::analyse(filled, {function}{shift}, vars = vars)")
    inner.append("print(rbmi::pool(analysed))")
    return "\n".join(
        [
            *_data(material, name, analysis),
            *_conditional_means(material, name, analysis),
            'if (requireNamespace("rbmi", quietly = TRUE)) {',
            f"  ice <- events_of(d, {_strategies(analysis)}{_dropout(analysis)})",
            *(f"  {line}" for line in inner),
            "}",
        ]
    )


def _dataset(material: Material, name: str) -> str:
    endpoint = material.plan.endpoints[material.estimand(name).endpoint]
    return "ADQS" if endpoint.kind == "change" else "ADRS"


def _data(material: Material, name: str, analysis: ImputationPart) -> Iterator[str]:
    """The rows, scores as changes, and how many of them are missing."""
    dataset = _dataset(material, name)
    yield r_data(material, name, dataset, visits=True)
    if dataset == "ADRS":
        yield "d$CHG <- d$AVAL - d$BASE"
    yield f'add_missing_counts("impt03", d{_dropout(analysis)})'


def _sas_rows(material: Material, name: str) -> str:
    dataset = _dataset(material, name)
    changes = "\ndata d;\n  set d;\n  CHG = AVAL - BASE;\nrun;" if dataset == "ADRS" else ""
    return f"{sas_data(name, dataset)}{changes}"


def _strategies(analysis: ImputationPart) -> str:
    """Strategies by event, as rbmi names them."""
    names = ", ".join(
        f"{r_text(event)} = {r_text(RBMI[how])}" for event, how in analysis.strategies.items()
    )
    return f"c({names})"


def _dropout(analysis: ImputationPart) -> str:
    counted = analysis.dropout_counts_as
    return "" if counted is None else f", dropout = {r_text(counted)}"


def _conditional_means(material: Material, name: str, analysis: ImputationPart) -> list[str]:
    """The part in base R: conditional means with a jackknife; why there is none of other draws."""
    target = material.estimand(name)
    by_mean = (
        isinstance(analysis, ConditionalMeanAnalysis) and analysis.resampling == "jackknife"
    ) or (isinstance(analysis, TippingPointAnalysis) and analysis.imputed_by == "conditional_mean")
    if not by_mean or analysis.covariance_by_arm:
        why = 'not_repeated("draws of another generator of random numbers differ", '
        return [f'{why}"impt0")']
    course = course_of(material, name)
    covariates = as_variables(material, analysis.covariates)
    terms = r_terms(course, covariates, as_variables(material, analysis.by_visit))
    reference = target.treatment.reference
    options = [f"reference = {r_text(reference)}{_dropout(analysis)}"]
    if delta := getattr(analysis, "delta", {}):
        points = ", ".join(f"{r_text(arm)} = {value:g}" for arm, value in delta.items())
        options.append(f"delta = c({points})")
    if analysis.after_the_event_only:
        options.append("after_only = TRUE")
    if getattr(analysis, "delta_per_visit", False):
        options.append("per_visit = TRUE")
    lines = [
        f"found <- conditional_means(d, CHG ~ {terms},",
        f"  {r_texts(covariates)}, {r_text(analysis.covariance)}, {_strategies(analysis)},",
        f"  {', '.join(options)})",
    ]
    if isinstance(analysis, TippingPointAnalysis):
        spans = ", ".join(
            f"{r_text(arm)} = {r_numbers(span)}" for arm, span in analysis.delta_range.items()
        )
        lines.append(
            f'add_tipping("tipt01", found, {r_text(target.visit or "")}, '
            f"arm = {r_text(target.treatment.active)},\n"
            f"            reference = {r_text(reference)}, spans = list({spans}))"
        )
    else:
        lines.append('add_conditional_means("impt01", found)')
    return lines


def _responders(material: Material, name: str) -> list[str]:
    """The outcome is made of each completed dataset, then compared by a linear model of 0 and 1."""
    target = material.estimand(name)
    endpoint = material.plan.endpoints[target.endpoint]
    fall = getattr(endpoint, "improvement_at_least_percent", None)
    met = (
        f"-100 * here$CHG / here$BASE >= {fall:g}"
        if fall is not None
        else f"here$BASE + here$CHG <= {getattr(endpoint, 'at_most', float('nan')):g}"
    )
    pair = r_texts((target.treatment.active, target.treatment.reference))
    return [
        "responders <- function(data, vars, ...) {",
        f"  here <- data[data$AVISIT == {r_text(target.visit or '')}, ]",
        f"  met <- {met}",
        f"  share <- vapply({pair}, function(arm) mean(met[here$TRTP == arm]), 0)",
        "  n <- table(here$TRTP)[names(share)]",
        "  list(difference = list(est = share[[1]] - share[[2]], df = Inf,",
        "                         se = sqrt(sum(share * (1 - share) / n))))",
        "}",
    ]


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
        delta = dict.fromkeys(analysis.delta_range, 1.0)
        note = ["# for each point of the grid, in place of 1:"]
    else:
        note = []
    if getattr(analysis, "delta_per_visit", False):
        return [
            "visits <- nlevels(d$AVISIT)",
            "shift <- rbmi::delta_template(filled, delta = rep(1, visits), dlag = rep(1, visits))",
            *(
                f"shift$delta[shift$TRTP == {r_text(arm)}] <- {points:g} * "
                f"shift$delta[shift$TRTP == {r_text(arm)}]"
                for arm, points in delta.items()
            ),
        ]
    which = "shift$is_missing" + (" & shift$is_post_ice" if analysis.after_the_event_only else "")
    return ["shift <- rbmi::delta_template(filled)", *note] + [
        f"shift$delta[{which} & shift$TRTP == {r_text(arm)}] <- {points:g}"
        for arm, points in delta.items()
    ]


def _factors(material: Material, analysis: ImputationPart) -> tuple[str, ...]:
    """Variables of the covariates that are factors, as the baseline table shows them."""
    groups = {row.group for row in material.results.select(table="dmt01")}
    covariates = analysis.covariates
    factors = [n for n in covariates if any(group.startswith(f"{n}: ") for group in groups)]
    return as_variables(material, factors)


def _sas(material: Material, name: str, analysis: ImputationPart) -> str:
    """The five macros; one strategy a job, so the first of the plan is written out."""
    target = material.estimand(name)
    strategy = next(iter(analysis.strategies.values()), "missing at random")
    factors = _factors(material, analysis)
    by_visit = as_variables(material, analysis.by_visit)
    numeric = [c for c in as_variables(material, analysis.covariates) if c not in factors]
    by_time = [c for c in numeric if c in by_visit]
    plain = [c for c in numeric if c not in by_time]
    factors_by_time = [c for c in factors if c in by_visit]
    parts = {
        "Covbytime": by_time,
        "Cov": plain,
        "Catcovbytime": factors_by_time,
        "Catcov": [c for c in factors if c not in factors_by_time],
    }
    covariates = "".join(f", {key}={' '.join(value)}" for key, value in parts.items() if value)
    group = ", Covgroup=TRTP" if analysis.covariance_by_arm else ""
    draws, seed = getattr(analysis, "imputations", 1000), getattr(analysis, "seed", 1)
    reference = target.treatment.reference
    delta = getattr(analysis, "delta", {})
    note = ""
    if delta or isinstance(analysis, TippingPointAnalysis):
        after = " after the event" if analysis.after_the_event_only else ""
        note = (
            f"* add the shift of each arm to the imputed change{after} between part2B and part3;\n"
        )
    if _dataset(material, name) == "ADRS":
        note += (
            "* part3 compares the changes: count the responders of each completed dataset after "
            "part2B, and combine them by PROC MIANALYZE;\n"
        )
    if isinstance(analysis, ConditionalMeanAnalysis):
        note += "* the macros have no conditional mean: the limit of many imputations is close;\n"
    return (
        f"{note}{_sas_rows(material, name)}\n"
        "%part1A(Jobname=job, Data=d, Subject=USUBJID, Response=CHG,\n"
        f"        Time=AVISIT, Treat=TRTP{covariates}{group});\n"
        f"%part1B(Jobname=job, Ndraws={draws}, thin=10, seed={seed});\n"
        f"%part2A(Jobname=filled, inname=job, method={MACROS[strategy]}, ref={reference});\n"
        f"%part2B(Jobname=filled, seed={seed});\n"
        f"%part3(Jobname=filled, anref={reference}, Label={MACROS[strategy]});"
    )


MANY = 1000
"""Imputations that come near to a conditional mean."""


def imputation_calls_of_one_arm(
    material: Material, name: str, analysis: ImputationPart
) -> dict[str, str]:
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
    covariates = as_variables(material, analysis.covariates)
    r = [
        *_data(material, name, analysis),
        *_conditional_means(material, name, analysis),
        *(f"# {note}" for note in notes),
        'if (requireNamespace("mice", quietly = TRUE)) {',
        f"  w <- wide_of(d, {r_texts(covariates)})",
        f'  filled <- mice::mice(w, m = {draws}, method = "norm", seed = {seed}, print = FALSE)',
        *([] if shift is None else [f"  {_shift_in_r(analysis, shift, asked)}"]),
        f"  print(mice::pool(with(filled, lm({asked} ~ {' + '.join(covariates) or '1'}))))",
        "}",
    ]
    named = "".join(f" {covariate}" for covariate in covariates)
    sas = [
        _sas_rows(material, name),
        *(f"* {note};" for note in notes),
        _sas_wide(covariates),
        f"proc mi data=w out=filled nimpute={draws} seed={seed};",
        "  fcs reg;",
        *([] if shift is None else [_shift_in_sas(analysis, shift, asked)]),
        f"  var{named} y1-{last};",
        "run;",
        f"proc reg data=filled outest=found covout;\n  by _imputation_;\n  model {asked} ={named};",
        "run;\nproc mianalyze data=found;\n  modeleffects intercept;\nrun;",
    ]
    return {"R": "\n".join(r), "SAS": "\n".join(sas)}


def _sas_wide(covariates: tuple[str, ...]) -> str:
    """The rows of each participant side by side."""
    by = " ".join(["USUBJID", *covariates])
    return (
        f"proc sort data=d;\n  by {by} AVISITN;\nrun;\n"
        f"proc transpose data=d out=w prefix=y;\n  by {by};\n  id AVISITN;\n  var CHG;\nrun;"
    )


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
