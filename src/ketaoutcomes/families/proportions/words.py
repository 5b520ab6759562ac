"""Proportions in words."""

from ketaoutcomes.families.proportions.plan import ProportionAnalysis
from ketaoutcomes.report.labels import event_word, joined, plain, titled
from ketaoutcomes.report.material import Material

MISSING_WORDS = {
    "failure": (
        "participants without an outcome were regarded as non-responders (non-responder imputation)"
    ),
    "excluded": "participants without an outcome were excluded (available-case analysis)",
    "last observation": (
        "the last observed outcome was carried forward; participants without any were "
        "regarded as non-responders"
    ),
}
INTERVAL_WORDS = {
    "newcombe": "Newcombe's hybrid score interval",
    "miettinen-nurminen": "the score interval of Miettinen and Nurminen",
}
WILSON = (
    "Wilson EB. Probable inference, the law of succession, and statistical inference. J Am Stat "
    "Assoc 1927;22:209-212.",
)
PROPORTION_REFERENCES = (
    "Newcombe RG. Interval estimation for the difference between independent proportions. Stat "
    "Med 1998;17:873-890.",
    "Miettinen O, Nurminen M. Comparative analysis of two rates. Stat Med 1985;4:213-226.",
    "Altman DG. Confidence intervals for the number needed to treat. BMJ 1998;317:1309-1312.",
)
STRATIFIED_REFERENCES = (
    "Mantel N, Haenszel W. Statistical aspects of the analysis of data from retrospective studies "
    "of disease. J Natl Cancer Inst 1959;22:719-748.",
    "Sato T. On the variance estimator for the Mantel-Haenszel risk difference. Biometrics "
    "1989;45:1323-1324.",
)


def further_references(analysis: ProportionAnalysis) -> tuple[str, ...]:
    """Those of the methods within strata, where the plan has any."""
    return STRATIFIED_REFERENCES if analysis.strata else ()


def missing_in_words(material: Material, name: str) -> str:
    """What a failure is where the outcome is unwanted; "" where nothing needs saying."""
    plan, analysis = material.plan, material.plan.analyses[name]
    assert isinstance(analysis, ProportionAnalysis)
    endpoint = plan.endpoints[material.estimand(name).endpoint]
    if getattr(endpoint, "event_is", "") != "unwanted" or analysis.missing_as == "excluded":
        return ""
    event = event_word(plan, material.estimand(name).endpoint)
    return (
        f"“{titled(event)}” is unwanted, so that a failure is to have it, and the number needed to "
        "treat is to benefit (NNTB) where fewer have it."
    )


def proportions_in_words(analysis: ProportionAnalysis, *, compares: bool = True) -> str:
    """Proportions; of two arms also difference, ratios and number needed to treat."""
    if not compares:
        return f"Proportions have Wilson intervals; {MISSING_WORDS[analysis.missing_as]}."
    if analysis.strata:
        compared = (
            f"they were compared within strata of {joined(map(plain, analysis.strata))} "
            "and combined with Mantel-Haenszel weights. Variances are those of Sato "
            "(difference), Greenland and Robins (risk ratio), and Robins, Breslow and "
            "Greenland (odds ratio). The p-value is that of the Cochran-Mantel-Haenszel "
            "test"
        )
    else:
        compared = f"their difference has {INTERVAL_WORDS[analysis.interval]}"
    return (
        f"Proportions have Wilson intervals; {compared}. "
        f"{titled(MISSING_WORDS[analysis.missing_as])}. The number needed to treat is the "
        "inverse of the risk difference; its interval includes infinity where that of "
        "the difference includes zero."
    )
