"""Cost-effectiveness against closed forms."""

import numpy as np
import pytest
from scipy.stats import norm

from ketaoutcomes.numerics.cost_effectiveness import (
    Uncertainty,
    ValueRows,
    arm_means,
    net_benefit_error,
    resampled_increments,
)

FIXED = Uncertainty(np.zeros(1), np.ones(1), np.zeros(1))


def rows(n: int, cost: float, effect: float, seed: int) -> ValueRows:
    rng = np.random.default_rng(seed)
    e = rng.normal(effect, 0.2, n)
    return ValueRows(rng.normal(cost, 500, (n, 1)) - 300 * e[:, None], e[:, None])


ACTIVE, REFERENCE = rows(300, 9000, 0.70, 1), rows(280, 6000, 0.62, 2)


def test_the_bootstrap_agrees_with_the_normal_theory_of_net_benefit() -> None:
    active, reference = arm_means(ACTIVE, FIXED), arm_means(REFERENCE, FIXED)
    draws = resampled_increments(ACTIVE, REFERENCE, FIXED, 4000, seed=3)
    worth = 50_000.0
    mean = worth * (active.effect - reference.effect) - (active.cost - reference.cost)
    error = net_benefit_error(active, reference, worth)
    found = draws.net_benefit(worth)
    # Monte-Carlo errors of 4,000 draws: 1/sqrt(4000) of an error in the mean, 1.1 % in the error.
    assert found.mean() == pytest.approx(mean, abs=3 * error / np.sqrt(4000))
    assert found.std(ddof=1) == pytest.approx(error, rel=0.05)
    # Acceptability is the normal probability of a positive net benefit.
    share = draws.acceptability(np.array([worth]))[0]
    p = norm.cdf(mean / error)
    assert share == pytest.approx(p, abs=3 * np.sqrt(p * (1 - p) / 4000) + 0.01)


def test_where_nothing_is_worth_paying_only_savings_are_acceptable() -> None:
    draws = resampled_increments(ACTIVE, REFERENCE, FIXED, 500, seed=3)
    assert draws.acceptability(np.array([0.0]))[0] == np.mean(draws.cost < 0)
    assert sum(draws.quadrants().values()) == pytest.approx(1.0)


def test_a_subject_gains_its_time_in_each_state_times_the_utility() -> None:
    times = np.array([[0.5, 0.5], [1.0, 0.0]])
    uncertainty = Uncertainty(np.zeros(2), np.array([0.9, 0.5]), np.zeros(2))
    found = arm_means(ValueRows(np.array([[100.0, 50], [0, 10]]), times), uncertainty)
    assert (found.cost, found.effect) == pytest.approx((80.0, (0.7 + 0.9) / 2))


def test_prices_and_utilities_are_drawn_with_their_mean_and_error() -> None:
    """All subjects alike: what varies is only the price and the utility."""
    same = ValueRows(np.full((50, 1), 100.0), np.full((50, 1), 2.0))
    nothing = ValueRows(np.zeros((50, 1)), np.zeros((50, 1)))
    uncertain = Uncertainty(np.array([0.3]), np.array([0.8]), np.array([0.05]))
    draws = resampled_increments(same, nothing, uncertain, 20_000, seed=1)
    assert draws.cost.mean() == pytest.approx(100, rel=0.01)
    assert draws.cost.std() == pytest.approx(30, rel=0.03)
    assert draws.effect.mean() == pytest.approx(1.6, rel=0.005)
    assert draws.effect.std() == pytest.approx(0.1, rel=0.03)


def test_chunks_do_not_change_the_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = resampled_increments(ACTIVE, REFERENCE, FIXED, 40, seed=9)
    monkeypatch.setattr("ketaoutcomes.numerics.cost_effectiveness.CHUNK", 1000)
    parts = resampled_increments(ACTIVE, REFERENCE, FIXED, 40, seed=9)
    np.testing.assert_allclose(parts.cost, whole.cost, rtol=1e-9)


def test_one_subject_is_too_few() -> None:
    with pytest.raises(ValueError, match="fewer than two participants"):
        arm_means(ValueRows(np.ones((1, 1)), np.ones((1, 1))), FIXED)
