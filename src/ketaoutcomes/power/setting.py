"""What is simulated for a question; questions of one setting share its cohort."""

from dataclasses import dataclass

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.cohorts.counterfactual import needs_safety
from ketaoutcomes.cohorts.obtain import grouped, schedule_of
from ketaoutcomes.cohorts.simulation.phase import Regime
from ketaoutcomes.cohorts.simulation.scenario import Scenario
from ketaoutcomes.cohorts.simulation.simulate import simulate
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.multiplicity import Hypothesis
from ketaoutcomes.power.design import Cell, Chunk
from ketaoutcomes.power.without_effect import (
    Alike,
    alike_arms,
    analysed_phases,
    resolved,
    without_effect,
)


@dataclass(frozen=True)
class Setting:
    """What is simulated.

    Attributes
    ----------
    phases : tuple of str
        The phases analysed and those through which their subjects came.
    alike : tuple of (phase, arm, other arm)
        Where an arm is treated as another is.
    safety : bool
        Whether adverse events and costs are looked at.
    """

    phases: tuple[str, ...]
    alike: tuple[Alike, ...]
    safety: bool


def setting_of(
    plan: AnalysisPlan, scenario: Scenario, hypotheses: dict[str, Hypothesis], cell: Cell
) -> Setting:
    """The setting in which hypotheses are tested together, those true that the cell wants true."""
    names = tuple(dict.fromkeys(wanted.analysis for wanted in hypotheses.values()))
    phases = {
        earlier
        for name in names
        for phase in analysed_phases(plan, name)
        for earlier in _with_earlier_phases(scenario, phase)
    }
    true = cell.true_among(hypotheses)
    alike = (pair for key in true for pair in alike_arms(plan, scenario, hypotheses[key]))
    return Setting(
        phases=tuple(phase for phase in plan.phases if phase in phases),
        alike=resolved(plan, alike),
        safety=any(needs_safety(plan, name) for name in names),
    )


def simulated(plan: AnalysisPlan, scenario: Scenario, setting: Setting, chunk: Chunk) -> Cohort:
    """All trials of the chunk in one cohort."""
    synthetic = plan.data.synthetic
    assert synthetic is not None
    changed = scenario
    for phase, arm, other in setting.alike:
        changed = without_effect(changed, phase, arm, other)
    schedule = {at: visits for at, visits in schedule_of(plan).items() if at in setting.phases}
    seed = chunk.seed(plan.power.seed)
    n_subjects = chunk.cell.subjects * chunk.size
    of_its_own = chunk.cell.subjects if chunk.cell.effect == "new_trials" else 0
    regime = Regime(
        safety=setting.safety,
        subjects_a_trial=of_its_own,
        subjects_a_set_of_sites=chunk.cell.subjects,
    )
    cohort = simulate(changed, synthetic.scenario, schedule, seed, n_subjects, regime)
    return grouped(plan, cohort)


def _with_earlier_phases(scenario: Scenario, phase: str) -> tuple[str, ...]:
    """The phase and those through which its subjects came."""
    before = scenario.phases[phase].before
    return (*(_with_earlier_phases(scenario, before) if before else ()), phase)
