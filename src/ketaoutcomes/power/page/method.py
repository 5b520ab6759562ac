"""How the trials were simulated, as Morris et al. ask for it, and the formula of every number."""

from collections.abc import Iterable

from ketaoutcomes.cohorts.obtain import scenario_of
from ketaoutcomes.hypotheses.multiplicity_page import METHOD_WORDS, family_label
from ketaoutcomes.report.blocks import Definitions, Prose, Section
from ketaoutcomes.report.explanation import to_full_precision, what_it_is
from ketaoutcomes.report.labels import analysis_title, endpoint_title, joined, lowered, titled
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import count, percentage
from ketaoutcomes.results import Result

MORRIS = "Morris, White & Crowther 2019, Stat Med 38:2074-2102"
LINE = "Lachin 1981, Controlled Clinical Trials 2:93-113; Finney 1971, Probit Analysis, 3rd ed."
ERROR = "error sqrt(p (1 - p) / n)"

FORMULAS = {
    "subjects entered": "mean number of participants in the phase analysed; error SD / sqrt(n)",
    "not estimated": "proportion of trials whose model could not be fitted",
    "standard deviation of estimates": "SD of the estimates over trials; error SD / sqrt(2 n - 2)",
    "mean standard error": "root of the mean squared standard error; error "
    "sqrt(var(SE^2) / (4 n SE^2))",
    "true value": "the same participants on either treatment, all observed; no effect where "
    "both arms "
    "are treated alike",
    "bias": "mean of the estimates less the true value; error sqrt(SD^2 / n + error of the true "
    "value^2)",
    "coverage": f"proportion of CIs that include the true value; {ERROR}",
    "power": f"proportion of trials that reject; {ERROR}",
    "type I error": f"proportion of trials without an effect that reject; {ERROR}",
    "power with equal treatments": "proportion of trials without an effect that show "
    f"non-inferiority; {ERROR}",
    "assurance": "proportion of trials that reject, where each has its own drug effect and placebo "
    f"response (O'Hagan, Stevens & Campbell 2005, Pharm Stat 4:187-201); {ERROR}",
    "assurance to reject all": "proportion of such trials that reject every false hypothesis; "
    f"{ERROR}",
    "assurance to reject at least one": "proportion of such trials that reject a false "
    f"hypothesis; {ERROR}",
    "power to reject all": f"proportion of trials that reject every false hypothesis; {ERROR}",
    "power to reject at least one": f"proportion of trials that reject a false hypothesis; {ERROR}",
    "family-wise error": f"proportion of trials that reject a true hypothesis; {ERROR}",
}
SUBJECTS = (
    "n at which Phi(a + b sqrt(n)), fitted to the simulated proportions by probit "
    "regression, is the power. Limits: Fieller, from the variance of a and b between chunks "
    "of trials"
)


def method_section(material: Material) -> Section:
    """Aims, data, estimands, methods and performance measures (ADEMP)."""
    plan = material.plan
    names = tuple(dict.fromkeys(r.analysis for r in material.results.select(table="powt01")))
    families = [
        f"{family_label(plan.multiplicity[name])} by {METHOD_WORDS[plan.multiplicity[name].method]}"
        for name in plan.power.families
    ]
    estimands = dict.fromkeys(
        f"{material.estimand(name).summary} of "
        f"{lowered(endpoint_title(plan, material.estimand(name).endpoint))}"
        for name in names
    )
    analyses = joined(analysis_title(plan, name) for name in names)
    together = f" Multiple testing: {'; '.join(families)}." if families else ""
    sizes = joined(map(count, plan.power.subjects))
    items = (
        ("Aims", f"Power and validity of the analyses of the plan with {sizes} participants."),
        ("Data", f"{_data(material)} Missing data result from the dropout of the scenario."),
        (
            "Estimands",
            (
                f"{titled('; '.join(estimands))}. True values come from the same participants on "
                "either treatment."
            ),
        ),
        (
            "Methods",
            f"{analyses}, as specified in the plan, by the same code as its report.{together}",
        ),
        ("Performance", _performance(material)),
    )
    words = (
        f"Reported as recommended by {MORRIS} (aims, data, estimands, methods, "
        "performance); Monte Carlo errors by their table 6.",
    )
    return Section("methods", "Methods", (Prose(words), Definitions(items)))


def _data(material: Material) -> str:
    block = material.plan.power
    asked = ""
    if "new_trials" in block.effect:
        asked += f" {_spread(material)}"
    if "none" in block.effect:
        asked += " With no effect, the arms compared are treated as the reference arm."
    if any(", no effect on " in row.group for row in material.results.select(table="powt02")):
        asked += (
            " Each hypothesis of a family in turn has no effect while the others keep "
            "theirs; endpoints of the same arms lose it together."
        )
    elif block.families and "in_turn" in block.effect:
        asked += (
            " No hypothesis of a family can be true alone: a treatment without effect on one "
            "endpoint has none on another of the same arms."
        )
    return (
        f"{count(block.replicates)} trials of each size and effect, "
        f"{material.provenance.data_description}.{asked} Designs share random numbers, so "
        "that comparisons between designs have a smaller Monte Carlo error."
    )


def _spread(material: Material) -> str:
    """How far new trials are from the typical one."""
    spread = scenario_of(material.plan).between_trials
    return (
        "In a new trial the drug effect and the placebo response are multiples of those of the "
        f"scenario, log-normal with SDs of {spread.drug:g} and {spread.placebo:g}. The log odds of "
        f"each adverse event differ with an SD of {spread.adverse_events:g}."
    )


def _performance(material: Material) -> str:
    replicates = material.plan.power.replicates
    worst = (0.5**2 / replicates) ** 0.5
    nominal = (0.05 * 0.95 / replicates) ** 0.5
    return (
        "Bias, SD of estimates, mean standard error, coverage, and rejection. With "
        f"{count(replicates)} trials the Monte Carlo error of a proportion is at most "
        f"{percentage(worst)}, and {percentage(nominal)} at 5%. A trial whose model could "
        "not be fitted is counted as lost; proportions are given without it and of all "
        "trials."
    )


def explain_power(material: Material, row: Result) -> Iterable[Definitions]:
    """A number of a simulation: what it is, of which trials, and by which formula."""
    design = [("Design", row.group)] if row.group else []
    yield Definitions((*what_it_is(row), *design, *to_full_precision(row)), row.id)
    analysis = analysis_title(material.plan, row.analysis) if row.analysis else ""
    how = [
        ("Trials", f"{count(material.plan.power.replicates)} of each design"),
        *([("Analysis", analysis)] if analysis else []),
        *([("Procedure", METHOD_WORDS[row.method])] if row.method in METHOD_WORDS else []),
        *zip(("Formula", "Source"), _formula_of(row), strict=True),
    ]
    yield Definitions(tuple(how), "How")


def _formula_of(row: Result) -> tuple[str, str]:
    """The formula of a number and where it was published."""
    if row.statistic.startswith("subjects for"):
        return SUBJECTS, LINE
    name = row.statistic.removesuffix(" among all trials")
    lost = "" if name == row.statistic else "; a lost trial is counted as not rejecting"
    return f"{FORMULAS[name]}{lost}", f"{MORRIS}, table 6"
