"""How the trials were simulated, as Morris et al. ask for it, and the formula of every number."""

from collections.abc import Iterable

from ketaoutcomes.cohorts.obtain import scenario_of
from ketaoutcomes.hypotheses.multiplicity_page import METHOD_WORDS
from ketaoutcomes.report.blocks import Definitions, Prose, Section
from ketaoutcomes.report.explanation import to_full_precision, what_it_is
from ketaoutcomes.report.labels import analysis_title, endpoint_title, joined, plain, titled
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import count, percentage
from ketaoutcomes.results import Result

MORRIS = "Morris, White & Crowther 2019, Stat Med 38:2074-2102"
LINE = "Lachin 1981, Controlled Clinical Trials 2:93-113; Finney 1971, Probit Analysis, 3rd ed."
ERROR = "error sqrt(p (1 - p) / n)"

FORMULAS = {
    "subjects entered": "mean number of subjects of the phase analysed; error SD / sqrt(n)",
    "not estimated": "share of trials whose model could not be fitted",
    "standard deviation of estimates": "SD of the estimates over trials; error SD / sqrt(2 n - 2)",
    "mean standard error": "root of the mean squared standard error; error "
    "sqrt(var(SE^2) / (4 n SE^2))",
    "true value": "the same subjects on either treatment, all observed; no effect where both arms "
    "are treated alike",
    "bias": "mean of the estimates less the true value; error sqrt(SD^2 / n + error of the true "
    "value^2)",
    "coverage": f"share of intervals that hold the true value; {ERROR}",
    "power": f"share of trials that reject; {ERROR}",
    "type I error": f"share of trials without an effect that reject; {ERROR}",
    "power with equal treatments": "share of trials without an effect that show non-inferiority; "
    f"{ERROR}",
    "assurance": "share of trials that reject, where each has a drug effect and a placebo response "
    f"of its own (O'Hagan, Stevens & Campbell 2005, Pharm Stat 4:187-201); {ERROR}",
    "assurance to reject all": f"share of such trials that reject every false hypothesis; {ERROR}",
    "assurance to reject at least one": "share of such trials that reject a false hypothesis; "
    f"{ERROR}",
    "power to reject all": f"share of trials that reject every false hypothesis; {ERROR}",
    "power to reject at least one": f"share of trials that reject a false hypothesis; {ERROR}",
    "family-wise error": f"share of trials that reject a true hypothesis; {ERROR}",
}
SUBJECTS = (
    "n at which Phi(a + b sqrt(n)), fitted to the simulated shares by probit regression, is the "
    "power; limits by Fieller, the variance of a and b between chunks of trials"
)


def method_section(material: Material) -> Section:
    """Aims, data, estimands, methods and performance measures (ADEMP)."""
    plan = material.plan
    names = tuple(dict.fromkeys(r.analysis for r in material.results.select(table="powt01")))
    families = [
        f"{(plan.multiplicity[name].label or titled(plain(name)))} by "
        f"{METHOD_WORDS[plan.multiplicity[name].method]}"
        for name in plan.power.families
    ]
    estimands = dict.fromkeys(
        f"{material.estimand(name).summary} of "
        f"{endpoint_title(plan, material.estimand(name).endpoint)}"
        for name in names
    )
    analyses = joined(analysis_title(plan, name) for name in names)
    together = f" Hypotheses together: {'; '.join(families)}." if families else ""
    sizes = joined(map(count, plan.power.subjects))
    items = (
        ("Aims", f"Power and validity of the plan's analyses with {sizes} subjects."),
        ("Data", f"{_data(material)} Data that are missing are those of the scenario's dropout."),
        (
            "Estimands",
            f"{'; '.join(estimands)}. True values come from the same subjects on either treatment.",
        ),
        ("Methods", f"{analyses}, as the plan says, by the code that makes its report.{together}"),
        ("Performance", _performance(material)),
    )
    words = (
        f"Reported as {MORRIS}, ask (aims, data, estimands, methods, performance); Monte-Carlo "
        "errors by their table 6.",
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
            " Hypotheses of a family lose their effect in turn while the others keep theirs; "
            "endpoints of the same arms lose it together."
        )
    elif block.families and "in_turn" in block.effect:
        asked += (
            " No hypothesis of a family can be true alone: a treatment without effect on one "
            "endpoint has none on another of the same arms."
        )
    return (
        f"{count(block.replicates)} trials of each size and effect, "
        f"{material.provenance.data_description}.{asked} Designs share their random numbers, so "
        "that they are compared with less Monte-Carlo error than the errors of each suggest."
    )


def _spread(material: Material) -> str:
    """How far new trials are from the typical one."""
    spread = scenario_of(material.plan).between_trials
    return (
        "In a new trial the drug effect and the placebo response are multiples of those of the "
        f"scenario, log-normal with SDs of {spread.drug:g} and {spread.placebo:g}; the log odds of "
        f"each adverse event differ with an SD of {spread.adverse_events:g}."
    )


def _performance(material: Material) -> str:
    replicates = material.plan.power.replicates
    worst = (0.5**2 / replicates) ** 0.5
    nominal = (0.05 * 0.95 / replicates) ** 0.5
    return (
        "Bias, spread of the estimates and mean standard error, coverage, share that rejects. "
        f"With {count(replicates)} trials the Monte-Carlo error of a share is at most "
        f"{percentage(worst)}, and {percentage(nominal)} at 5%. A trial whose model could not be "
        "fitted is counted as lost; shares are given without it and of all trials."
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
    lost = "" if name == row.statistic else "; a trial that was lost rejects nothing"
    return f"{FORMULAS[name]}{lost}", f"{MORRIS}, table 6"
