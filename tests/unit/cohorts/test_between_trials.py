"""Variance between trials, against hand calculation."""

from math import isclose, sqrt

import numpy as np

from ketaoutcomes.cohorts.calibration.between_trials import between_trials, without_prior


def test_equal_effects_have_no_variance_between_trials():
    found = between_trials([0.5, 0.5, 0.5], [0.1, 0.2, 0.3])
    assert found.sd == 0
    assert isclose(found.mean, 0.5)


# DerSimonian & Laird by hand for effects 0, 1 with equal errors e: Q = 1 / (2 e^2), C = 1 / e^2,
# so tau^2 = (Q - 1) / C = 1/2 - e^2.
def test_moment_estimate_by_hand():
    found = between_trials([0.0, 1.0], [0.2, 0.2])
    assert isclose(found.q, 12.5)
    assert found.df == 1
    assert isclose(found.sd, sqrt(0.5 - 0.04))
    assert isclose(found.i_squared, 11.5 / 12.5)


def test_estimates_come_back_when_the_prior_is_taken_off():
    data, error, prior = np.array([0.8, -0.3]), np.array([0.2, 0.4]), 0.6
    precision = 1 / error**2 + 1 / prior**2
    posterior = data / error**2 / precision
    found, found_error = without_prior(posterior, np.sqrt(1 / precision), prior)
    assert np.allclose(found, data)
    assert np.allclose(found_error, error)


def test_a_trial_that_the_prior_decides_says_nothing():
    _, error = without_prior(np.array([0.1]), np.array([0.6]), 0.6)
    assert np.isinf(error[0])
