"""Models of every visit in words: their terms, degrees of freedom, and the covariance kept."""

from collections.abc import Iterable

from ketaoutcomes.families.shared.record import MmrmRecord
from ketaoutcomes.report.labels import joined, plain
from ketaoutcomes.results import Result
from ketaoutcomes.vocabulary import COVARIANCE_LABELS

DF_WORDS = {
    "satterthwaite": "Satterthwaite degrees of freedom",
    "kenward-roger": "Kenward-Roger standard errors and degrees of freedom",
    "kenward-roger-linear": "Kenward-Roger standard errors (linear form) and degrees of freedom",
    "kenward-roger-mmrm": "Kenward-Roger standard errors (form of R's mmrm) and degrees of freedom",
    "between-within": "between-within degrees of freedom",
    "residual": "residual degrees of freedom",
}


def course_terms(*, compares: bool) -> str:
    """What a model of every visit holds beside covariates."""
    return "arm, visit and their interaction" if compares else "visit"


def covariates_in_words(covariates: tuple[str, ...], by_visit: tuple[str, ...]) -> str:
    """A sentence on the covariates of a model: they may be many, or have long names."""
    terms = [f"{plain(c)} (by visit)" if c in by_visit else plain(c) for c in covariates]
    match terms:
        case []:
            return "There were no covariates."
        case [one]:
            return f"The covariate was {one}."
        case _:
            return f"The covariates were {joined(terms)}."


def fit_in_words(record: MmrmRecord) -> str:
    """Which covariance was kept, and why any before it was left."""
    labels: dict[str, str] = {str(name): label for name, label in COVARIANCE_LABELS.items()}
    kept = labels[record.structure]
    seen = (
        ""
        if record.n_obs is None or record.n_subjects is None
        else f": {record.n_obs:,} observations from {record.n_subjects:,} participants"
    )
    left = [f"{labels[s]}: {why}" for s, why in record.ladder if why != "kept"]
    which = "first covariance structure specified" if not left else "fallback covariance structure"
    words = f"The model converged with the {which} in the plan ({kept}){seen}."
    if not left:
        return words
    return f"{words} Structures not used, with reasons: {'; '.join(left)}."


def not_adjusted(rows: Iterable[Result]) -> str:
    """For which comparisons of a table its intervals are not adjusted; "" where there is one.

    Parameters
    ----------
    rows : iterable of Result
        The rows of the table; those with a reference compare arms.
    """
    shown = tuple(rows)
    arms = {row.arm for row in shown if row.reference}
    several = {"visits": len({row.visit for row in shown}), "comparisons of arms": len(arms)}
    words = " or ".join(what for what, count in several.items() if count > 1)
    return f", not adjusted for multiple {words}" if words else ""
