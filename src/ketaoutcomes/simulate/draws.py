"""Random numbers by block of subjects: subject n has the same ones in any run, order or process."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

BLOCK = 1024
"""Subjects whose numbers are drawn together."""


@dataclass(frozen=True)
class Draws:
    """The random numbers of one block, by name of what they are for."""

    seed: int
    block: int

    def normal(self, purpose: str, *shape: int) -> FloatArray:
        """Standard normal numbers, shape (BLOCK, *shape)."""
        return self._generator(purpose).standard_normal((BLOCK, *shape))

    def uniform(self, purpose: str, *shape: int) -> FloatArray:
        """Uniform numbers in [0, 1), shape (BLOCK, *shape)."""
        return self._generator(purpose).random((BLOCK, *shape))

    def exponential(self, purpose: str) -> FloatArray:
        """Standard exponential numbers, shape (BLOCK,)."""
        return self._generator(purpose).standard_exponential(BLOCK)

    def _generator(self, purpose: str) -> np.random.Generator:
        key = [self.seed, self.block, int.from_bytes(purpose.encode(), "little")]
        return np.random.Generator(np.random.Philox(np.random.SeedSequence(key)))
