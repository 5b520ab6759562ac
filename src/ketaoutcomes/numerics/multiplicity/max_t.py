"""The largest of several correlated t statistics: exact critical values and adjusted p-values.

P(|T_1| <= c, ..., |T_m| <= c) for T = Z / S, Z normal of correlation R and S^2 a chi-square over
its df, is the mean over S of a normal probability. If R is that of comparisons with one control,
R_ij = l_i l_j, this probability is one integral over the control (Dunnett 1955, JASA 50:1096-1121).
Any other R is brought to a sequence of intervals by its Cholesky factor (Genz 1992, J Comput Graph
Stat 1:141-149; singular R: Genz & Kwong 2000, J Stat Comput Simul 68:1-21). Up to three independent
statistics are integrated by Gauss' rule in every direction, more by a lattice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

FloatArray = NDArray[np.float64]

ONE_FACTOR = 1e-10
FACTOR_NODES = 96
SCALE_NODES = 40
NESTED_NODES = 24
MOST_BY_GAUSS = 3
"""Independent statistics up to which Gauss' rule in each direction is affordable."""
LATTICE_POINTS = 131_071
EDGE = 1e-15
FAR = 1e-13
FARTHEST = 9.0
DEPENDENT = 1e-10


@dataclass(frozen=True)
class MaxT:
    """Distribution of the largest absolute t of m statistics under the global hypothesis.

    Attributes
    ----------
    correlation : array, shape (m, m)
        May be singular: some statistics may be sums of others.
    df : float
        Degrees of freedom that all share; infinite for the normal.
    """

    correlation: FloatArray
    df: float

    def probability(self, c: float) -> float:
        """P(max |T| <= c)."""
        if self._by_lattice:
            return self._over_lattice(c)
        scales, weights = self._scales
        return float(sum(w * self._rectangle(c * s) for s, w in zip(scales, weights, strict=True)))

    def p_value(self, t: float) -> float:
        """P(max |T| >= |t|)."""
        return float(np.clip(1 - self.probability(abs(t)), 0.0, 1.0))

    def critical(self, conf_level: float) -> float:
        """The value that max |T| does not exceed with this probability."""
        m = len(self.correlation)
        low = float(stats.t.ppf(0.5 + conf_level / 2, self.df))
        if m == 1:
            return low
        high = float(stats.t.ppf(1 - (1 - conf_level) / (2 * m), self.df))
        edge = 1e-3
        return float(
            brentq(lambda c: self.probability(c) - conf_level, low - edge, high + edge, xtol=1e-9)
        )

    @property
    def _by_lattice(self) -> bool:
        return self._loadings is None and self._root.shape[1] > MOST_BY_GAUSS

    @cached_property
    def _scales(self) -> tuple[FloatArray, FloatArray]:
        """Values of S with weights: Gauss' rule over its distribution between far quantiles."""
        if not np.isfinite(self.df):
            return np.ones(1), np.ones(1)
        chi = stats.chi(self.df)
        low, high = chi.ppf(FAR), chi.isf(FAR)
        x, w = _gauss(SCALE_NODES)
        at = low + (high - low) * (x + 1) / 2
        weights = w * chi.pdf(at)
        return np.asarray(at / np.sqrt(self.df)), np.asarray(weights / weights.sum())

    def _rectangle(self, c: float) -> float:
        """P(|Z_i| <= c for all i)."""
        if self._loadings is not None:
            return _one_factor(self._loadings, c)
        return _nested(self._root, c)

    def _over_lattice(self, c: float) -> float:
        """S is one more direction of the lattice."""
        return _genz(self._root, c * self._lattice_scale, _lattice(self._root.shape[1]))

    @cached_property
    def _lattice_scale(self) -> FloatArray:
        """S at each point of the lattice."""
        points = _lattice(self._root.shape[1])
        if not np.isfinite(self.df):
            return np.ones(len(points))
        return np.asarray(np.sqrt(stats.chi2.ppf(points[:, -1], self.df) / self.df))

    @cached_property
    def _loadings(self) -> FloatArray | None:
        """The l with R_ij = l_i l_j for i and j apart, or None."""
        return loadings(self.correlation)

    @cached_property
    def _root(self) -> FloatArray:
        """Cholesky factor, shape (m, rank)."""
        return _pivoted(self.correlation)


def loadings(R: FloatArray) -> FloatArray | None:
    """One factor that explains all correlations, if there is one."""
    m = len(R)
    if m == 1:
        return np.zeros(1)
    if m == 2:
        rho = R[0, 1]
        return np.array([np.sqrt(abs(rho)), np.sign(rho) * np.sqrt(abs(rho))])
    if np.abs(R - np.eye(m)).max() < ONE_FACTOR:
        return np.zeros(m)
    if np.abs(R).min() < ONE_FACTOR:
        return None
    # l_0^2 = R_01 R_02 / R_12, and the others from it
    square = R[0, 1] * R[0, 2] / R[1, 2]
    if not 0 < square < 1:
        return None
    first = np.sqrt(square)
    l = np.append(first, R[0, 1:] / first)
    off = np.abs(np.outer(l, l) - R)[~np.eye(m, dtype=bool)]
    return l if off.max() < ONE_FACTOR and np.abs(l).max() < 1 else None


