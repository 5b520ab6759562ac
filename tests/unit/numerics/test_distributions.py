"""The distributions of test statistics against scipy.stats: the same bits, also at the ends."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from ketaoutcomes.numerics import distributions
from ketaoutcomes.numerics.distributions import chi_density

RNG = np.random.default_rng(1)
ENDS = [-np.inf, np.inf, np.nan, 0.0, -0.0, 1.0, -1.0, 1e-300, 40.0, -40.0, 700.0]
VALUES = np.concatenate([ENDS, 4 * RNG.normal(size=300), RNG.exponential(20, 300)])
TAILS = [0.0, 1.0, np.nan, -0.1, 1.1, 1e-12, 1 - 1e-12, 0.025, 0.975, 0.5]
PROBABILITIES = np.concatenate([TAILS, RNG.random(500), 10 ** -RNG.uniform(0, 12, 100)])
DF = [1, 2, 3, 4.5, 27.3, 100, 1e6, np.inf, 0, -1, np.nan, *RNG.exponential(50, 20)]
COUNTS = [(a, b) for a in (1, 2, 17, 300, 0) for b in (1, 2, 20, 1000)]
SHAPES: dict[str, list[tuple[float, ...]]] = {
    "norm": [()],
    "t": [(df,) for df in DF],
    "chi2": [(df,) for df in DF],
    "chi": [(df,) for df in DF if np.isfinite(df)],
    "f": [(rank, df) for rank in (1, 2, 4, 10) for df in DF],
    # the quantiles of other shapes than counts come from another routine of the same library
    "beta": COUNTS,
}


def arguments(method: str) -> NDArray[np.float64]:
    return VALUES if method in ("cdf", "sf") else PROBABILITIES


@pytest.mark.parametrize("method", ["cdf", "sf", "ppf", "isf"])
@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # scipy's own, of infinities
def test_it_gives_the_bits_of_scipy_stats(name: str, method: str) -> None:
    at = arguments(method)
    for shapes in SHAPES[name]:
        ours = getattr(getattr(distributions, name), method)(at, *shapes)
        theirs = getattr(getattr(stats, name), method)(at, *shapes)
        np.testing.assert_array_equal(ours, theirs)


def test_parameters_may_be_arrays() -> None:
    df = np.array([3.0, 0.0, 12.5])
    np.testing.assert_array_equal(distributions.t.ppf(0.975, df), stats.t.ppf(0.975, df))
    np.testing.assert_array_equal(
        distributions.t.sf([1.0, 2.0, 3.0], df), stats.t.sf([1, 2, 3], df)
    )


@pytest.mark.parametrize("df", [1.0, 7.5, 300.0])
def test_the_density_of_the_root_of_a_chi_squared(df: float) -> None:
    x = RNG.exponential(np.sqrt(df), 200)
    np.testing.assert_array_equal(chi_density(x, df), stats.chi(df).pdf(x))
