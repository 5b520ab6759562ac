"""Trials in which hypotheses are true: arms that a scenario treats alike."""

from collections.abc import Iterable

from ketaoutcomes.cohorts.simulation.scenario import Scenario
from ketaoutcomes.families.registry import model_of
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.multiplicity import Hypothesis, HypothesisFamily

Alike = tuple[str, str, str]
"""A phase, an arm of it, and the arm as which that is treated."""


def analysed_phases(plan: AnalysisPlan, name: str) -> tuple[str, ...]:
    """The phases whose subjects an analysis looks at."""
    analysis = plan.analyses[name]
    phases = model_of(analysis).phases
    return phases(analysis) if phases is not None else (plan.analysis_phase(name),)


def alike_arms(plan: AnalysisPlan, scenario: Scenario, wanted: Hypothesis) -> tuple[Alike, ...]:
    """What is to be alike for a hypothesis to be true.

    Where subjects keep their arm from phase to phase, the earlier phases are alike too; otherwise
    those who enter would differ.
    """
    alike = {
        phase
        for analysed in analysed_phases(plan, wanted.analysis)
        for phase in _of_the_same_arms(scenario, analysed)
    }
    arms, reference = _compared(plan, wanted)
    return tuple((phase, arm, reference) for phase in plan.phases if phase in alike for arm in arms)


def resolved(plan: AnalysisPlan, alike: Iterable[Alike]) -> tuple[Alike, ...]:
    """The same with every arm treated as the last of its chain: a as b, b as c makes a as c."""
    roots = _roots(alike)
    order = tuple(plan.phases)
    places = sorted(roots, key=lambda place: (order.index(place[0]), place[1]))
    return tuple((phase, arm, _root(roots, (phase, arm))[1]) for phase, arm in places)


def true_hypotheses(
    plan: AnalysisPlan, scenario: Scenario, family: HypothesisFamily, alike: Iterable[Alike]
) -> tuple[str, ...]:
    """The hypotheses of a family that are true where these arms are alike."""
    roots = _roots(alike)
    return tuple(
        key
        for key, wanted in family.hypotheses.items()
        if all(
            _root(roots, (phase, arm)) == _root(roots, (phase, reference))
            for phase, arm, reference in alike_arms(plan, scenario, wanted)
        )
    )


def true_in_turn(
    plan: AnalysisPlan, scenario: Scenario, family: HypothesisFamily
) -> tuple[tuple[str, ...], ...]:
    """Sets of hypotheses that can be true while the others are not, one for each hypothesis.

    Two endpoints of the same arms are true together: no effect on one and an effect on the other
    cannot be had from a treatment. Sets of all hypotheses are left out.
    """
    sets = (
        true_hypotheses(plan, scenario, family, alike_arms(plan, scenario, wanted))
        for wanted in family.hypotheses.values()
    )
    return tuple(dict.fromkeys(true for true in sets if len(true) < len(family.hypotheses)))


def without_effect(scenario: Scenario, phase: str, active: str, reference: str) -> Scenario:
    """The scenario in which the active arm is treated as the reference is."""
    of_phase = scenario.phases[phase]
    share = of_phase.arms[active].share
    same = of_phase.arms[reference].model_copy(update={"share": share})
    changed = of_phase.model_copy(update={"arms": {**of_phase.arms, active: same}})
    return scenario.model_copy(update={"phases": {**scenario.phases, phase: changed}})


def _compared(plan: AnalysisPlan, wanted: Hypothesis) -> tuple[tuple[str, ...], str]:
    """Arms that have no effect, and what they are treated as."""
    analysis = plan.analyses[wanted.analysis]
    estimand = plan.estimands[analysis.estimand]
    made_alike = model_of(analysis).made_alike
    if made_alike is not None:
        return made_alike(analysis, estimand, wanted)
    treatment = estimand.treatment
    return (wanted.arm or treatment.active,), treatment.reference


def _of_the_same_arms(scenario: Scenario, phase: str) -> tuple[str, ...]:
    """The phase and those before it whose arms subjects keep."""
    entry = scenario.phases[phase].enters
    if entry is None or not entry.keeps_arm:
        return (phase,)
    return (*_of_the_same_arms(scenario, entry.phase), phase)


Place = tuple[str, str]


def _roots(alike: Iterable[Alike]) -> dict[Place, Place]:
    """Each arm with the one that it is treated as, no arm as itself in the end."""
    roots: dict[Place, Place] = {}
    for phase, arm, reference in alike:
        one, other = _root(roots, (phase, arm)), _root(roots, (phase, reference))
        if one != other:
            roots[one] = other
    return roots


def _root(roots: dict[Place, Place], place: Place) -> Place:
    while place in roots:
        place = roots[place]
    return place
