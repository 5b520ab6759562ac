"""Standardised risks against closed forms, statsmodels and the bootstrap."""

import numpy as np
import pytest
import statsmodels.api as sm

from ketaoutcomes.numerics.standardisation import LogisticFitError, logistic_fit, standardised_risks
from tolerances import EXACT, SAME_OPTIMUM


def data(n: int = 500, seed: int = 4) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    t = (np.arange(n) % 2).astype(float)
    x = rng.normal(size=n)
    y = (rng.random(n) < 1 / (1 + np.exp(-(-0.4 + 0.8 * t + 0.9 * x)))).astype(float)
    return np.column_stack([np.ones(n), t, x]), y


def at(X: np.ndarray, t: float) -> np.ndarray:
    design = X.copy()
    design[:, 1] = t
    return design


def test_coefficients_are_those_of_statsmodels() -> None:
    X, y = data()
    other = sm.Logit(y, X).fit(disp=0, tol=1e-12)
    np.testing.assert_allclose(logistic_fit(X, y), other.params, rtol=SAME_OPTIMUM)


def test_without_covariates_it_is_the_difference_of_proportions() -> None:
    X, y = data()
    X = X[:, :2]
    found = standardised_risks(X, y, (at(X, 1), at(X, 0)))
    p1, p0 = y[X[:, 1] == 1].mean(), y[X[:, 1] == 0].mean()
    assert found.risk == pytest.approx([p1, p0], rel=1e-9)
    # Wald: p1 q1 / n1 + p0 q0 / n0.
    wald = np.sqrt(p1 * (1 - p1) / 250 + p0 * (1 - p0) / 250)
    assert found.std_error(np.array([1.0, -1.0])) == pytest.approx(wald, rel=1e-9)


def test_risks_are_means_of_predictions_of_statsmodels() -> None:
    X, y = data()
    fit = sm.GLM(y, X, family=sm.families.Binomial()).fit(tol=1e-12)
    found = standardised_risks(X, y, (at(X, 1), at(X, 0)))
    means = [fit.predict(at(X, t)).mean() for t in (1, 0)]
    assert found.risk == pytest.approx(means, rel=SAME_OPTIMUM)


def test_the_standard_error_is_that_of_the_bootstrap() -> None:
    X, y = data(n=800)
    found = standardised_risks(X, y, (at(X, 1), at(X, 0))).std_error(np.array([1.0, -1.0]))
    rng = np.random.default_rng(8)
    draws = []
    for _ in range(400):
        rows = rng.integers(0, len(y), len(y))
        one, none = standardised_risks(X[rows], y[rows], (at(X[rows], 1), at(X[rows], 0))).risk
        draws.append(one - none)
    # The standard deviation of 400 draws has a relative error of 1/sqrt(800) = 3.5 %: three of it.
    assert found == pytest.approx(np.std(draws, ddof=1), rel=0.11)


def test_the_mean_risk_as_observed_is_the_share_of_events() -> None:
    X, y = data()
    assert standardised_risks(X, y, (X,)).risk[0] == pytest.approx(y.mean(), rel=EXACT * 1e3)


def test_separated_outcomes_are_refused() -> None:
    X = np.column_stack([np.ones(6), [0, 0, 0, 1, 1, 1]])
    with pytest.raises(LogisticFitError, match="only events or none"):
        logistic_fit(X, np.array([0.0, 0, 0, 1, 1, 1]))
    with pytest.raises(LogisticFitError, match="collinear"):
        logistic_fit(X[:, [0, 0]], np.array([0.0, 1, 0, 1, 0, 1]))
