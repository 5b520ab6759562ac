"""Estimates that are linear in shifts of arms: one plane, published with rounded slopes.

All points of a grid tell the slopes together, however far each is rounded by itself. So it is the
slopes that are rounded, and the points are those of the plane that is left: a reader of all of them
learns no more than the rounded slopes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, ClassVar, Final

import numpy as np

from ketaoutcomes.numerics.allowed import STEPS, BoolArray, FloatArray
from ketaoutcomes.numerics.distributions import norm
from ketaoutcomes.privacy.digits import EXACT, NO_TEST, Coarseness, coarse, nice, rounded
from ketaoutcomes.results import Result

SUBJECTS_OF_SLOPE: Final = (0.0, 5.0, 6.0, 8.0, 10.0, 15.0, 20.0, 50.0)
"""Level of coarsening -> the step to which a slope is rounded, in subjects of its arm."""
SHARE_OF_ERROR: Final = 0.2
"""The step of the standard errors of the points, in standard errors."""
EVERY_NUMBER: Final = Coarseness(error=NO_TEST, estimate=NO_TEST)
"""Nothing is left of a row."""
FINEST: Final = 0.05
"""Points are written to this share of the step that their slopes leave them."""


@dataclass(frozen=True)
class Plane:
    """Estimates on a plane over shifts, each slope of which times the subjects gives a count.

    Attributes
    ----------
    cells : tuple of int
        The count behind the slope of each arm that has one, one or two.
    rows : tuple of int
        The points of the grid, by their numbers.
    told : tuple of int
        To which of the slopes each cell belongs.
    wholes : tuple of int
        The subjects of each arm that is shifted; of one that the estimates fall with, negative.
    shifts : tuple of tuple of float
        The shifts of these arms at each point.
    points : tuple of Result
    """

    cells: tuple[int, ...]
    rows: tuple[int, ...]
    told: tuple[int, ...]
    wholes: tuple[int, ...]
    shifts: tuple[tuple[float, ...], ...]
    points: tuple[Result, ...]
    aspect: ClassVar[str] = "estimate"

    def fits(self, level: int) -> BoolArray:
        """The counts whose slopes are rounded to those that are published."""
        if level >= len(SUBJECTS_OF_SLOPE):
            return np.ones((STEPS.size,) * len(self.cells), dtype=bool)
        slopes, rounded_ = self._slopes()[1:], self._rounded_slopes(level)
        half = SUBJECTS_OF_SLOPE[level] / 2
        offs = [(slopes[k] - rounded_[k]) * self.wholes[k] for k in self.told]
        # at half a step it is a matter of the last bit whether a slope is rounded there
        sides = [(np.abs(STEPS + off) < half - EXACT) | (STEPS == 0) for off in offs]
        both = sides[0] if len(sides) == 1 else sides[0][:, None] & sides[1][None, :]
        return np.asarray(both, dtype=bool)

    def redrawn(self, level: int) -> Mapping[int, Result]:
        """The points as they are published, by the numbers of their rows."""
        if level <= 0:
            return {}
        moved = {
            place: point
            for place, point, shifts in zip(self.rows, self.points, self.shifts, strict=True)
            if any(shifts)
        }
        if level >= len(SUBJECTS_OF_SLOPE):
            return {place: coarse(point, EVERY_NUMBER) for place, point in moved.items()}
        heights = self._heights(level)
        error = nice(SHARE_OF_ERROR * min(point.std_error or 0.0 for point in self.points))
        return {place: point_at(point, *heights[place], error) for place, point in moved.items()}

    def _slopes(self) -> FloatArray:
        """The height without a shift, and the slope of each arm."""
        design = np.column_stack([np.ones(len(self.points)), np.array(self.shifts)])
        heights = np.array([point.estimate for point in self.points])
        return np.asarray(np.linalg.lstsq(design, heights, rcond=None)[0])

    def _rounded_slopes(self, level: int) -> FloatArray:
        steps = SUBJECTS_OF_SLOPE[level] / np.abs(self.wholes)
        slopes = self._slopes()[1:]
        return slopes if level <= 0 else np.round(slopes / steps) * steps

    def _heights(self, level: int) -> dict[int, tuple[float, float]]:
        """The height of each point on the plane that is left, and its step."""
        start, slopes = self._slopes()[0], self._rounded_slopes(level)
        shifts = np.array(self.shifts)
        open_ = np.abs(shifts) @ (SUBJECTS_OF_SLOPE[level] / np.abs(self.wholes))
        found = zip(self.rows, start + shifts @ slopes, open_, strict=True)
        return {place: written(height, width) for place, height, width in found}


def written(height: float, width: float) -> tuple[float, float]:
    """A height in as many digits as its width is worth, and the step in which both are told."""
    fine = nice(width * FINEST)
    return rounded(height, fine), float(f"{width + fine:.2g}") + fine


def point_at(row: Result, height: float, step: float, of_error: float) -> Result:
    """A row with an estimate on the plane that is left, and what follows from it.

    Limits, test statistic and p-value are worked out of the estimate and its standard error as
    published, and tell nothing beyond them.
    """
    if not row.std_error or row.conf_low is None or row.conf_high is None or not of_error:
        return replace(coarse(row, EVERY_NUMBER), estimate=height)
    times = float(norm.ppf((1 + (row.conf_level or 0.95)) / 2))
    error = max(rounded(row.std_error, of_error), of_error)
    ends = [
        (height + side * step / 2, max(error + other * of_error / 2, of_error / 2))
        for side, other in product((-1, 1), repeat=2)
    ]
    limits = {
        name: (height + side * times * error, [at + side * times * wide for at, wide in ends])
        for name, side in (("conf_low", -1), ("conf_high", 1))
    }
    tests = [at / wide for at, wide in ends] + ([0.0] if abs(height) < step / 2 else [])
    found: dict[str, tuple[float, Sequence[float]]] = {
        "estimate": (height, [at for at, _ in ends]),
        "std_error": (error, [wide for _, wide in ends]),
        **limits,
        "test_statistic": (height / error, tests),
        "p_value": (_p_of(height / error), [_p_of(test) for test in tests]),
    }
    steps = {name: _step_of(*one) for name, one in found.items() if getattr(row, name) is not None}
    changes: dict[str, Any] = {
        name: rounded(found[name][0], nice(step * FINEST)) for name, step in steps.items()
    }
    steps |= {"estimate": step, "std_error": of_error}
    words = [f"{name}:{width:g}" for name, width in steps.items()]
    return replace(row, **changes, suppressed=" ".join(sorted({*row.suppressed.split(), *words})))


def _p_of(test: float) -> float:
    return float(2 * norm.sf(abs(test)))


def _step_of(value: float, ends: Sequence[float]) -> float:
    """A step within half of which all of an interval lies, with room for t in place of z."""
    farthest = max(abs(end - value) for end in ends)
    return float(f"{2.2 * farthest:.2g}")
