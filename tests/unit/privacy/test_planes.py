"""A grid of shifted estimates tells no more of the counts behind it than rounded slopes do."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketaoutcomes.numerics.allowed import STEPS
from ketaoutcomes.privacy.planes import SUBJECTS_OF_SLOPE, Plane
from ketaoutcomes.results import Result

WHOLES = (84, 88)
SHIFTS = tuple((float(x), float(y)) for y in range(-4, 5, 2) for x in range(-2, 9, 2))
Z = 1.959963984540054
"""The 97.5% point of the normal distribution."""


def plane(counts: tuple[int, int], *, start: float = -2.8298493, error: float = 1.1) -> Plane:
    """A grid whose slopes are exactly the shares of the arms that were imputed."""
    points = []
    for x, y in SHIFTS:
        at = start + x * counts[0] / WHOLES[0] - y * counts[1] / WHOLES[1]
        points.append(
            Result(
                group=f"drug {x:+g}; placebo {y:+g}",
                table="tipt01",
                statistic="shifted difference in LS means",
                estimate=at,
                std_error=error,
                conf_level=0.95,
                conf_low=at - Z * error,
                conf_high=at + Z * error,
                test_statistic=at / error,
                p_value=float(np.clip(2 * _tail(abs(at / error)), 0, 1)),
            )
        )
    rows = tuple(range(len(points)))
    return Plane((0, 1), rows, (0, 1), (WHOLES[0], -WHOLES[1]), SHIFTS, tuple(points))


def _tail(z: float) -> float:
    """The upper tail of the normal distribution, by the complementary error function."""
    return math.erfc(z / math.sqrt(2)) / 2


COUNTS = st.tuples(st.integers(0, WHOLES[0]), st.integers(0, WHOLES[1]))
LEVELS = st.integers(1, len(SUBJECTS_OF_SLOPE) - 1)


@given(COUNTS, LEVELS)
def test_counts_that_fit_are_published_alike(counts: tuple[int, int], level: int) -> None:
    """Whatever count the audit takes for possible gives the same numbers to the last digit."""
    shown = plane(counts).redrawn(level)
    fits = plane(counts).fits(level)
    there = [tuple(map(int, STEPS[list(at)])) for at in np.argwhere(fits)]
    inside = [
        at
        for at in there
        if all(0 <= c + s <= w for c, s, w in zip(counts, at, WHOLES, strict=True))
    ]
    for one, other in inside[:: max(1, len(inside) // 4)]:
        moved = plane((counts[0] + one, counts[1] + other)).redrawn(level)
        for place, row in shown.items():
            assert row.estimate == pytest.approx(moved[place].estimate, abs=1e-9)
            assert row.suppressed == moved[place].suppressed


@given(COUNTS, LEVELS, st.floats(0.2, 5.0))
def test_true_numbers_lie_within_half_a_step(
    counts: tuple[int, int], level: int, error: float
) -> None:
    one = plane(counts, error=error)
    for place, row in one.redrawn(level).items():
        steps = dict(word.split(":") for word in row.suppressed.split() if ":" in word)
        assert {"estimate", "std_error"} <= steps.keys()
        for name, step in steps.items():
            true, told = getattr(one.points[place], name), getattr(row, name)
            assert abs(true - told) <= float(step) / 2 + 1e-9, name


@given(COUNTS, LEVELS)
def test_each_level_leaves_the_counts_of_its_step(counts: tuple[int, int], level: int) -> None:
    """As many as it has whole numbers, but for its ends and what is too far to be looked at."""
    fits = plane(counts).fits(level)
    assert fits[STEPS.size // 2, STEPS.size // 2]
    assert fits.any(axis=1).sum() >= min(SUBJECTS_OF_SLOPE[level] - 1, STEPS.size // 2)


def test_the_point_without_a_shift_stays_as_it_is() -> None:
    one = plane((20, 23))
    assert SHIFTS.index((0.0, 0.0)) not in one.redrawn(2)


def test_without_coarsening_a_slope_tells_the_count() -> None:
    assert plane((20, 23)).fits(0).sum() == 1


def test_beyond_the_last_level_nothing_is_shown() -> None:
    shown = plane((20, 23)).redrawn(len(SUBJECTS_OF_SLOPE))
    assert all(row.estimate is None and row.std_error is None for row in shown.values())
