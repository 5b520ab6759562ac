"""Simultaneous intervals of the second program, against closed forms and an integral of scipy."""

import numpy as np
import pytest
from scipy.stats import multivariate_t, norm, t

from ketaoutcomes.second.joint_tests import half_width

DRAWN = 2e-3
"""Draws give the probability to a few parts in a thousand, and so the half-width to fewer."""


@pytest.mark.parametrize("df", [5.0, 40.0, np.inf])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_one_comparison_has_the_quantile_of_student(df: float, level: float) -> None:
    assert half_width(level, np.eye(1), df) == pytest.approx(t.isf((1 - level) / 2, df), rel=1e-9)


@pytest.mark.parametrize("m", [2, 5])
def test_independent_comparisons_have_that_of_sidak(m: int) -> None:
    expected = norm.isf((1 - 0.95 ** (1 / m)) / 2)
    assert half_width(0.95, np.eye(m), np.inf) == pytest.approx(expected, rel=DRAWN)


@pytest.mark.parametrize("sizes", [(20, 20, 20), (60, 10, 25, 40)])
def test_comparisons_with_one_reference_are_held_together_at_their_level(
    sizes: tuple[int, ...],
) -> None:
    share = np.sqrt([n / (n + 30) for n in sizes])
    correlation = np.outer(share, share)
    np.fill_diagonal(correlation, 1.0)
    half = np.full(len(sizes), half_width(0.95, correlation, 24))
    rng = np.random.default_rng(1)
    law = multivariate_t(shape=correlation, df=24)
    held = law.cdf(half, lower_limit=-half, random_state=rng)
    # the integral is by lattices, to about 1e-5; the density near the limit is about 0.1
    assert held == pytest.approx(0.95, abs=5e-4)
