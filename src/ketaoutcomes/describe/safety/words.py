"""The methods of the safety tables in words, and their references."""

from ketaoutcomes.plan.safety import AdverseEventTest

COMPARED: dict[AdverseEventTest, str] = {
    "none": "; risk differences have the score interval of Miettinen and Nurminen and no p-value",
    "score": "; risk differences have the score interval of Miettinen and Nurminen and the "
    "p-value of the same test",
    "fisher": "; risk differences have p-values of Fisher's exact test",
}


def safety_in_words(p_values: AdverseEventTest, *, compares: bool) -> str:
    """How deaths and adverse events were counted, and compared where the plan compares arms."""
    differences = COMPARED[p_values] if compares else ""
    return (
        "Deaths were counted from all data that report them. Participants with each "
        "adverse event were counted by system organ class and preferred term in the "
        f"assigned arm. Proportions have Clopper-Pearson CIs{differences}. "
        "Exposure-adjusted incidence is the number of participants with a first event "
        "divided by the time to it or to the end of follow-up, with exact Poisson CIs. "
        "Rare events have an exact one-sided upper bound."
    )


MIETTINEN_NURMINEN = (
    "Miettinen O, Nurminen M. Comparative analysis of two rates. Stat Med 1985;4:213-226."
)
SAFETY_REFERENCES = (
    "Clopper CJ, Pearson ES. The use of confidence or fiducial limits illustrated in the case of "
    "the binomial. Biometrika 1934;26:404-413.",
    MIETTINEN_NURMINEN,
    "Garwood F. Fiducial limits for the Poisson distribution. Biometrika 1936;28:437-442.",
    "Hanley JA, Lippman-Hand A. If nothing goes wrong, is everything all right? JAMA "
    "1983;249:1743-1745.",
    "Junqueira DR, Zorzela L, Golder S, et al. CONSORT Harms 2022 statement, explanation, and "
    "elaboration. BMJ 2023;381:e073725.",
)


def safety_references(*, compares: bool) -> tuple[str, ...]:
    """The publications behind the safety tables."""
    return tuple(line for line in SAFETY_REFERENCES if compares or line != MIETTINEN_NURMINEN)
