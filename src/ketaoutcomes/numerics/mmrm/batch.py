"""Fit many datasets at once: the same Newton steps, each operation over all of them.

A dataset of a few hundred subjects is fitted in less time than Python takes for the calls; together
the calls are shared.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.mmrm.batch_sample import Batch, scaled, side_by_side
from ketaoutcomes.numerics.mmrm.covariance import STRUCTURES, first_derivatives, second_derivatives
from ketaoutcomes.numerics.mmrm.likelihood import Evaluation, Sample, curvature
from ketaoutcomes.numerics.mmrm.optimise import (
    MAXIMUM_ITERATIONS,
    NO_GAIN,
    ROUNDING,
    newton_step,
    optimality,
)
from ketaoutcomes.numerics.mmrm.patterns import PatternStatistics

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

DATASETS_AT_A_TIME = 64
HALVINGS = 30
START_CORRELATION = 0.3
POSITIVE_DEFINITE = ("us", "ar1", "ar1h", "ad", "adh", "cs", "csh")
"""Structures that are positive definite for every theta, so that no dataset stops the others."""


@dataclass(frozen=True)
class BatchFit:
    """Fits of B datasets.

    Attributes
    ----------
    own_beta : array, shape (B, p)
        Coefficients of the centred columns of X.
    own_covariance : array, shape (B, p, p)
        Their covariance.
    own_covariance_derivatives : array, shape (B, n_theta, p, p)
        By theta.
    theta : array, shape (B, n_theta)
    theta_covariance : array, shape (B, n_theta, n_theta)
        NaN where the Hessian is not positive definite.
    log_likelihood : array, shape (B,)
    gradient_norm : array, shape (B,)
        Largest absolute derivative by theta.
    converged : bool array, shape (B,)
    columns : array, shape (B, p, p)
        The centred columns are X times this, the same in all datasets.
    """

    own_beta: FloatArray
    own_covariance: FloatArray
    own_covariance_derivatives: FloatArray
    theta: FloatArray
    theta_covariance: FloatArray
    log_likelihood: FloatArray
    gradient_norm: FloatArray
    converged: NDArray[np.bool_]
    columns: FloatArray

    @property
    def beta(self) -> FloatArray:
        """Coefficients of X, shape (B, p)."""
        return np.asarray((self.columns @ self.own_beta[..., None])[..., 0])

    def covariance_of(self, L: FloatArray) -> FloatArray:
        """Covariance of linear combinations of beta, one a row of L, in each dataset."""
        own = L @ self.columns
        return np.asarray(own @ self.own_covariance @ np.swapaxes(own, -1, -2))


@dataclass(frozen=True)
class BatchContrast:
    """One linear combination of beta in each dataset, with Satterthwaite's df; shapes (B,)."""

    estimate: FloatArray
    std_error: FloatArray
    df: FloatArray


def fit_batch(
    statistics: PatternStatistics,
    structure: str = "us",
    *,
    reml: bool = True,
    threads: int = 1,
    start: FloatArray | None = None,
) -> BatchFit:
    """Fit each group of the statistics as a dataset of its own.

    Parameters
    ----------
    statistics : PatternStatistics
        Of all datasets, the number of the dataset as the group.
    structure : str
        One of `POSITIVE_DEFINITE`.
    threads : int
        The result does not depend on it.

    Raises
    ------
    ValueError
        If a covariance of the structure need not be positive definite.
    """
    if structure not in POSITIVE_DEFINITE:
        raise ValueError(
            f"`fit_batch` does not know {structure!r}; choose one of {', '.join(POSITIVE_DEFINITE)}"
        )
    B = statistics.n_groups
    blocks = [np.arange(b, min(b + DATASETS_AT_A_TIME, B)) for b in range(0, B, DATASETS_AT_A_TIME)]

    def fit_block(datasets: IntArray) -> BatchFit:
        return _fit_block(statistics, datasets, structure, start, reml=reml)

    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(fit_block, blocks))
    fit = BatchFit(
        *(
            np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(BatchFit)
        )
    )
    columns, by_least_squares = statistics.basis[:-1, :-1], statistics.basis[:-1, -1]
    return replace(
        fit,
        own_beta=fit.own_beta - np.linalg.solve(columns, by_least_squares),
        columns=np.broadcast_to(columns, fit.columns.shape),
    )


def batch_contrast(fit: BatchFit, c: FloatArray) -> BatchContrast:
    """Estimate c' beta in each dataset.

    Parameters
    ----------
    c : array, shape (p,)
    """
    own = c @ fit.columns
    variance = np.einsum("bp,bpq,bq->b", own, fit.own_covariance, own)
    slope = np.einsum("bp,bipq,bq->bi", own, fit.own_covariance_derivatives, own, optimize=True)
    spread = np.einsum("bi,bij,bj->b", slope, fit.theta_covariance, slope)
    return BatchContrast(
        (fit.own_beta * own).sum(axis=-1), np.sqrt(variance), 2 * variance**2 / spread
    )


@dataclass(frozen=True)
class _Slopes:
    gradient: FloatArray
    hessian: FloatArray
    dV: FloatArray


