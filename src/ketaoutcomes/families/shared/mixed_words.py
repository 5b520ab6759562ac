"""Models of every visit in words: their terms, degrees of freedom, and the covariance kept."""

from ketaoutcomes.families.shared.ladder import MmrmRecord
from ketaoutcomes.report.labels import plain
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


def terms_in_words(covariates: tuple[str, ...], by_visit: tuple[str, ...]) -> list[str]:
    """Covariates as a reader names them."""
    terms = [f"{plain(c)} (by visit)" if c in by_visit else plain(c) for c in covariates]
    return terms or ["no covariate"]


def fit_in_words(record: MmrmRecord) -> str:
    """Which covariance was kept, and why any before it was left."""
    labels: dict[str, str] = {str(name): label for name, label in COVARIANCE_LABELS.items()}
    kept = labels[record.structure]
    article = "an" if kept[0] in "aeiou" else "a"
    seen = (
        ""
        if record.n_obs is None or record.n_subjects is None
        else f" to {record.n_obs:,} observations of {record.n_subjects:,} subjects"
    )
    words = f"The model was fitted{seen} with {article} {kept} covariance"
    left = [f"{labels[s]} was left because {why}" for s, why in record.ladder if why != "kept"]
    if not left:
        return f"{words}, the first of the plan; the fit converged."
    return f"{words}. Of the plan's ladder, {'; '.join(left)}."
