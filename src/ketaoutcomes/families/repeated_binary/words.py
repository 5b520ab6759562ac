"""Models of a binary outcome at every visit, in words."""

from ketaoutcomes.families.repeated_binary.plan import GeeAnalysis, LogisticMixedAnalysis
from ketaoutcomes.families.shared.mixed_words import course_terms, covariates_in_words

ROBUST_WORDS = {
    "robust": "robust standard errors (Liang and Zeger)",
    "kauermann-carroll": "robust standard errors corrected by Kauermann and Carroll",
    "mancl-derouen": "robust standard errors corrected by Mancl and DeRouen",
    "morel": "robust standard errors corrected by Morel, Bokossa and Neerchal",
}
DF_WORDS = {
    "subjects": "degrees of freedom: number of participants less number of coefficients",
    "satterthwaite": "Satterthwaite's degrees of freedom of the robust variance",
}


def gee_in_words(analysis: GeeAnalysis, *, compares: bool = True) -> str:
    """Generalised estimating equations."""
    covariates = covariates_in_words(analysis.covariates, analysis.by_visit)
    return (
        "The mean outcome (on the logit scale where binary) was modelled by "
        f"{course_terms(compares=compares)}, by generalised estimating "
        f"equations with an {analysis.correlation} working correlation. {covariates} "
        f"Inference used {ROBUST_WORDS[analysis.coefficient_covariance]} and the t distribution "
        f"with {DF_WORDS[analysis.df]}. Proportions are averages of the fitted probabilities "
        f"of all participants{' on either arm' if compares else ''}, with standard errors "
        "by the delta method. Missing outcomes were excluded, which is valid if they are "
        "missing completely at random given the covariates."
    )


def logistic_mixed_in_words(analysis: LogisticMixedAnalysis, *, compares: bool = True) -> str:
    """Logistic model with a random intercept."""
    covariates = covariates_in_words(analysis.covariates, analysis.by_visit)
    return (
        "The logit of a participant's probability was modelled by "
        f"{course_terms(compares=compares)}, and a normal random intercept "
        f"for each participant. {covariates} The likelihood was maximised with "
        f"adaptive Gauss-Hermite quadrature of {analysis.nodes} nodes; tests use the normal "
        "distribution. Proportions are averages over participants and their intercepts. Missing "
        "outcomes are assumed missing at random given the variables of the model."
    )
