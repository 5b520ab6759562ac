"""The models of an outcome at each visit, in words."""

from ketaoutcomes.families.repeated_measures.plan import (
    MmrmAnalysis,
    RandomEffectsPart,
    RandomSlopeAnalysis,
)
from ketaoutcomes.families.shared.mixed_words import DF_WORDS, course_terms, covariates_in_words
from ketaoutcomes.report.labels import joined, plain
from ketaoutcomes.vocabulary import COVARIANCE_LABELS

COVARIANCE_WORDS = {
    "empirical": "Standard errors are empirical (Liang and Zeger).",
    "cr2": "Standard errors are empirical with the bias-reduced correction CR2.",
    "cr3": "Standard errors are empirical with the jackknife correction CR3.",
}
WEIGHTING_WORDS = {
    "equal": "equally",
    "observed": "as often as observed in their cell",
    "proportional": "as often as observed in all rows",
}


def mmrm_in_words(analysis: MmrmAnalysis, *, compares: bool = True) -> str:
    """The mixed model for repeated measures."""
    covariates = covariates_in_words(analysis.covariates, analysis.by_visit)
    ladder = joined((COVARIANCE_LABELS[s] for s in analysis.covariance), "then")
    sentences = [
        f"Change was modelled by {course_terms(compares=compares)}, by "
        f"{analysis.method.upper()} with {DF_WORDS[analysis.df]}.",
        covariates,
        (f"Covariance structures of the visits of a participant, in fallback order: {ladder}."),
        *_covariance_details(analysis),
        *((ALL_ARMS,) if analysis.all_arms else ()),
        *_subgroup_words(analysis),
        "Missing scores are assumed missing at random given the variables of the model.",
        "LS means weight the levels of other factors "
        f"{WEIGHTING_WORDS[analysis.weighting]} and set numeric covariates to their mean.",
    ]
    return " ".join(sentences)


ALL_ARMS = (
    "Whether all arms have the same means was tested first, by an F test of the arms at the visit "
    "of the estimand and one of arm by visit."
)


def _subgroup_words(analysis: MmrmAnalysis) -> list[str]:
    if not analysis.subgroups:
        return []
    names = joined(plain(subgroup.by) for subgroup in analysis.subgroups)
    return [
        f"Subgroups were defined by {names}. Each factor had a separate model with the arm × "
        "visit × subgroup interaction, and an F test of the interaction."
    ]


def _covariance_details(analysis: MmrmAnalysis) -> list[str]:
    """What a plan may ask beyond the structure."""
    details = []
    if "sp_exp" in analysis.covariance:
        details.append("Its distances are days between actual assessments.")
    if analysis.covariance_by:
        details.append(f"Each {plain(analysis.covariance_by)} has a separate covariance matrix.")
    if analysis.weights:
        details.append(
            "The covariance matrix of a participant is divided by the weight, "
            f"{plain(analysis.weights)}, relative to the mean weight."
        )
    if analysis.coefficient_covariance in COVARIANCE_WORDS:
        details.append(COVARIANCE_WORDS[analysis.coefficient_covariance])
    return details


def random_effects_in_words(analysis: RandomEffectsPart, *, compares: bool = True) -> str:
    """The linear mixed models with random effects."""
    covariates = covariates_in_words(analysis.covariates, analysis.by_visit)
    effects = "a random intercept for each participant"
    if isinstance(analysis, RandomSlopeAnalysis):
        free = "" if analysis.correlated else "uncorrelated "
        effects = f"{free}random intercepts and slopes over days for each participant"
    return (
        f"Change was modelled by {course_terms(compares=compares)}, and {effects}, by "
        f"REML with {DF_WORDS[analysis.df]}. {covariates}"
    )
