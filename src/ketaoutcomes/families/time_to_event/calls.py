"""The same in R and SAS."""

from collections.abc import Iterator
from re import sub

from ketaoutcomes.families.time_to_event.delayed_entry import (
    calls_with_delayed_entry,
    has_delayed_entry,
)
from ketaoutcomes.families.time_to_event.plan import TimeToEventAnalysis
from ketaoutcomes.report.material import Material


def time_to_event_calls(
    material: Material, name: str, analysis: TimeToEventAnalysis
) -> tuple[str, str]:
    """R's survival, survRM2, cmprsk and nphRCT; SAS lifetest and phreg."""
    compares = material.estimand(name).treatment.compares
    calls = _of_two_arms(analysis) if compares else _of_one_arm(analysis)
    if has_delayed_entry(material, name):
        return calls_with_delayed_entry(*calls, analysis, compares=compares)
    return calls


def _of_two_arms(analysis: TimeToEventAnalysis) -> tuple[str, str]:
    """Curves, tests, models and restricted means."""
    strata = f" + strata({', '.join(analysis.strata)})" if analysis.strata else ""
    covariates = "".join(f" + {name}" for name in analysis.covariates)
    terms = f"arm{covariates}{strata}"
    tau = f"{analysis.restricted_mean_days:g}"
    r = [
        f'survfit(Surv(time, event) ~ arm, data = d, conf.type = "{analysis.interval}")',
        f"quantile(survfit(Surv(time, event) ~ arm, data = d), c({_numbers(analysis.quantiles)}))",
        f"survdiff(Surv(time, event) ~ arm{strata}, data = d)",
        f'fit <- coxph(Surv(time, event) ~ {terms}, data = d, ties = "{analysis.ties}")',
        "cox.zph(fit)",
        f'survRM2::rmst2(d$time, d$event, d$arm == "active", tau = {tau})',
        *_r_means(analysis, tau),
        *_r_tests(analysis, strata),
        *_r_ratios(analysis, terms),
    ]
    return "\n".join(r), "\n".join(_sas_lines(analysis, tau))


def _of_one_arm(analysis: TimeToEventAnalysis) -> tuple[str, str]:
    """The curve, its quantiles and milestones, and the area under it."""
    tau = f"{analysis.restricted_mean_days:g}"
    r = [
        f'fit <- survfit(Surv(time, event) ~ 1, data = d, conf.type = "{analysis.interval}")',
        f"quantile(fit, c({_numbers(analysis.quantiles)}))",
        f"print(fit, rmean = {tau})",
    ]
    if analysis.milestones_days:
        r.append(f"summary(fit, times = c({_numbers(analysis.milestones_days)}))")
    sas = [
        f"proc lifetest data=d rmst(tau={tau}) conftype={_conftype(analysis)};",
        "  time time*event(0);",
        "run;",
    ]
    if analysis.competing:
        r.append("cmprsk::cuminc(d$time, d$cause)")
        sas += ["proc lifetest data=d;", "  time time*cause(0) / failcode=1;", "run;"]
    return "\n".join(r), "\n".join(sas)


def _conftype(analysis: TimeToEventAnalysis) -> str:
    """The scale of the interval as PROC LIFETEST names it."""
    name = analysis.interval.replace("-", "")
    return name.replace("plain", "linear").replace("arcsin", "asinsqrt")