def _one_factor(l: FloatArray, c: float) -> float:
    """Mean over the factor of the product of the statistics' conditional probabilities."""
    z, w = _factor_nodes()
    spread = np.sqrt(1 - l**2)
    ahead = (c - np.outer(z, l)) / spread
    behind = (-c - np.outer(z, l)) / spread
    return float(w @ np.prod(ndtr(ahead) - ndtr(behind), axis=1))


@lru_cache
def _gauss(nodes: int) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of Gauss' rule between -1 and 1."""
    x, w = leggauss(nodes)
    return np.asarray(x, dtype=float), np.asarray(w, dtype=float)


def _factor_nodes() -> tuple[FloatArray, FloatArray]:
    """Gauss' rule for a standard normal between far limits."""
    x, w = _gauss(FACTOR_NODES)
    z = FARTHEST * x
    weights = w * np.exp(-(z**2) / 2)
    return z, weights / weights.sum()


def _pivoted(R: FloatArray) -> FloatArray:
    """Cholesky factor of a correlation matrix that may be singular, without its zero columns."""
    m = len(R)
    L = np.zeros((m, m))
    for j in range(m):
        pivot = R[j, j] - L[j, :j] @ L[j, :j]
        if pivot > DEPENDENT:
            L[j, j] = np.sqrt(pivot)
            L[j + 1 :, j] = (R[j + 1 :, j] - L[j + 1 :, :j] @ L[j, :j]) / L[j, j]
    L[np.abs(L) < DEPENDENT] = 0.0
    return L[:, np.diag(L) > 0]


def _limits(
    L: FloatArray, c: FloatArray | float, z: FloatArray, j: int
) -> tuple[FloatArray, FloatArray]:
    """Limits of independent variable j, given those before it, for each point.

    Every statistic whose last variable is j bounds it; a dependent one narrows the interval.
    """
    low, high = np.full(len(z), -FARTHEST), np.full(len(z), FARTHEST)
    for row in L:
        if np.flatnonzero(row)[-1] == j:
            shift = z[:, :j] @ row[:j]
            ends = (-c - shift) / row[j], (c - shift) / row[j]
            low = np.maximum(low, np.minimum(*ends))
            high = np.minimum(high, np.maximum(*ends))
    return low, np.maximum(high, low)


def _nested(L: FloatArray, c: float) -> float:
    """Gauss' rule on each variable's interval in turn, the last in closed form."""
    rank = L.shape[1]
    x, w = _gauss(NESTED_NODES)
    z, weights = np.zeros((1, rank)), np.ones(1)
    for j in range(rank - 1):
        low, high = _limits(L, c, z, j)
        half = (high - low) / 2
        at = ((low + high) / 2)[:, None] + half[:, None] * x
        density = np.exp(-(at**2) / 2) / np.sqrt(2 * np.pi)
        weights = (weights[:, None] * half[:, None] * w * density).reshape(-1)
        z = np.repeat(z, NESTED_NODES, axis=0)
        z[:, j] = at.reshape(-1)
    low, high = _limits(L, c, z, rank - 1)
    return float(weights @ (ndtr(high) - ndtr(low)))


def _genz(L: FloatArray, c: FloatArray, points: FloatArray) -> float:
    """Mean of Genz's transformation over the points."""
    rank = L.shape[1]
    z, total = np.zeros((len(points), rank)), np.ones(len(points))
    for j in range(rank):
        low, high = (ndtr(limit) for limit in _limits(L, c, z, j))
        total = total * (high - low)
        if j + 1 < rank:
            z[:, j] = ndtri(np.clip(low + points[:, j] * (high - low), EDGE, 1 - EDGE))
    return float(total.mean())


@lru_cache(maxsize=4)
def _lattice(dimensions: int) -> FloatArray:
    """Richtmyer's lattice with the baker's transformation: symmetric and without randomness."""
    roots = np.sqrt(np.fromiter(_primes(dimensions), dtype=float))
    k = np.arange(1, LATTICE_POINTS + 1)[:, None]
    return np.abs(2 * ((k * roots) % 1.0) - 1)


def _primes(count: int) -> Iterator[int]:
    found: list[int] = []
    candidate = 2
    while len(found) < count:
        if all(candidate % prime for prime in found):
            found.append(candidate)
            yield candidate
        candidate += 1


def step_down(t: FloatArray, R: FloatArray, df: float) -> FloatArray:
    """Adjusted p-values of the step-down procedure: Dunnett & Tamhane 1991, Stat Med 10:939-947.

    The largest |t| is compared with the maximum of all, the next with that of the rest, and so on.
    """
    order = np.argsort(-np.abs(t), kind="stable")
    adjusted, highest = np.ones_like(t), 0.0
    for step in range(t.size):
        left = order[step:]
        here = MaxT(R[np.ix_(left, left)], df).p_value(float(t[order[step]]))
        highest = max(highest, here)
        adjusted[order[step]] = highest
    return adjusted
