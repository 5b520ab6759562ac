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
    "all of them and by the likelihood ratio, Wald and score tests of the arms in a Cox model with "
    "the same strata, covariates and ties."
)


WELCH = (
    " They were compared as Welch compares means: variances with n - 1, and a t law with "
    "Satterthwaite's degrees of freedom."
)


def time_to_event_in_words(analysis: TimeToEventAnalysis, *, compares: bool = True) -> str:
    """Kaplan-Meier, tests, Cox and restricted means, and what else the plan asks."""
    if not compares:
        return " ".join(_of_one_arm(analysis))
    strata = f" stratified by {joined(map(plain, analysis.strata))}" if analysis.strata else ""
    sentences = [
        f"Survival was estimated by Kaplan-Meier with {analysis.interval} intervals and compared "
        f"by a log-rank test{strata}.",
        f"The hazard ratio comes from a Cox model{strata}{adjusted_for(analysis.covariates)} with "
        f"{TIES_WORDS[analysis.ties]}, whose proportional hazards were tested by a score test of "
        "each term and of all.",
        f"Restricted mean times up to day {analysis.rmst_days:g} are areas under the "
        "Kaplan-Meier curves"
        + (", and also adjusted for the covariates by regression" if analysis.covariates else "")
        + "."
        + (WELCH if analysis.restricted_mean_test == "t" else ""),
        *(() if not analysis.all_arms else (ALL_ARMS,)),
        *_further_tests(analysis),
        *_further_ratios(analysis),
    ]
    return " ".join(sentences)


def _of_one_arm(analysis: TimeToEventAnalysis) -> Iterator[str]:
    """Kaplan-Meier, restricted mean, and events of other kinds."""
    yield f"Survival was estimated by Kaplan-Meier with {analysis.interval} intervals."
    yield (
        f"The restricted mean time up to day {analysis.rmst_days:g} is the area under "
        "the Kaplan-Meier curve."
    )
    if analysis.competing:
        yield f"{_other_kinds(analysis)}: cumulative incidence by Aalen-Johansen."


def _other_kinds(analysis: TimeToEventAnalysis) -> str:
    return f"{joined(analysis.competing).capitalize()} counted as events of another kind"


def _further_tests(analysis: TimeToEventAnalysis) -> Iterator[str]:
    if analysis.landmark_days:
        days = joined(f"{day:g}" for day in analysis.landmark_days)
        yield f"Survival was compared at day {days} by the difference of the estimates."
    if analysis.weighted_tests:
        yield (
            f"Beside the log-rank test: {joined(analysis.weighted_tests)}, not adjusted for their "
            "number."
        )
    if analysis.combination is not None:
        weights = analysis.combination.weights
        shares = joined(f"{label} {weight:g}" for label, weight in weights.items())
        yield (
            f"The log-rank tests within {plain(analysis.combination.by)} were combined with the "
            f"weights fixed in the plan ({shares}), as was the hazard ratio."
        )


def _further_ratios(analysis: TimeToEventAnalysis) -> Iterator[str]:
    if analysis.periods_days:
        days = joined(f"{day:g}" for day in analysis.periods_days)
        yield f"Hazard ratios were also estimated before and after day {days}."
    if analysis.interaction is not None:
        yield (
            f"Whether {joined(analysis.interaction)} interact was estimated by a Cox model with "
            "both and their product in all four arms, as the ratio of hazard ratios, and as the "
            "difference of the differences in restricted mean time."
        )
    if analysis.cluster:
        yield f"Standard errors robust to dependence within {plain(analysis.cluster)} are shown."
    if analysis.frailty:
        yield (
            f"A {analysis.frailty_distribution} frailty shared within "
            f"{plain(analysis.frailty)} was fitted."
        )
    if analysis.time_varying:
        names = joined(_changing(covariate) for covariate in analysis.time_varying)
        yield (
            f"A further Cox model holds {names} at its last value before each event; its hazard "
            "ratio of treatment is what is left beside the covariate, not the whole effect."
        )
    if analysis.competing:
        yield (
            f"{_other_kinds(analysis)}: "
            "cumulative incidence by Aalen-Johansen, Gray's test, and cause-specific and Fine-Gray "
            "hazard ratios."
        )


def _changing(covariate: TimeVaryingCovariate) -> str:
    if isinstance(covariate, LatestScore):
        return f"the {covariate.scale} total"
    return f"whether {covariate.event} had happened"
