"""The distributions of test statistics, of scipy.special alone: scipy.stats takes long to import.

Each has the methods of its namesake in `scipy.stats` that are used here, and gives the same bits:
the functions below are those that scipy.stats calls, and the ends of the support and parameters
outside their range are dealt with as there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

FloatArray = NDArray[np.float64]
Function = Callable[..., Any]


@dataclass(frozen=True)
class Distribution:
    """A continuous distribution with no, one or two positive parameters.

    Attributes
    ----------
    low, high : float
        Ends of the support.
    of_cdf, of_sf, of_ppf, of_isf : callable
        Within the support, of the argument and the parameters.
    """

    low: float
    high: float
    of_cdf: Function
    of_sf: Function
    of_ppf: Function
    of_isf: Function

    def cdf(self, x: ArrayLike, *shapes: ArrayLike) -> Any:
        """Probability of a value up to x."""
        return self._probability(self.of_cdf, x, shapes, at_low=0.0, at_high=1.0)

    def sf(self, x: ArrayLike, *shapes: ArrayLike) -> Any:
        """Probability of a value above x."""
        return self._probability(self.of_sf, x, shapes, at_low=1.0, at_high=0.0)

    def ppf(self, q: ArrayLike, *shapes: ArrayLike) -> Any:
        """The value up to which there is the probability q."""
        return self._quantile(self.of_ppf, q, shapes, at_0=self.low, at_1=self.high)

    def isf(self, q: ArrayLike, *shapes: ArrayLike) -> Any:
        """The value above which there is the probability q."""
        return self._quantile(self.of_isf, q, shapes, at_0=self.high, at_1=self.low)

    def _probability(
        self,
        function: Function,
        x: ArrayLike,
        shapes: tuple[ArrayLike, ...],
        *,
        at_low: float,
        at_high: float,
    ) -> Any:
        """A probability; of a value beyond the support that of its end."""
        x = np.asarray(x, dtype=np.float64)
        with np.errstate(all="ignore"):
            inside = function(x, *shapes)
        ends = np.where(x <= self.low, at_low, np.where(x >= self.high, at_high, inside))
        return np.where(_valid(shapes) & ~np.isnan(x), ends, np.nan)[()]

    def _quantile(
        self,
        function: Function,
        q: ArrayLike,
        shapes: tuple[ArrayLike, ...],
        *,
        at_0: float,
        at_1: float,
    ) -> Any:
        """A quantile; NaN of what is no probability."""
        q = np.asarray(q, dtype=np.float64)
        with np.errstate(all="ignore"):
            inside = function(q, *shapes)
        ends = np.where(q == 0, at_0, np.where(q == 1, at_1, inside))
        return np.where(_valid(shapes) & (q >= 0) & (q <= 1), ends, np.nan)[()]


def _valid(shapes: tuple[ArrayLike, ...]) -> Any:
    """Where every parameter is positive."""
    valid: Any = np.True_
    for shape in shapes:
        valid = valid & (np.asarray(shape) > 0)
    return valid


norm: Final = Distribution(
    low=-np.inf,
    high=np.inf,
    of_cdf=special.ndtr,
    of_sf=lambda x: special.ndtr(-x),
    of_ppf=special.ndtri,
    of_isf=lambda q: -special.ndtri(q),
)
"""The standard normal distribution."""

t: Final = Distribution(
    low=-np.inf,
    high=np.inf,
    of_cdf=lambda x, df: special.stdtr(df, x),
    of_sf=lambda x, df: special.stdtr(df, -x),
    of_ppf=lambda q, df: special.stdtrit(df, q),
    of_isf=lambda q, df: -special.stdtrit(df, q),
)
"""Student's distribution with df degrees of freedom."""

chi2: Final = Distribution(
    low=0.0,
    high=np.inf,
    of_cdf=lambda x, df: special.chdtr(df, x),
    of_sf=lambda x, df: special.chdtrc(df, x),
    of_ppf=lambda q, df: 2 * special.gammaincinv(np.asarray(df) / 2, q),
    of_isf=lambda q, df: special.chdtri(df, q),
)
"""The chi-squared distribution with df degrees of freedom."""

f: Final = Distribution(
    low=0.0,
    high=np.inf,
    of_cdf=lambda x, dfn, dfd: special.fdtr(dfn, dfd, x),
    of_sf=lambda x, dfn, dfd: special.fdtrc(dfn, dfd, x),
    of_ppf=lambda q, dfn, dfd: special.fdtri(dfn, dfd, q),
    of_isf=lambda q, dfn, dfd: special.fdtri(dfn, dfd, 1 - q),
)
"""Fisher's distribution with dfn and dfd degrees of freedom."""

chi: Final = Distribution(
    low=0.0,
    high=np.inf,
    of_cdf=lambda x, df: special.gammainc(0.5 * df, 0.5 * x**2),
    of_sf=lambda x, df: special.gammaincc(0.5 * df, 0.5 * x**2),
    of_ppf=lambda q, df: np.sqrt(2 * special.gammaincinv(0.5 * df, q)),
    of_isf=lambda q, df: np.sqrt(2 * special.gammainccinv(0.5 * df, q)),
)
"""The distribution of the root of a chi-squared with df degrees of freedom."""

beta: Final = Distribution(
    low=0.0,
    high=1.0,
    of_cdf=lambda x, a, b: special.betainc(a, b, x),
    of_sf=lambda x, a, b: special.betaincc(a, b, x),
    of_ppf=lambda q, a, b: special.betaincinv(a, b, q),
    of_isf=lambda q, a, b: special.betainccinv(a, b, q),
)
"""The beta distribution with parameters a and b."""


def chi_density(x: FloatArray, df: float) -> FloatArray:
    """Density of the root of a chi-squared with df degrees of freedom, at x > 0."""
    constant = np.log(2) - 0.5 * np.log(2) * df - special.gammaln(0.5 * df)
    return np.asarray(np.exp(constant + special.xlogy(df - 1.0, x) - 0.5 * x**2))
