"""The method in words, with its references."""

from collections.abc import Iterator

from ketaoutcomes.families.time_to_event.plan import (
    LatestScore,
    TimeToEventAnalysis,
    TimeVaryingCovariate,
)
from ketaoutcomes.report.labels import adjusted_for, joined, plain

TIES_WORDS = {
    "efron": "Efron's handling of ties",
    "breslow": "Breslow's handling of ties",
    "exact": "the exact partial likelihood for ties",
}


KAPLAN_MEIER = (
    "Kaplan EL, Meier P. Nonparametric estimation from incomplete observations. J Am Stat Assoc "
    "1958;53:457-481."
)


RESTRICTED_MEAN = (
    "Royston P, Parmar MKB. Restricted mean survival time. BMC Med Res Methodol 2013;13:152."
)


SURVIVAL_REFERENCES = (
    KAPLAN_MEIER,
    "Cox DR. Regression models and life-tables. J R Stat Soc B 1972;34:187-220.",
    "Grambsch PM, Therneau TM. Proportional hazards tests and diagnostics based on weighted "
    "residuals. Biometrika 1994;81:515-526.",
    RESTRICTED_MEAN,
)


ALL_ARMS = (
    "Whether all arms of the phase have the same hazard was tested first, by a log-rank test of "
    "all of them. The likelihood ratio, Wald and score tests are of the arms in a Cox model with "
    "the same strata, covariates and ties. The comparison of two arms uses their participants "
    "alone."
)


WELCH = (
    " RMSTs were compared as in Welch's test: variances with n − 1, and a t distribution "
    "with Satterthwaite degrees of freedom."
)


def time_to_event_in_words(analysis: TimeToEventAnalysis, *, compares: bool = True) -> str:
    """Kaplan-Meier, tests, Cox and restricted means, and what else the plan asks."""
    if not compares:
        return " ".join(_of_one_arm(analysis))
    strata = f" stratified by {joined(map(plain, analysis.strata))}" if analysis.strata else ""
    sentences = [
        "Event-free probabilities were estimated by the Kaplan-Meier method with "
        f"{analysis.interval} CIs, and compared by a log-rank test{strata}.",
        "The hazard ratio comes from a Cox "
        f"model{strata}{adjusted_for(analysis.covariates)} with "
        f"{TIES_WORDS[analysis.ties]}. Proportional hazards were tested by score tests of "
        "each term and of all terms.",
        f"Restricted mean survival times (RMST) up to day {analysis.rmst_days:g} are "
        "areas under the Kaplan-Meier curves"
        + (
            ", and were also adjusted for the covariates by regression"
            if analysis.covariates
            else ""
        )
        + "."
        + (WELCH if analysis.restricted_mean_test == "t" else ""),
        *(() if not analysis.all_arms else (ALL_ARMS,)),
        *_further_tests(analysis),
        *_further_ratios(analysis),
    ]
    return " ".join(sentences)


def _of_one_arm(analysis: TimeToEventAnalysis) -> Iterator[str]:
    """Kaplan-Meier, restricted mean, and events of other kinds."""
    yield (
        "Event-free probabilities were estimated by the Kaplan-Meier method with "
        f"{analysis.interval} CIs."
    )
    yield (
        f"The restricted mean survival time (RMST) to day {analysis.rmst_days:g} is the "
        "area under the Kaplan-Meier curve."
    )
    if analysis.competing:
        yield (
            f"{_other_kinds(analysis)}. Cumulative incidence was estimated by the "
            "Aalen-Johansen method."
        )


def _other_kinds(analysis: TimeToEventAnalysis) -> str:
    return f"Competing events: {joined(analysis.competing)}"


def _further_tests(analysis: TimeToEventAnalysis) -> Iterator[str]:
    if analysis.landmark_days:
        days = joined(f"{day:g}" for day in analysis.landmark_days)
        several = "s" if len(analysis.landmark_days) > 1 else ""
        yield f"Event-free probabilities were also compared on day{several} {days}."
    if analysis.weighted_tests:
        yield (f"Further tests, not adjusted for multiplicity: {joined(analysis.weighted_tests)}.")
    if analysis.combination is not None:
        weights = analysis.combination.weights
        shares = joined(f"{label} {weight:g}" for label, weight in weights.items())
        yield (
            f"The log-rank tests within {plain(analysis.combination.by)} were combined "
            f"with weights pre-specified in the plan ({shares}), as were the hazard "
            "ratios."
        )


def _further_ratios(analysis: TimeToEventAnalysis) -> Iterator[str]:
    if analysis.periods_days:
        days = joined(f"{day:g}" for day in analysis.periods_days)
        yield f"Hazard ratios were also estimated before and after day {days}."
    if analysis.interaction is not None:
        yield (
            f"The interaction of {joined(analysis.interaction)} was estimated by a Cox "
            "model with both factors and their product in all four arms, as the ratio of "
            "hazard ratios. It was also estimated as the difference of the RMST "
            "differences."
        )
    if analysis.cluster:
        cluster = plain(analysis.cluster)
        yield f"The standard error of the hazard ratio is robust to clustering by {cluster}."
    if analysis.frailty:
        yield (
            f"A {analysis.frailty_distribution} frailty shared within "
            f"{plain(analysis.frailty)} was fitted."
        )
    if analysis.time_varying:
        names = joined(_changing(covariate) for covariate in analysis.time_varying)
        yield (
            f"A further Cox model includes {names} at the last value before each event. "
            "Its hazard ratio is the effect of treatment conditional on this covariate, "
            "not the total effect."
        )
    if analysis.competing:
        yield (
            f"{_other_kinds(analysis)}. Cumulative incidence was estimated by the "
            "Aalen-Johansen method and compared by Gray's test, and by cause-specific "
            "and Fine-Gray hazard ratios."
        )


def _changing(covariate: TimeVaryingCovariate) -> str:
    if isinstance(covariate, LatestScore):
        return f"the {covariate.scale} total"
    return f"whether {covariate.event} had happened"
