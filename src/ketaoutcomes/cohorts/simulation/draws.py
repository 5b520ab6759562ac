"""Random numbers by block of subjects: subject n has the same ones in any run, order or process."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Rows = NDArray[np.int64]
Number = TypeVar("Number", bound=np.generic)

BLOCK = 4096
"""Subjects whose numbers are drawn together."""

TRIAL = 2**32 - 1
"""Stands for a block where a number belongs to the whole trial."""


@dataclass(frozen=True)
class Draws:
    """The random numbers of one block, by name of what they are for."""

    seed: int
    block: int

    def normal(self, purpose: str, *shape: int) -> FloatArray:
        """Standard normal numbers, shape (BLOCK, *shape)."""
        return self.generator(purpose).standard_normal((BLOCK, *shape))

    def uniform(self, purpose: str, *shape: int) -> FloatArray:
        """Uniform numbers in [0, 1), shape (BLOCK, *shape)."""
        return self.generator(purpose).random((BLOCK, *shape))

    def happens(self, purpose: str, chance: float, *shape: int) -> BoolArray:
        """Whether something of this chance happens, shape (BLOCK, *shape).

        A chance is met to 1e-7: half as many random digits are drawn as for a uniform number.
        """
        drawn = self.generator(purpose).random((BLOCK, *shape), dtype=np.float32)
        return np.asarray(drawn < np.float32(chance))

    def exponential(self, purpose: str) -> FloatArray:
        """Standard exponential numbers, shape (BLOCK,)."""
        return self.generator(purpose).standard_exponential(BLOCK)

    def of_trial(self, purpose: str) -> float:
        """One standard normal number for the trial, the same in every block."""
        return float(Draws(self.seed, TRIAL).generator(purpose).standard_normal())

    def of_trials(self, purpose: str, subjects: int) -> FloatArray:
        """Standard normal numbers that the subjects of a trial share, shape (BLOCK,).

        Trials have so many subjects each, one after the other through the blocks; the first one
        has the number of `of_trial`.
        """
        trial = (self.block * BLOCK + np.arange(BLOCK)) // subjects
        drawn = Draws(self.seed, TRIAL).generator(purpose).standard_normal(int(trial[-1]) + 1)
        return np.asarray(drawn[trial])

    def generator(self, purpose: str) -> np.random.Generator:
        """The stream of numbers of a purpose."""
        key = [self.seed, self.block, int.from_bytes(purpose.encode(), "little")]
        return np.random.Generator(np.random.SFC64(np.random.SeedSequence(key)))


def category(shares: tuple[float, ...], uniform: FloatArray) -> Rows:
    """Number of the category of each uniform, categories having these shares."""
    place = np.zeros(uniform.size, dtype=np.int64)
    for cut in np.cumsum(shares)[:-1] / sum(shares):
        place += uniform >= cut
    return place


def at_rows(values: NDArray[Number], rows: Rows) -> NDArray[Number]:
    """The values of some rows, in increasing order; a view where they are the first ones."""
    n = len(rows)
    if n == 0 or rows[-1] == n - 1:
        return values[:n]
    return values[rows]


@dataclass(frozen=True)
class PhaseDraws:
    """The random numbers of a phase for some subjects of a block."""

    draws: Draws
    phase: str
    rows: Rows

    def normal(self, purpose: str, *shape: int) -> FloatArray:
        """Standard normal numbers, shape (rows, *shape)."""
        return at_rows(self.draws.normal(f"{self.phase} {purpose}", *shape), self.rows)

    def uniform(self, purpose: str, *shape: int) -> FloatArray:
        """Uniform numbers in [0, 1), shape (rows, *shape)."""
        return at_rows(self.draws.uniform(f"{self.phase} {purpose}", *shape), self.rows)

    def happens(self, purpose: str, chance: float, *shape: int) -> BoolArray:
        """Whether something of this chance happens, shape (rows, *shape)."""
        name = f"{self.phase} {purpose}"
        return at_rows(self.draws.happens(name, chance, *shape), self.rows)

    def exponential(self, purpose: str) -> FloatArray:
        """Standard exponential numbers, shape (rows,)."""
        return at_rows(self.draws.exponential(f"{self.phase} {purpose}"), self.rows)

    def lasting_uniform(self, purpose: str) -> FloatArray:
        """Uniform numbers that belong to the subjects in every phase, shape (rows,)."""
        return at_rows(self.draws.uniform(purpose), self.rows)

    def lasting_normal(self, purpose: str) -> FloatArray:
        """Standard normal numbers that belong to the subjects in every phase, shape (rows,)."""
        return at_rows(self.draws.normal(purpose), self.rows)
