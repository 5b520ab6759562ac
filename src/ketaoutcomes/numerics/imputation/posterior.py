"""Draws from the posterior of the imputation model, by Gibbs sampling on sufficient statistics.

Schafer 1997, Analysis of Incomplete Multivariate Data, chapter 5, with regression coefficients and
the Jeffreys prior, ``|Sigma|^-(T + 1)/2`` for each covariance and flat for beta. The missing
outcomes enter only through the sum over subjects of residuals r r', whose distribution given the
observed residuals of a pattern is known: for a pattern of N subjects with the observed
cross-products C, the regression F of all on the observed visits and G the root of the remaining
covariance it is

    (F C^1/2 + G Z') (F C^1/2 + G Z')' + G W G',   Z standard normal, W Wishart(N - rank C, I).

A step costs the same whatever the number of subjects. Derivation: docs/methods/imputation.md.
"""

from collections.abc import Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.imputation.trial import Parameters
from ketaoutcomes.numerics.mmrm.fit import MmrmFit
from ketaoutcomes.numerics.mmrm.likelihood import inverse_in_pattern
from ketaoutcomes.numerics.mmrm.packed import PackedProducts, upper
from ketaoutcomes.numerics.mmrm.patterns import PatternStatistics

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

CHAINS, FIRST_STEPS, STEPS_BETWEEN = 20, 100, 10
"""Each chain starts at the REML fit. It forgets the start, and each draw the one before it, at the
rate of the missing information: where that is a half, 0.5^10 is left from one draw to the next."""


def draw_posterior(fit: MmrmFit, n_draws: int, rng: np.random.Generator) -> Parameters:
    """Draws of several chains in turn, far enough apart to be taken as independent.

    Parameters
    ----------
    fit : MmrmFit
        With an unstructured covariance, one for all or one an arm.

    Raises
    ------
    ValueError
        If the covariance is structured, or a group has no more subjects than visits.
    """
    statistics = fit.model.statistics
    if fit.model.structure_name != "us":
        raise ValueError("the posterior is that of an unstructured covariance")
    n_by_group = np.bincount(statistics.group, weights=statistics.n_subjects).astype(np.int64)
    if n_by_group.min() <= statistics.n_visits:
        raise ValueError("each covariance needs more participants than visits")
    sigma = np.broadcast_to(fit.covariance, (CHAINS, *fit.covariance.shape))
    steps = _chain(statistics, sigma, n_by_group, rng)
    kept = islice(steps, FIRST_STEPS, None, STEPS_BETWEEN)
    rounds = [next(kept) for _ in range(0, n_draws, CHAINS)]
    return Parameters(
        np.concatenate([step.beta for step in rounds])[:n_draws],
        np.concatenate([step.sigma for step in rounds])[:n_draws],
    )


def _chain(
    statistics: PatternStatistics, sigma: FloatArray, n: IntArray, rng: np.random.Generator
) -> Iterator[Parameters]:
    """Steps of all chains without end."""
    products = PackedProducts.of(statistics.S)
    while True:
        V = sigma[:, statistics.group]
        W, _log_det = inverse_in_pattern(V, statistics.observed)
        beta = _draw_beta(products, W, rng)
        scatter = _draw_scatter(statistics, _residual_products(products, beta), V, W, rng)
        sigma = _draw_sigma(_by_group(statistics, scatter), n, rng)
        yield Parameters(beta, sigma)


