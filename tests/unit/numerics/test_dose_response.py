"""Dose response against closed forms, published contrasts and scipy."""

import numpy as np
import pytest
from scipy.optimize import curve_fit
from scipy.stats import dunnett, t

from ketaoutcomes.numerics.dose_response import fit_emax, joint_tests, optimal_contrast, shape

DOSES = np.array([0, 0.05, 0.2, 0.6, 1.0])
MU = np.array([0.34, 0.46, 0.81, 0.93, 0.95])
S = np.eye(5) * 0.025


def test_contrasts_are_those_of_the_published_example() -> None:
    # Bornkamp, Pinheiro & Bretz 2009, J Stat Softw 29(7): doses 0, 0.05, 0.2, 0.6 and 1 with equal
    # numbers; linear, and Emax with ED50 0.2 (three decimals, recalled; the paper was not at hand).
    published = {
        ("linear", 0.0): [-0.437, -0.378, -0.201, 0.271, 0.743],
        ("emax", 0.2): [-0.643, -0.361, 0.061, 0.413, 0.530],
    }
    for (name, parameter), contrast in published.items():
        found = optimal_contrast(shape(name, DOSES, parameter), S)  # type: ignore[arg-type]
        np.testing.assert_allclose(found, contrast, atol=5.1e-4)


def test_contrasts_are_those_mcpmod_prints() -> None:
    # Six doses with equal numbers; the R package MCPMod 1.0 (Bornkamp, Pinheiro & Bretz), whose
    # tests/MMTests.Rout.save holds planMM's output to three decimals.
    doses = np.array([0.0, 10, 25, 50, 100, 150])
    printed = {
        ("linear", 0.0): [-0.428, -0.351, -0.236, -0.045, 0.339, 0.722],
        ("emax", 25.0): [-0.706, -0.317, -0.025, 0.202, 0.384, 0.461],
    }
    for (name, parameter), contrast in printed.items():
        found = optimal_contrast(shape(name, doses, parameter), np.eye(6))  # type: ignore[arg-type]
        np.testing.assert_allclose(found, contrast, atol=5.1e-4)


def test_an_optimal_contrast_has_the_greatest_noncentrality() -> None:
    rng = np.random.default_rng(1)
    A = rng.normal(size=(5, 5))
    V = A @ A.T + np.eye(5)
    f = shape("emax", DOSES, 0.1)
    best = optimal_contrast(f, V)
    value = (best @ f) / np.sqrt(best @ V @ best)
    for _ in range(200):
        c = rng.normal(size=5)
        c -= c.mean()
        assert (c @ f) / np.sqrt(c @ V @ c) <= value + 1e-9


def test_one_contrast_has_the_p_of_its_t_test() -> None:
    c = optimal_contrast(shape("linear", DOSES, 0), S)[None]
    found = joint_tests(MU, S, c, 95, two_sided=False)
    assert found.p_value[0] == pytest.approx(t.sf(found.statistic[0], 95), abs=1e-4)
    both = joint_tests(MU, S, c, 95, two_sided=True)
    assert both.p_value[0] == pytest.approx(2 * t.sf(found.statistic[0], 95), abs=1e-4)


def test_all_doses_against_control_is_dunnetts_test() -> None:
    rng = np.random.default_rng(3)
    groups = [rng.normal(mean, 1, 20) for mean in (0, 0.4, 0.5, 0.9)]
    mu = np.array([group.mean() for group in groups])
    pooled = np.mean([group.var(ddof=1) for group in groups])
    contrasts = np.column_stack([-np.ones(3), np.eye(3)])
    found = joint_tests(mu, np.eye(4) * pooled / 20, contrasts, 76, two_sided=True)
    other = dunnett(*groups[1:], control=groups[0], random_state=1)
    np.testing.assert_allclose(found.statistic, other.statistic, rtol=1e-9)
    # Both integrate by quasi-random points: good to about 1e-3.
    np.testing.assert_allclose(found.p_value, other.pvalue, atol=2e-3)


def test_the_same_p_values_each_time_and_with_the_normal_law() -> None:
    contrasts = np.array([optimal_contrast(shape("emax", DOSES, e), S) for e in (0.05, 0.2, 0.8)])
    one, two = (joint_tests(MU, S, contrasts, 40, two_sided=False) for _ in range(2))
    np.testing.assert_array_equal(one.p_value, two.p_value)
    many = joint_tests(MU, S, contrasts, 1e6, two_sided=False)
    normal = joint_tests(MU, S, contrasts, float("inf"), two_sided=False)
    np.testing.assert_allclose(many.p_value, normal.p_value, atol=5e-4)


def test_an_exact_curve_is_recovered() -> None:
    mu = 0.3 + 0.7 * DOSES / (0.15 + DOSES)
    fit = fit_emax(DOSES, mu, S)
    assert (fit.e0, fit.emax, fit.ed50) == pytest.approx((0.3, 0.7, 0.15), rel=1e-5)


def test_the_curve_is_that_of_scipy() -> None:
    fit = fit_emax(DOSES, MU, S)

    def curve(d: np.ndarray, e0: float, emax: float, log_ed50: float) -> np.ndarray:
        return e0 + emax * d / (np.exp(log_ed50) + d)

    other, covariance = curve_fit(
        curve, DOSES, MU, p0=[0.3, 0.7, -2], sigma=S, absolute_sigma=True, ftol=1e-12, xtol=1e-12
    )
    assert (fit.e0, fit.emax, np.log(fit.ed50)) == pytest.approx(tuple(other), rel=1e-4)
    np.testing.assert_allclose(fit.covariance, covariance, rtol=1e-3)


def test_a_straight_line_leaves_ed50_at_its_bound() -> None:
    assert fit_emax(DOSES, 2 * DOSES, S).at_bound
