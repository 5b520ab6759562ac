"""A cut of a scale: scores at or below it, or at or above it."""

from typing import ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from ketaoutcomes.plan.combinations import Combination, ExactlyOne
from ketaoutcomes.plan.parts import PlanPart


class Cut(PlanPart):
    """A score at or below a cut, or at or above it: exactly one of the two."""

    combinations: ClassVar[tuple[Combination, ...]] = (
        ExactlyOne(
            ("at_most", "at_least"),
            "takes exactly one of `at_most`, a score at or below it, and `at_least`, a score at or "
            "above it",
        ),
    )

    at_most: float | None = Field(
        default=None, description="Cut-off at or below which a score counts.", examples=[12]
    )
    at_least: float | None = Field(
        default=None, description="Cut-off at or above which a score counts.", examples=[22]
    )

    @property
    def cut_key(self) -> Literal["at_most", "at_least"]:
        """Which of the two is written."""
        return "at_most" if self.at_least is None else "at_least"

    @property
    def cut(self) -> float:
        """The score that is cut at."""
        at = self.at_most if self.at_least is None else self.at_least
        assert at is not None
        return at

    @property
    def cut_words(self) -> str:
        """The cut in words, to follow the name of a scale."""
        return f"{self.cut:g} or {'less' if self.cut_key == 'at_most' else 'more'}"

    def reached(self, score: ArrayLike) -> NDArray[np.bool_]:
        """Whether scores lie on the side that counts; False where missing."""
        values = np.asarray(score, dtype=float)
        return np.asarray(values <= self.cut if self.cut_key == "at_most" else values >= self.cut)

    def counts_improvement(self, better: Literal["lower", "higher"]) -> bool:
        """Whether the side that counts is the better one."""
        return (self.cut_key == "at_most") == (better == "lower")
