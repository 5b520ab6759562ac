"""A mixture of multivariate normal courses, with gaps that are missing at random.

Subject i of arm a is of class k with probability p_ak; given the class its course is normal with a
mean at each visit and a covariance that all classes share (Verbeke & Lesaffre 1996, JASA
91:217-221; McLachlan & Peel 2000, Finite Mixture Models, chapters 2 and 3). The shares of an arm
are parameters, not means of posterior probabilities, which would draw arms together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Within = Literal["independent", "compound symmetry", "ar1"]

LOG_TWO_PI = float(np.log(2 * np.pi))
SMALLEST_SHARE = 1e-8
REACHES = (0.03, 0.001)
"""How far a step looks for a better correlation."""

NARROWEST = 1e-8
"""Variance below this share of the whole is a class of copies."""


@dataclass(frozen=True)
class Courses:
    """Scores of subjects at visits.

    Attributes
    ----------
    y : array, shape (n, v)
        NaN where missing; everybody has one score at least.
    arm : int array, shape (n,)
        Codes from 0.
    """

    y: FloatArray
    arm: IntArray

    @property
    def n_arms(self) -> int:
        """How many arms there are."""
        return int(self.arm.max()) + 1

    @cached_property
    def patterns(self) -> list["Pattern"]:
        """Subjects with the same visits seen, together."""
        kinds, which = np.unique(np.isfinite(self.y), axis=0, return_inverse=True)
        found = []
        for place, kind in enumerate(kinds):
            seen, rows = np.flatnonzero(kind), np.flatnonzero(which.ravel() == place)
            found.append(Pattern(seen, rows, self.y[np.ix_(rows, seen)]))
        return found


@dataclass(frozen=True)
class Pattern:
    """The visits seen, of which rows, and their scores there."""

    seen: IntArray
    rows: IntArray
    y: FloatArray


@dataclass(frozen=True)
class Mixture:
    """Parameters.

    Attributes
    ----------
    shares : array, shape (a, k)
        Probability of each class by arm.
    means : array, shape (k, v)
    variance, correlation : float
        Of the deviations from the mean course; correlation 0 where they are independent.
    """

    shares: FloatArray
    means: FloatArray
    variance: float
    correlation: float
    within: Within

    @property
    def n_parameters(self) -> int:
        """Shares, means, and those of the covariance."""
        arms, classes = self.shares.shape
        return arms * (classes - 1) + self.means.size + (1 if self.within == "independent" else 2)

    def covariance(self) -> FloatArray:
        """Of the deviations, shape (v, v)."""
        return self.variance * structure(self.within, self.correlation, self.means.shape[1])


def structure(within: Within, correlation: float, visits: int) -> FloatArray:
    """The correlation matrix; "ar1" falls with the number of visits between."""
    if within == "independent":
        return np.eye(visits)
    if within == "compound symmetry":
        return np.full((visits, visits), correlation) + (1 - correlation) * np.eye(visits)
    place = np.arange(visits)
    return np.asarray(correlation ** np.abs(place[:, None] - place[None, :]), dtype=float)


def log_densities(courses: Courses, mixture: Mixture) -> FloatArray:
    """Log of share times density of each subject in each class, shape (n, k)."""
    V = mixture.covariance()
    out = np.empty((len(courses.y), len(mixture.means)))
    for pattern in courses.patterns:
        here = V[np.ix_(pattern.seen, pattern.seen)]
        inverse = np.linalg.inv(here)
        constant = pattern.seen.size * LOG_TWO_PI + float(np.linalg.slogdet(here)[1])
        residual = pattern.y[:, None, :] - mixture.means[:, pattern.seen]
        distance = ((residual @ inverse) * residual).sum(axis=2)
        out[pattern.rows] = -0.5 * (constant + distance)
    shares = np.maximum(mixture.shares, SMALLEST_SHARE)
    return np.asarray(out + np.log(shares)[courses.arm])


def log_likelihood(courses: Courses, mixture: Mixture) -> float:
    """Of all that was seen."""
    return float(logsumexp(log_densities(courses, mixture), axis=1).sum())


def as_vector(mixture: Mixture) -> FloatArray:
    """The parameters on scales without bounds."""
    shares = np.log(np.maximum(mixture.shares, SMALLEST_SHARE))
    low, high = bounds_of(mixture.within, mixture.means.shape[1])
    place = (mixture.correlation - low) / (high - low)
    place = float(np.clip(place, 1e-6, 1 - 1e-6))
    spread = [np.log(mixture.variance), np.log(place / (1 - place))]
    return np.concatenate([shares.ravel(), mixture.means.ravel(), spread])


def from_vector(vector: FloatArray, like: Mixture) -> Mixture:
    """The mixture of such a vector."""
    a, k = like.shares.shape
    logs = vector[: a * k].reshape(a, k)
    shares = np.exp(logs - logsumexp(logs, axis=1, keepdims=True))
    low, high = bounds_of(like.within, like.means.shape[1])
    correlation = low + (high - low) / (1 + np.exp(-vector[-1]))
    return Mixture(
        shares,
        vector[a * k : -2].reshape(like.means.shape),
        float(np.exp(vector[-2])),
        0.0 if like.within == "independent" else float(correlation),
        like.within,
    )


def posterior(courses: Courses, mixture: Mixture) -> FloatArray:
    """Probability of each class for each subject, shape (n, k)."""
    logs = log_densities(courses, mixture)
    return np.asarray(np.exp(logs - logsumexp(logs, axis=1, keepdims=True)))


def step(courses: Courses, mixture: Mixture) -> Mixture:
    """One step of expectation and conditional maximisation (Meng & Rubin 1993, Biometrika 80:267).

    The likelihood of what was seen does not fall.
    """
    r = posterior(courses, mixture)
    shares = np.stack([r[courses.arm == a].mean(axis=0) for a in range(courses.n_arms)])
    means = _means(courses, mixture, r)
    correlation, variance = _spread(courses, means, r, mixture.within, mixture.correlation)
    return Mixture(shares, means, variance, correlation, mixture.within)


def _means(courses: Courses, mixture: Mixture, r: FloatArray) -> FloatArray:
    """Weighted least squares in each class, given the covariance."""
    V, (k, v) = mixture.covariance(), mixture.means.shape
    information, score = np.zeros((k, v, v)), np.zeros((k, v))
    for pattern in courses.patterns:
        seen, of_rows = pattern.seen, r[pattern.rows]
        inverse = np.linalg.inv(V[np.ix_(seen, seen)])
        information[np.ix_(np.arange(k), seen, seen)] += (
            of_rows.sum(axis=0)[:, None, None] * inverse
        )
        score[:, seen] += (of_rows.T @ pattern.y) @ inverse
    ridge = 1e-10 * np.trace(information, axis1=1, axis2=2)[:, None, None] / v * np.eye(v)
    return np.asarray(np.linalg.solve(information + ridge, score[..., None])[..., 0])


def _spread(
    courses: Courses, means: FloatArray, r: FloatArray, within: Within, correlation: float
) -> tuple[float, float]:
    """A correlation that fits the deviations no worse, and the variance that fits them best."""
    parts = []
    for pattern in courses.patterns:
        residual = pattern.y[:, None, :] - means[:, pattern.seen]
        flat = (residual * np.sqrt(r[pattern.rows])[..., None]).reshape(-1, pattern.seen.size)
        parts.append((pattern.seen, len(pattern.rows), flat.T @ flat))
    observed = sum(seen.size * n for seen, n, _ in parts)
    visits = means.shape[1]

    def profiled(correlation: float) -> tuple[float, float]:
        """Minus twice the log likelihood at its best variance, and that variance."""
        R = structure(within, correlation, visits)
        total, logs = 0.0, 0.0
        for seen, n, S in parts:
            here = R[np.ix_(seen, seen)]
            total += float(np.trace(np.linalg.solve(here, S)))
            logs += n * float(np.linalg.slogdet(here)[1])
        variance = max(total / observed, NARROWEST)
        return observed * np.log(variance) + logs, variance

    if within == "independent":
        return 0.0, profiled(0.0)[1]
    correlation = _lower(lambda c: profiled(c)[0], correlation, bounds_of(within, visits))
    return correlation, profiled(correlation)[1]


def bounds_of(within: Within, visits: int) -> tuple[float, float]:
    """Where the correlation matrix is positive definite."""
    return (-1 / (visits - 1) + 1e-4 if within == "compound symmetry" else -0.999), 0.999


def _lower(function: Callable[[float], float], at: float, bounds: tuple[float, float]) -> float:
    """A point where the function is no higher: the foot of a parabola, a wide and a narrow one."""
    for reach in REACHES:
        points = np.clip(np.array([at - reach, at, at + reach]), *bounds)
        values = np.array([function(float(point)) for point in points])
        curve = np.polyfit(points - at, values, 2)
        if curve[0] > 0:
            foot = float(np.clip(at - curve[1] / (2 * curve[0]), *bounds))
            points, values = np.append(points, foot), np.append(values, function(foot))
        best = int(np.argmin(values))
        at = at if values[best] >= values[1] else float(points[best])
    return at
