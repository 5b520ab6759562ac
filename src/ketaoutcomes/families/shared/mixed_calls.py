"""What calls of models of every visit share in R and SAS: terms, means, degrees of freedom."""

from dataclasses import dataclass

from ketaoutcomes.families.shared.code import sas_text
from ketaoutcomes.families.shared.record import MmrmRecord
from ketaoutcomes.numerics.mmrm.covariance import is_linear
from ketaoutcomes.report.material import Material
from ketaoutcomes.vocabulary import DegreesOfFreedom

R_DF = {
    "satterthwaite": "Satterthwaite",
    "kenward-roger": "Kenward-Roger",
    "kenward-roger-linear": "Kenward-Roger",
    "kenward-roger-mmrm": "Kenward-Roger",
    "between-within": "Between-Within",
    "residual": "Residual",
}
SAS_DF = {
    "satterthwaite": "satterthwaite",
    "kenward-roger": "kenwardroger",
    "kenward-roger-linear": "kenwardroger(firstorder)",
    "kenward-roger-mmrm": "kenwardroger",
    "between-within": "bw",
    "residual": "residual",
}
SAS_TYPE = {
    "us": "un",
    "toep": "toep",
    "toeph": "toeph",
    "ar1": "ar(1)",
    "ar1h": "arh(1)",
    "adh": "ante(1)",
    "cs": "cs",
    "csh": "csh",
    "sp_exp": "sp(exp)(ADY)",
}


@dataclass(frozen=True)
class Course:
    """How a model of every visit is written: its terms beside covariates, and its means.

    Attributes
    ----------
    r, sas : str
        Terms of the model.
    factors : str
    cell : str
        Whose means are asked for, in SAS.
    options : str
        Of the means, in SAS.
    """

    r: str
    sas: str
    factors: str
    cell: str
    options: str


BY_ARM = Course(
    r="TRTP * AVISIT",
    sas="TRTP|AVISIT",
    factors="TRTP AVISIT",
    cell="TRTP*AVISIT",
    options="diff cl",
)
OF_ONE_ARM = Course(
    r="AVISIT",
    sas="AVISIT",
    factors="AVISIT",
    cell="AVISIT",
    options="cl",
)


def course_of(material: Material, name: str) -> Course:
    """The course of two arms, or of one that is compared with none."""
    return BY_ARM if material.estimand(name).treatment.compares else OF_ONE_ARM


def r_uncertainty(df: DegreesOfFreedom, *, linear: bool) -> list[str]:
    """Options of R's mmrm for degrees of freedom, and for the form of Kenward and Roger.

    Parameters
    ----------
    linear : bool
        Whether the covariance is linear in its variances and covariances.
    """
    without_second = df == "kenward-roger-linear" or (df == "kenward-roger" and linear)
    return [
        f'method = "{R_DF[df]}"',
        *(['vcov = "Kenward-Roger-Linear"'] if without_second else []),
    ]


def is_linear_as_kept(record: MmrmRecord | None) -> bool:
    """Whether the covariance that was kept is linear in its variances and covariances."""
    return record is not None and is_linear(record.structure, len(record.visits))


def r_terms(course: Course, covariates: tuple[str, ...], by_visit: tuple[str, ...]) -> str:
    """Right-hand side of an R formula, from variables."""
    crossed = [f"{name}:AVISIT" for name in by_visit]
    return " + ".join([course.r, *covariates, *crossed])


def sas_terms(course: Course, covariates: tuple[str, ...], by_visit: tuple[str, ...]) -> str:
    """Effects of a SAS model statement, from variables."""
    crossed = [f"{name}*AVISIT" for name in by_visit]
    return " ".join([course.sas, *covariates, *crossed])


def sas_means(table: str, reference: str) -> str:
    """Keeps the LS means and differences of a procedure under their keys.

    Parameters
    ----------
    reference : str
        The arm that others are compared with; empty where there is none.
    """
    means = f"%keep(means, {table}, 'LS mean', visit=AVISIT, arm=TRTP)"
    if not reference:
        return means
    differences = f"%keep_differences(diffs, {table}, 'difference in LS means', "
    return f"{means}\n{differences}{sas_text(reference)})"
