"""The marginal model of repeated outcomes by restricted likelihood, from its definition.

Subjects with the same pattern of visits share the inverse of their covariance, and all that the
likelihood takes of them are sums of squares and products: these are kept as a few rows that have
the same sums, so that an evaluation costs the same for many subjects as for few. The gradient by
the covariance matrix is that of Jennrich & Schluchter 1986, Biometrics 42:805-820, chained to the
parameters of the structure. Minimised by scipy, the standard error from the normal equations,
degrees of freedom by Satterthwaite from differences of the gradient.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from ketaoutcomes.errors import NotEstimableError
from ketaoutcomes.second.cells import Cells, slices, triangle

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Structure = Callable[[FloatArray, int], FloatArray]
"""Parameters, shape (..., k), and the number of visits n become covariances, shape (..., n, n)."""
STEP = 1e-6
WIDE_STEP = 1e-4
POLISH = 4
"""Newton steps after the quasi-Newton search."""
LEAST_GAIN = 1e-9
SETTLED = 1e-4
"""Largest slope at the optimum, for each subject: the error of differences is far below it."""
FEW = 20
"""Subjects of a pattern that are not worth summing up."""
AT_A_TIME = 4096
"""Subjects whose products are added to the sums at a time."""
NO_SUM = 1e-15
"""An eigenvalue of the sums, in units of the largest, below which it is rounding."""


def _lags(n: int) -> IntArray:
    return np.abs(np.subtract.outer(np.arange(n), np.arange(n)))


@cache
def _below(n: int) -> tuple[IntArray, ...]:
    return np.tril_indices(n, -1)


def unstructured(theta: FloatArray, n: int) -> FloatArray:
    """From a Cholesky factor with logarithms on its diagonal."""
    L = np.zeros((*theta.shape[:-1], n, n))
    row, column = _below(n)
    L[..., row, column] = theta[..., n:]
    place = np.arange(n)
    L[..., place, place] = np.exp(theta[..., :n])
    return L @ L.swapaxes(-1, -2)


def _of_lag(theta: FloatArray, n: int, scales: int, kind: str) -> FloatArray:
    """Standard deviations and a correlation for each lag."""
    sd = np.exp(theta[..., :scales]) * np.ones(n)
    r = np.tanh(theta[..., scales:])
    one, first = np.ones((*theta.shape[:-1], 1)), r[..., :1, None]
    if kind == "cs":
        C = np.where(_lags(n) == 0, 1.0, first)
    elif kind == "ar1":
        C = np.sign(first) ** _lags(n) * np.abs(first) ** _lags(n)
    elif kind == "toep":
        C = np.concatenate([one, r], axis=-1)[..., _lags(n)]
    else:  # ante-dependence: products of neighbouring correlations
        product = np.cumprod(np.concatenate([one, np.where(r == 0, 1e-12, r)], axis=-1), axis=-1)
        C = product[..., np.maximum.outer(np.arange(n), np.arange(n))]
        C = C / product[..., np.minimum.outer(np.arange(n), np.arange(n))]
    return np.asarray(sd[..., :, None] * C * sd[..., None, :])


KINDS = {"cs": "cs", "csh": "cs", "ar1": "ar1", "ar1h": "ar1"}
KINDS |= {"toep": "toep", "toeph": "toep", "ad": "ad", "adh": "ad"}


def structure_of(name: str, n: int) -> tuple[Structure, int]:
    """A structure and its number of parameters.

    Raises
    ------
    KeyError
        If there is no second program for it.
    """
    if name == "us":
        return unstructured, n * (n + 1) // 2
    kind = KINDS[name]
    scales = n if name.endswith("h") else 1
    correlations = 1 if kind in ("cs", "ar1") else n - 1
    return (
        lambda theta, size: _of_lag(theta, size, scales, kind),
        scales + correlations,
    )


@dataclass(frozen=True)
class Pattern:
    """Subjects seen at the same visits: y (m, t), X (m, t, p); weights of their precision.

    Of sums, `subjects` is the number of those summed up and m that of the rows with their sums.
    """

    at: IntArray
    y: FloatArray
    X: FloatArray
    weight: FloatArray
    group: int
    subjects: int

    def summed(self) -> "Pattern":
        """As few rows as have the same weighted sums of squares and products of y and X."""
        m, t = self.y.shape
        if m <= FEW:
            return self
        size = t * (self.X.shape[2] + 1)
        products = np.zeros((size, size))
        for start in range(0, m, AT_A_TIME):
            some = slice(start, start + AT_A_TIME)
            rows = np.concatenate([self.X[some], self.y[some, :, None]], axis=2).reshape(-1, size)
            rows *= np.sqrt(self.weight[some, None])
            products += rows.T @ rows
        # in units of each column, so that none is lost beside another
        unit = np.sqrt(np.diag(products))
        unit[unit == 0] = 1.0
        values, vectors = np.linalg.eigh(products / np.outer(unit, unit))
        kept = values > NO_SUM * values[-1]
        if kept.sum() >= m:
            return self
        rows = ((vectors[:, kept] * np.sqrt(values[kept])).T * unit).reshape(kept.sum(), t, -1)
        return Pattern(
            self.at, rows[..., -1], rows[..., :-1], np.ones(len(rows)), self.group, self.subjects
        )


@dataclass(frozen=True)
class Reml:
    """The model at given parameters.

    Attributes
    ----------
    beta : array, shape (p,)
    covariance : array, shape (p, p)
        The inverse of the normal equations.
    """

    theta: FloatArray
    beta: FloatArray
    covariance: FloatArray
    value: float
    gradient: FloatArray


@dataclass(frozen=True)
class Problem:
    """The data and the structure; `reml` false is maximum likelihood."""

    patterns: tuple[Pattern, ...]
    structure: Structure
    n_parameters: int
    n_visits: int
    n_groups: int
    reml: bool

    @property
    def n_columns(self) -> int:
        """Columns of X."""
        return int(self.patterns[0].X.shape[-1])

    @cached_property
    def sums(self) -> tuple[Pattern, ...]:
        """The patterns as rows with the same sums of squares and products."""
        return tuple(pattern.summed() for pattern in self.patterns)

    def at(self, theta: FloatArray) -> Reml:
        """Minus the log-likelihood, its gradient and the coefficients.

        Raises
        ------
        numpy.linalg.LinAlgError
            If the parameters are those of no covariance: the matrix is not positive definite.
        """
        n, k, columns = self.n_visits, self.n_parameters, self.n_columns
        parts = theta.reshape(self.n_groups, k)
        sigma = [self.structure(part, n) for part in parts]
        for matrix in sigma:
            np.linalg.cholesky(matrix)
        inverse = [np.linalg.inv(sigma[p.group][np.ix_(p.at, p.at)]) for p in self.sums]
        WX = [W @ p.X for p, W in zip(self.sums, inverse, strict=True)]
        A, b = np.zeros((columns, columns)), np.zeros(columns)
        for p, one in zip(self.sums, WX, strict=True):
            weighted = (p.weight[:, None, None] * one).reshape(-1, columns)
            A += weighted.T @ p.X.reshape(-1, columns)
            b += weighted.T @ p.y.reshape(-1)
        C = np.asarray(np.linalg.inv(A), dtype=float)
        beta = C @ b
        value = np.linalg.slogdet(A)[1] / 2 if self.reml else 0.0
        slopes = [np.zeros((n, n)) for _ in sigma]
        for p, W, one in zip(self.sums, inverse, WX, strict=True):
            r = p.y - p.X @ beta
            Wr = r @ W
            value += float(p.weight @ (r * Wr).sum(axis=1)) / 2
            value -= p.subjects * np.linalg.slogdet(W)[1] / 2
            slope = p.subjects * W - (p.weight[:, None] * Wr).T @ Wr
            if self.reml:
                t = len(W)
                half = (p.weight[:, None, None] * (one @ C)).transpose(1, 0, 2).reshape(t, -1)
                slope = slope - half @ one.transpose(1, 0, 2).reshape(t, -1).T
            slopes[p.group][np.ix_(p.at, p.at)] += slope / 2
        gradient = np.concatenate(
            [
                self.derivatives(part).reshape(k, -1) @ slope.ravel()
                for part, slope in zip(parts, slopes, strict=True)
            ]
        )
        return Reml(theta, beta, C, float(value), gradient)

    def robust(self, fit: Reml) -> FloatArray:
        """Liang and Zeger's sandwich, shape (p, p), which needs the subjects themselves."""
        parts = fit.theta.reshape(self.n_groups, self.n_parameters)
        sigma = [self.structure(part, self.n_visits) for part in parts]
        meat = np.zeros_like(fit.covariance)
        for p in self.patterns:
            W = np.linalg.inv(sigma[p.group][np.ix_(p.at, p.at)])
            weighted = (p.y - p.X @ fit.beta) @ W
            score = p.weight[:, None] * (weighted[:, None, :] @ p.X)[:, 0]
            meat += score.T @ score
        return np.asarray(fit.covariance @ meat @ fit.covariance)

    def derivatives(self, part: FloatArray) -> FloatArray:
        """Of one group's covariance by its parameters, central differences, shape (k, n, n)."""
        steps = STEP * np.eye(part.size)
        up, down = (self.structure(part + sign * steps, self.n_visits) for sign in (1, -1))
        return (up - down) / (2 * STEP)

    def bend(self, theta: FloatArray) -> FloatArray:
        """Second derivatives of minus the log-likelihood, differences of the gradient."""
        H = np.empty((theta.size, theta.size))
        for place in range(theta.size):
            step = np.zeros(theta.size)
            step[place] = WIDE_STEP
            up, down = self.at(theta + step).gradient, self.at(theta - step).gradient
            H[place] = (up - down) / (2 * WIDE_STEP)
        return (H + H.T) / 2


