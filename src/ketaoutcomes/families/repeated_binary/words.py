"""Models of a binary outcome at every visit, in words."""

from ketaoutcomes.families.repeated_binary.plan import GeeAnalysis, LogisticMixedAnalysis
from ketaoutcomes.families.shared.mixed_words import course_terms, terms_in_words
from ketaoutcomes.report.labels import joined

ROBUST_WORDS = {
    "robust": "robust standard errors (Liang and Zeger)",
    "kauermann-carroll": "robust standard errors corrected by Kauermann and Carroll",
    "mancl-derouen": "robust standard errors corrected by Mancl and DeRouen",
    "morel": "robust standard errors corrected by Morel, Bokossa and Neerchal",
}
DF_WORDS = {
    "subjects": "as many degrees of freedom as subjects less coefficients",
    "satterthwaite": "Satterthwaite's degrees of freedom of the robust variance",
}


def gee_in_words(analysis: GeeAnalysis, *, compares: bool = True) -> str:
    """Generalised estimating equations."""
    terms = joined(terms_in_words(analysis.covariates, analysis.by_visit))
    return (
        "The mean outcome, on the scale of the logit where it is binary, was modelled by "
        f"{course_terms(compares=compares)} with {terms}, by generalised "
        f"estimating equations with an {analysis.correlation} working correlation, "
        f"{ROBUST_WORDS[analysis.coefficient_covariance]} and the t distribution with "
        f"{DF_WORDS[analysis.df]}. Proportions are means of the fitted probabilities of all "
        f"subjects{' on either arm' if compares else ''}, with standard errors by the delta "
        "method. Missing outcomes are left out, which is right if they are missing completely at "
        "random given the covariates."
    )


def logistic_mixed_in_words(analysis: LogisticMixedAnalysis, *, compares: bool = True) -> str:
    """Logistic model with a random intercept."""
    terms = joined(terms_in_words(analysis.covariates, analysis.by_visit))
    return (
        f"The logit of a subject's probability was modelled by {course_terms(compares=compares)} "
        f"with {terms}, and a normal intercept for each subject, by maximum likelihood with "
        f"adaptive Gauss-Hermite quadrature of {analysis.nodes} nodes; tests use the normal "
        "distribution. Proportions are means over subjects and their intercepts. Missing outcomes "
        "are taken as missing at random given what the model holds."
    )
