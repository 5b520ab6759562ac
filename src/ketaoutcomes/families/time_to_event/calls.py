"""Curves, tests, hazard ratios and restricted means in R and SAS."""

from collections.abc import Iterator
from re import sub

from ketaoutcomes.families.shared.code import (
    as_variables,
    r_data,
    r_numbers,
    r_text,
    r_texts,
    sas_data,
    sas_factors,
    sas_text,
)
from ketaoutcomes.families.time_to_event.delayed_entry import has_delayed_entry, sas_delayed
from ketaoutcomes.families.time_to_event.plan import (
    TimeToEventAnalysis,
    cells_of,
    levels_in_words,
)
from ketaoutcomes.report.material import Material

SAS_TIES = {"efron": "efron", "breslow": "breslow", "exact": "discrete"}
"""The exact partial likelihood of R's coxph is what PROC PHREG calls discrete."""

SAS_TESTS = {"Gehan-Breslow": "wilcoxon", "Tarone-Ware": "tarone", "Peto-Peto": "peto"}


def time_to_event_calls(
    material: Material, name: str, analysis: TimeToEventAnalysis
) -> dict[str, str]:
    """R's survival and cmprsk; SAS lifetest and phreg."""
    delayed = has_delayed_entry(material, name)
    compares = material.estimand(name).treatment.compares
    sas = _sas_of_two if compares else _sas_of_one
    lines = "\n".join(sas(material, name, analysis))
    return {
        "R": "\n".join(_r(material, name, analysis, delayed=delayed)),
        "SAS": sas_delayed(lines) if delayed else lines,
    }


def _r(
    material: Material, name: str, analysis: TimeToEventAnalysis, *, delayed: bool
) -> Iterator[str]:
    treatment, tau = material.estimand(name).treatment, f"{analysis.rmst_days:g}"
    yield r_data(material, name, "ADTTE")
    kind = analysis.interval
    yield f'add_curves(d, conf.type = "{kind}", quantiles = {r_numbers(analysis.quantiles)})'
    if not treatment.compares:
        yield f"add_restricted_means(d, tau = {tau}, arms = {r_text(treatment.active)})"
        if analysis.competing:
            yield (
                f"add_competing(d, {r_texts(analysis.competing)}, terms = NULL, strata = NULL,\n"
                f'              ties = "{analysis.ties}", conf.type = "{kind}", '
                f"arms = {r_text(treatment.active)})"
            )
        return
    yield from _r_of_two(material, name, analysis, delayed=delayed)


def _r_of_two(
    material: Material, name: str, analysis: TimeToEventAnalysis, *, delayed: bool
) -> Iterator[str]:
    """Everything that compares the arms."""
    treatment, tau = material.estimand(name).treatment, f"{analysis.rmst_days:g}"
    covariates = as_variables(material, analysis.covariates)
    strata = as_variables(material, analysis.strata)
    in_strata = f"strata({', '.join(strata)})"
    right = " + ".join(["TRTP", *covariates, *([in_strata] if strata else [])])
    terms = r_texts(["TRTP", *covariates, *([in_strata] if strata else [])])
    arms = f"arm = {r_text(treatment.active)}, reference = {r_text(treatment.reference)}"
    stratified = f", strata = {r_texts(strata)}" if strata else ""
    surv = "Surv(ENTRY, AVAL, CNSR == 0)" if delayed else "Surv(AVAL, CNSR == 0)"
    if analysis.all_arms:
        others = r_texts([*covariates, *([in_strata] if strata else [])])
        start = '"ENTRY"' if delayed else "NULL"
        yield f'add_all_arms(d, {others}, {start}, ties = "{analysis.ties}"{stratified})'
    yield f"two <- droplevels(d[d$TRTP %in% {r_texts((treatment.reference, treatment.active))}, ])"
    if delayed:  # survdiff has no delayed entry
        yield f'add_weighted_test(two, "log-rank", {arms}{stratified})'
    else:
        tested = f"TRTP{f' + {in_strata}' if strata else ''}"
        yield f"add_log_rank(survdiff({surv} ~ {tested}, data = two), {arms})"
    yield f'fit <- coxph({surv} ~ {right}, data = two, ties = "{analysis.ties}")'
    shown = ', "hazard ratio (not robust)"' if analysis.cluster else ""
    yield f"add_hazard_ratio(fit, {arms}{shown})"
    named = r_texts(["arm", *analysis.covariates])
    yield f'add_proportional_hazards(cox.zph(fit, transform = "km"), {named}, {arms})'
    law = f'"{analysis.restricted_mean_test}"'
    both = r_texts((treatment.active, treatment.reference))
    yield f"add_restricted_means(two, tau = {tau}, arms = {both}, law = {law})"
    if analysis.covariates and not delayed:
        adjusted = r_texts(["TRTP", *covariates])
        yield f"add_adjusted_means(two, tau = {tau}, {adjusted}, {arms})"
    if analysis.landmark_days:
        yield f"add_milestones(two, {r_numbers(analysis.landmark_days)}, {arms})"
    for test in analysis.weighted_tests:
        if test == "max-combo":
            yield f"add_max_combo(two, {arms}{stratified})"
        else:
            yield f"add_weighted_test(two, {r_text(test)}, {arms}{stratified})"
    yield from _r_more_ratios(material, name, analysis, surv, right, terms, arms)
    if analysis.competing:
        yield (
            f"add_competing(two, {r_texts(analysis.competing)}, {r_texts(['TRTP', *covariates])},\n"
            f"              strata = {r_texts(strata) if strata else 'NULL'}, "
            f'ties = "{analysis.ties}", conf.type = "{analysis.interval}",\n'
            f"              arms = {both})"
        )


