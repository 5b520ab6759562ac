"""The value of a piecewise polynomial, against scipy's own."""

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from ketaoutcomes.numerics.multiplicity.max_t import _value


@pytest.mark.parametrize("seed", range(3))
def test_it_gives_the_bits_of_scipy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ends = np.linspace(0, np.pi / 2, 401)
    curve = CubicSpline(ends, rng.normal(size=401)).antiderivative()
    beside = [np.nextafter(ends[1:], 0), np.nextafter(ends[:-1], 9)]
    x = np.concatenate([rng.random(5_000) * np.pi / 2, ends, *beside])
    np.testing.assert_array_equal(_value(curve, x), curve(x))
