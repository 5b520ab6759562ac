"""The summary under the headings of a structured abstract (CONSORT for abstracts; BMJ, JAMA)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from ketaoutcomes.cohorts.simulation.interventions import interventions_in_words
from ketaoutcomes.cohorts.simulation.scenario import Scenario, read_scenario
from ketaoutcomes.families.registry import model_of
from ketaoutcomes.families.shared.record import MmrmRecord
from ketaoutcomes.hypotheses.non_inferiority_page import non_inferiority_sentence
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.randomised import any_randomised, is_randomised
from ketaoutcomes.report.answer_words import harms, not_adjusted, phases_of
from ketaoutcomes.report.blocks import Abstract, Statement
from ketaoutcomes.report.finding import finding
from ketaoutcomes.report.labels import (
    analysis_label,
    analysis_title,
    arm_label,
    arm_within,
    arms_of,
    endpoint_rule,
    endpoint_title,
    joined,
    listed,
    lowered,
    plain,
    preferred_term,
    scale_of,
    sentence_case,
    titled,
    with_arm,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.not_observed import left_out, not_observed
from ketaoutcomes.report.numbers import (
    NOT_STATED,
    count_of,
    decimals_of,
    decimals_of_all,
    estimate,
    exact,
    is_hidden,
    n_of,
    p_value,
)
from ketaoutcomes.results import Result
from ketaoutcomes.second.page import agreement, told_of
from ketaoutcomes.vocabulary import COVARIANCE_LABELS

ROLES = {"primary": "Primary outcome", "secondary": "Secondary outcome"}
"""What stands before a finding, so that no reader takes one for the other."""

SEVERAL: Final = {
    "LS mean": "LS means",
    "mean": "means",
    "restricted mean": "restricted mean times, days",
}
"""What the values of two arms are called together."""
OF_ARMS = ("LS mean", "restricted mean", "mean", "responders", "events")
"""Statistics of an arm that may stand next to a difference; the first that there is does."""

PARTS_OF_A_FINDING = (*OF_ARMS, "median", "proportion")
"""Statistics of an arm whose numbers the sentence of a finding may say."""

SMALL_ARM = 30
"""Participants of an arm under which an estimate is commonly called imprecise."""

MOST_TERMS = 3
"""Terms of adverse events that a summary names for an arm."""


def abstract(material: Material, found: Mapping[str, Result]) -> Abstract:
    """Objective, design, interventions, outcomes, results, adverse events and limitations.

    Parameters
    ----------
    material : Material
    found : mapping of str to Result
        The primary and secondary analyses that have a main result, and that result.
    """
    names = _names(material)
    given = "Interventions" if _were_given(material.plan) else "Groups"
    parts = (
        ("Objective", (Statement(material.plan.study.question.strip()),)),
        ("Design and participants", tuple(_design(material, names))),
        (given, tuple(_interventions(material, names))),
        ("Outcomes", tuple(_outcomes(material, names))),
        ("Results", tuple(_results(material, found))),
        ("Adverse events", tuple(_adverse_events(material, names))),
        ("Limitations", tuple(_limitations(material, names))),
        ("Funding and registration", tuple(_funding(material))),
    )
    return Abstract("Abstract", tuple(part for part in parts if part[1]), "abstract")


def _names(material: Material) -> list[str]:
    """The primary analyses, then the secondary ones."""
    analyses = material.plan.analyses
    return [name for role in ROLES for name, a in analyses.items() if a.role == role]


def phases_used(material: Material, names: Iterable[str]) -> tuple[str, ...]:
    """The phases that some analyses use, in the order of the plan; all of them if none does."""
    asked = {phase for name in names for phase in phases_of(material, name)}
    return tuple(phase for phase in material.plan.phases if phase in asked or not asked)


def _design(material: Material, names: list[str]) -> Iterator[Statement]:
    study = material.plan.study
    if material.provenance.synthetic:
        yield Statement("Simulated participants.")
    for words in (study.setting, study.eligibility and "; ".join(study.eligibility.include)):
        if words and not material.provenance.synthetic:
            yield Statement(f"{titled(words).rstrip('.')}.")
    if study.dates is not None and study.dates.recruitment:
        yield Statement(f"Recruited {study.dates.recruitment.rstrip('.')}.")
    for phase in phases_used(material, names):
        yield from _allocated(material, phase)


def _allocated(material: Material, phase: str) -> Iterator[Statement]:
    """How many were randomised, or enrolled, in each arm."""
    plan = material.plan
    rows = {
        row.arm: row
        for row in material.results.select(table="dst01", phase=phase, statistic="assigned")
    }
    arms = [arm for arm in arms_of(plan, phase) if arm in rows]
    if arms:
        counts = "; ".join(f"{arm_label(plan, phase, arm)}, {n_of(rows[arm])}" for arm in arms)
        yield Statement(
            f"{plan.phases[phase].label}, {_allocation(material, phase)}: {counts}.",
            tuple(rows[arm].id for arm in arms),
        )


def _allocation(material: Material, phase: str) -> str:
    """How participants came to the arms of a phase; in a crossover they move to the next arm."""
    periods = (phases_of(material, name) for name in material.plan.analyses)
    if any(phase in of_one[1:] for of_one in periods):
        return "crossed over"
    if material.plan.phases[phase].keeps_arms:
        return "in the arms assigned before"
    return "randomised" if is_randomised(material.plan, phase) else "enrolled"


def _were_given(plan: AnalysisPlan) -> bool:
    """Whether the arms are treatments that were given, and not groups that people belong to."""
    return not plan.compares or any_randomised(plan) or bool(plan.study.interventions)


def _interventions(material: Material, names: list[str]) -> Iterator[Statement]:
    """What each arm received, as far as plan and scenario say, and which arm is the reference."""
    plan = material.plan
    if plan.study.interventions:
        yield Statement(f"{titled(plan.study.interventions).rstrip('.')}.")
        return
    arms = (_arms_compared(material, phase) for phase in phases_used(material, names))
    yield from map(Statement, dict.fromkeys(arms))
    if not plan.compares:
        yield Statement("This was a single-arm study.")
    received = tuple(_received(material, names))
    yield from received
    if not received and _were_given(plan):
        yield Statement("The plan gives no details of dose or route.")


def _arms_compared(material: Material, phase: str) -> str:
    """The arms of a phase, those compared before the reference.

    The reference of the phase is told only where all comparisons are with it.
    """
    plan = material.plan
    compared = {
        material.estimand(name).treatment.reference
        for name in _names(material)
        if plan.analysis_phase(name) == phase
    }
    reference, *others = (arm_within(plan, phase, arm) for arm in arms_of(plan, phase))
    with_reference = compared <= {plan.phases[phase].reference}
    if plan.phases[phase].arms_by is not None or not others or not with_reference:
        return f"{listed(arm_label(plan, phase, arm) for arm in arms_of(plan, phase))}."
    return f"{titled(listed(others))}, compared with {reference}."


def _received(material: Material, names: list[str]) -> Iterator[Statement]:
    """Drug, dose, route and days of each arm of a simulated study."""
    plan = material.plan
    if plan.data.synthetic is None:
        return
    scenario = read_scenario(plan.data.synthetic.scenario)
    phases = phases_used(material, names)
    told = {phase: _given(plan, phase, scenario) for phase in phases}
    several = len(set(told.values())) > 1
    for phase, sentences in told.items():
        if several and sentences:
            yield Statement(f"{plan.phases[phase].label}:")
        yield from map(Statement, sentences)
        if not several:
            return  # the periods of a crossover give the same


def _given(plan: AnalysisPlan, phase: str, scenario: Scenario) -> tuple[str, ...]:
    """What each arm of a phase of a simulated study received."""
    given = interventions_in_words(scenario.phases[phase])
    if plan.phases[phase].arms_by is not None:
        return tuple(f"All groups: {words}." for words in given.values())
    arms = (arm for arm in arms_of(plan, phase) if arm in given)
    return tuple(f"{arm_label(plan, phase, arm)}: {given[arm]}." for arm in arms)


def _outcomes(material: Material, names: list[str]) -> Iterator[Statement]:
    """Each primary outcome with its rule, and the secondary ones by name."""
    for role, words in ROLES.items():
        own = [name for name in names if material.plan.analyses[name].role == role]
        told = list(dict.fromkeys(_outcome(material, name, role) for name in own))
        if told:
            plural = "s" if len(told) > 1 else ""
            yield Statement(f"{words}{plural}: {'; '.join(told)}.")


def _outcome(material: Material, name: str, role: str) -> str:
    """An outcome with when it was measured, and which way is better."""
    plan, target = material.plan, material.estimand(name)
    when = f" at {target.visit}" if target.visit else ""
    if role == "secondary":
        return f"{lowered(endpoint_title(plan, target.endpoint))}{when}"
    words = lowered(endpoint_rule(plan, target.endpoint)).rstrip(".")
    scale = scale_of(plan, target.endpoint)
    better = ""
    if scale is not None:
        known = plan.scale(scale)
        better = f" (range {exact(known.low)} to {exact(known.high)}; {known.better} is better)"
    return f"{words}{when}{better}"


def _results(material: Material, found: Mapping[str, Result]) -> Iterator[Statement]:
    """Each finding with the values of the arms, then which p-values are adjusted."""
    for name, row in found.items():
        rows = _rows_of(material, name, row)
        yield Statement(
            f"{_role(material, name)}: {finding(material, name, row)}"
            f"{_by_arm(material, name, row)}{non_inferiority_sentence(material, name)}",
            tuple(dict.fromkeys((row.id, *(one.id for one in rows)))),
        )
        yield from _interactions(material, name)
    yield from map(Statement, not_adjusted(material, found))
    alike = agreement(told_of(material)) if found else ""
    if alike:
        yield Statement(alike)


def _interactions(material: Material, name: str) -> Iterator[Statement]:
    """Whether the effect differed between subgroups, by the tests of interaction."""
    tests = [
        row
        for row in material.results.select(analysis=name, statistic="interaction")
        if row.p_value is not None
    ]
    alpha = 1 - material.plan.report.confidence_level
    small = [row for row in tests if row.p_is_under(alpha)]
    if not tests:
        return
    many = f"{len(tests)} tests" if len(tests) > 1 else "one test"
    which = listed(f"{plain(row.group)}, {p_value(row)}" for row in small) if small else ""
    yield Statement(
        f"Of {many} of interaction with subgroups, not adjusted for multiplicity, "
        f"{len(small) or 'none'} had p < {alpha:.2g}{which and f': {which}'}.",
        tuple(row.id for row in tests),
    )


def _rows_of(material: Material, name: str, row: Result) -> tuple[Result, ...]:
    """The numbers of the arms that the sentences of a finding rest on."""
    statistics = dict.fromkeys((*PARTS_OF_A_FINDING, model_of(material.plan.analyses[name]).share))
    rows = (
        material.of_arm(name, statistic, arm, row.visit)
        for arm in material.estimand(name).treatment.arms
        for statistic in statistics
        if statistic
    )
    return tuple(one for one in rows if one is not None)


def _by_arm(material: Material, name: str, row: Result) -> str:
    """The value of each arm next to a difference of means; proportions have theirs already."""
    arms = material.estimand(name).treatment.arms
    if len(arms) == 1 or row.statistic == "risk difference":
        return ""
    for statistic in OF_ARMS[:3]:
        own = [material.of_arm(name, statistic, arm, row.visit) for arm in arms]
        if all(one is not None and one.estimate is not None for one in own):
            what = SEVERAL.get(statistic, statistic)
            coarsest = decimals_of_all(one for one in own if one is not None)
            # means with fewer decimals than their difference would not subtract to it
            decimals = coarsest if row.is_ratio else max(coarsest, decimals_of(row))
            told = joined(
                f"{estimate(one, decimals)} {with_arm(material.plan, row.phase, arm)}"
                for one, arm in zip(own, arms, strict=True)
            )
            return f" {titled(what)}: {told}."
    return ""


def _role(material: Material, name: str) -> str:
    """The role of an analysis, and of which phases together it is, where of several."""
    words = ROLES[material.plan.analyses[name].role]
    phases = phases_of(material, name)
    if len(phases) == 1 and not _is_crossover(material):
        return words
    return f"{words} ({'; '.join(material.plan.phases[phase].label for phase in phases)})"


def _is_crossover(material: Material) -> bool:
    """Whether an analysis is of several periods, so that each result says of which it is."""
    return any(len(phases_of(material, name)) > 1 for name in material.plan.analyses)


def _adverse_events(material: Material, names: list[str]) -> Iterator[Statement]:
    """Deaths, serious and other adverse events by arm, and the terms that were most common."""
    overview = material.results.select(table="aet01")
    ids = tuple(row.id for row in overview if row.statistic in ("subjects", "proportion"))
    said = tuple(harms(material, names))
    if said:
        yield Statement(" ".join(said), ids)
    yield from _commonest(material, names)
    if not overview:
        yield Statement("The plan does not ask for adverse events.")


def _commonest(material: Material, names: list[str]) -> Iterator[Statement]:
    """The most common terms of the arms of the first phase that has any; which, of several."""
    shares = {
        phase: material.results.select(table="aet02", phase=phase, statistic="proportion")
        for phase in phases_used(material, names)
    }
    several = sum(map(bool, shares.values())) > 1
    for phase, rows in shares.items():
        of_arms = {
            arm: first
            for arm in arms_of(material.plan, phase)
            if (first := _first_terms([row for row in rows if row.arm == arm]))
        }
        if of_arms:
            of_phase = f" ({material.plan.phases[phase].label})" if several else ""
            yield Statement(f"Most common terms{of_phase}:")
        for arm, first in of_arms.items():
            terms = ", ".join(f"{_term(row)} {estimate(row)}%" for row in first)
            label = arm_label(material.plan, phase, arm)
            yield Statement(f"{label}: {terms}.", tuple(row.id for row in first))
        if of_arms:
            return


def _first_terms(rows: list[Result]) -> list[Result]:
    """The preferred terms of an arm that most participants had; hidden ones are left out."""
    terms = [row for row in rows if ": " in row.group and row.estimate and not is_hidden(row)]
    ordered = sorted(terms, key=lambda row: (-(row.estimate or 0), row.group))
    return ordered[:MOST_TERMS]


def _term(row: Result) -> str:
    """A preferred term without its class."""
    return lowered(sentence_case(preferred_term(row.group)))


def _limitations(material: Material, names: list[str]) -> Iterator[Statement]:
    """What the run itself knows of the limits of its numbers."""
    if material.provenance.synthetic:
        yield Statement(
            "Results follow from the assumptions of a simulation; they are not evidence about a "
            "treatment."
        )
    primary = [name for name in names if material.plan.analyses[name].role == "primary"]
    yield from _said_once(one for name in primary for one in _missing(material, name))
    yield from _small(material, names)
    yield from _fallen_back(material, names)
    yield from _without_estimate(material, names)
    if material.results.cautions:
        yield Statement(
            "Censoring may be informative, as detailed below.",
            tuple(row.id for row in material.results.cautions),
        )
    yield from _rejected(material, names)
    yield from _hidden_results(material, names)
    if material.plan.smallest_cell > 1:
        yield Statement(
            f"Counts below {material.plan.smallest_cell} are hidden and some numbers are rounded."
        )
    for words in material.plan.study.limitations:
        yield Statement(f"{titled(words).rstrip('.')}.")


def _said_once(statements: Iterable[Statement]) -> Iterator[Statement]:
    """Statements of the same words as one, with the numbers of all of them."""
    by_words: dict[str, list[str]] = {}
    for one in statements:
        by_words.setdefault(one.words, []).extend(one.results)
    for words, ids in by_words.items():
        yield Statement(words, tuple(dict.fromkeys(ids)))


def _fallen_back(material: Material, names: list[str]) -> Iterator[Statement]:
    """Models of which not the first covariance of the plan was used, but one further on."""
    labels: dict[str, str] = {str(name): label for name, label in COVARIANCE_LABELS.items()}
    for name in names:
        record = material.record(name, MmrmRecord)
        if record is None or not record.ladder or record.ladder[0][1] == "kept":
            continue
        first, row = record.ladder[0][0], material.main_result(name)
        yield Statement(
            f"{analysis_title(material.plan, name)}: the first covariance structure of the plan "
            f"({labels[first]}) could not be used, so the model fell back to another "
            f"({labels[record.structure]}).",
            (row.id,) if row is not None else (),
        )


def _without_estimate(material: Material, names: list[str]) -> Iterator[Statement]:
    """Analyses with results that could not be had, each primary or secondary one with why."""
    failed = [row for row in material.results.rows if row.status == "failed" and row.analysis]
    first = {row.analysis: row for row in reversed(failed)}
    main = [name for name in names if name in first and first[name] in _main(material, name)]
    for name in main:
        why = first[name].message.split(": ", 1)[0].rstrip(".")
        yield Statement(
            f"{analysis_title(material.plan, name)} has no estimate{why and f': {why}'}.",
            (first[name].id,),
        )
    others = [name for name in material.plan.analyses if name in first and name not in main]
    if others:
        titles = joined(analysis_title(material.plan, name) for name in others)
        yield Statement(f"Some results could not be estimated: {titles}.", (first[others[0]].id,))


def _hidden_results(material: Material, names: list[str]) -> Iterator[Statement]:
    """Results that are not shown, as a small count would follow from them."""
    for name in names:
        row = material.main_result(name)
        if row is not None and row.status == "suppressed":
            outcome = _outcome(material, name, "secondary")
            smallest = material.plan.smallest_cell
            yield Statement(
                f"The result for {outcome} is hidden, because it would reveal a count below "
                f"{smallest}.",
                (row.id,),
            )


def _main(material: Material, name: str) -> tuple[Result, ...]:
    """The main result of an analysis, if it has a row."""
    row = material.main_result(name)
    return () if row is None else (row,)


def _missing(material: Material, name: str) -> Iterator[Statement]:
    """The share of each arm without the primary outcome at its visit, or with a derived one."""
    sentences, rows = not_observed(material, name)
    if sentences:
        at = f"Of those analysed, the primary outcome at {material.estimand(name).visit}"
        yield Statement(f"{at} {' '.join(sentences)}", tuple(row.id for row in rows))
        return
    outside, counts = left_out(material, name)
    for words in outside:
        yield Statement(words, tuple(row.id for row in counts))


def _small(material: Material, names: list[str]) -> Iterator[Statement]:
    """Arms so small that estimates are imprecise."""
    phases = phases_used(material, names)
    arms = [
        row
        for row in material.results.select(table="dst01", statistic="assigned")
        if row.phase in phases
    ]
    known = [row for row in arms if row.n is not None and not is_hidden(row, "n")]
    rows = [row for row in known if (row.n or 0) < SMALL_ARM]
    if rows:
        smallest = min(rows, key=lambda row: row.n or 0)
        # an arm whose size is hidden may be smaller still
        which = "the smallest" if len(known) == len(arms) else "one"
        yield Statement(
            f"Arms were small ({which} has {count_of(smallest)} participants), so estimates "
            "are imprecise.",
            (smallest.id,),
        )


def _rejected(material: Material, names: list[str]) -> Iterator[Statement]:
    """Proportional hazards that the tests speak against: of the arms, or of covariates alone."""
    alpha = 1 - material.plan.report.confidence_level
    tests = [
        row
        for row in material.results.select(statistic="proportional hazards test")
        if row.analysis in names and row.p_value is not None
    ]
    rejected = [row for row in tests if row.p_is_under(alpha)]
    of_arms = [row for row in rejected if row.group == "arm"]
    tested = dict.fromkeys(row.analysis for row in tests)
    lost = dict.fromkeys(row.analysis for row in of_arms)
    if of_arms:
        titles = listed(lowered(analysis_label(material.plan, name)) for name in lost)
        where = f" ({titles})" if len(lost) < len(tested) else ""
        yield Statement(
            f"Hazards were not proportional{where}, so no single hazard ratio holds at all times.",
            tuple(row.id for row in of_arms),
        )
    others = [row for row in rejected if row.analysis not in lost and row.group != "global"]
    if others:
        covariates = joined(dict.fromkeys(plain(row.group) for row in others))
        yield Statement(
            f"The hazard ratio of a covariate ({covariates}) changed over time; for the arms, the "
            "test did not reject proportional hazards.",
            tuple(row.id for row in others),
        )


def _funding(material: Material) -> Iterator[Statement]:
    study = material.plan.study
    for words, key in ((study.funding, "Funding"), (study.registration, "Registration")):
        said = words.rstrip(".") if words else NOT_STATED
        yield Statement(f"{key}: {said}.")
