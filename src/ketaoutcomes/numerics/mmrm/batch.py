"""Fit many datasets at once: the same Newton steps, each operation over all of them.

A dataset of a few hundred subjects is fitted in less time than Python takes for the calls; together
the calls are shared.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.mmrm.covariance import STRUCTURES, first_derivatives, second_derivatives
from ketaoutcomes.numerics.mmrm.likelihood import Evaluation, Sample, curvature, evaluate_at
from ketaoutcomes.numerics.mmrm.optimise import (
    GRADIENT_TOLERANCE,
    MAXIMUM_ITERATIONS,
    NO_GAIN,
    ROUNDING,
    newton_step,
)
from ketaoutcomes.numerics.mmrm.packed import PackedProducts
from ketaoutcomes.numerics.mmrm.patterns import PatternStatistics

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

DATASETS_AT_A_TIME = 64
POSITIVE_DEFINITE = ("us", "ar1", "ar1h", "ad", "adh", "cs", "csh")
"""Structures that are positive definite for every theta, so that no dataset stops the others."""


@dataclass(frozen=True)
class BatchFit:
    """Fits of B datasets.

    Attributes
    ----------
    beta : array, shape (B, p)
    beta_covariance : array, shape (B, p, p)
    beta_covariance_derivatives : array, shape (B, n_theta, p, p)
        By theta.
    theta : array, shape (B, n_theta)
    theta_covariance : array, shape (B, n_theta, n_theta)
        NaN where the Hessian is not positive definite.
    log_likelihood : array, shape (B,)
    gradient_norm : array, shape (B,)
        Largest absolute derivative by theta.
    converged : bool array, shape (B,)
    """

    beta: FloatArray
    beta_covariance: FloatArray
    beta_covariance_derivatives: FloatArray
    theta: FloatArray
    theta_covariance: FloatArray
    log_likelihood: FloatArray
    gradient_norm: FloatArray
    converged: NDArray[np.bool_]


@dataclass(frozen=True)
class BatchContrast:
    """One linear combination of beta in each dataset, with Satterthwaite's df; arrays of shape (B,)."""

    estimate: FloatArray
    std_error: FloatArray
    df: FloatArray


def fit_batch(
    statistics: PatternStatistics, structure: str = "us", *, reml: bool = True, threads: int = 1
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
            f"fit_batch does not know {structure!r}; choose one of {', '.join(POSITIVE_DEFINITE)}"
        )
    B = statistics.n_groups
    blocks = [np.arange(b, min(b + DATASETS_AT_A_TIME, B)) for b in range(0, B, DATASETS_AT_A_TIME)]

    def fit_block(datasets: IntArray) -> BatchFit:
        return _fit_block(statistics, datasets, structure, reml=reml)

    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(fit_block, blocks))
    return BatchFit(
        *(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(BatchFit))
    )


def batch_contrast(fit: BatchFit, c: FloatArray) -> BatchContrast:
    """Estimate c' beta in each dataset.

    Parameters
    ----------
    c : array, shape (p,)
    """
    variance = c @ fit.beta_covariance @ c
    slope = c @ fit.beta_covariance_derivatives @ c
    spread = np.einsum("bi,bij,bj->b", slope, fit.theta_covariance, slope)
    return BatchContrast(fit.beta @ c, np.sqrt(variance), 2 * variance**2 / spread)


@dataclass(frozen=True)
class _Batch:
    """Datasets side by side, padded to the same number of patterns."""

    sample: Sample
    structure: str
    no_distance: FloatArray

    def evaluate(self, theta: FloatArray) -> Evaluation:
        V = STRUCTURES[self.structure].matrix(theta, self.no_distance)
        at = evaluate_at(self.sample, np.asarray(V)[:, None])
        if at is None:
            raise np.linalg.LinAlgError("a covariance or X'V^-1 X is not positive definite")
        return at

    def subset(self, chosen: IntArray) -> "_Batch":
        sample, products = self.sample, self.sample.products
        packed = PackedProducts(
            products.flat[chosen], products.n_patterns, products.n_visits, products.n_columns
        )
        part = Sample(
            packed,
            sample.observed[chosen],
            sample.n_subjects[chosen],
            sample.log_weight[chosen],
            sample.reml,
        )
        return _Batch(part, self.structure, self.no_distance)


@dataclass(frozen=True)
class _Slopes:
    gradient: FloatArray
    hessian: FloatArray


def _slopes(batch: _Batch, theta: FloatArray, at: Evaluation) -> _Slopes:
    structure = STRUCTURES[batch.structure]
    dV = np.moveaxis(first_derivatives(structure, theta, batch.no_distance), 0, 1)
    second = second_derivatives(structure, theta, batch.no_distance)
    here = curvature(batch.sample, at, dV[:, :, None])
    G = here.G.sum(axis=1)
    bent = np.einsum("ijbst,bst->bij", second, G, optimize=True)
    return _Slopes(0.5 * np.einsum("bist,bst->bi", dV, G), here.hessian + 0.5 * bent)


def _fit_block(
    statistics: PatternStatistics, datasets: IntArray, structure: str, *, reml: bool
) -> BatchFit:
    scales, S, batch = _side_by_side(statistics, datasets, structure, reml=reml)
    theta = _start(S, batch)
    del S
    active = np.arange(len(theta))
    for _ in range(MAXIMUM_ITERATIONS):
        part = batch.subset(active)
        moved, gain = _step(part, theta[active])
        theta[active] = moved
        active = active[gain > NO_GAIN]
        if not active.size:
            break
    return _finished(batch, theta, scales)