def _numbers(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def _r_means(analysis: TimeToEventAnalysis, tau: str) -> Iterator[str]:
    if analysis.restricted_mean_test == "t":
        yield (
            "# survRM2 has the normal law only; where nobody is censored the t test here is\n"
            f"t.test(pmin(time, {tau}) ~ arm, data = d)"
        )


def _r_tests(analysis: TimeToEventAnalysis, strata: str) -> Iterator[str]:
    if analysis.milestones_days:
        days = _numbers(analysis.milestones_days)
        yield f"summary(survfit(Surv(time, event) ~ arm, data = d), times = c({days}))"
    for name in analysis.weighted_tests:
        if name == "max-combo":
            yield "nph::logrank.maxtest(d$time, d$event, d$arm)"
        elif name.startswith("Fleming"):
            rho, gamma = name[-5], name[-2]
            yield (
                f"nphRCT::wlrt(Surv(time, event) ~ arm{strata}, d, "
                f'method = "fh", rho = {rho}, gamma = {gamma})'
            )
        else:
            yield f"survMisc::comp(survMisc::ten(Surv(time, event) ~ arm, data = d))  # {name}"
    if analysis.combination is not None:
        yield (
            f"by(d, d${analysis.combination.by}, function(g) survdiff(Surv(time, event) ~ arm, g))"
            "  # z of each, combined by the root of its weight"
        )


def _r_ratios(analysis: TimeToEventAnalysis, terms: str) -> Iterator[str]:
    if analysis.periods_days:
        cuts = _numbers(analysis.periods_days)
        yield (
            f"s <- survSplit(Surv(time, event) ~ ., d, cut = c({cuts}), episode = 'period')\n"
            f"coxph(Surv(tstart, time, event) ~ {terms.replace('arm', 'arm:strata(period)', 1)}, s)"
        )
    if analysis.interaction is not None:
        product = " * ".join(name_in_code(name) for name in analysis.interaction)
        yield f"coxph(Surv(time, event) ~ {terms.replace('arm', product, 1)}, data = all_four_arms)"
    if analysis.cluster:
        yield f"coxph(Surv(time, event) ~ {terms}, data = d, cluster = {analysis.cluster})"
    if analysis.frailty:
        law = analysis.frailty_law
        yield (
            f'coxph(Surv(time, event) ~ {terms} + frailty({analysis.frailty}, "{law}"), data = d)'
        )
    if analysis.time_varying:
        yield f"coxph(Surv(tstart, tstop, event) ~ {terms} + value, data = tmerge(...))"
    if analysis.competing:
        yield (
            "cmprsk::cuminc(d$time, d$cause, d$arm)\n"
            "g <- finegray(Surv(time, factor(cause)) ~ ., data = d)\n"
            "coxph(Surv(fgstart, fgstop, fgstatus) ~ arm, weights = fgwt, data = g, cluster = id)"
        )


def name_in_code(words: str) -> str:
    """A factor as a variable is named in R and SAS."""
    return sub(r"\W+", "_", words)


def _sas_interaction(analysis: TimeToEventAnalysis, covariates: str) -> Iterator[str]:
    if analysis.interaction is None:
        return
    one, other = (name_in_code(name) for name in analysis.interaction)
    yield "proc phreg data=all_four_arms;"
    yield f"  class {one} {other} / ref=first;"
    yield f"  model time*event(0) = {one}|{other}{covariates} / ties={analysis.ties} risklimits;"
    if analysis.strata:
        yield f"  strata {' '.join(analysis.strata)};"
    yield f"  hazardratio {one} / at({other}=all);"
    yield f"  hazardratio {other} / at({one}=all);"
    yield "run;"


def _sas_lines(analysis: TimeToEventAnalysis, tau: str) -> Iterator[str]:
    covariates = "".join(f" {name}" for name in analysis.covariates)
    tests = [
        f"fh({name[-5]},{name[-2]})" if name.startswith("Fleming") else SAS_TESTS[name]
        for name in analysis.weighted_tests
        if name.startswith("Fleming") or name in SAS_TESTS
    ]
    asked = f" test=(logrank {' '.join(tests)})" if tests else ""
    yield f"proc lifetest data=d rmst(tau={tau}) conftype={_conftype(analysis)};"
    yield "  time time*event(0);"
    yield f"  strata {' '.join(analysis.strata)} / group=arm{asked};"
    yield "run;"
    robust = " covs(aggregate)" if analysis.cluster else ""
    ties = "exact" if analysis.ties == "exact" else analysis.ties
    yield f"proc phreg data=d{robust} zph(global transform=km);"
    yield "  class arm;"
    yield f"  model time*event(0) = arm{covariates} / ties={ties} risklimits;"
    if analysis.strata:
        yield f"  strata {' '.join(analysis.strata)};"
    if analysis.cluster:
        yield f"  id {analysis.cluster};"
    if analysis.frailty:
        yield f"  random {analysis.frailty} / dist={analysis.frailty_law};"
    yield "run;"
    yield from _sas_interaction(analysis, covariates)
    if analysis.competing:
        yield "proc phreg data=d;\n  class arm;\n  model time*cause(0) = arm / eventcode=1;\nrun;"


SAS_TESTS = {"Gehan-Breslow": "wilcoxon", "Tarone-Ware": "tarone", "Peto-Peto": "peto"}
