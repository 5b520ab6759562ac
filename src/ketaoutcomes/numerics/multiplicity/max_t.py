"""The largest of several correlated t statistics: exact critical values and adjusted p-values.

T = Z / S with Z normal of correlation R = L L' and S^2 a chi-square over its df. The direction of
the r independent normals behind Z is uniform on a sphere and independent of their length, whose
square over r S^2 has an F distribution. The largest statistic exceeds c where the length exceeds
c / h, h being the largest projection of the direction on a row of L (the radial method of Deák
1980, Numer Math 35:369-380). Over the cell of each row (`cells.py`) the integral over the angle to
the row is one of a single variable, so that the tail has its full relative precision.

R may be singular, as that of all pairwise differences is: its rank counts, not its size. Up to
rank 4 the result is exact to rounding, whatever R is. Above it is by two special forms:
R_ij = l_i l_j, as for comparisons with one control (Dunnett 1955, JASA 50:1096-1121), and all
pairwise differences of equally precise estimates (Tukey's studentised range); else by a lattice,
to about 1e-5.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.optimize import brentq
from scipy.special import gammaln, ndtr

from ketaoutcomes.numerics import distributions
from ketaoutcomes.numerics.multiplicity.cells import (
    SPHERE,
    Cells,
    cells_of,
    directions,
    gauss,
    root,
)

FloatArray = NDArray[np.float64]

ONE_FACTOR = 1e-10
FACTOR_NODES = 96
MOST_FACTOR_NODES = 3000
NARROW = 0.45
"""Share of a statistic that is its own under which the factor needs more nodes."""
SCALE_NODES = 40
ANGLES = 4001
FAR = 1e-13
FARTHEST = 9.0
SMALL_BY_FACTOR = 1e-11
"""Below it one minus the integral over the factor is rounding, and Bonferroni's sum is given."""


