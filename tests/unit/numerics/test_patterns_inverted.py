"""Covariances of patterns are inverted where they are observed, few or many of them."""

import numpy as np
import pytest

from ketaoutcomes.numerics.mmrm.likelihood import MANY, inverse_in_pattern


@pytest.mark.parametrize("leading", [(3,), (4, MANY), (MANY,)])
def test_each_is_the_inverse_of_what_is_observed(leading: tuple[int, ...]) -> None:
    rng = np.random.default_rng(7)
    halves = rng.normal(size=(*leading, 5, 12))
    V, observed = halves @ np.swapaxes(halves, -1, -2), rng.random((*leading, 5)) < 0.7
    W, log_det = inverse_in_pattern(V, observed)
    for at in np.ndindex(*leading):
        own = np.ix_(observed[at], observed[at])
        expected = np.zeros((5, 5))
        expected[own] = np.linalg.inv(V[at][own])
        # rounding times the condition number, which is a few hundreds
        np.testing.assert_allclose(W[at], expected, rtol=0, atol=1e-12 * np.abs(expected).max())
        assert log_det[at] == pytest.approx(np.linalg.slogdet(V[at][own])[1], abs=1e-12)


def test_one_of_many_that_is_no_covariance_is_told() -> None:
    V = np.broadcast_to(np.eye(3), (MANY, 3, 3)).copy()
    V[5, 0, 0] = -1.0
    with pytest.raises(np.linalg.LinAlgError):
        inverse_in_pattern(V, np.ones((MANY, 3), dtype=bool))
