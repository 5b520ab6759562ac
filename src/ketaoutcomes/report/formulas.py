"""The formula behind each kind of number, with its source."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from ketaoutcomes.families.registry import families
from ketaoutcomes.results import Result


@dataclass(frozen=True)
class Formula:
    """How a statistic is calculated, and who published it; `table` and `statistic` are patterns."""

    table: str
    statistic: str
    words: str
    source: str


EXPOSED = "x of n participants"

FORMULAS: tuple[Formula, ...] = (
    Formula("dst0*", "*", "number of participants", "CONSORT 2025, item 22"),
    Formula(
        "dmt01",
        "standardised difference",
        "(m1 - m0) / sqrt((s1^2 + s0^2) / 2); for categories sqrt((p1 - p0)' S^-1 (p1 - p0))",
        "Austin 2009, Stat Med 28:3083-3107; Yang & Dalton 2012, SAS Global Forum 335",
    ),
    Formula(
        "dmt01", "*", "of the participants randomised whose value is known", "CONSORT 2025, item 25"
    ),
    Formula("mist01", "*", "number of participants of the analysis", "CONSORT 2025, item 26"),
    Formula(
        "aet0*",
        "proportion",
        f"{EXPOSED}; interval from the tails of the binomial distribution",
        "Clopper & Pearson 1934, Biometrika 26:404-413",
    ),
    Formula(
        "aet0*",
        "*difference",
        "p1 - p0; interval: the differences that the score test does not reject",
        "Miettinen & Nurminen 1985, Stat Med 4:213-226",
    ),
    Formula(
        "aet0*",
        "rate",
        "participants with a first event / participant-years until then; exact Poisson interval",
        "Garwood 1936, Biometrika 28:437-442",
    ),
    Formula(
        "aet0*",
        "upper bound",
        "1 - alpha^(1/n) where none was observed, else the one-sided binomial bound",
        "Hanley & Lippman-Hand 1983, JAMA 249:1743-1745",
    ),
    Formula(
        "multt01",
        "adjusted p",
        "the smallest level at which the procedure of the family rejects",
        "Bretz et al. 2009, Stat Med 28:586-604; Hommel 1988, Biometrika 75:383-386",
    ),
    *(
        Formula(
            "trut0*",
            summary,
            "mean of all simulated participants on the treatment",
            "docs/methods/generator.md",
        )
        for summary in ("mean change", "proportion", "restricted mean time")
    ),
    Formula(
        "trut0*",
        "*",
        "mean difference of the same simulated participants on either treatment",
        "docs/methods/generator.md",
    ),
)
"""Those of statistics that belong to no family of analyses."""


def formula_of(row: Result) -> Formula | None:
    """The formula of a result; None where its table has none of its own."""
    of_families: list[Formula] = [f for family in families() for f in family.formulas]
    for formula in (*of_families, *FORMULAS):
        if fnmatchcase(row.table, formula.table) and fnmatchcase(row.statistic, formula.statistic):
            return formula
    return None