@dataclass(frozen=True)
class MaxT:
    """Distribution of the largest t, or absolute t, of m statistics under the global hypothesis.

    Attributes
    ----------
    correlation : array, shape (m, m)
        May be singular: some statistics may be sums of others.
    df : float
        Degrees of freedom that all share; infinite for the normal.
    two_sided : bool
        Whether statistics far below zero count as large.
    """

    correlation: FloatArray
    df: float
    two_sided: bool = True

    def probability(self, c: float) -> float:
        """P(max |T| <= c), or P(max T <= c)."""
        return 1 - self.p_value(c)

    def p_value(self, t: float) -> float:
        """P(max |T| >= |t|), or P(max T >= t)."""
        if not self.two_sided and t <= 0:
            return 1 - self._all_beyond(-t)
        return float(np.clip(self._beyond(abs(t)), 0.0, 1.0))

    def critical(self, conf_level: float) -> float:
        """The value that max |T| does not exceed with this probability."""
        m = len(self.correlation)
        low = float(distributions.t.ppf(0.5 + conf_level / 2, self.df))
        if m == 1:
            return low
        high = float(distributions.t.ppf(1 - (1 - conf_level) / (2 * m), self.df))
        edge = 1e-3
        return float(
            brentq(lambda c: self.probability(c) - conf_level, low - edge, high + edge, xtol=1e-9)
        )

    def _beyond(self, c: float) -> float:
        if self._loadings is not None:
            return self._by_factor(self._loadings, c)
        if self._is_range:
            from scipy.stats import studentized_range  # noqa: PLC0415 - slow to import

            return float(studentized_range.sf(c * np.sqrt(2), self._rank + 1, self.df))
        return self._over_cells(c)

    @cached_property
    def _rank(self) -> int:
        return root(self.correlation).shape[1]

    @cached_property
    def _loadings(self) -> FloatArray | None:
        """The l with R_ij = l_i l_j, where the cells would be slow or not exact."""
        special = self.two_sided and self._rank > SPHERE
        return loadings(self.correlation) if special else None

    @cached_property
    def _is_range(self) -> bool:
        special = self.two_sided and self._rank > SPHERE
        return special and is_of_all_pairs(self.correlation, self._rank + 1)

    @cached_property
    def _cells(self) -> Cells:
        return cells_of(self.correlation, two_sided=self.two_sided)

    @cached_property
    def _powers(self) -> FloatArray:
        """Of each piece of a quartic over the angles: what its coefficients count for.

        Sums of the weights of the cells that end in the piece, times the fourth to no power of how
        far from its beginning. The cells are the same for every c, so that they are passed once.
        """
        width = np.pi / 2 / (ANGLES - 1)
        # the pieces are of one width; at their ends they agree, so that rounding may take either
        piece = np.minimum((self._cells.angle / width).astype(np.int64), ANGLES - 2)
        step = self._cells.angle - width * piece
        sums, product = [], self._cells.weight
        for _ in range(5):
            sums.append(np.bincount(piece, product, ANGLES - 1))
            product = product * step
        return np.stack(sums[::-1])

    def _over_cells(self, c: float) -> float:
        """Tail of the length over the angles of the cells."""
        cells, rank = self._cells, self._cells.rank
        sides = 2 if self.two_sided else 1
        if rank == 1:
            return sides * len(cells.angle) * float(distributions.t.sf(c, self.df))
        angle = np.linspace(0, np.pi / 2, ANGLES)
        tail = self._length_beyond(c / np.maximum(np.cos(angle), np.finfo(float).tiny), rank)
        upto = CubicSpline(angle, tail * np.sin(angle) ** (rank - 2)).antiderivative()
        share = np.exp(_log_area(rank - 1) - _log_area(rank))
        return float(sides * share * (upto.c * self._powers).sum())

    def _length_beyond(self, length: FloatArray, rank: int) -> FloatArray:
        """P(|Z| / S > length) of the independent normals behind the statistics."""
        with np.errstate(over="ignore"):
            square = length**2
        if np.isfinite(self.df):
            return np.asarray(distributions.f.sf(square / rank, rank, self.df))
        return np.asarray(distributions.chi2.sf(square, rank))

    def _all_beyond(self, c: float) -> float:
        """P(min T > c), c >= 0, by the lattice: it matters to p-values above a half only."""
        L = root(self.correlation)
        least = (directions(L.shape[1]) @ L.T).min(axis=1)
        ahead = least > 0
        tail = self._length_beyond(c / least[ahead], L.shape[1])
        return float(tail.sum() / len(least))

    def _by_factor(self, l: FloatArray, c: float) -> float:
        scales, weights = self._scales
        inside = sum(w * _one_factor(l, c * s) for s, w in zip(scales, weights, strict=True))
        bonferroni = 2 * l.size * float(distributions.t.sf(c, self.df))
        return bonferroni if 1 - inside < SMALL_BY_FACTOR else float(1 - inside)

    @cached_property
    def _scales(self) -> tuple[FloatArray, FloatArray]:
        """Values of S with weights: Gauss' rule over its distribution between far quantiles."""
        if not np.isfinite(self.df):
            return np.ones(1), np.ones(1)
        low = distributions.chi.ppf(FAR, self.df)
        high = distributions.chi.isf(FAR, self.df)
        x, w = gauss(SCALE_NODES)
        at = low + (high - low) * (x + 1) / 2
        weights = w * distributions.chi_density(at, self.df)
        return np.asarray(at / np.sqrt(self.df)), np.asarray(weights / weights.sum())


def _log_area(dimension: int) -> float:
    """Logarithm of the area of the unit sphere among so many dimensions."""
    return float(np.log(2) + dimension / 2 * np.log(np.pi) - gammaln(dimension / 2))


def is_of_all_pairs(R: FloatArray, k: int) -> bool:
    """Whether R is that of all differences of k independent and equally precise estimates."""
    size = np.abs(R[~np.eye(len(R), dtype=bool)].reshape(len(R), -1))
    half = np.abs(size - 0.5) < ONE_FACTOR
    known = half | (size < ONE_FACTOR)
    pairs = len(R) == k * (k - 1) // 2
    return bool(pairs and known.all() and (half.sum(axis=1) == 2 * (k - 2)).all())


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
    spread = np.sqrt(1 - l**2)
    z, w = _factor_nodes(float(spread.min()))
    ahead = (c - np.outer(z, l)) / spread
    behind = (-c - np.outer(z, l)) / spread
    return float(w @ np.prod(ndtr(ahead) - ndtr(behind), axis=1))


def _factor_nodes(spread: float) -> tuple[FloatArray, FloatArray]:
    """Gauss' rule for a standard normal between far limits; the steeper, the more nodes."""
    wanted = int(np.ceil(FACTOR_NODES * max(1.0, NARROW / spread)))
    x, w = gauss(min(wanted, MOST_FACTOR_NODES))
    z = FARTHEST * x
    weights = w * np.exp(-(z**2) / 2)
    return z, weights / weights.sum()


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
