"""The method in words, with its references."""

from ketaoutcomes.families.recurrent_events.plan import RecurrentEventsAnalysis
from ketaoutcomes.report.labels import adjusted_for, joined, plain

RECURRENT_REFERENCES = (
    "Andersen PK, Gill RD. Cox's regression model for counting processes. Ann Stat "
    "1982;10:1100-1120.",
    "Prentice RL, Williams BJ, Peterson AV. On the regression analysis of multivariate failure "
    "time data. Biometrika 1981;68:373-379.",
    "Lawless JF, Nadeau C. Some simple robust methods for the analysis of recurrent events. "
    "Technometrics 1995;37:158-168.",
)


def recurrent_in_words(analysis: RecurrentEventsAnalysis) -> str:
    """Rates, mean numbers and models of each event."""
    strata = f" stratified by {joined(map(plain, analysis.strata))}" if analysis.strata else ""
    words = (
        "The mean number of events was estimated by Nelson's estimator, with variances "
        f"clustered by participant. It was compared by the {joined(analysis.models)} "
        f"model{'s' if len(analysis.models) > 1 else ''}{strata}"
        f"{adjusted_for(analysis.covariates)}, with standard errors robust to clustering by "
        "participant."
    )
    if analysis.at_most_events is not None:
        words += (
            f" The PWP models use the first {analysis.at_most_events} events of each participant."
        )
    return words
