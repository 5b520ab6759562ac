"""Means of parametric laws and mean numbers of events, by closed forms and finite differences."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import lognorm

from ketaoutcomes.numerics.survival.aft_distributions import Distribution
from ketaoutcomes.numerics.survival.aft_fit import AftFit, aft_model, fit_aft
from ketaoutcomes.numerics.survival.aft_means import standardised_mean, standardised_survival
from ketaoutcomes.numerics.survival.counting import SurvivalDataError
from ketaoutcomes.numerics.survival.mean_cumulative import mean_cumulative
from tolerances import EXACT

LAWS: tuple[Distribution, ...] = ("weibull", "exponential", "log-normal", "log-logistic")


def fitted(law: Distribution) -> tuple[AftFit, np.ndarray]:
    rng = np.random.default_rng(4)
    X = np.column_stack([np.ones(80), rng.integers(0, 2, 80), rng.normal(0, 1, 80)])
    time = rng.weibull(0.8, 80) * 60 * np.exp(0.5 * X[:, 1])
    end = rng.uniform(20, 150, 80)
    low = np.minimum(time, end)
    return fit_aft(aft_model(low, np.where(time <= end, low, np.inf), X, law)), X


def test_the_mean_of_an_exponential_time_is_known() -> None:
    fit, _ = fitted("exponential")
    x = np.array([[1.0, 1.0, 0.3]])
    mean = float(np.exp(x[0] @ fit.beta))
    found = standardised_mean(fit, x, 90.0)
    assert found.estimate == pytest.approx(mean * (1 - np.exp(-90 / mean)), rel=1e-12)


def test_the_mean_of_a_log_normal_time_is_its_integral() -> None:
    fit, X = fitted("log-normal")
    laws = [lognorm(s=fit.scale[0], scale=np.exp(x @ fit.beta)) for x in X[:5]]
    expected = np.mean([quad(law.sf, 0, 90, epsabs=1e-10)[0] for law in laws])
    assert standardised_mean(fit, X[:5], 90.0).estimate == pytest.approx(expected, rel=1e-9)
    curve = standardised_survival(fit, X[:5], np.array([30.0]))
    assert curve[0] == pytest.approx(np.mean([law.sf(30) for law in laws]), rel=1e-12)


@pytest.mark.parametrize("law", LAWS)
def test_the_gradient_of_a_mean_is_that_of_finite_differences(law: Distribution) -> None:
    fit, X = fitted(law)
    found = standardised_mean(fit, X, 90.0).gradient
    for k in range(fit.theta.size):
        ends = []
        for step in (1e-5, -1e-5):
            theta = fit.theta.copy()
            theta[k] += step
            beta = theta[: fit.beta.size]
            scale = fit.scale if law == "exponential" else np.exp(theta[fit.beta.size :])
            ends.append(standardised_mean(replace(fit, beta=beta, scale=scale), X, 90.0).estimate)
        assert found[k] == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-6)


def test_without_censoring_the_mean_cumulative_function_is_a_mean() -> None:
    """Followed to day 10, subjects have 2, 0, 1 and 3 events."""
    events = {0: [2.0, 5.0], 1: [], 2: [7.0], 3: [1.0, 4.0, 9.0]}
    rows = []
    for subject, days in events.items():
        edges = [0.0, *days, 10.0]
        rows += [(subject, a, b, b in days) for a, b in pairwise(edges)]
    curve = mean_cumulative(*zip(*rows, strict=True))
    counts = np.array([2, 0, 1, 3])
    mean, std_error = curve.at(10.0)
    assert mean == pytest.approx(counts.mean(), abs=EXACT)
    assert std_error == pytest.approx(np.sqrt(((counts - 1.5) ** 2).sum()) / 4, abs=EXACT)
    assert curve.at(0.5) == (0.0, 0.0)
    assert curve.at(4.5)[0] == pytest.approx(3 / 4, abs=EXACT)


def test_a_subject_censored_early_leaves_the_rest_at_risk() -> None:
    curve = mean_cumulative([1, 2, 3], [0, 0, 0], [5, 8, 8], [False, True, False])
    assert curve.at(8.0)[0] == pytest.approx(1 / 2, abs=EXACT)


def test_a_row_must_end_after_it_starts() -> None:
    with pytest.raises(SurvivalDataError, match="ends before it starts"):
        mean_cumulative([1], [5], [5], [True])