def _draw_beta(products: PackedProducts, W: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Normal about the generalised least squares estimate, shape (M, p)."""
    sums = products.quadratic(W)
    root = np.linalg.cholesky(sums[:, :-1, :-1])
    half = np.linalg.solve(root, sums[:, :-1, -1:])
    noise = rng.standard_normal(half.shape)
    return np.asarray(np.linalg.solve(np.swapaxes(root, -1, -2), half + noise)[..., 0])


def _residual_products(products: PackedProducts, beta: FloatArray) -> FloatArray:
    """Sums of r r' over the subjects of each pattern, shape (M, K, T, T)."""
    b = np.concatenate([-beta, np.ones((len(beta), 1))], axis=1)
    i, j = upper(products.n_columns)
    weights = b[:, i] * b[:, j] * np.where(i == j, 1.0, 2.0)
    s, t = upper(products.n_visits)
    sums = (weights @ products.flat.T).reshape(len(beta), products.n_patterns, s.size)
    sums = sums * np.where(s == t, 1.0, 0.5)
    C = np.empty((*sums.shape[:2], products.n_visits, products.n_visits))
    C[..., s, t] = C[..., t, s] = sums
    return C


def _draw_scatter(
    statistics: PatternStatistics,
    C: FloatArray,
    V: FloatArray,
    W: FloatArray,
    rng: np.random.Generator,
) -> FloatArray:
    """Sums of r r' with the missing residuals drawn, shape (M, K, T, T)."""
    T = statistics.n_visits
    # eigenvalues ascend, and those of the rank come last
    rank = np.minimum(statistics.n_subjects, statistics.observed.sum(axis=1))
    counted = np.arange(T) >= T - rank[:, None]
    Z = rng.standard_normal(C.shape) * counted[:, None, :]
    wishart = _wishart_root(statistics.n_subjects - rank, len(C), T, rng)
    # nothing is to be drawn where all is observed
    some = np.flatnonzero(~statistics.observed.all(axis=1))
    missing = ~statistics.observed[some]
    both = missing[:, :, None] & missing[:, None, :]
    V, F = V[:, some], V[:, some] @ W[:, some]
    values, vectors = np.linalg.eigh(C[:, some])
    root = _pointing_alike(vectors) * np.sqrt(np.maximum(values, 0))[..., None, :]
    G = np.linalg.cholesky(np.where(both, V - F @ V, np.eye(T))) * both
    left, remainder = F @ root + G @ Z[:, some], G @ wishart[:, some]
    scatter = C.copy()
    scatter[:, some] = left @ np.swapaxes(left, -1, -2)
    scatter[:, some] += remainder @ np.swapaxes(remainder, -1, -2)
    return scatter


def _pointing_alike(vectors: FloatArray) -> FloatArray:
    """Eigenvectors with their largest component positive; a library may give either sign."""
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=-2)[..., None, :], axis=-2)
    return np.asarray(np.where(largest < 0, -vectors, vectors))


def _wishart_root(df: IntArray, M: int, T: int, rng: np.random.Generator) -> FloatArray:
    """Lower triangular A with A A' Wishart(df, I), singular for df < T; shape (M, K, T, T).

    Bartlett 1933, Proc R Soc Edinb 53:260-283; for df < T: Srivastava 2003, Ann Stat 31:1537-1560.
    """
    A = np.tril(rng.standard_normal((M, df.size, T, T)), -1)
    left = df[:, None] - np.arange(T)
    A = A * (left > 0)[:, None, :]
    place = np.arange(T)
    A[..., place, place] = np.where(
        left > 0, np.sqrt(rng.chisquare(np.maximum(left, 1), (M, df.size, T))), 0.0
    )
    return A


def _by_group(statistics: PatternStatistics, scatter: FloatArray) -> FloatArray:
    """Sums over the patterns of each group, shape (M, n_groups, T, T)."""
    total = np.zeros((len(scatter), statistics.n_groups, *scatter.shape[2:]))
    for group in range(statistics.n_groups):
        total[:, group] = scatter[:, statistics.group == group].sum(axis=1)
    return total


def _draw_sigma(scatter: FloatArray, n: IntArray, rng: np.random.Generator) -> FloatArray:
    """Inverse Wishart with n degrees of freedom, shape (M, n_groups, T, T)."""
    M, _, T, _ = scatter.shape
    A = _wishart_root(n, M, T, rng)
    turned = np.linalg.solve(A, np.swapaxes(np.linalg.cholesky(scatter), -1, -2))
    return np.asarray(np.swapaxes(turned, -1, -2) @ turned)