def _slopes(batch: Batch, theta: FloatArray, at: Evaluation) -> _Slopes:
    structure, no_distance = STRUCTURES[batch.structure], np.zeros((batch.n_visits, batch.n_visits))
    dV = np.moveaxis(first_derivatives(structure, theta, no_distance), 0, 1)
    second = second_derivatives(structure, theta, no_distance)
    here = curvature(batch.sample, at, dV[:, :, None])
    G = here.G.sum(axis=1)
    bent = np.einsum("ijbst,bst->bij", second, G, optimize=True)
    return _Slopes(0.5 * np.einsum("bist,bst->bi", dV, G), here.hessian + 0.5 * bent, dV)


def _fit_block(
    statistics: PatternStatistics,
    datasets: IntArray,
    structure: str,
    start: FloatArray | None,
    *,
    reml: bool,
) -> BatchFit:
    return _fitted(side_by_side(statistics, datasets, structure, reml=reml), start)


def fit_sample(sample: Sample, structure: str, start: FloatArray | None = None) -> BatchFit:
    """Fit datasets whose statistics are packed already, shapes (B, ...), all in one block.

    The same as `fit_batch`.
    """
    return _fitted(scaled(sample, structure), start)


def _fitted(batch: Batch, start: FloatArray | None) -> BatchFit:
    n_theta = STRUCTURES[batch.structure].n_parameters(batch.n_visits)
    theta = np.full((batch.identified.size, n_theta), np.nan)
    active = np.flatnonzero(batch.identified)
    theta[active] = _start(batch.subset(active), start)
    for _ in range(MAXIMUM_ITERATIONS):
        if not active.size:
            break
        theta[active], gain = _step(batch.subset(active), theta[active])
        active = active[gain > NO_GAIN]
    return _finished(batch, theta)


def _start(batch: Batch, given: FloatArray | None) -> FloatArray:
    """The parameters given, or the logarithms of the residual SDs and a middling correlation."""
    sample, structure = batch.sample, STRUCTURES[batch.structure]
    T = batch.n_visits
    n_log_sd = structure.n_log_sd(T)
    if given is not None:
        theta = np.tile(given, (len(sample.n_subjects), 1))
        theta[:, :n_log_sd] += np.log(batch.column_scale[:, -1:])
        return theta
    theta = np.full((len(sample.n_subjects), structure.n_parameters(T)), START_CORRELATION)
    theta[:, :n_log_sd] = 0.0
    return theta


def _step(batch: Batch, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """One Newton step, halved where it does not lower the value, and the gain it promised."""
    at = batch.evaluate(theta)
    here = _slopes(batch, theta, at)
    step = newton_step(here.gradient, here.hessian)
    gain = (here.gradient * step).sum(axis=-1)
    share = np.ones(len(theta))
    worse = np.arange(len(theta))
    for _ in range(HALVINGS):
        there = batch.subset(worse).evaluate(theta[worse] - share[worse, None] * step[worse])
        enough = at.value[worse] - 1e-4 * share[worse] * gain[worse]
        enough += ROUNDING * (1 + np.abs(at.value[worse]))
        worse = worse[~(there.value <= enough)]
        if not worse.size:
            break
        share[worse] /= 2
    share[worse], gain[worse] = 0.0, 0.0
    return theta - share[:, None] * step, gain


def _finished(batch: Batch, theta: FloatArray) -> BatchFit:
    """Covariances and convergence, in the units of the data; NaN where not identified."""
    known = np.flatnonzero(batch.identified)
    part = batch.subset(known)
    at = part.evaluate(theta[known])
    here = _slopes(part, theta[known], at)
    reached = optimality(here.gradient, here.hessian)
    curved = reached.curved[:, None, None]
    safe = np.where(curved, here.hessian, np.eye(theta.shape[1]))
    middle = at.W[:, None] @ here.dV[:, :, None] @ at.W[:, None]
    U = part.sample.products.quadratic(middle)[..., :-1, :-1]
    Phi = at.M_inverse[:, None]
    scale, sd = part.column_scale[:, :-1], 1 / part.column_scale[:, -1]
    unit = scale * sd[:, None]
    units = unit[:, :, None] * unit[:, None, :]
    n_log_sd = STRUCTURES[batch.structure].n_log_sd(batch.n_visits)
    moved = theta[known].copy()
    moved[:, :n_log_sd] += np.log(sd)[:, None]
    value = at.value + part.sample.residual_count * np.log(sd)
    if part.sample.reml:
        value = value - np.log(scale).sum(axis=-1)
    fit = BatchFit(
        own_beta=at.beta * unit,
        own_covariance=at.M_inverse * units,
        own_covariance_derivatives=Phi @ U @ Phi * units[:, None],
        theta=moved,
        theta_covariance=np.where(curved, np.linalg.inv(safe), np.nan),
        log_likelihood=-value,
        gradient_norm=np.abs(here.gradient).max(axis=-1),
        converged=reached.reached & part.regular(theta[known]),
        columns=np.broadcast_to(np.eye(unit.shape[1]), units.shape),
    )
    return _spread(fit, known, len(theta))


def _spread(fit: BatchFit, known: IntArray, B: int) -> BatchFit:
    """Put datasets that are not identified back in their places, as NaN."""
    arrays = {}
    for field in fields(BatchFit):
        values = getattr(fit, field.name)
        filled = np.full((B, *values.shape[1:]), False if values.dtype == bool else np.nan)
        filled[known] = values
        arrays[field.name] = filled.astype(values.dtype)
    return BatchFit(**arrays)
