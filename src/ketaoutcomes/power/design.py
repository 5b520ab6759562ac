"""What a power simulation runs: cells of a grid, and chunks of replicates within a cell."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import numpy as np

from ketaoutcomes.cohorts.obtain import scenario_of
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.multiplicity import Hypothesis, HypothesisFamily
from ketaoutcomes.plan.power import Effect
from ketaoutcomes.power.without_effect import true_in_turn

REPLICATES_A_CHUNK = 50
"""Replicates that are simulated together; part of what they are, so it never changes."""


@dataclass(frozen=True)
class Cell:
    """Trials of one size, with an effect or without.

    Attributes
    ----------
    family : str
        With `in_turn`: the family some of whose hypotheses are true.
    true : tuple of str
        With `in_turn`: these hypotheses; the others have the scenario's effect.
    """

    subjects: int
    effect: Effect
    family: str = ""
    true: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As results call it."""
        effects = {
            "scenario": "effect",
            "new_trials": "effect of a new trial",
            "none": "no effect",
            "in_turn": f"no effect on {' and '.join(self.true)}",
        }
        return f"{self.subjects}, {effects[self.effect]}"

    def true_among(self, hypotheses: Iterable[str]) -> tuple[str, ...]:
        """Which of the hypotheses that are tested are true."""
        if self.effect == "in_turn":
            return self.true
        return tuple(hypotheses) if self.effect == "none" else ()


@dataclass(frozen=True)
class Chunk:
    """Some replicates of a cell: numbers `first` to `first + size - 1`."""

    cell: Cell
    number: int
    size: int

    @property
    def first(self) -> int:
        """Number of the first replicate."""
        return self.number * REPLICATES_A_CHUNK

    def seed(self, of_plan: int) -> int:
        """Seed of the subjects of the chunk.

        The same for every cell: trials of another size or without an effect share their subjects,
        so that cells are compared with less Monte-Carlo error.
        """
        state = np.random.SeedSequence([of_plan, self.number]).generate_state(1, np.uint64)
        return int(state[0] >> np.uint64(1))


def cells(plan: AnalysisPlan) -> tuple[Cell, ...]:
    """Every combination of size and effect, in the plan's order."""
    return tuple(
        cell
        for effect, subjects in product(plan.power.effect, plan.power.subjects)
        for cell in _cells(plan, effect, subjects)
    )


def _cells(plan: AnalysisPlan, effect: Effect, subjects: int) -> tuple[Cell, ...]:
    if effect != "in_turn":
        return (Cell(subjects, effect),)
    scenario = scenario_of(plan)
    return tuple(
        Cell(subjects, effect, name, true)
        for name, family in families_of(plan).items()
        for true in true_in_turn(plan, scenario, family)
    )


def chunks(plan: AnalysisPlan) -> tuple[Chunk, ...]:
    """All chunks of all cells."""
    full, rest = divmod(plan.power.replicates, REPLICATES_A_CHUNK)
    sizes = [REPLICATES_A_CHUNK] * full + ([rest] if rest else [])
    return tuple(
        Chunk(cell, number, size) for cell in cells(plan) for number, size in enumerate(sizes)
    )


def analyses_of(plan: AnalysisPlan) -> tuple[str, ...]:
    """The analyses that the simulation looks at."""
    if plan.power.analyses:
        return plan.power.analyses
    return tuple(name for name, analysis in plan.analyses.items() if analysis.role == "primary")


def families_of(plan: AnalysisPlan) -> dict[str, HypothesisFamily]:
    """The families whose procedure is carried out in every trial."""
    return {name: plan.multiplicity[name] for name in plan.power.families}


def hypotheses_on(plan: AnalysisPlan, name: str) -> tuple[Hypothesis, ...]:
    """What the simulation tests by an analysis: its main result first."""
    of_families = (
        wanted
        for family in families_of(plan).values()
        for wanted in family.hypotheses.values()
        if wanted.analysis == name
    )
    return (Hypothesis(analysis=name), *of_families)
