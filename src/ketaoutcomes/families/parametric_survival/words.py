"""The method in words, with its references."""

from ketaoutcomes.families.parametric_survival.plan import (
    AftAnalysis,
    IntervalCensoredAnalysis,
    law_in_words,
)
from ketaoutcomes.report.labels import (
    adjusted_for,
)

PARAMETRIC_REFERENCES = (
    "Kalbfleisch JD, Prentice RL. The statistical analysis of failure time data. 2nd ed. Wiley; "
    "2002.",
    "Turnbull BW. The empirical distribution function with arbitrarily grouped, censored and "
    "truncated data. J R Stat Soc B 1976;38:290-295.",
)


def aft_in_words(analysis: AftAnalysis) -> str:
    """Accelerated failure time."""
    return (
        f"The logarithm of time was modelled by arm{adjusted_for(analysis.covariates)} "
        f"with {_law(analysis)} distribution, by maximum likelihood. The time ratio is "
        "the factor by which treatment prolongs the time to event. "
        f"{_standardised(analysis)}"
    )


def interval_censored_in_words(analysis: IntervalCensoredAnalysis) -> str:
    """The event lies between two assessments."""
    return (
        "The event is known only to lie between two assessments (interval censoring). "
        "The event-free probability was estimated by Turnbull's method; the estimate is not "
        "determined within the intervals in which it decreases. Time was modelled by "
        f"arm{adjusted_for(analysis.covariates)} with {_law(analysis)} distribution, by "
        f"maximum likelihood. {_standardised(analysis)}"
    )


def _law(analysis: AftAnalysis | IntervalCensoredAnalysis) -> str:
    """The law with its article."""
    law = law_in_words(analysis.distribution)
    return f"{'an' if law.startswith('e') else 'a'} {law}"


def _standardised(analysis: AftAnalysis | IntervalCensoredAnalysis) -> str:
    return (
        f"Restricted mean survival times (RMST) to day {analysis.rmst_days:g} are "
        "averages over all participants, predicted under each treatment, with standard "
        "errors by the delta method."
    )
