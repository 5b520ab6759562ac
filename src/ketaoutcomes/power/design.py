"""What a power simulation runs: cells of a grid, and chunks of replicates within a cell."""

from dataclasses import dataclass
from itertools import product

import numpy as np

from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.power import Effect, PowerBlock

REPLICATES_A_CHUNK = 50
"""Replicates that are simulated together; part of what they are, so it never changes."""


@dataclass(frozen=True)
class Cell:
    """Trials of one size with or without an effect."""

    subjects: int
    effect: Effect

    @property
    def name(self) -> str:
        """As results call it."""
        return f"{self.subjects}, {'effect' if self.effect == 'scenario' else 'no effect'}"


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


def cells(block: PowerBlock) -> tuple[Cell, ...]:
    """Every combination of size and effect, in the plan's order."""
    return tuple(
        Cell(subjects, effect) for effect, subjects in product(block.effect, block.subjects)
    )


def chunks(block: PowerBlock) -> tuple[Chunk, ...]:
    """All chunks of all cells."""
    full, rest = divmod(block.replicates, REPLICATES_A_CHUNK)
    sizes = [REPLICATES_A_CHUNK] * full + ([rest] if rest else [])
    return tuple(
        Chunk(cell, number, size) for cell in cells(block) for number, size in enumerate(sizes)
    )


def analyses_of(plan: AnalysisPlan) -> tuple[str, ...]:
    """The analyses that the simulation looks at."""
    if plan.power.analyses:
        return plan.power.analyses
    return tuple(name for name, analysis in plan.analyses.items() if analysis.role == "primary")
