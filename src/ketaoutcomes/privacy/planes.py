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
from ketaoutcomes.numerics.distributions import norm, t
from ketaoutcomes.privacy.digits import (
    EXACT,
    NO_TEST,
    Coarseness,
    blanked,
    coarse,
    nice,
    rounded,
)
from ketaoutcomes.privacy.sides import (
    SIDES,
    Interval,
    agree_with_sides,
    limit_on_its_side,
    range_of_p,
)
from ketaoutcomes.results import Result

SUBJECTS_OF_SLOPE: Final = (0.0, 5.0, 6.0, 8.0, 10.0, 15.0, 20.0, 50.0)
"""Level of coarsening -> the step to which a slope is rounded, in subjects of its arm."""
SHARE_OF_ERROR: Final = 0.2
"""The step of the standard errors of the points, in standard errors."""
EVERY_NUMBER: Final = Coarseness(error=NO_TEST, estimate=NO_TEST)
"""Nothing is left of a row."""
OF_A_SIDE: Final = ("conf_low", "conf_high", "test_statistic", "p_value")
"""What tells on which side of no effect, or of 0.05, an estimate lies."""
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
        shown = {place: point_at(point, *heights[place], error) for place, point in moved.items()}
        return {
            place: row if _has_one_side(moved[place], *heights[place]) else blanked(row, OF_A_SIDE)
            for place, row in shown.items()
        }

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


def _has_one_side(row: Result, height: float, width: float) -> bool:
    """Whether all estimates that are published alike lie on the same sides."""
    return bool(agree_with_sides(row, height + width * np.array([-0.5, 0.5])).all())


def point_at(row: Result, height: float, step: float, of_error: float) -> Result:
    """A row with an estimate on the plane that is left, and what follows from it.

    Limits, test statistic and p-value are worked out of the estimate and its standard error as
    published. Beyond these they tell on which side of no effect and of 0.05 the row truly lies.
    """
    if not row.std_error or row.conf_low is None or row.conf_high is None or not of_error:
        return replace(coarse(row, EVERY_NUMBER), estimate=height)
    times = float(norm.ppf((1 + (row.conf_level or 0.95)) / 2))
    error = max(rounded(row.std_error, of_error), of_error)
    ends = [
        (height + side * step / 2, max(error + other * of_error / 2, of_error / 2))
        for side, other in product((-1, 1), repeat=2)
    ]
    tests = [at / wide for at, wide in ends] + ([0.0] if abs(height) < step / 2 else [])
    found = {
        "estimate": (height, step),
        "std_error": (error, of_error),
        "test_statistic": _told(height / error, tests),
    }
    for name, side in (("conf_low", -1), ("conf_high", 1)):
        told = _told(height + side * times * error, [at + side * times * wide for at, wide in ends])
        found[name] = limit_on_its_side(row, getattr(row, name), *told)
    if row.p_value is not None:
        low, high = range_of_p(row.p_value, _range_of_p(tests, row.df))
        found["p_value"] = (float(f"{(low + high) / 2:.6g}"), high - low)
    steps = {name: one for name, one in found.items() if getattr(row, name) is not None}
    blank = {"test_statistic"} & steps.keys() if _is_of_other_side(row, height / error) else set()
    changes: dict[str, Any] = {
        name: None if name in blank else value for name, (value, _) in steps.items()
    }
    words = {name if name in blank else f"{name}:{step:g}" for name, (_, step) in steps.items()}
    return replace(row, **changes, suppressed=" ".join(sorted({*row.suppressed.split(), *words})))


def _is_of_other_side(row: Result, test: float) -> bool:
    """Whether a test statistic would be that of a p-value on the other side of 0.05."""
    return row.p_value is not None and (2 * norm.sf(abs(test)) < SIDES[1]) != (
        row.p_value < SIDES[1]
    )


def _told(value: float, ends: Sequence[float]) -> tuple[float, float]:
    """A number and a step within half of which all of an interval lies, with room for t."""
    farthest = max(abs(end - value) for end in ends)
    step = float(f"{2.2 * farthest:.2g}")
    return rounded(value, nice(step * FINEST)), step


def _range_of_p(tests: Sequence[float], df: float | None) -> Interval:
    """The least and the greatest p-value of these tests, be they normal or of t."""
    far, near = max(map(abs, tests)), min(map(abs, tests))
    return float(2 * norm.sf(far)), float(2 * (t.sf(near, df) if df else norm.sf(near)))