def solve(problem: Problem, start: FloatArray) -> Reml:
    """The optimum: a quasi-Newton search and Newton steps with differences of the gradient.

    Raises
    ------
    NotEstimableError
        If the gradient does not vanish where the search ends.
    """

    def both(theta: FloatArray) -> tuple[float, FloatArray]:
        found = _tried(problem, theta)
        if found is None:
            return 1e300, np.zeros(theta.size)
        value = found.value if np.isfinite(found.value) else 1e300
        return value, np.nan_to_num(found.gradient)

    theta = minimize(both, start, jac=True, method="BFGS", options={"gtol": 1e-4}).x
    here = problem.at(theta)
    for _ in range(POLISH):
        if np.abs(here.gradient).max() < LEAST_GAIN:
            break
        step = np.linalg.lstsq(problem.bend(theta), here.gradient, rcond=None)[0]
        there = _tried(problem, theta - step)
        if there is None or not there.value <= here.value + LEAST_GAIN:
            break
        theta, here = theta - step, there
    if np.abs(here.gradient).max() > SETTLED * sum(p.subjects for p in problem.patterns):
        raise NotEstimableError("its search for the optimum did not converge")
    return here


def _tried(problem: Problem, theta: FloatArray) -> Reml | None:
    """The model at parameters that may be those of no covariance."""
    try:
        return problem.at(theta)
    except np.linalg.LinAlgError:
        return None


