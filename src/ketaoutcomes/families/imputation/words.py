"""Imputation of missing scores in words."""

from ketaoutcomes.families.imputation.plan import (
    ConditionalMeanAnalysis,
    DeltaPart,
    ImputationPart,
    MultipleImputationAnalysis,
    TippingPointAnalysis,
)
from ketaoutcomes.families.shared.mixed_words import course_terms, covariates_in_words
from ketaoutcomes.report.labels import (
    joined,
    with_arm,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import signed
from ketaoutcomes.vocabulary import COVARIANCE_LABELS

STRATEGY_WORDS = {
    "missing at random": "are assumed to follow those of participants of the arm who continued",
    "jump to reference": "are assumed to have the mean of the reference arm from then on",
    "copy reference": "are assumed to be those of a reference-arm participant from the start",
    "copy increments in reference": "are assumed to change from then on as in the reference arm",
    "last mean carried forward": "are assumed to stay at the mean of their arm before the event",
}

REFERENCE_BASED = (
    "Carpenter JR, Roger JH, Kenward MG. Analysis of longitudinal trials with protocol deviation: "
    "a framework for relevant, accessible assumptions, and inference via multiple imputation. J "
    "Biopharm Stat 2013;23:1352-1371.",
)
RUBIN = (
    "Rubin DB. Multiple imputation for nonresponse in surveys. Wiley; 1987.",
    "Barnard J, Rubin DB. Small-sample degrees of freedom with multiple imputation. Biometrika "
    "1999;86:948-955.",
)
CONDITIONAL_MEAN = (
    "Wolbers M, Noci A, Delmar P, Gower-Page C, Yiu S, Bartlett JW. Standard and reference-based "
    "conditional mean imputation. Pharm Stat 2022;21:1246-1257.",
)
TIPPING = (
    "Yan X, Lee S, Li N. Missing data handling methods in medical device clinical trials. J "
    "Biopharm Stat 2009;19:1085-1098.",
)
REFERENCES = {
    "multiple_imputation": (*REFERENCE_BASED, *RUBIN),
    "conditional_mean": (*REFERENCE_BASED, *CONDITIONAL_MEAN),
    "tipping_point": (*TIPPING, *CONDITIONAL_MEAN),
}


def imputation_in_words(analysis: ImputationPart, *, compares: bool = True) -> str:
    """The imputation model, the assumptions, and how results are had from completed data."""
    sentences = [
        _model(analysis, compares=compares),
        *_assumptions(analysis),
        *_baseline(analysis, compares=compares),
    ]
    match analysis:
        case MultipleImputationAnalysis():
            sentences += [
                _drawn(analysis),
                *_delta(analysis),
                *_pooled(analysis, compares=compares),
            ]
        case ConditionalMeanAnalysis():
            sentences += [*_delta(analysis), _resampled(analysis)]
        case TippingPointAnalysis():
            sentences.append(_tipping(analysis))
    return " ".join(sentences)


def _model(analysis: ImputationPart, *, compares: bool) -> str:
    covariates = covariates_in_words(analysis.covariates, analysis.by_visit)
    shared = ", estimated in each arm" if analysis.covariance_by_arm else ", common to the arms"
    return (
        "Missing scores were imputed from a multivariate normal model of the change at "
        f"all visits, by {course_terms(compares=compares)}. {covariates} The covariance was "
        f"{COVARIANCE_LABELS[analysis.covariance]}{shared if compares else ''}."
    )


def _assumptions(analysis: ImputationPart) -> list[str]:
    sentences = [
        f"After {event}, scores {STRATEGY_WORDS[strategy]} ({strategy})."
        for event, strategy in analysis.strategies.items()
    ]
    other = "Scores missing for other reasons" if sentences else "Missing scores"
    if analysis.dropout_counts_as is not None:
        sentences.append(
            "A participant without scores from a visit onwards is regarded as having had "
            f"{analysis.dropout_counts_as} before that visit."
        )
    sentences.append(f"{other} are assumed missing at random.")
    borrows = any(s != "missing at random" for s in analysis.strategies.values())
    if borrows:
        sentences.append(
            "Scores observed after such an event are used as observed, but not to fit the model."
        )
    return sentences


def _baseline(analysis: ImputationPart, *, compares: bool) -> list[str]:
    if analysis.missing_baseline == "excluded":
        return []
    if not compares:
        return ["Missing baseline values were set to the mean, or to a separate category."]
    return [
        "Missing baseline values were set to the mean over all arms, or to a separate "
        "category, which is adequate in a randomised trial (White and Thompson 2005)."
    ]


def _drawn(analysis: MultipleImputationAnalysis) -> str:
    how = {
        "bayesian": "parameters drawn from their posterior under a flat prior",
        "bootstrap": "parameters estimated from a bootstrap sample of each arm",
    }[analysis.draws]
    return (
        f"{analysis.imputations:,} imputations were made, each with {how} (seed {analysis.seed})."
    )


def _delta(analysis: DeltaPart) -> list[str]:
    if not analysis.delta:
        return []
    which = "Imputed scores" + (" after the event" if analysis.after_the_event_only else "")
    further = ", again at each later visit" if analysis.delta_per_visit else ""
    return [f"{which} were then changed by a delta{further}."]


def _pooled(analysis: MultipleImputationAnalysis, *, compares: bool) -> list[str]:
    model = {
        "ancova": "analysis of covariance at each visit",
        "mmrm": "the mixed model for repeated measures with an unstructured covariance",
    }[analysis.analysed_by]
    robust = (
        " with heteroscedasticity-consistent standard errors (HC3)"
        if analysis.standard_errors == "robust"
        else ""
    )
    return [
        f"Each completed dataset was analysed by {model}{robust}. A response, derived "
        f"from the imputed score, was analysed by {_of_response(compares=compares)}. "
        "Results were pooled by Rubin's rules with Barnard and Rubin's degrees of "
        "freedom. Monte Carlo errors come from a jackknife over the imputations.",
    ]


def _of_response(*, compares: bool) -> str:
    if compares:
        return "the difference of proportions, logistic regression and g-computation"
    return "the proportion"


def _resampled(analysis: ConditionalMeanAnalysis) -> str:
    how = (
        "the jackknife: each participant was left out once and the imputation model "
        "refitted; no random numbers are drawn"
        if analysis.resampling == "jackknife"
        else f"{analysis.resamples:,} bootstrap samples within arms (seed {analysis.seed})"
    )
    return (
        "Each missing score was set to its expected value given the observed scores; "
        "completed data were analysed by analysis of covariance at each visit. Standard "
        f"errors come from {how}; tests use the normal distribution."
    )


def _tipping(analysis: TippingPointAnalysis) -> str:
    how = (
        f"{analysis.imputations:,} imputations pooled by Rubin's rules (seed {analysis.seed})"
        if analysis.imputed_by == "multiple_imputation"
        else "conditional means with a jackknife"
    )
    which = " after the event" if analysis.after_the_event_only else ""
    return (
        f"A delta was added to all imputed scores of an arm{which}. The "
        f"difference was estimated at each delta, by {how}. The tipping point, "
        "at which the confidence interval just reaches zero, was found by root finding between "
        "grid points."
    )


def deltas_in_words(material: Material, name: str) -> str:
    """The points that are added in each arm, by its label; "" where none are."""
    analysis = material.plan.analyses[name]
    if isinstance(analysis, TippingPointAnalysis):
        added = {arm: f"{signed(a)} to {signed(b)}" for arm, (a, b) in analysis.delta_range.items()}
    else:
        added = {arm: signed(points) for arm, points in getattr(analysis, "delta", {}).items()}
    phase = material.plan.analysis_phase(name)
    words = (
        f"{points} points {with_arm(material.plan, phase, arm)}" for arm, points in added.items()
    )
    return f" Delta: {joined(words)}." if added else ""


def assumed_in_words(analysis: ImputationPart) -> str:
    """What an imputation assumes, after its label in a title."""
    assumed = joined(dict.fromkeys(analysis.strategies.values()) or ("missing at random",))
    delta = getattr(analysis, "delta", {})
    shifted = ", delta " + joined(f"{a} {d:+g}" for a, d in delta.items()) if delta else ""
    shifted += " after the event" if shifted and analysis.after_the_event_only else ""
    return f", {assumed}{shifted}"
