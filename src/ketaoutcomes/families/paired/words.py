"""A paired comparison in sentences: its method, and what it found."""

from ketaoutcomes.families.paired.plan import PairedAnalysis, PairedProportionsAnalysis
from ketaoutcomes.report.labels import arm_label, endpoint_title, event_word, unit_of
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import (
    decimals_of,
    estimate,
    interval,
    number,
    p_value,
    share_of,
)
from ketaoutcomes.results import Result

WHAT_IT_HOLDS = {
    "fixed": (
        "The order was the same for all participants, so the difference is confounded with time: "
        "it includes natural course, regression to the mean and practice."
    ),
    "varied": (
        "The order of the conditions varied and is not in the data, so period effects are not "
        "adjusted for."
    ),
}


def paired_in_words(analysis: PairedAnalysis, *, compares: bool = False) -> str:  # noqa: ARG001
    """The method for the report."""
    how = (
        "Each visit was compared with the first one by the paired t test, in participants with "
        "both scores."
        if analysis.method == "t test"
        else "Each visit was compared with the first one by a mixed model of both scores. "
        "Participants with one of the scores contribute under the assumption that the other is "
        "missing at random. The covariance was unstructured, with REML and Satterthwaite's "
        "degrees of freedom."
    )
    return f"{how} {WHAT_IT_HOLDS[analysis.order]}"


def paired_sentence(
    material: Material, name: str, row: Result, active: str, _reference: str
) -> str:
    """The difference with its uncertainty, and what it is confounded with."""
    plan, target = material.plan, material.estimand(name)
    analysis = plan.analyses[name]
    assert isinstance(analysis, PairedAnalysis)
    first = plan.phases[row.phase].baseline_visit
    title, places = endpoint_title(plan, target.endpoint), decimals_of(row)
    uncertainty = f"{interval(row)}; {p_value(row)}"
    caution = WHAT_IT_HOLDS[analysis.order].split(":")[0].rstrip(".") + "."
    if row.includes_no_effect:
        return (
            f"{title} with {active}: there was no clear difference between {row.visit} and "
            f"{first} (paired difference {estimate(row)}, {uncertainty}). {caution}"
        )
    side = "lower" if (row.estimate or 0) < 0 else "higher"
    size = number(abs(row.estimate or 0), places)
    return (
        f"{title} with {active}: at {row.visit} the mean was {size} "
        f"{unit_of(plan, target.endpoint)} {side} than at {first} (paired difference "
        f"{estimate(row)}, {uncertainty}). {caution}"
    )


def arm_in_words(material: Material, row: Result) -> str:
    """The arm of a row as a reader names it."""
    return arm_label(material.plan, row.phase, row.arm)


def method_in_title(analysis: PairedAnalysis) -> str:
    """What follows the name of the analysis."""
    return ", t test" if analysis.method == "t test" else ", mixed model"


TESTS_IN_WORDS = {
    "mid-P": "McNemar's mid-P test",
    "exact": "McNemar's exact conditional test",
}


def paired_proportions_in_words(
    analysis: PairedProportionsAnalysis,
    *,
    compares: bool = False,  # noqa: ARG001
) -> str:
    """The method for the report."""
    return (
        "The proportion at each visit was compared with that at the first visit, in participants "
        "with both outcomes. The paired risk difference has Newcombe's interval for pairs (method "
        f"10), and its p-value is that of {TESTS_IN_WORDS[analysis.test]}. "
        f"{WHAT_IT_HOLDS[analysis.order]}"
    )


def paired_proportions_sentence(
    material: Material, name: str, row: Result, active: str, _reference: str
) -> str:
    """The difference with its uncertainty, both shares, and what it is confounded with."""
    plan, target = material.plan, material.estimand(name)
    analysis = plan.analyses[name]
    assert isinstance(analysis, PairedProportionsAnalysis)
    first = plan.phases[row.phase].baseline_visit
    event = event_word(plan, target.endpoint)
    shares = {
        r.statistic: r for r in material.results.select(table=row.table, analysis=name)
        if r.visit == row.visit
    }  # fmt: skip
    sides = [shares.get(f"proportion at the {which}visit") for which in ("first ", "")]
    before, after = ("–" if side is None else share_of(side) for side in sides)
    uncertainty = f"{interval(row)}; {p_value(row)}"
    caution = WHAT_IT_HOLDS[analysis.order].split(":")[0].rstrip(".") + "."
    found = (
        f"{event} in {before} at {first} and {after} at {row.visit} (paired risk difference "
        f"{estimate(row)} percentage points, {uncertainty})"
    )
    lead = "there was no clear difference: " if row.includes_no_effect else ""
    return f"{endpoint_title(plan, target.endpoint)} with {active}: {lead}{found}. {caution}"


def no_true_value(_analysis: PairedProportionsAnalysis) -> str:
    """The simulation knows the share at a visit, not what the same people would have said first."""
    return ""