@dataclass(frozen=True)
class Spread:
    """What Satterthwaite's degrees of freedom need, once for all combinations.

    Attributes
    ----------
    bend : array, shape (k, k)
        Second derivatives of minus the log-likelihood.
    slopes : array, shape (k, p, p)
        Derivatives of the covariance of the coefficients.
    """

    bend: FloatArray
    slopes: FloatArray


def spread_of(problem: Problem, fit: Reml) -> Spread:
    """By central differences around the optimum."""
    slopes = np.empty((fit.theta.size, *fit.covariance.shape))
    bend = np.empty((fit.theta.size, fit.theta.size))
    for place in range(fit.theta.size):
        step = np.zeros(fit.theta.size)
        step[place] = WIDE_STEP
        up, down = problem.at(fit.theta + step), problem.at(fit.theta - step)
        slopes[place] = (up.covariance - down.covariance) / (2 * WIDE_STEP)
        bend[place] = (up.gradient - down.gradient) / (2 * WIDE_STEP)
    return Spread((bend + bend.T) / 2, slopes)


def satterthwaite(fit: Reml, spread: Spread, c: FloatArray) -> float:
    """Degrees of freedom of the variance of c' beta: Giesbrecht & Burns 1985, Biometrics 41:477."""
    slopes = spread.slopes @ c @ c
    variance = float(c @ fit.covariance @ c)
    return float(2 * variance**2 / (slopes @ np.linalg.solve(spread.bend, slopes)))


def patterns_of(
    y: FloatArray,
    X: FloatArray,
    subject: IntArray,
    visit: IntArray,
    weight: FloatArray,
    group: IntArray,
) -> tuple[Pattern, ...]:
    """Subjects by the visits at which they were seen, and by group."""
    n = int(visit.max()) + 1
    row = np.full((int(subject.max()) + 1, n), -1)
    row[subject, visit] = np.arange(len(y))
    seen = row >= 0
    first = np.where(seen, row, 0).max(axis=1)
    keys = np.column_stack([seen, group[first]])
    different, kind = np.unique(keys, axis=0, return_inverse=True)
    order = np.argsort(kind.reshape(-1), kind="stable")
    result = []
    for key, members in zip(
        different, np.split(order, np.cumsum(np.bincount(kind.reshape(-1)))[:-1]), strict=True
    ):
        at = np.flatnonzero(key[:-1])
        rows = row[members][:, at]
        first_row = rows[:, 0]
        result.append(Pattern(at, y[rows], X[rows], weight[first_row], int(key[-1]), len(rows)))
    return tuple(result)


def start_of(problem: Problem, cells: Cells, kept: str) -> FloatArray:
    """Independent visits with the standard deviation of ordinary residuals."""
    X, y = cells.X, cells.y
    R = triangle(np.column_stack([X[some], y[some]]) for some in slices(len(y)))
    beta = np.linalg.lstsq(R[:, :-1], R[:, -1], rcond=None)[0]
    log_sd = np.log(np.linalg.norm(R[:, -1] - R[:, :-1] @ beta) / np.sqrt(len(y)))
    one = np.zeros(problem.n_parameters)
    scales = problem.n_visits if kept == "us" or kept.endswith("h") else 1
    one[:scales] = log_sd
    if kept != "us":
        one[scales:] = 0.3 / np.arange(1, one.size - scales + 1)
    return np.tile(one, problem.n_groups)
