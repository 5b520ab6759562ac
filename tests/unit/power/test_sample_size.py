"""The number of subjects for a power: the closed form of a two-sample normal mean."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from statsmodels.stats.power import NormalIndPower

from ketaoutcomes.power.sample_size import Line, fit_line, sample_sizes
from ketaoutcomes.results import Result

ROW = Result(table="powt01", statistic="", analysis="primary")
EFFECT = 0.4
"""Difference of two means in standard deviations, half of the subjects an arm."""
EXACTLY = 2 * NormalIndPower().solve_power(EFFECT, alpha=0.05, power=0.9)


def simulated(
    rng: np.random.Generator, sizes: tuple[int, ...], replicates: int, effect: float = EFFECT
) -> dict[int, pd.Series]:
    """Tests of two means at known variance, trials of all sizes sharing their subjects."""
    subjects = rng.normal(size=(replicates, max(sizes)))
    arm = np.where(np.arange(max(sizes)) % 2, 1.0, -1.0)
    curve = {}
    for n in sizes:
        z = (subjects[:, :n] @ arm[:n]) / np.sqrt(n) + effect * np.sqrt(n) / 2
        curve[n] = pd.Series(np.abs(z) > norm.isf(0.025))
    return curve


def at_90(curve: dict[int, pd.Series]) -> Result:
    return next(iter(sample_sizes(ROW, curve, (0.9,))))


def test_the_closed_form_of_two_means_is_found() -> None:
    row = at_90(simulated(np.random.default_rng(1), (120, 200, 280, 360), 4000))
    assert row.statistic == "subjects for 90% power"
    assert row.std_error is not None
    assert row.std_error < 0.03 * EXACTLY
    assert abs(row.estimate - EXACTLY) < 3 * row.std_error
    assert row.conf_low < EXACTLY < row.conf_high
    assert (row.status, row.message) == ("ok", "")


def test_its_limits_hold_the_closed_form_as_often_as_they_say() -> None:
    """200 simulations of 1,000 trials: 95% within three Monte-Carlo errors of 1.5%."""
    rng = np.random.default_rng(2)
    rows = [at_90(simulated(rng, (160, 240, 320), 1000)) for _ in range(200)]
    held = np.mean([row.conf_low < EXACTLY < row.conf_high for row in rows])
    spread = np.std([row.estimate for row in rows])
    assert abs(held - 0.95) < 0.045
    assert spread == pytest.approx(np.mean([row.std_error for row in rows]), rel=0.15)


def test_the_line_is_a_probit_regression() -> None:
    """Two sizes are met exactly; errors are those of the probit of a share, by the delta method."""
    curve = {100: pd.Series([True] * 30 + [False] * 20), 400: pd.Series([True] * 45 + [False] * 5)}
    line = fit_line(curve)
    assert line is not None
    assert line.root_at(0.6) == pytest.approx(10)
    assert line.root_at(0.9) == pytest.approx(20)
    for share, root in ((0.6, 10.0), (0.9, 20.0)):
        error = np.sqrt(share * (1 - share) / 50) / norm.pdf(norm.ppf(share))
        assert line.variance_at(root) ** 0.5 == pytest.approx(error, rel=1e-6)


def test_limits_are_the_roots_of_fieller() -> None:
    """Where the line is q standard errors from the power wanted."""
    line = Line(-1.9, 0.2, np.array([[0.01, -0.0006], [-0.0006, 0.00005]]), 1.0)
    low, high = line.limits(0.9, 0.95)
    assert low < line.root_at(0.9) < high
    for root in (low, high):
        gap = line.intercept + line.slope * root - norm.ppf(0.9)
        assert gap**2 == pytest.approx(norm.isf(0.025) ** 2 * line.variance_at(root))


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ({100: 0.5, 200: 0.8}, "that is more than the largest size, 200"),
        ({300: 0.97, 400: 0.99}, "that is fewer than the smallest size, 300"),
        (
            {100: 0.1, 200: 0.2},
            "at most 20% is reached; the fitted line gives about 1,000 participants",
        ),
        ({100: 0.3, 200: 0.31}, "the sizes are too small: at most 31% is reached"),
        ({100: 0.5, 200: 1.0}, "between 100 and 200 participants"),
        ({100: 1.0, 200: 1.0}, "the smallest size, 100, reaches it"),
        ({100: 0.2, 200: 0.95, 300: 0.8}, "do not lie on the line"),
    ],
)
def test_a_grid_that_does_not_tell_it_says_so(shares: dict[int, float], words: str) -> None:
    curve = {n: pd.Series(np.arange(400) < 400 * share) for n, share in shares.items()}
    row = at_90(curve)
    assert row.status == "warning"
    assert words in row.message


def test_one_size_gives_no_number() -> None:
    assert not list(sample_sizes(ROW, {100: pd.Series([True, False])}, (0.8, 0.9)))