def _r_more_ratios(
    material: Material,
    name: str,
    analysis: TimeToEventAnalysis,
    surv: str,
    right: str,
    terms: str,
    arms: str,
) -> Iterator[str]:
    """Hazard ratios in groups, in periods, within clusters, and over courses."""
    ties = f'ties = "{analysis.ties}"'
    covariates = as_variables(material, analysis.covariates)
    if analysis.combination is not None:
        by = analysis.combination.by
        rest = as_variables(material, [s for s in analysis.strata if s != by])
        yield (
            f"add_combination(two, {r_text(as_variables(material, (by,))[0])}, "
            f"setNames({r_numbers(analysis.combination.weights.values())}, "
            f"{r_texts(analysis.combination.weights)}),\n"
            f"                {r_texts(covariates)}, {r_texts(rest)}, {ties}, {arms})"
        )
    if analysis.periods_days:
        cuts = r_numbers(analysis.periods_days)
        yield f"add_periods_of_hazard(two, {cuts}, {terms}, {ties}, {arms})"
    if analysis.cluster:
        cluster = as_variables(material, (analysis.cluster,))[0]
        yield (
            f"add_hazard_ratio(coxph({surv} ~ {right}, data = two, {ties}, cluster = {cluster}),\n"
            f"                 {arms})"
        )
    if analysis.frailty:
        frailty = as_variables(material, (analysis.frailty,))[0]
        weighted = "efron" if analysis.ties == "exact" else analysis.ties
        yield (
            f"shared <- coxph({surv} ~ {right} + "
            f'frailty({frailty}, "{analysis.frailty_distribution}"),\n'
            f'                data = two, ties = "{weighted}")'
        )
        yield f'add_hazard_ratio(shared, {arms}, "hazard ratio (shared frailty)")'
        yield 'not_repeated("print(shared) tells it", statistic = "frailty variance")'
    if analysis.time_varying:
        yield r_data(material, name, "ADTTEV").replace("d <-", "courses <-", 1)
        yield f"add_time_varying(two, courses, {terms}, {ties}, {arms})"
    if analysis.interaction is not None:
        yield _r_factorial(material, analysis, ties)


def _r_factorial(material: Material, analysis: TimeToEventAnalysis, ties: str) -> str:
    factors = analysis.interaction or {}
    levels = ", ".join(map(r_texts, levels_in_words(factors)))
    strata = as_variables(material, analysis.strata)
    covariates = as_variables(material, analysis.covariates)
    others = [*covariates, *([f"strata({', '.join(strata)})"] if strata else [])]
    return (
        f"add_factorial(d, {r_texts(cells_of(factors).values())}, {r_texts(factors)},\n"
        f"              list({levels}), {r_texts(others)}, {ties},\n"
        f"              tau = {analysis.rmst_days:g}, "
        f'law = "{analysis.restricted_mean_test}")'
    )


def _conftype(analysis: TimeToEventAnalysis) -> str:
    """The scale of the interval as PROC LIFETEST names it."""
    name = analysis.interval.replace("-", "")
    return name.replace("plain", "linear").replace("arcsin", "asinsqrt")


def _sas_of_one(material: Material, name: str, analysis: TimeToEventAnalysis) -> Iterator[str]:
    tau, arm = f"{analysis.rmst_days:g}", material.estimand(name).treatment.active
    yield sas_data(name, "ADTTE", f"TRTP = {sas_text(arm)}")
    days = " ".join(f"{day:g}" for day in analysis.landmark_days)
    at = f" timelist={days}" if days else ""
    yield f"proc lifetest data=d rmst(tau={tau}) conftype={_conftype(analysis)}{at};"
    yield "  time AVAL*CNSR(1);"
    yield "  ods output quartiles=quartiles rmst=means;"
    yield "run;"
    yield f"%keep(means, ttet01, 'restricted mean', estimate=Estimate, arm={sas_text(arm)})"
    if analysis.competing:
        yield _sas_cause(analysis)
        yield "proc lifetest data=d;\n  time AVAL*CAUSE(0) / eventcode=1;\nrun;"


def _sas_cause(analysis: TimeToEventAnalysis) -> str:
    """CAUSE: 0 censored, 1 the event, 2 and more the competing ones."""
    kinds = "".join(
        f"  if EVNTDESC = {sas_text(kind)} then CAUSE = {code};\n"
        for code, kind in enumerate(analysis.competing, start=2)
    )
    return f"data d;\n  set d;\n  CAUSE = 1 - CNSR;\n{kinds}run;"


