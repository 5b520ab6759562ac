"""Sufficient statistics of many datasets side by side, each in units of its own."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.mmrm.covariance import STRUCTURES
from ketaoutcomes.numerics.mmrm.likelihood import Evaluation, Sample, evaluate_at
from ketaoutcomes.numerics.mmrm.optimise import (
    SMALLEST_CORRELATION_EIGENVALUE,
    smallest_correlation_eigenvalues,
)
from ketaoutcomes.numerics.mmrm.packed import PackedProducts
from ketaoutcomes.numerics.mmrm.patterns import PatternStatistics

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

DEPENDENT = 1e-10
TINY = float(np.finfo(float).tiny)


@dataclass(frozen=True)
class Batch:
    """Datasets side by side, padded to the same number of patterns.

    Attributes
    ----------
    column_scale : array, shape (B, q)
        What the columns of X and y were multiplied by.
    identified : bool array, shape (B,)
        The columns of X are independent and y does not depend on them.
    excess : array, shape (n_theta, n_theta), or 0
        What the rough Hessian of each dataset is about too large by, where that is known.
    """

    sample: Sample
    structure: str
    column_scale: FloatArray
    identified: NDArray[np.bool_]
    excess: FloatArray | float = 0.0

    @property
    def n_visits(self) -> int:
        """Number of visits."""
        return int(self.sample.observed.shape[-1])

    def evaluate(self, theta: FloatArray) -> Evaluation:
        """Likelihood of each dataset at its own theta, shape (B, n_theta)."""
        V = STRUCTURES[self.structure].matrix(theta, np.zeros((self.n_visits, self.n_visits)))
        at = evaluate_at(self.sample, np.asarray(V)[:, None])
        assert at is not None, "the structure is positive definite and X has full rank"
        return at

    def regular(self, theta: FloatArray) -> NDArray[np.bool_]:
        """Whether no covariance of an observed pattern is singular, shape (B,)."""
        V = STRUCTURES[self.structure].matrix(theta, np.zeros((self.n_visits, self.n_visits)))
        smallest = smallest_correlation_eigenvalues(
            np.asarray(V)[:, None], self.sample.observed & (self.sample.n_subjects > 0)[..., None]
        )
        return np.asarray(smallest.min(axis=-1) > SMALLEST_CORRELATION_EIGENVALUE)

    def subset(self, chosen: IntArray) -> "Batch":
        """Only these datasets, by number in order; the batch itself where they are all."""
        if chosen.size == self.identified.size:
            return self
        sample = self.sample
        part = replace(
            sample,
            products=sample.products.only(chosen),
            observed=sample.observed[chosen],
            n_subjects=sample.n_subjects[chosen],
            log_weight=sample.log_weight[chosen],
        )
        scale, identified = self.column_scale[chosen], self.identified[chosen]
        return replace(self, sample=part, column_scale=scale, identified=identified)


def side_by_side(
    statistics: PatternStatistics, datasets: IntArray, structure: str, *, reml: bool
) -> Batch:
    """Pack and scale the statistics of some datasets."""
    rows = np.flatnonzero(np.isin(statistics.group, datasets))
    dataset = statistics.group[rows] - datasets[0]
    order = np.argsort(dataset, kind="stable")
    rows, dataset = rows[order], dataset[order]
    counts = np.bincount(dataset, minlength=datasets.size)
    place = np.arange(rows.size) - np.repeat(np.cumsum(counts) - counts, counts)
    B, K, T = datasets.size, int(counts.max()), statistics.n_visits
    packed = PackedProducts.of(statistics.centred[rows][:, None])
    flat = np.zeros((B, K, *packed.flat.shape[1:]))
    flat[dataset, place] = packed.flat
    observed = np.zeros((B, K, T), dtype=bool)
    observed[dataset, place] = statistics.observed[rows]
    n_subjects = np.zeros((B, K), dtype=np.int64)
    n_subjects[dataset, place] = statistics.n_subjects[rows]
    products = PackedProducts(flat.reshape(B, -1, flat.shape[-1]), K, T, packed.n_columns)
    # the sum of the logarithms of weights is a constant of the likelihood and known only in all
    sample = Sample(products, observed, n_subjects, np.zeros(B), reml)
    return scaled(sample, structure)


def scaled(sample: Sample, structure: str) -> Batch:
    """Columns of X of mean square one, y of residual variance one."""
    products = sample.products
    n = np.maximum((sample.n_subjects * sample.observed.sum(axis=-1)).sum(axis=-1), 1)
    total = products.quadratic(
        np.broadcast_to(np.eye(products.n_visits), (*sample.observed.shape, products.n_visits))
    )
    size = np.sqrt(np.maximum(np.diagonal(total, axis1=-2, axis2=-1) / n[:, None], TINY))
    unit = total / (size[:, :, None] * size[:, None, :] * n[:, None, None])
    identified = np.linalg.eigvalsh(unit)[:, 0] > DEPENDENT
    inverse = np.linalg.inv(np.where(identified[:, None, None], unit, np.eye(unit.shape[-1])))
    # 1 / (last diagonal element of the inverse) is the residual sum of squares
    scale = 1 / size
    scale[:, -1] *= np.sqrt(inverse[:, -1, -1])
    return Batch(replace(sample, products=products.times(scale)), structure, scale, identified)