def name_in_code(words: str) -> str:
    """A factor as a variable is named in R and SAS."""
    return sub(r"\W+", "_", words)


def _sas_of_all_arms(
    name: str,
    analysis: TimeToEventAnalysis,
    variables: tuple[str, ...],
    strata: str,
    reference: str,
) -> Iterator[str]:
    """The tests of all arms; `joint` gives that of the arms beside covariates."""
    yield sas_data(name, "ADTTE")
    yield "proc lifetest data=d;\n  time AVAL*CNSR(1);"
    yield "  strata TRTP;" if not strata else f"  strata {strata} / group=TRTP;"
    yield "  ods output homtests=tests_of_all_arms;\nrun;"
    covariates = "".join(f" {v}" for v in variables)
    yield f"proc phreg data=d;\n  class TRTP(ref={reference}){sas_factors(variables)};"
    yield f"  model AVAL*CNSR(1) = TRTP{covariates} / ties={SAS_TIES[analysis.ties]} type3(all);"
    if strata:
        yield f"  strata {strata};"
    yield "run;"


def _sas_of_two(material: Material, name: str, analysis: TimeToEventAnalysis) -> Iterator[str]:
    treatment = material.estimand(name).treatment
    variables = as_variables(material, analysis.covariates)
    covariates, factors = "".join(f" {v}" for v in variables), sas_factors(variables)
    strata = " ".join(as_variables(material, analysis.strata))
    reference = sas_text(treatment.reference)
    tau = f"{analysis.rmst_days:g}"
    tests = [
        f"fh({test[-5]},{test[-2]})" if test.startswith("Fleming") else SAS_TESTS[test]
        for test in analysis.weighted_tests
        if test.startswith("Fleming") or test in SAS_TESTS
    ]
    asked = f" test=(logrank {' '.join(tests)})" if tests else ""
    two = f"TRTP in ({sas_text(treatment.active)}, {reference})"
    days = " ".join(f"{day:g}" for day in analysis.landmark_days)
    at = f" timelist={days}" if days else ""
    if analysis.all_arms:
        yield from _sas_of_all_arms(name, analysis, variables, strata, reference)
    yield sas_data(name, "ADTTE", two)
    yield f"proc lifetest data=d rmst(tau={tau}) conftype={_conftype(analysis)}{at};"
    yield "  time AVAL*CNSR(1);"
    yield f"  strata TRTP{asked};" if not strata else f"  strata {strata} / group=TRTP{asked};"
    yield "  ods output quartiles=quartiles rmst=means homtests=tests;"
    yield "run;"
    robust = " covs(aggregate)" if analysis.cluster else ""
    yield f"proc phreg data=d{robust} zph(global transform=km);"
    frailty = "".join(
        f" {v}" for v in as_variables(material, (analysis.frailty,) if analysis.frailty else ())
    )
    yield f"  class TRTP(ref={reference}){factors}{frailty};"
    yield f"  model AVAL*CNSR(1) = TRTP{covariates} / ties={SAS_TIES[analysis.ties]} risklimits;"
    if strata:
        yield f"  strata {strata};"
    if analysis.cluster:
        yield f"  id {as_variables(material, (analysis.cluster,))[0]};"
    if frailty:
        yield f"  random{frailty} / dist={analysis.frailty_distribution};"
    yield "  ods output parameterestimates=ratios;"
    yield "run;"
    between = f"arm={sas_text(treatment.active)}, reference={reference}"
    yield (f"%keep_ratio(ratios(where=(Parameter = 'TRTP')), ttet01, 'hazard ratio', {between})")
    yield from _sas_interaction(name, analysis, variables, strata)
    if analysis.competing:
        yield _sas_cause(analysis)
        yield (
            f"proc phreg data=d;\n  class TRTP(ref={reference}){factors};\n"
            f"  model AVAL*CAUSE(0) = TRTP{covariates} / eventcode=1;\nrun;"
        )


def _sas_interaction(
    name: str, analysis: TimeToEventAnalysis, variables: tuple[str, ...], strata: str
) -> Iterator[str]:
    if analysis.interaction is None:
        return
    cells = ", ".join(map(sas_text, cells_of(analysis.interaction).values()))
    yield sas_data(name, "ADTTE", f"TRTP in ({cells})").replace("data d;", "data four;", 1)
    yield "data four;\n  set four;"
    one, other = (name_in_code(factor) for factor in analysis.interaction)
    for variable, levels in zip((one, other), analysis.interaction.values(), strict=True):
        second = ", ".join(map(sas_text, list(levels.values())[1]))
        yield f"  {variable} = TRTP in ({second});"
    yield "run;"
    yield "proc phreg data=four;"
    covariates = "".join(f" {v}" for v in variables)
    yield f"  class {one}(ref=first) {other}(ref=first){sas_factors(variables)};"
    ties = SAS_TIES[analysis.ties]
    yield f"  model AVAL*CNSR(1) = {one}|{other}{covariates} / ties={ties} risklimits;"
    if strata:
        yield f"  strata {strata};"
    yield f"  hazardratio {one} / at({other}=all);"
    yield f"  hazardratio {other} / at({one}=all);"
    yield "run;"
